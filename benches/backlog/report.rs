//! What the benchmark prints.

use std::{path::Path, time::Duration};

use crate::{
    Options,
    cost::{Journal, Round},
    machine,
    place::Engine,
    recovery::Recovery,
};

const SLOW_BUILD: &str = "this is a debug build: its figures say nothing about the product\n";

pub(crate) fn introduce(options: &Options, folder: &Path) {
    println!("machine  {}; store on {}", machine::describe(), machine::file_system(folder));
    println!(
        "load     {} events wait in {} lanes, {} ids; {} pairs of rounds of {} events\n",
        options.events,
        options.lanes,
        if options.ordered_ids { "ordered" } else { "random" },
        options.rounds,
        options.round_events,
    );
    if cfg!(debug_assertions) {
        println!("{SLOW_BUILD}");
    }
}

pub(crate) fn engine(engine: &Engine) {
    println!("{}", if let Engine::Sqlite = engine { "SQLite" } else { "PostgreSQL" });
}

pub(crate) fn filled(took: Duration) {
    println!("  filled in {:.1} s", took.as_secs_f64());
}

pub(crate) fn opened(full: &Journal) {
    println!("  opened in {:.1} ms", millis(full.opened_in));
}

pub(crate) fn costs(pairs: &[(Round, Round)]) {
    println!(
        "  {:<28} {:>10} {:>10} {:>8} {:>16}",
        "µs an event, medians", "empty", "full", "ratio", "of the pairs"
    );
    row("accept, 64 at once", pairs, |round| round.accept);
    row("claim, 32 at once", pairs, |round| round.claim);
    row("settle, 32 at once", pairs, |round| round.settle);
}

/// The ratio is the median of the pairs'; beside it the least and the greatest.
fn row(name: &str, pairs: &[(Round, Round)], cost: impl Fn(&Round) -> Duration) {
    let empty = sorted(pairs.iter().map(|(empty, _)| micros(cost(empty))));
    let full = sorted(pairs.iter().map(|(_, full)| micros(cost(full))));
    let ratios = sorted(pairs.iter().map(|(empty, full)| micros(cost(full)) / micros(cost(empty))));
    println!(
        "  {name:<28} {:>10.1} {:>10.1} {:>8.3} {:>7.2} to {:>5.2}",
        median(&empty),
        median(&full),
        median(&ratios),
        ratios.first().unwrap_or(&f64::NAN),
        ratios.last().unwrap_or(&f64::NAN),
    );
}

pub(crate) fn counted(took: Duration) {
    println!(
        "  what waits was counted in {:.1} ms (for /metrics, and then kept for fifty times as long)",
        millis(took)
    );
}

pub(crate) fn recovered(events: u64, recovery: &Recovery) {
    println!(
        "  after kill -9 with {events} waiting: first 202 in {:.0} ms, first delivery in {:.0} ms\n",
        millis(recovery.first_accept),
        millis(recovery.first_delivery),
    );
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
