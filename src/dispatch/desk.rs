//! One attempt at a desk: prepare, and call.

use std::time::{Duration, Instant};

use super::{
    Desk, Target,
    attempt::Attempt,
    deliver::Done,
    failure::{Failure, failed},
    kept,
    prepare::{Prepared, prepare},
    turn::Turn,
    work::Work,
};
use crate::store::Store;

/// Gives up waiting after `limit`.
pub(super) async fn deliver(
    turn: &Turn<'_>,
    desk: &Desk,
    store: &Store,
    traceparent: Option<String>,
    limit: Duration,
) -> Done {
    let started = Instant::now();
    let attempt = Attempt::new(desk, store, turn.claimed, traceparent);
    let prepared = tokio::time::timeout(limit, prepare(&attempt)).await;
    let prepared = prepared.unwrap_or(Err(Failure::OutOfTime)).unwrap_or_else(|failure| {
        count_unmapped(turn.target, &failure);
        Prepared::end(failed(turn, &failure))
    });
    let mut work = Work::new(&attempt, &prepared);
    let left = limit.saturating_sub(started.elapsed());
    let ended = tokio::time::timeout(left, work.carry_out(prepared.plan)).await;
    let outcome = ended.unwrap_or(Err(Failure::OutOfTime));
    let outcome = outcome.unwrap_or_else(|failure| failed(turn, &failure));
    turn.ended(attempt.calls.target_answered());
    Done {
        links: work.links(&outcome),
        outcome,
        calls: attempt.calls.to_json(),
        ignored: prepared.ignored.into_iter().chain(work.notes).collect(),
        answered: attempt.ledger.answered(),
        mapping: Some(kept::digest(desk, turn.claimed).to_owned()),
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
