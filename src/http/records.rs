//! Events as an operator sees them.

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    event::{EventId, EventType, Ignored, Lane, Reason, Status, TargetRef},
    store,
};

/// What need not be encoded in a path segment (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address of an event.
pub(super) fn href(connection: &str, id: &EventId) -> String {
    format!("/v1/connections/{connection}/events/{}", utf8_percent_encode(id.as_str(), SEGMENT))
}

/// One line of a list.
#[derive(Serialize)]
pub(super) struct Summary {
    id: String,
    sequence: i64,
    r#type: EventType,
    lane: Lane,
    status: Status,
    reason: Option<Reason>,
    /// Attempts started since it was accepted or replayed.
    tried: u32,
    accepted_at: Timestamp,
    updated_at: Timestamp,
    target: Option<TargetRef>,
    href: String,
}

impl Summary {
    pub(super) fn new(connection: &str, summary: store::Summary) -> Self {
        Self {
            href: href(connection, &summary.id),
            id: summary.id.to_string(),
            sequence: summary.sequence,
            r#type: summary.event_type,
            lane: summary.lane,
            status: summary.status,
            reason: summary.reason,
            tried: summary.attempts,
            accepted_at: summary.accepted_at,
            updated_at: summary.updated_at,
            target: summary.target,
        }
    }
}

/// A lane that waits for an operator.
#[derive(Serialize)]
pub(super) struct HeldLane {
    lane: Lane,
    /// How many events wait behind the one that holds it.
    waiting: u64,
    held_by: Summary,
}

impl HeldLane {
    pub(super) fn new(connection: &str, held: store::HeldLane) -> Self {
        let lane = held.by.lane.clone();
        Self { lane, waiting: held.waiting, held_by: Summary::new(connection, held.by) }
    }
}

/// Everything of one event but its body.
#[derive(Serialize)]
pub(super) struct Record {
    #[serde(flatten)]
    summary: Summary,
    time: Option<Timestamp>,
    trace_id: Option<String>,
    /// Which of the connection's `verify` proved the sender.
    verified_by: Option<String>,
    next_attempt_at: Option<Timestamp>,
    ignored: Vec<Ignored>,
    attempts: Vec<Attempt>,
}

impl From<store::Record> for Record {
    fn from(record: store::Record) -> Self {
        let retrying = matches!(record.summary.status, Status::Accepted | Status::Retrying);
        let delivering = record.summary.status == Status::Delivering;
        let last = record.attempts.len();
        let numbered = record.attempts.into_iter().enumerate();
        Self {
            time: record.event.time,
            trace_id: record.event.trace_id().map(str::to_owned),
            verified_by: record.event.verified_by,
            next_attempt_at: record.due_at.filter(|_| retrying),
            ignored: record.ignored,
            attempts: numbered.map(|(i, a)| Attempt::new(a, delivering && i + 1 == last)).collect(),
            summary: Summary::new(&record.event.connection, record.summary),
        }
    }
}

#[derive(Serialize)]
struct Attempt {
    attempt: u32,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// The status it led to; `running`, or `interrupted` if its process died.
    outcome: String,
    reason: Option<Reason>,
    retry_at: Option<Timestamp>,
    calls: Option<Box<RawValue>>,
}

impl Attempt {
    fn new(attempt: store::Attempt, running: bool) -> Self {
        let unfinished = if running { "running" } else { "interrupted" };
        Self {
            attempt: attempt.number,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            outcome: attempt.outcome.unwrap_or_else(|| unfinished.to_owned()),
            reason: attempt.reason,
            retry_at: attempt.retry_at,
            calls: RawValue::from_string(attempt.calls).ok(),
        }
    }
}
