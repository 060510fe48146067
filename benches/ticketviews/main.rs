//! What it costs to serve a ticket view, to hold many, and to have many listeners.
//!
//! * **Answers**: the whole of a view of twenty tickets, and its 304, beside nginx with the same bytes as a static file. Both
//!   servers are processes of their own on the same cores, with two workers each and their logs off, and their rounds
//!   alternate, so that a slow minute of the machine hits both.
//! * **Memory**: a thousand views of a thousand tickets each, from the simulator; then how often the store commits while
//!   nothing changes.
//! * **Streams**: ten thousand open streams on one process; what each takes, and how long a change is on its way to all.
//!
//! ```text
//! cargo bench --bench ticketviews -- --rounds 5 --seconds 3 --connections 64
//! cargo bench --bench ticketviews -- --part memory --views 1000 --tickets 1000
//! cargo bench --bench ticketviews -- --part streams --streams 10000
//! ```
//!
//! nginx has to be installed; two files are open for each stream, one at each end, in two processes.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a benchmark's output is its result"
)]

mod answers;
mod desk;
mod load;
#[path = "../ingest/machine.rs"]
mod machine;
mod memory;
mod nginx;
#[path = "../deliver/process.rs"]
mod process;
mod service;
mod status;
mod streams;

use std::{error::Error, process::ExitCode};

use clap::{Parser, ValueEnum};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Answers,
    Memory,
    Streams,
}

#[derive(Parser)]
#[command(name = "ticketviews", about = "Serving ticket views, beside nginx")]
struct Options {
    /// Only this part
    #[arg(long)]
    part: Option<Part>,
    /// Pairs of rounds: nginx, then the service
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a round
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Keep-alive connections, each with one request in flight
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Views that are held
    #[arg(long, default_value_t = 1000)]
    views: usize,
    /// Tickets of each of them
    #[arg(long, default_value_t = 1000)]
    tickets: usize,
    /// Streams that are open at once
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// Passed by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ticketviews: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<()> {
    // Beside the build and not in /tmp, which may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    println!("machine  {}; store on {}", machine::describe(), machine::file_system(folder.path()));
    let wanted = |part| options.part.is_none_or(|only| only == part);
    if wanted(Part::Answers) {
        answers::measure(options, folder.path()).await?;
    }
    if wanted(Part::Memory) {
        memory::measure(options, folder.path()).await?;
    }
    if wanted(Part::Streams) {
        streams::measure(options, folder.path()).await?;
    }
    Ok(())
}
