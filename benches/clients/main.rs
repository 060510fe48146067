//! What the typed vendor clients cost over bare reqwest, on loopback.
//!
//! One server, a thread of its own, answers canned bytes. Rounds of the bare calls and of the client's calls alternate,
//! so that a slow minute of the machine hits both. A bare call sends the same request with the same headers, reads the
//! whole answer and parses it as untyped JSON: what anybody would write who needs the data.
//!
//! ```text
//! cargo bench --bench clients -- --rounds 5 --seconds 3
//! ```
#![allow(clippy::print_stdout, missing_docs, reason = "a benchmark's output is its result")]

mod cases;
#[path = "../ingest/machine.rs"]
#[allow(dead_code, reason = "the file system is of no interest here")]
mod machine;
mod vendor;

use std::time::{Duration, Instant};

use clap::Parser;
use futures_util::{StreamExt, stream};

use crate::cases::Case;

/// Calls in flight at once, for both sides: the default of the Bangwo8 client.
const IN_FLIGHT: usize = 8;

#[derive(Parser)]
struct Options {
    /// Pairs of rounds
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Length of a round
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let _by_cargo = options.bench;
    println!("machine  {}", machine::describe());
    println!(
        "load     {IN_FLIGHT} calls in flight, {} rounds of {} s each\n",
        options.rounds, options.seconds
    );
    if cfg!(debug_assertions) {
        println!("this is a debug build: its figures say nothing about the product\n");
    }
    let vendor = vendor::start()?;
    let length = Duration::from_secs(options.seconds);
    println!("{:<44} {:>12} {:>12} {:>8}", "call", "bare/s", "client/s", "ratio");
    for case in cases::all(&vendor)? {
        let mut pairs = Vec::new();
        for _ in 0..options.rounds {
            pairs.push((rate(&case, Side::Bare, length).await, rate(&case, Side::Client, length).await));
        }
        let (bare, client) =
            (median(pairs.iter().map(|pair| pair.0)), median(pairs.iter().map(|pair| pair.1)));
        let ratio = median(pairs.iter().map(|(bare, client)| client / bare));
        println!("{:<44} {bare:>12.0} {client:>12.0} {ratio:>8.3}", case.name);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Side {
    Bare,
    Client,
}

/// Calls a second over a round.
async fn rate(case: &Case, side: Side, length: Duration) -> f64 {
    let call = if let Side::Bare = side { &case.bare } else { &case.client };
    let started = Instant::now();
    let calls = stream::repeat_with(call).take_while(|_| std::future::ready(started.elapsed() < length));
    let done = calls.buffer_unordered(IN_FLIGHT).count().await;
    done as f64 / started.elapsed().as_secs_f64()
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
