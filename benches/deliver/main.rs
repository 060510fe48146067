//! How fast accepted events take effect, and what one connection's trouble costs the others.
//!
//! * **Throughput**: events that wait on disk, from the first call to the last, beside as many bare `reqwest` calls with the
//!   same body, at the same number of calls at once, against the same simulator. A pair of rounds after another, so that a
//!   slow minute of the machine hits both.
//! * **Latency**: events that come at a steady rate for twenty connections, from their 202 to their effect; once with all
//!   targets well, and once with one of the twenty (5 %) that nobody listens at.
//!
//! The simulator, the service and the generator are processes of their own on the same cores. When something took effect is
//! read from the simulator's log.
//!
//! ```text
//! cargo bench --bench deliver -- --rounds 3 --events 4000 --concurrency 32 --rate 1000 --seconds 10
//! ```
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark's output is its result"
)]

mod bare;
mod desk;
mod events;
#[path = "../ingest/machine.rs"]
mod machine;
mod process;
mod report;
mod service;

use std::{error::Error, process::ExitCode, time::Duration};

use clap::Parser;

use crate::{
    desk::{Desk, Effects},
    events::Posted,
    service::{Connections, Service},
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
#[command(name = "deliver", about = "From accepted to in effect, beside bare calls")]
struct Options {
    /// Pairs of rounds of the throughput: bare calls, then the service
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Events of a round
    #[arg(long, default_value_t = 4000)]
    events: usize,
    /// Calls at once
    #[arg(long, default_value_t = 32)]
    concurrency: usize,
    /// Events a second of the latency's rounds
    #[arg(long, default_value_t = 1000)]
    rate: u64,
    /// Length of the latency's rounds
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deliver: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    // Beside the build and not in /tmp, which may be memory: an fsync has to reach a disk to be worth counting.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    report::introduce(options, folder.path());
    let mut desk = Desk::start(folder.path()).await?;
    let mut pairs = Vec::new();
    for round in 1..=options.rounds {
        let bare = bare::round(&mut desk, round, options).await?;
        let service = throughput(&mut desk, folder.path(), round, options).await?;
        report::pair(round, &bare, &service);
        pairs.push((bare, service));
    }
    report::throughput(&pairs);
    for dead in [false, true] {
        let latencies = latencies(&mut desk, folder.path(), dead, options).await?;
        report::latencies(dead, latencies);
    }
    Ok(())
}

/// The effects of events that were all accepted before the first was delivered.
async fn throughput(
    desk: &mut Desk,
    folder: &std::path::Path,
    round: usize,
    options: &Options,
) -> Result<Effects> {
    let connections = Connections { at: desk.url(), well: 1, dead: 0, concurrency: options.concurrency };
    let name = format!("round-{round}");
    let accepting = Service::start(&folder.join(&name), &connections, 0).await?;
    events::post_all(&accepting, &name, options.events).await?;
    accepting.stop().await?;
    let _delivering = Service::start(&folder.join(&name), &connections, options.concurrency).await?;
    desk.effects(&name, options.events).await
}

/// From 202 to effect, of the events of the connections that are well in both rounds.
async fn latencies(
    desk: &mut Desk,
    folder: &std::path::Path,
    dead: bool,
    options: &Options,
) -> Result<Vec<Duration>> {
    let (well, dead) = if dead { (19, 1) } else { (20, 0) };
    let connections = Connections { at: desk.url(), well, dead, concurrency: options.concurrency };
    let name = format!("{dead}-dead");
    let service = Service::start(&folder.join(&name), &connections, options.concurrency).await?;
    let posted: Vec<Posted> = events::post_steadily(&service, &name, options).await?;
    let counted: Vec<&Posted> = posted.iter().filter(|posted| posted.connection < 19).collect();
    let expected = posted.iter().filter(|posted| posted.connection < well).count();
    let effects = desk.effects(&name, expected).await?;
    Ok(counted.iter().filter_map(|posted| effects.since(&posted.subject, posted.accepted_at)).collect())
}
