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
mod postgres;
mod replica;
mod report;
mod rounds;
mod soak;
mod stage;
mod trouble;

use std::{path::PathBuf, time::Duration};

use self::{
    rounds::{Plan, Task},
    stage::Stage,
};
use super::{Failure, say};

pub(super) const EXAMPLE: &str = "Examples: deskbridge torture
          deskbridge torture --cycles 10000 --dir /mnt/the-disk-to-prove
          deskbridge torture --postgres --replicas 2 --lanes 1000
          deskbridge torture --soak 30m";

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
    /// Start a PostgreSQL from the installed binaries for it, and kill that too
    #[arg(long, conflicts_with = "store")]
    postgres: bool,
    /// Work undisturbed for this long instead, such as 30m, and see that memory stays flat
    #[arg(long, value_name = "TIME", value_parser = soak::duration, conflicts_with = "cycles")]
    soak: Option<Duration>,
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
    /// Bytes that the store may take (DESKBRIDGE_DISK_BUDGET_BYTES of the processes)
    #[arg(long, value_name = "BYTES")]
    disk_budget: Option<u64>,
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
    let task = args.soak.map_or(Task::Kill(args.cycles), Task::Soak);
    let Args { lanes, rate, faults, disk_budget, .. } = args;
    let again = again(&args, seed);
    let plan = Plan { task, lanes, rate, faults, seed, disk_budget };
    let given = stage::Given {
        dir: args.dir,
        store: args.store,
        postgres: args.postgres,
        replicas: args.replicas,
        disk_budget,
        seed,
    };
    let mut stage = Stage::build(given).await?;
    say(format!("Seed {seed}; the files are in {}.", stage.folder.path().display()));
    let outcome = rounds::run(&mut stage, &plan).await.inspect_err(|_| stage.folder.keep())?;
    say(report::table(&outcome));
    match report::findings(&outcome) {
        None => Ok(()),
        Some(findings) => {
            stage.folder.keep();
            let folder = stage.folder.path().display();
            let where_to_look = format!("The files of the run are in {folder}. To repeat it: {again}");
            Err(Failure::Work(format!("{findings}\n{where_to_look}")))
        }
    }
}

/// The command that repeats a run.
fn again(args: &Args, seed: u64) -> String {
    let Args { replicas, lanes, rate, faults, .. } = args;
    let task = match args.soak {
        Some(time) => format!("--soak {}s", time.as_secs()),
        None => format!("--cycles {}", args.cycles),
    };
    let store = match (&args.store, args.postgres) {
        (Some(_), _) => " --store URL",
        (None, true) => " --postgres",
        (None, false) => "",
    };
    format!(
        "deskbridge torture --seed {seed} {task}{store} --replicas {replicas} --lanes {lanes} --rate {rate} \
         --faults {faults}"
    )
}
