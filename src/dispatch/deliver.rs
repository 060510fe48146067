//! One attempt: map, decide, call, and say how it ended.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    Target,
    plan::{Plan, plan},
    retry::{self, Cause},
};
use crate::{
    bangwo8::{Client, Error, RequestId, Retry, TicketId, TicketWrite},
    event::{Event, Outcome, Reason, TargetRef},
    mapping::{Fields, Mapped},
    store::{Claimed, Link, LinkKey, Settlement, Store, StoreError},
    telemetry,
};

/// Bytes of the hash that make a `Requestid`: as many as a UUID has.
const REQUEST_ID_BYTES: usize = 16;
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
    let (plan, mapped) = planned(target, claimed);
    let version = mapped.as_ref().and_then(|mapped| mapped.version).filter(|version| !is_future(*version));
    let mut work = Work { client, store, claimed, version, link: claimed.link.clone() };
    let ended = tokio::time::timeout(limit, work.carry_out(plan)).await;
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
        link: work.new_link(&outcome),
        outcome,
        hold_lane: target.hold_lane,
        ignored: mapped.map(|mapped| mapped.ignored).unwrap_or_default(),
        calls: serde_json::to_string(&recording.calls()).unwrap_or_else(|_| "[]".to_owned()),
    };
    if let Err(error) = store.settle(settlement).await {
        // The lease ends by itself, and the event is tried again with the same Requestid.
        tracing::error!(%error, "the attempt could not be settled");
    }
    target.metrics.delivery(&target.connection, result, started.elapsed().as_secs_f64());
}

/// A version from the future would make every later event stale: it is applied, but not remembered.
fn is_future(version: i64) -> bool {
    version > Timestamp::now().as_millisecond() + MAX_CLOCK_SKEW_MS
}

/// What the mapping makes of the event, unless the process has died of it often enough: one event must not keep a
/// service from running.
fn planned(target: &Target, claimed: &Claimed) -> (Plan, Option<Mapped>) {
    if claimed.interrupted >= MAX_INTERRUPTED {
        let message = format!(
            "the process ended {} times while it worked on this event: look at the log before replaying it",
            claimed.interrupted
        );
        return (Plan::End(Outcome::Parked(Reason::new("interrupted", message))), None);
    }
    let mapped = target.mapping.apply(&claimed.event, &target.parameters);
    (plan(&mapped, claimed.link.as_ref()), mapped.ok())
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

/// Why an attempt came to nothing.
enum Failure {
    Call(Error),
    Store(StoreError),
    OutOfTime,
    /// The mapping gave what the client can't send. A defect of ours, and no reason to lose the event.
    Unwritable(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

/// Retry, dead or parked: by what the target said and by how long it was tried.
fn failed(target: &Target, claimed: &Claimed, failure: &Failure) -> Outcome {
    let own = |reason| (reason, Cause { counts: true, retry_after: Duration::ZERO });
    let (reason, cause) = match failure {
        Failure::Call(error) => {
            let reason = Reason::new(error.code(), error.to_string());
            match (lasting(error), error.retry()) {
                (Lasting::No, retry) => (reason, cause(error, retry)),
                (Lasting::Refused, _) => return Outcome::Dead(reason),
                (Lasting::Uncertain, _) => return Outcome::Parked(reason),
            }
        }
        Failure::Store(error) => own(Reason::new("store", error.to_string())),
        Failure::OutOfTime => own(Reason::new("out_of_time", "the attempt took too long and was given up")),
        Failure::Unwritable(why) => return Outcome::Parked(Reason::new("unwritable", why.clone())),
    };
    let (tried, fresh_at, now) = (claimed.tried, claimed.fresh_at, Timestamp::now());
    match retry::next(&target.retry, tried, fresh_at, now, cause, rand::random()) {
        Some(at) => Outcome::Retry(reason, at),
        None => Outcome::Dead(reason),
    }
}

enum Lasting {
    No,
    Refused,
    Uncertain,
}

/// An outage, a limit or a wrong password is the connection's matter; anything else may be the event's.
fn cause(error: &Error, retry: Retry) -> Cause {
    let of_connection = matches!(
        error,
        Error::Unreachable { .. }
            | Error::Unauthorized { .. }
            | Error::Forbidden { .. }
            | Error::Configuration { .. }
            | Error::RateLimited { .. }
            | Error::Unavailable { status: 502..=504, .. }
    );
    let after = if let Retry::Later { after } = retry { after } else { None };
    Cause { counts: !of_connection, retry_after: after.unwrap_or_default() }
}

/// Whether the same call would fail again. Credentials and the address are the connection's matter, not the
/// event's: once they are put right, every waiting event must still be there.
fn lasting(error: &Error) -> Lasting {
    match error {
        Error::Unauthorized { .. } | Error::Forbidden { .. } | Error::Configuration { .. } => Lasting::No,
        Error::CreatedIdUnknown { .. } => Lasting::Uncertain,
        other => match (other.retry(), other.effect_unknown()) {
            (Retry::Later { .. }, _) => Lasting::No,
            (Retry::Never, true) => Lasting::Uncertain,
            (Retry::Never, false) => Lasting::Refused,
        },
    }
}

/// An attempt under way.
struct Work<'a> {
    client: Client,
    store: &'a Store,
    claimed: &'a Claimed,
    version: Option<i64>,
    link: Option<Link>,
}

impl Work<'_> {
    async fn carry_out(&mut self, plan: Plan) -> Result<Outcome, Failure> {
        let (id, reply) = match plan {
            Plan::End(outcome) => return Ok(outcome),
            Plan::Create { fields, reply } => (self.create(&fields, reply.is_some()).await?, reply),
            Plan::Update { target, fields, reply } => {
                let id = TicketId::new(target);
                if !fields.is_empty() {
                    self.client.update_ticket(&id, &written(&fields)?, &self.request_id("update")?).await?;
                }
                (id, reply)
            }
        };
        if let Some(text) = reply {
            self.client.reply_ticket(&id, &text, &self.request_id("reply")?).await?;
        }
        let kind = self.claimed.event.lane.kind().to_owned();
        Ok(Outcome::Delivered(TargetRef { kind, id: id.as_str().to_owned() }))
    }

    /// The link goes to disk before a further call, so that a retry goes on from there.
    async fn create(&mut self, fields: &Fields, more_to_do: bool) -> Result<TicketId, Failure> {
        let id = self.client.create_ticket(&written(fields)?, &self.request_id("create")?).await?;
        let link = Link {
            key: LinkKey::from(&self.claimed.event.lane),
            target_id: id.as_str().to_owned(),
            version: self.version,
        };
        if more_to_do {
            let connection = &self.claimed.event.connection;
            self.store.put_link(connection, link.clone(), Timestamp::now()).await.map_err(Failure::Store)?;
        }
        self.link = Some(link);
        Ok(id)
    }

    fn request_id(&self, step: &str) -> Result<RequestId, Failure> {
        request_id(&self.claimed.event, step)
    }

    /// The link to write with the settlement: only what was applied moves the version on.
    fn new_link(&self, outcome: &Outcome) -> Option<Link> {
        let link = self.link.clone()?;
        let applied = matches!(outcome, Outcome::Delivered(_)) && self.version >= link.version;
        let is_new = self.claimed.link.is_none();
        let version = if applied { self.version } else { link.version };
        (applied || is_new).then_some(Link { version, ..link })
    }
}

fn written(fields: &Fields) -> Result<TicketWrite, Failure> {
    fields.to().map_err(|error| Failure::Unwritable(format!("the mapping's result can't be sent: {error}")))
}

/// The same for every retry of one step of one event, and for no other.
fn request_id(event: &Event, step: &str) -> Result<RequestId, Failure> {
    let mut hash = Sha256::new();
    for part in [event.connection.as_str(), event.id.as_str(), step] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let id = hex::encode(&hash.finalize()[..REQUEST_ID_BYTES]);
    RequestId::new(id).map_err(|error| Failure::Unwritable(error.to_string()))
}
