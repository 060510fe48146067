//! What the benchmark prints.

use std::path::Path;
use std::time::Duration;

use crate::cost::Cost;
use crate::request::Template;
use crate::server::Server;
use crate::{Measured, Options, Pair, Result, machine};

const SLOW_BUILD: &str = "this is a debug build: its figures say nothing about the product\n";

pub(crate) fn introduce(options: &Options, template: &Template, folder: &Path) {
    println!("machine  {}; store on {}", machine::describe(), machine::file_system(folder));
    println!(
        "load     {} connections, {} rounds of {} s each, body {} bytes, generator on {} thread(s)\n",
        options.connections,
        options.rounds,
        options.seconds,
        template.body_bytes(),
        options.generator_threads,
    );
    if cfg!(debug_assertions) {
        println!("{SLOW_BUILD}");
    }
    println!("{:>8} {:>10} {:>14} {:>8}", "round", "bare/s", "deskbridge/s", "ratio");
}

pub(crate) fn progress(number: usize, pair: &Pair) {
    let bare = pair.bare.round.per_second();
    match &pair.service {
        Some(service) => {
            let service = service.round.per_second();
            println!("{number:>8} {bare:>10.0} {service:>14.0} {:>8.3}", service / bare);
        }
        None => println!("{number:>8} {bare:>10.0} {:>14} {:>8}", "-", "-"),
    }
}

pub(crate) fn results(pairs: &[Pair], service: Option<&Server>) -> Result<()> {
    let bare: Vec<&Measured> = pairs.iter().map(|pair| &pair.bare).collect();
    let accepts: Vec<&Measured> = pairs.iter().filter_map(|pair| pair.service.as_ref()).collect();
    println!(
        "\n{:<12} {:>10} {:>8} {:>8} {:>15} {:>17}",
        "median of", "requests/s", "p50 ms", "p99 ms", "server µs CPU", "generator µs CPU"
    );
    row("bare", &bare);
    if let Some(service) = service {
        row("deskbridge", &accepts);
        let ratios = pairs.iter().filter_map(|pair| Some(ratio(pair.service.as_ref()?, &pair.bare)));
        println!("\nratio    {:.3} of the bare handler (median of the pairs)", median(ratios));
        memory(&accepts, service)?;
        disk(&accepts);
    }
    Ok(())
}

pub(crate) fn costs(costs: &[Cost]) {
    println!("\nwhere the time goes, µs an event (a commit is shared by all events that wait for it)");
    for cost in costs {
        println!("  {:<26} {:>8.2}", cost.part, micros(cost.each));
    }
}

fn row(name: &str, measured: &[&Measured]) {
    println!(
        "{name:<12} {:>10.0} {:>8.2} {:>8.2} {:>15.1} {:>17.1}",
        median(measured.iter().map(|it| it.round.per_second())),
        median(measured.iter().map(|it| millis(it.round.quantile(0.5)))),
        median(measured.iter().map(|it| millis(it.round.quantile(0.99)))),
        median(measured.iter().map(|it| micros(it.server.cpu) / it.round.requests() as f64)),
        median(measured.iter().map(|it| micros(it.generator.cpu) / it.round.requests() as f64)),
    );
}

fn memory(accepts: &[&Measured], service: &Server) -> Result<()> {
    let resident = median(accepts.iter().map(|it| mebi(it.memory.resident_kib)));
    let peak = mebi(service.memory()?.peak_kib);
    println!("memory   VmRSS {resident:.1} MiB halfway through a round (median), VmHWM {peak:.1} MiB");
    Ok(())
}

fn disk(accepts: &[&Measured]) {
    let written =
        median(accepts.iter().map(|it| it.server.written_bytes as f64 / it.round.requests() as f64));
    let commits: Vec<(f64, f64)> = accepts
        .iter()
        .filter_map(|it| Some((it.commits? as f64, it.round.requests() as f64)))
        .filter(|(commits, _)| *commits > 0.0)
        .collect();
    print!("disk     {written:.0} bytes written for an event");
    if !commits.is_empty() {
        let batch = median(commits.iter().map(|(commits, events)| events / commits));
        let rate = median(accepts.iter().filter_map(|it| Some(it.commits? as f64 / it.round.seconds())));
        print!(", {rate:.0} fsyncs a second, {batch:.1} events to a fsync");
    }
    println!();
}

fn ratio(service: &Measured, bare: &Measured) -> f64 {
    service.round.per_second() / bare.round.per_second()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        even if even % 2 == 0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn mebi(kibibytes: u64) -> f64 {
    kibibytes as f64 / 1024.0
}
