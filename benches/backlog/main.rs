//! What a long queue costs: whether accepting and delivering are as cheap with millions of events waiting as with none,
//! and how soon a process goes on that died before such a queue.
//!
//! * **Cost**: the same events are accepted, claimed and settled on a journal that nothing waits in and on one where many
//!   events wait in many lanes, in the same process. Rounds alternate, so that a slow minute of the machine hits both.
//! * **Recovery**: the service delivers from a journal where many events wait, is killed (SIGKILL) and started again; from
//!   that start to its first 202, and to the first ticket that the simulator makes after it.
//!
//! What waits is written past the service: the rows that accepts would have made, in large transactions. On SQLite, and on
//! PostgreSQL where `DESKBRIDGE_TEST_POSTGRES` names a server:
//!
//! ```text
//! scripts/postgres cargo bench --bench backlog -- --events 10000000 --lanes 100000
//! ```
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark's output is its result"
)]

mod cost;
#[path = "../deliver/desk.rs"]
#[allow(dead_code, reason = "only the first effect is of interest here")]
mod desk;
#[path = "../ingest/machine.rs"]
mod machine;
mod place;
#[path = "../deliver/process.rs"]
mod process;
mod recovery;
mod report;
mod row;
#[path = "../deliver/service.rs"]
#[allow(dead_code, reason = "it is killed and not stopped here")]
mod service;

use std::{error::Error, path::Path, process::ExitCode};

use clap::Parser;

use crate::{
    place::{Engine, Place},
    row::Shape,
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// More events than these are not waited for before the death: filling takes longer than it teaches.
const RECOVERED_AT_MOST: u64 = 1_000_000;
/// Bytes that an event takes on disk, with its indexes and the log that fills them, generously.
const BYTES_OF_EVENT: u64 = 1500;

#[derive(Parser)]
#[command(name = "backlog", about = "What waiting events cost")]
struct Options {
    /// Events that wait in the full journal
    #[arg(long, default_value_t = 100_000)]
    events: u64,
    /// Lanes that they wait in
    #[arg(long, default_value_t = 1_000)]
    lanes: u64,
    /// Ids in the order of acceptance, as of senders that number their events; else they are random
    #[arg(long)]
    ordered_ids: bool,
    /// Pairs of rounds: the empty journal, then the full one
    #[arg(long, default_value_t = 9)]
    rounds: u64,
    /// Events accepted and settled in a round
    #[arg(long, default_value_t = 2048)]
    round_events: u64,
    /// Events that wait when the process dies; as many as in the full journal, but a million at most
    #[arg(long)]
    recover: Option<u64>,
    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("backlog: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    // Beside the build and not in /tmp, which may be memory: an fsync has to reach a disk to be worth counting.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    has_room(folder.path(), options.events)?;
    report::introduce(options, folder.path());
    for engine in Engine::all() {
        report::engine(&engine);
        costs(&engine, folder.path(), options).await?;
        recovery(&engine, folder.path(), options).await?;
    }
    Ok(())
}

async fn costs(engine: &Engine, folder: &Path, options: &Options) -> Result<()> {
    let (empty, full) =
        (Place::new(engine, folder, "empty").await?, Place::new(engine, folder, "full").await?);
    let shape = Shape { lanes: options.lanes, ordered_ids: options.ordered_ids };
    report::filled(full.fill(&shape, options.events).await?);
    let (empty, full) = (cost::Journal::open(&empty).await?, cost::Journal::open(&full).await?);
    report::opened(&full);
    let mut pairs = Vec::new();
    for round in 0..options.rounds {
        let events = cost::events(&shape, options, round);
        pairs.push((empty.round(&events).await?, full.round(&events).await?));
    }
    report::costs(&pairs);
    report::counted(full.count().await?);
    empty.close();
    full.close();
    Ok(())
}

async fn recovery(engine: &Engine, folder: &Path, options: &Options) -> Result<()> {
    let place = Place::new(engine, folder, "recovery").await?;
    let events = options.recover.unwrap_or_else(|| options.events.min(RECOVERED_AT_MOST));
    let shape = Shape { lanes: options.lanes, ordered_ids: options.ordered_ids };
    place.fill(&shape, events).await?;
    report::recovered(events, &recovery::measure(&place, folder).await?);
    Ok(())
}

fn has_room(folder: &Path, events: u64) -> Result<()> {
    let disk = rustix::fs::statvfs(folder)?;
    let (free, needed) = (disk.f_bavail * disk.f_frsize, events * BYTES_OF_EVENT);
    if free < needed {
        return Err(format!(
            "{events} events need about {needed} bytes, and {} has {free}",
            folder.display()
        )
        .into());
    }
    Ok(())
}
