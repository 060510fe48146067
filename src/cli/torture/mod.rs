//! `deskbridge torture`: the service under load, killed again and again, at random moments and at the worst ones, while
//! the simulated vendor fails at random. Afterwards what was answered 202, what the vendor saw and what the record says
//! are compared by a judge that knows nothing of the service.
//!
//! All of it goes through the doors a user has: the command line and HTTP.

mod effects;
mod events;
mod kill;
mod load;
mod operator;
mod replica;
mod report;
mod rounds;
mod stage;
mod trouble;

use std::path::PathBuf;

use self::{rounds::Plan, stage::Stage};
use super::{Failure, say};

pub(super) const EXAMPLE: &str = "Examples: deskbridge torture
          deskbridge torture --cycles 10000 --dir /mnt/the-disk-to-prove
          deskbridge torture --store postgres://deskbridge@db/torture --replicas 2 --lanes 1000";

/// Numbers of a rate or a size that leave room for arithmetic and are beyond any machine.
const MAX: i64 = 1_000_000;

#[derive(clap::Args)]
pub(super) struct Args {
    /// How often a process is killed
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=MAX))]
    cycles: u32,
    /// Where events are kept: an empty store, made for this [default: an SQLite file in the run's folder]
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// Processes on the one store
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=16))]
    replicas: u16,
    /// What chance depends on; a random one unless said
    #[arg(long)]
    seed: Option<u64>,
    /// Tickets and companies under way at once
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=MAX))]
    lanes: u32,
    /// Events sent in a second
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=MAX))]
    rate: u32,
    /// The share of the vendor's answers that fail, from 0 to 0.9
    #[arg(long, default_value_t = 0.1, value_parser = share)]
    faults: f64,
    /// Keep the run's files in this folder: the disk that is put to the proof [default: a temporary one]
    #[arg(long)]
    dir: Option<PathBuf>,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().map_err(|_| "must be a number".to_owned())?;
    if (0.0..=0.9).contains(&share) { Ok(share) } else { Err("must be from 0 to 0.9".to_owned()) }
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let seed = args.seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let plan = Plan { cycles: args.cycles, lanes: args.lanes, rate: args.rate, faults: args.faults, seed };
    let mut stage = Stage::build(args.dir, args.store, args.replicas, seed).await?;
    say(format!("Seed {seed}; the files are in {}.", stage.folder.path().display()));
    let outcome = rounds::run(&mut stage, &plan).await;
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(failure) => {
            stage.folder.keep();
            return Err(failure);
        }
    };
    say(report::table(&outcome));
    if outcome.verdict.violations.is_empty() {
        return Ok(());
    }
    stage.folder.keep();
    Err(Failure::Work(report::violations(&outcome, &again(&plan, &stage), stage.folder.path())))
}

/// The command that repeats a run.
fn again(plan: &Plan, stage: &Stage) -> String {
    let Plan { cycles, lanes, rate, faults, seed } = plan;
    let replicas = stage.replicas.len();
    format!(
        "deskbridge torture --seed {seed} --cycles {cycles} --replicas {replicas} --lanes {lanes} --rate {rate} \
         --faults {faults}"
    )
}
