//! One attempt: prepare, call, and say how it ended.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{
    Target,
    attempt::Attempt,
    failure::{Failure, failed},
    flow::Flow,
    kept,
    prepare::{Prepared, prepare},
    work::Work,
};
use crate::{
    event::Outcome,
    store::{Claimed, Settlement, Store, StoreError},
    telemetry,
};

/// Between two tries to settle an attempt, from the first to the longest.
const SETTLE_AGAIN: Duration = Duration::from_millis(50);
const LONGEST_SETTLE_AGAIN: Duration = Duration::from_secs(2);

/// Delivers one claimed event and settles it; returns when it is to be tried again, if it is. Gives up waiting after
/// `limit`.
pub(super) async fn deliver(
    target: &Target,
    flow: &Flow,
    store: &Store,
    claimed: Claimed,
    limit: Duration,
) -> Option<Timestamp> {
    let event = &claimed.event;
    let span = tracing::info_span!(
        "delivery",
        connection = %event.connection,
        event.id = %event.id,
        event.lane = %event.lane,
        delivery.attempt = claimed.attempt
    );
    telemetry::continue_trace(&span, event.traceparent.as_deref());
    tracing::Instrument::instrument(attempt(target, flow, store, &claimed, limit), span).await
}

async fn attempt(
    target: &Target,
    flow: &Flow,
    store: &Store,
    claimed: &Claimed,
    limit: Duration,
) -> Option<Timestamp> {
    let started = Instant::now();
    let traceparent =
        telemetry::traceparent_of(&tracing::Span::current(), claimed.event.traceparent.as_deref());
    let attempt = Attempt::new(target, flow, store, claimed, traceparent);
    let prepared = tokio::time::timeout(limit, prepare(&attempt)).await;
    let prepared = prepared.unwrap_or(Err(Failure::OutOfTime)).unwrap_or_else(|failure| {
        count_unmapped(target, &failure);
        Prepared::end(failed(&attempt, &failure))
    });
    let mut work = Work::new(&attempt, &prepared);
    let left = limit.saturating_sub(started.elapsed());
    let ended = tokio::time::timeout(left, work.carry_out(prepared.plan)).await;
    let outcome = ended.unwrap_or(Err(Failure::OutOfTime));
    let outcome = outcome.unwrap_or_else(|failure| failed(&attempt, &failure));
    attempt.ended();
    let result = outcome.status().as_str();
    let again = if let Outcome::Retry(_, at) = outcome { Some(at) } else { None };
    log(&outcome);
    let settlement = Settlement {
        connection: claimed.event.connection.clone(),
        sequence: claimed.sequence,
        attempt: claimed.attempt,
        at: Timestamp::now(),
        links: work.links(&outcome),
        outcome,
        hold_lane: target.hold_lane,
        ignored: prepared.ignored.into_iter().chain(work.notes).collect(),
        calls: attempt.calls.to_json(),
        answered: attempt.ledger.answered(),
        mapping: Some(kept::digest(target, claimed).to_owned()),
    };
    let settled = settle(store, settlement).await;
    target.metrics.delivery(&target.connection, result, started.elapsed().as_secs_f64());
    match settled {
        Ok(()) => again,
        Err(error) => {
            // The lease ends by itself, and the event is tried again with the same Requestid: the store knows when.
            tracing::error!(%error, "the attempt could not be settled");
            Some(Timestamp::now())
        }
    }
}

/// What took effect at the target should be known, so that it is not looked for again: a store that fails is told again
/// as long as the lease lasts. Who holds the lease stops this when it is lost.
async fn settle(store: &Store, settlement: Settlement) -> Result<(), StoreError> {
    let mut pause = SETTLE_AGAIN;
    loop {
        match store.settle(settlement.clone()).await {
            Err(error) if error.may_pass() => {
                tracing::warn!(%error, "an attempt could not be settled yet");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_SETTLE_AGAIN);
            }
            settled => return settled,
        }
    }
}

/// A value that the mapping doesn't know keeps its lane waiting: somebody should hear of it before its customers do.
fn count_unmapped(target: &Target, failure: &Failure) {
    if let Failure::Refused(refusal) = failure
        && matches!(refusal.code, "unknown_value" | "unknown_option")
    {
        target.metrics.unmapped(&target.connection, &without_indexes(&refusal.pointer));
    }
}

/// One label for a field, wherever in a list it comes.
fn without_indexes(pointer: &str) -> String {
    let is_index = |step: &str| !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
    let steps: Vec<&str> = pointer.split('/').map(|step| if is_index(step) { "*" } else { step }).collect();
    steps.join("/")
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
