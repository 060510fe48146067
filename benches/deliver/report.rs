//! What the benchmark prints.

use std::{path::Path, time::Duration};

use crate::{Options, desk::Effects, machine};

const SLOW_BUILD: &str = "this is a debug build: its figures say nothing about the product\n";

pub(crate) fn introduce(options: &Options, folder: &Path) {
    println!("machine  {}; store on {}", machine::describe(), machine::file_system(folder));
    println!(
        "load     {} rounds of {} events, {} calls at once; then {} events/s for {} s to 20 connections\n",
        options.rounds, options.events, options.concurrency, options.rate, options.seconds,
    );
    if cfg!(debug_assertions) {
        println!("{SLOW_BUILD}");
    }
    println!("{:>8} {:>10} {:>14} {:>8}", "round", "bare/s", "deskbridge/s", "ratio");
}

pub(crate) fn pair(round: usize, bare: &Effects, service: &Effects) {
    let (bare, service) = (bare.per_second(), service.per_second());
    println!("{round:>8} {bare:>10.0} {service:>14.0} {:>8.3}", service / bare);
}

pub(crate) fn throughput(pairs: &[(Effects, Effects)]) {
    let mut ratios: Vec<f64> =
        pairs.iter().map(|(bare, service)| service.per_second() / bare.per_second()).collect();
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN);
    println!("\nratio    {median:.3} of the bare calls (median of the pairs)\n");
    println!(
        "{:<24} {:>8} {:>10} {:>10} {:>10}",
        "from 202 to effect", "events", "mean ms", "p50 ms", "p99 ms"
    );
}

pub(crate) fn latencies(dead: bool, mut latencies: Vec<Duration>) {
    latencies.sort_unstable();
    let mean = latencies.iter().sum::<Duration>() / u32::try_from(latencies.len().max(1)).unwrap_or(u32::MAX);
    let quantile = |share: f64| {
        let last = latencies.len().saturating_sub(1);
        latencies.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    };
    println!(
        "{:<24} {:>8} {:>10.2} {:>10.2} {:>10.2}",
        if dead { "one of 20 targets dead" } else { "all targets well" },
        latencies.len(),
        millis(mean),
        millis(quantile(0.5)),
        millis(quantile(0.99)),
    );
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
