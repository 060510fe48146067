//! One attempt, wherever its event goes: deliver, and say how it ended.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tracing::{Span, field::Empty};

use super::{Target, To, desk, flow::Flow, subscriber, turn::Turn};
use crate::{
    event::{Ignored, Outcome},
    store::{Answered, Claimed, Link, Settlement, Store, StoreError},
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
        otel.kind = "consumer",
        otel.name = format!("deliver {}", event.connection),
        otel.status_code = Empty,
        "error.type" = Empty,
        messaging.system = "deskbridge",
        messaging.operation.name = "deliver",
        "messaging.operation.type" = "process",
        connection = %event.connection,
        event.id = %event.id,
        event.lane = %event.lane,
        delivery.attempt = claimed.attempt,
        delivery.result = Empty
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
    let turn = Turn::new(target, flow, claimed);
    let done = match &target.to {
        To::Desk(desk) => desk::deliver(&turn, desk, store, traceparent, limit).await,
        To::Subscriber(subscriber) => subscriber::deliver(&turn, subscriber, traceparent).await,
    };
    let result = done.outcome.status().as_str();
    let again = if let Outcome::Retry(_, at) = done.outcome { Some(at) } else { None };
    tell(&done.outcome);
    let settled = settle(store, done.settlement(&turn)).await;
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

/// How an attempt ended, and what its record is to say.
pub(super) struct Done {
    pub(super) outcome: Outcome,
    /// The calls made, as JSON text.
    pub(super) calls: String,
    pub(super) links: Vec<Link>,
    pub(super) ignored: Vec<Ignored>,
    pub(super) answered: Vec<Answered>,
    /// Digest of the mapping that was used.
    pub(super) mapping: Option<String>,
}

impl Done {
    fn settlement(self, turn: &Turn<'_>) -> Settlement {
        let Self { outcome, calls, links, ignored, answered, mapping } = self;
        Settlement {
            connection: turn.claimed.event.connection.clone(),
            sequence: turn.claimed.sequence,
            attempt: turn.claimed.attempt,
            at: Timestamp::now(),
            hold_lane: turn.target.hold_lane,
            outcome,
            links,
            ignored,
            calls,
            answered,
            mapping,
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

/// A failure is told once, here, where it is handled: to the log, and to whoever collects spans.
fn tell(outcome: &Outcome) {
    let status = outcome.status().as_str();
    let span = Span::current();
    span.record("delivery.result", status);
    if let Outcome::Retry(reason, _) | Outcome::Parked(reason) | Outcome::Dead(reason) = outcome {
        span.record("error.type", &reason.code).record("otel.status_code", "ERROR");
    }
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
