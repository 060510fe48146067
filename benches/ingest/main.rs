//! How many events a second the service accepts, and what an accept costs.
//!
//! An accept is a signed request that was verified, checked against its schema, deduplicated and brought to disk
//! with an fsync before the 202. It is measured against the real `deskbridge serve`, beside a bare actix-web handler
//! that reads the same body and answers 202: the limit of this HTTP stack on this machine. Both are processes of
//! their own on the same cores, and their rounds alternate, so that a slow minute of the machine hits both.
//!
//! ```text
//! cargo bench --bench ingest -- --rounds 5 --seconds 4 --connections 64
//! scripts/postgres cargo bench --bench ingest
//! cargo bench --bench ingest -- --crowd 8000
//! ```
//!
//! On PostgreSQL, too, where `DESKBRIDGE_TEST_POSTGRES` names a server, in the same rounds. All that shares the cores with
//! the server that is measured is idle then, but for PostgreSQL itself, whose processor time is not counted.
//!
//! With `--crowd`, instead, what becomes of the service while far more is sent than it can take (`crowd.rs`).
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark's output is its result"
)]

mod bare;
mod cost;
mod crowd;
mod inside;
mod load;
mod machine;
mod process;
mod report;
mod request;
mod server;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Parser;

use crate::load::{Load, Round};
use crate::process::Usage;
use crate::request::{Batch, Template};
use crate::server::{Server, Work};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Names the server that `scripts/postgres` starts.
const POSTGRES: &str = "DESKBRIDGE_TEST_POSTGRES";

/// Sent to each server before the first round: connections, caches and the allocator are warm after that, and the
/// bare handler's speed says how many requests a round needs.
const WARM_UP_REQUESTS: usize = 10_000;

/// A round is given more requests than the last one took, in case it is faster.
const HEADROOM: f64 = 1.3;

#[derive(Parser)]
#[command(name = "ingest", about = "Accepted events per second, beside a bare handler")]
struct Options {
    /// Rounds: the bare handler, then the service on each store
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a round
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Keep-alive connections, each with one request in flight
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Threads of the load generator
    #[arg(long, default_value_t = 1)]
    generator_threads: usize,
    /// The event to post, with its id, its ticket's id and subject varied
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/events/udesk/ticket.created.json"))]
    body: PathBuf,
    /// Measure the bare handler alone
    #[arg(long)]
    bare_only: bool,
    /// Measure what many connections, which never wait, leave of the service's pace
    #[arg(long, conflicts_with = "bare_only")]
    crowd: Option<usize>,
    /// Bytes of a body that the crowd sends
    #[arg(long, default_value_t = 8192)]
    crowd_body: usize,
    /// Be the bare handler; the benchmark starts itself again with this
    #[arg(long, hide = true)]
    bare_server: bool,
    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn load(&self, duration: Duration) -> Load {
        let Self { connections, generator_threads: threads, .. } = *self;
        Load { connections, threads, duration, stubborn: false }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let result = if options.bare_server { bare::serve() } else { run(&options) };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ingest: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<()> {
    // Beside the build and not in /tmp, which may be memory: an fsync has to reach a disk to be worth counting.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut template = Template::read(&options.body)?;
    if let Some(crowd) = options.crowd {
        return services(folder.path())?
            .iter()
            .try_for_each(|service| crowd::measure(options, crowd, &mut template, service));
    }
    let bare = Server::bare()?;
    let services = if options.bare_only { Vec::new() } else { services(folder.path())? };

    report::introduce(options, &template, folder.path());
    let rounds = measure(options, &mut template, &bare, &services)?;
    report::results(&rounds, &services)?;
    // What follows measures processor time: nothing else may run.
    drop((bare, services));
    let mut costs = cost::measure(&mut template, folder.path())?;
    costs.extend(inside::measure(&mut template, folder.path(), options.connections)?);
    report::costs(&costs);
    Ok(())
}

/// The service on SQLite, and on PostgreSQL if there is one.
fn services(folder: &Path) -> Result<Vec<Server>> {
    let mut services = vec![Server::on_sqlite(folder)?];
    match std::env::var(POSTGRES) {
        Ok(store) => services.push(Server::on_postgres(&store, folder)?),
        Err(_) => println!("no PostgreSQL: {POSTGRES} names none; run this by scripts/postgres"),
    }
    Ok(services)
}

/// What one server showed in a round.
struct Measured {
    round: Round,
    /// Of the server, during the round.
    server: Usage,
    /// Of the load generator, during the round.
    generator: Usage,
    /// Halfway through the round.
    memory: process::Memory,
    work: Option<Work>,
}

/// The bare handler, and with the same requests right after it the service on each store.
struct Compared {
    bare: Measured,
    services: Vec<Measured>,
}

fn measure(
    options: &Options,
    template: &mut Template,
    bare: &Server,
    services: &[Server],
) -> Result<Vec<Compared>> {
    let warm_up = Arc::new(template.batch(WARM_UP_REQUESTS));
    let mut fastest = one_round(options, &warm_up, bare)?.round.per_second();
    services.iter().try_for_each(|service| one_round(options, &warm_up, service).map(drop))?;

    let mut rounds = Vec::new();
    for _ in 0..options.rounds {
        let needed = fastest * options.seconds as f64 * HEADROOM;
        let batch = Arc::new(template.batch(needed as usize));
        let round = Compared {
            bare: one_round(options, &batch, bare)?,
            services: services
                .iter()
                .map(|service| one_round(options, &batch, service))
                .collect::<Result<_>>()?,
        };
        fastest = fastest.max(round.bare.round.per_second());
        report::progress(rounds.len() + 1, &round);
        rounds.push(round);
    }
    Ok(rounds)
}

fn one_round(options: &Options, batch: &Arc<Batch>, server: &Server) -> Result<Measured> {
    let duration = Duration::from_secs(options.seconds);
    let work_before = server.work();
    let (server_before, generator_before) = (server.usage()?, Usage::of_this_process()?);
    let (round, memory) = thread::scope(|scope| {
        let halfway = scope.spawn(|| {
            thread::sleep(duration / 2);
            server.memory()
        });
        let round = load::run(batch, server.address(), options.load(duration));
        (round, halfway.join())
    });
    Ok(Measured {
        round: round.map_err(|error| format!("{}: {error}", server.name()))?,
        server: server.usage()?.since(&server_before),
        generator: Usage::of_this_process()?.since(&generator_before),
        memory: memory.map_err(|_| "the thread that reads the memory panicked")??,
        work: server.work().zip(work_before).map(|(after, before)| after.since(before)),
    })
}
