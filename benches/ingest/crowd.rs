//! Far more than the service can take, for as long as a round lasts.
//!
//! First the service's pace with as many connections as elsewhere. Then the crowd: each of its connections sends a body and,
//! whenever it is sent back, the same again at once, without a look at `Retry-After`. Then the pace again, from the moment
//! the crowd stops. Bodies are of one length throughout, so that the paces can be compared.
//!
//! What has to hold is an error if it doesn't: every answer is 202, or 503 with `Retry-After`, and what was answered 202 was
//! kept, nothing else and nothing twice. How well it holds is printed.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crate::load::{self, Load, Round};
use crate::request::{Batch, Template};
use crate::server::Server;
use crate::{Options, Result, report};

/// Paces are measured for so long at most: they need every request ready-made.
const LONGEST_PACE: Duration = Duration::from_secs(4);
/// Sent before the first round, to see how many requests a round needs.
const TRIED: usize = 2_000;
/// A round is given so many times the requests that the last one took, in case it is faster.
const HEADROOM: f64 = 1.5;
/// Where much waits, the service counts it every few minutes, every ten at the most.
const COUNTED_WITHIN: Duration = Duration::from_secs(660);

/// A crowd, and the service's pace before and after it.
pub(crate) struct Crowded {
    pub(crate) before: Round,
    pub(crate) crowd: Round,
    pub(crate) after: Round,
    /// The first accept after the crowd stopped, until its answer.
    pub(crate) first_after: Duration,
}

pub(crate) fn measure(
    options: &Options,
    crowd: usize,
    template: &mut Template,
    service: &Server,
) -> Result<()> {
    template.pad(options.crowd_body);
    report::introduce_crowd(options, crowd, template, service);
    let tried = one(template.batch(TRIED), service, options.load(LONGEST_PACE))?;
    let mut pace = tried.per_second();
    let (mut accepted, mut unsure) = (tried.requests(), tried.cut_off());
    let mut rounds = Vec::new();
    for number in 1..=options.rounds {
        let round = one_round(options, crowd, pace, template, service)?;
        pace = pace.max(round.before.per_second());
        for part in [&round.before, &round.crowd, &round.after] {
            accepted += part.requests();
            unsure += part.cut_off();
        }
        accepted += 1;
        report::progress_of_crowd(number, &round, &service.memory()?);
        rounds.push(round);
    }
    all_are_kept(accepted, unsure, service)?;
    report::crowds(&rounds, accepted, &service.memory()?);
    Ok(())
}

fn one_round(
    options: &Options,
    crowd: usize,
    pace: f64,
    template: &mut Template,
    service: &Server,
) -> Result<Crowded> {
    let pressed = Duration::from_secs(options.seconds);
    let calm = options.load(LONGEST_PACE.min(pressed));
    let mut batch = |duration: Duration, spare: usize| {
        template.batch((pace * duration.as_secs_f64() * HEADROOM) as usize + spare)
    };
    let (first, many, second, single) =
        (batch(calm.duration, 0), batch(pressed, crowd), batch(calm.duration, 0), batch(Duration::ZERO, 1));
    let before = one(first, service, calm)?;
    let stubborn = Load { connections: crowd, duration: pressed, stubborn: true, ..calm };
    let crowd = one(many, service, stubborn)?;
    let stopped = Instant::now();
    one(single, service, Load { connections: 1, threads: 1, ..calm })?;
    let first_after = stopped.elapsed();
    let after = one(second, service, calm)?;
    Ok(Crowded { before, crowd, after, first_after })
}

fn one(batch: Batch, service: &Server, load: Load) -> Result<Round> {
    let round = load::run(&Arc::new(batch), service.address(), load);
    Ok(round.map_err(|error| format!("{}: {error}", service.name()))?)
}

/// Whether the service kept what it accepted, and nothing else: where a connection ended without an answer, nobody knows.
fn all_are_kept(accepted: usize, unsure: usize, service: &Server) -> Result<()> {
    let expected = accepted as u64..=(accepted + unsure) as u64;
    let start = Instant::now();
    loop {
        let kept = service.kept()?;
        if expected.contains(&kept) {
            return Ok(());
        }
        if start.elapsed() > COUNTED_WITHIN {
            return Err(format!("{accepted} events were accepted, {kept} are kept").into());
        }
        thread::sleep(Duration::from_millis(200));
    }
}
