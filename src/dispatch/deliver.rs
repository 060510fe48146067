//! One attempt: map, decide, call, and say how it ended.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Target,
    failure::{Failure, failed},
    plan::{Origin, Plan, plan},
    reread::{self, Data, SourceCall},
    work::{Work, doubt},
};
use crate::{
    bangwo8::{self, Recording},
    event::{Ignored, Outcome, Reason},
    mapping::Answers,
    store::{Claimed, Settlement, Store},
    telemetry,
};

/// How far a source's clock may be ahead of ours.
const MAX_CLOCK_SKEW_MS: i64 = 24 * 3600 * 1000;
/// Attempts at an event that may end with the process's death before it is left to an operator.
const MAX_INTERRUPTED: u32 = 5;

/// Delivers one claimed event and settles it. Gives up waiting after `limit`, well before the lease ends.
pub(super) async fn deliver(target: &Target, store: &Store, claimed: Claimed, limit: Duration) {
    let event = &claimed.event;
    let span = tracing::info_span!(
        "delivery",
        connection = %event.connection,
        event.id = %event.id,
        event.lane = %event.lane,
        delivery.attempt = claimed.attempt
    );
    telemetry::continue_trace(&span, event.traceparent.as_deref());
    tracing::Instrument::instrument(attempt(target, store, &claimed, limit), span).await;
}

async fn attempt(target: &Target, store: &Store, claimed: &Claimed, limit: Duration) {
    let started = Instant::now();
    let traceparent =
        telemetry::traceparent_of(&tracing::Span::current(), claimed.event.traceparent.as_deref());
    let (client, recording) = target.client.recording(traceparent);
    let planned = match tokio::time::timeout(limit, planned(target, claimed)).await {
        Ok(planned) => planned,
        Err(_) => Planned::end(failed(target, claimed, &Failure::OutOfTime), None),
    };
    let mut work = Work::new(client, store, claimed, planned.version);
    let left = limit.saturating_sub(started.elapsed());
    let ended = tokio::time::timeout(left, work.carry_out(planned.plan)).await;
    let outcome = match ended {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(failure)) => failed(target, claimed, &failure),
        Err(_) => failed(target, claimed, &Failure::OutOfTime),
    };
    let result = outcome.status().as_str();
    log(&outcome);
    let settlement = Settlement {
        connection: claimed.event.connection.clone(),
        sequence: claimed.sequence,
        attempt: claimed.attempt,
        at: Timestamp::now(),
        links: work.links(&outcome),
        outcome,
        hold_lane: target.hold_lane,
        ignored: planned.ignored.into_iter().chain(work.notes).collect(),
        calls: calls(planned.call, &recording),
    };
    if let Err(error) = store.settle(settlement).await {
        // The lease ends by itself, and the event is tried again with the same Requestid.
        tracing::error!(%error, "the attempt could not be settled");
    }
    target.metrics.delivery(&target.connection, result, started.elapsed().as_secs_f64());
}

/// The calls of an attempt in the order in which they ended, as the store keeps them.
fn calls(to_source: Option<SourceCall>, to_target: &Recording) -> String {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Call {
        Source(SourceCall),
        Target(bangwo8::Call),
    }
    let to_target = to_target.calls().into_iter().map(Call::Target);
    let all: Vec<Call> = to_source.into_iter().map(Call::Source).chain(to_target).collect();
    serde_json::to_string(&all).unwrap_or_else(|_| "[]".to_owned())
}

/// A version from the future would make every later event stale: it is applied, but not remembered.
fn is_future(version: i64) -> bool {
    version > Timestamp::now().as_millisecond() + MAX_CLOCK_SKEW_MS
}

/// What is to be done, and what is to be told of how that was found out.
struct Planned {
    plan: Plan,
    version: Option<i64>,
    ignored: Vec<Ignored>,
    call: Option<SourceCall>,
}

impl Planned {
    fn end(outcome: Outcome, call: Option<SourceCall>) -> Self {
        Self { plan: Plan::End(outcome), version: None, ignored: Vec::new(), call }
    }
}

/// What the mapping makes of the event, unless the process has died of it often enough: one event must not keep a
/// service from running.
async fn planned(target: &Target, claimed: &Claimed) -> Planned {
    if claimed.interrupted >= MAX_INTERRUPTED {
        let message = format!(
            "the process ended {} times while it worked on this event: look at the log before replaying it",
            claimed.interrupted
        );
        return Planned::end(Outcome::Parked(Reason::new("interrupted", message)), None);
    }
    let event = &claimed.event;
    let Data { json, call } = reread::data(target, event).await;
    let json = match json {
        Ok(json) => json,
        Err(failure) => return Planned::end(failed(target, claimed, &failure), call),
    };
    let mapped = target.mapping.apply(event.event_type, &json, &target.parameters, &Answers::none());
    let origin = match (event.hint, doubt::since(&claimed.former)) {
        (false, _) => Origin::Told,
        (true, None) => Origin::Reread,
        (true, Some(_)) => Origin::RereadInDoubt,
    };
    let plan = plan(&mapped, claimed.link.as_ref(), origin);
    let (version, ignored) = mapped.map_or((None, Vec::new()), |mapped| (mapped.version, mapped.ignored));
    Planned { plan, version: version.filter(|version| !is_future(*version)), ignored, call }
}

/// A failure is logged once, here, where it is handled.
fn log(outcome: &Outcome) {
    let status = outcome.status().as_str();
    match outcome {
        Outcome::Delivered(at) => tracing::debug!(target.id = %at.id, "delivered"),
        Outcome::Skipped(reason) => tracing::info!(reason.code, status, "skipped"),
        Outcome::Retry(reason, at) => {
            tracing::warn!(reason.code, retry.at = %at, status, "failed, will be retried")
        }
        Outcome::Parked(reason) | Outcome::Dead(reason) => {
            tracing::warn!(reason.code, status, "needs an operator: see the event's record");
        }
    }
}
