//! What the benchmark prints.

use std::path::Path;
use std::time::Duration;

use crate::cost::Cost;
use crate::crowd::Crowded;
use crate::process::Memory;
use crate::request::Template;
use crate::server::{Server, Work};
use crate::{Compared, Measured, Options, Result, machine};

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
    println!("requests a second, and the ratio to the bare handler's");
}

pub(crate) fn progress(number: usize, round: &Compared) {
    let bare = round.bare.round.per_second();
    print!("round {number:<3} bare {bare:>8.0}");
    for service in &round.services {
        let service = service.round.per_second();
        print!("   {service:>8.0} {:>6.3}", service / bare);
    }
    println!();
}

pub(crate) fn results(rounds: &[Compared], services: &[Server]) -> Result<()> {
    println!(
        "\n{:<14} {:>10} {:>8} {:>8} {:>15} {:>17}",
        "median of", "requests/s", "p50 ms", "p99 ms", "server µs CPU", "generator µs CPU"
    );
    row("bare", &rounds.iter().map(|it| &it.bare).collect::<Vec<_>>());
    for (place, service) in services.iter().enumerate() {
        row(service.name(), &accepts(rounds, place));
    }
    for (place, service) in services.iter().enumerate() {
        println!("\n{}", service.name());
        let ratios = rounds.iter().filter_map(|it| Some(ratio(it.services.get(place)?, &it.bare)));
        println!("ratio    {:.3} of the bare handler (median of the rounds)", median(ratios));
        let accepts = accepts(rounds, place);
        memory(&accepts, service)?;
        disk(&accepts);
    }
    Ok(())
}

/// What the service at a place showed, round by round.
fn accepts(rounds: &[Compared], place: usize) -> Vec<&Measured> {
    rounds.iter().filter_map(|round| round.services.get(place)).collect()
}

pub(crate) fn costs(costs: &[Cost]) {
    println!("\nwhere the time goes, µs an event (a commit is shared by all events that wait for it)");
    for cost in costs {
        println!("  {:<26} {:>8.2}", cost.part, micros(cost.each));
    }
}

fn row(name: &str, measured: &[&Measured]) {
    println!(
        "{name:<14} {:>10.0} {:>8.2} {:>8.2} {:>15.1} {:>17.1}",
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
    let work = |of: fn(&Work) -> u64| {
        let done = accepts.iter().filter_map(move |it| Some((it, of(it.work.as_ref()?) as f64)));
        done.filter(|(_, done)| *done > 0.0)
    };
    let batch = median(work(|it| it.commits).map(|(it, commits)| it.round.requests() as f64 / commits));
    let rate = median(work(|it| it.commits).map(|(it, commits)| commits / it.round.seconds()));
    let statements = median(work(|it| it.statements).map(|(it, done)| done / it.round.requests() as f64));
    println!(
        "disk     {written:.0} bytes written by the process for an event, {rate:.0} commits a second, {batch:.1} events to a commit"
    );
    println!("SQL      {statements:.2} statements for an event");
}

pub(crate) fn introduce_crowd(options: &Options, crowd: usize, template: &Template, service: &Server) {
    println!("machine  {}", machine::describe());
    println!(
        "load     {}: {crowd} connections that never wait, {} rounds of {} s, body {} bytes; its pace by {} connections\n",
        service.name(),
        options.rounds,
        options.seconds,
        template.body_bytes(),
        options.connections,
    );
    if cfg!(debug_assertions) {
        println!("{SLOW_BUILD}");
    }
    println!("accepts a second before, during and after; sent back a second; cut off; peak memory");
}

pub(crate) fn progress_of_crowd(number: usize, round: &Crowded, memory: &Memory) {
    println!(
        "round {number:<3} {:>7.0} {:>7.0} {:>7.0}   {:>7.0}   {:>5}   {:>6.0} MiB",
        round.before.per_second(),
        round.crowd.per_second(),
        round.after.per_second(),
        round.crowd.sent_back() as f64 / round.crowd.seconds(),
        round.crowd.cut_off(),
        mebi(memory.peak_kib),
    );
}

pub(crate) fn crowds(rounds: &[Crowded], accepted: usize, memory: &Memory) {
    let all = |of: fn(&Crowded) -> f64| median(rounds.iter().map(of));
    println!("\nmedians of the rounds");
    println!("asked    {:.1} times what the service takes", all(|it| asked(it) / it.before.per_second()));
    println!("during   {:.3} of the pace before", all(|it| it.crowd.per_second() / it.before.per_second()));
    println!("after    {:.3} of the pace before", all(|it| it.after.per_second() / it.before.per_second()));
    println!(
        "accepts  p50 {:.0} ms, p99 {:.0} ms within the crowd; the first after it {:.1} ms",
        all(|it| millis(it.crowd.quantile(0.5))),
        all(|it| millis(it.crowd.quantile(0.99))),
        all(|it| millis(it.first_after)),
    );
    println!("memory   VmHWM {:.0} MiB", mebi(memory.peak_kib));
    println!("kept     all {accepted} that were accepted, nothing else");
}

/// Requests a second of a crowd.
fn asked(round: &Crowded) -> f64 {
    (round.crowd.requests() + round.crowd.sent_back()) as f64 / round.crowd.seconds()
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
