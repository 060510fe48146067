//! Events as an operator sees them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Api, problem::Problem};
use crate::{
    event::{EventId, EventType, Ignored, Lane, Reason, Status, TargetRef},
    mapping::kept_name,
    store::{self, Filter},
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
    behind: Option<Behind>,
    /// True if something of what came was never kept.
    redacted: bool,
    /// True once what it said was erased.
    erased: bool,
    ignored: Vec<Ignored>,
    attempts: Vec<Attempt>,
    effects: Vec<Effect>,
}

impl Record {
    /// With the names of the mappings that it was tried by.
    pub(super) async fn read(api: &Api, record: store::Record) -> Result<Self, Problem> {
        let retrying = matches!(record.summary.status, Status::Accepted | Status::Retrying);
        Ok(Self {
            attempts: attempts(api, &record).await?,
            behind: behind(api, &record.event.connection, &record.summary).await?,
            redacted: record.event.is_redacted(),
            erased: record.event.is_erased(),
            time: record.event.time,
            trace_id: record.event.trace_id().map(str::to_owned),
            verified_by: record.event.verified_by,
            next_attempt_at: record.due_at.filter(|_| retrying),
            ignored: record.ignored,
            effects: record.effects.into_iter().map(Effect::from).collect(),
            summary: Summary::new(&record.event.connection, record.summary),
        })
    }
}

/// The parked or dead event that another waits behind.
#[derive(Serialize)]
pub(super) struct Behind {
    id: String,
    status: Status,
    reason: Option<Reason>,
    href: String,
}

/// What holds the lane before an event that waits, which no worker touches until a person has decided.
pub(super) async fn behind(
    api: &Api,
    connection: &str,
    waiting: &store::Summary,
) -> Result<Option<Behind>, Problem> {
    if !matches!(waiting.status, Status::Accepted | Status::Retrying) {
        return Ok(None);
    }
    let (lane, before) = (Some(waiting.lane.clone()), Some(waiting.sequence));
    let filter = Filter { lane, before, limit: 1, ..Filter::default() };
    let held = api.store.held_lanes(connection, filter).await?.into_iter().next();
    Ok(held.map(|held| Behind {
        href: href(connection, &held.by.id),
        id: held.by.id.to_string(),
        status: held.by.status,
        reason: held.by.reason,
    }))
}

#[derive(Serialize)]
pub(super) struct Attempt {
    attempt: u32,
    started_at: Timestamp,
    finished_at: Option<Timestamp>,
    /// The status it led to; `running`, or `interrupted` if its process died.
    outcome: String,
    reason: Option<Reason>,
    retry_at: Option<Timestamp>,
    mapping: Option<MappingRef>,
    calls: Option<Box<RawValue>>,
}

/// A mapping that events were tried by.
#[derive(Serialize, Clone)]
pub(super) struct MappingRef {
    digest: String,
    /// None if the store doesn't keep it any more.
    name: Option<String>,
}

/// What an attempt meant to make at the target.
#[derive(Serialize)]
pub(super) struct Effect {
    attempt: u32,
    /// Which of its calls.
    step: String,
    request_id: String,
    started_at: Timestamp,
    /// None while nobody knows what came of it.
    answered_at: Option<Timestamp>,
    /// What it made, if it made something.
    target_id: Option<String>,
}

impl From<store::Effect> for Effect {
    fn from(effect: store::Effect) -> Self {
        let store::Effect { attempt, step, request_id, started_at, answered_at, target_id, .. } = effect;
        Self { attempt, step, request_id, started_at, answered_at, target_id }
    }
}

/// Every attempt of a record, oldest first.
pub(super) async fn attempts(api: &Api, record: &store::Record) -> Result<Vec<Attempt>, Problem> {
    let delivering = record.summary.status == Status::Delivering;
    let mut mappings: BTreeMap<&str, MappingRef> = BTreeMap::new();
    for digest in record.attempts.iter().filter_map(|attempt| attempt.mapping.as_deref()) {
        if !mappings.contains_key(digest) {
            mappings.insert(digest, mapping_of(api, &record.event.connection, digest).await?);
        }
    }
    let last = record.attempts.len();
    let numbered = record.attempts.iter().enumerate();
    let running = |i: usize| delivering && i + 1 == last;
    Ok(numbered.map(|(i, attempt)| Attempt::new(attempt, &mappings, running(i))).collect())
}

/// The mapping of a digest with its name. That of the one in force is known without asking the store.
pub(super) async fn mapping_of(api: &Api, connection: &str, digest: &str) -> Result<MappingRef, Problem> {
    let current = api.rehearsals.get(connection).map(|rehearsal| &rehearsal.mapping);
    let name = match current.filter(|mapping| mapping.digest() == digest) {
        Some(mapping) => Some(mapping.name().to_owned()),
        None => api.store.mapping(digest).await?.and_then(|content| kept_name(&content)),
    };
    Ok(MappingRef { digest: digest.to_owned(), name })
}

impl Attempt {
    fn new(attempt: &store::Attempt, mappings: &BTreeMap<&str, MappingRef>, running: bool) -> Self {
        let unfinished = if running { "running" } else { "interrupted" };
        Self {
            attempt: attempt.number,
            started_at: attempt.started_at,
            finished_at: attempt.finished_at,
            outcome: attempt.outcome.clone().unwrap_or_else(|| unfinished.to_owned()),
            reason: attempt.reason.clone(),
            retry_at: attempt.retry_at,
            mapping: attempt.mapping.as_deref().and_then(|digest| mappings.get(digest)).cloned(),
            calls: RawValue::from_string(attempt.calls.clone()).ok(),
        }
    }
}
