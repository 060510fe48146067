//! `GET …/events/{id}/explain`: one event from the bytes that came in to what it made at the target.

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, value::RawValue};

use super::{
    Api, InForce, Scope, events,
    problem::Problem,
    query::Query,
    records::{self, Attempt, Behind, MappingRef},
};
use crate::{
    dispatch::{KeptError, Preview, Rehearsal, Traced},
    event::{Event, EventId, EventType, Ignored, Lane, Reason, Status, TargetRef},
    intake::Violation,
    json,
    store::{self, LinkKey},
};

/// Why there is no telling what the mapping made of a hint.
const HINT: &str =
    "the event is only a hint: each attempt mapped the ticket as it was read at the source then";

#[derive(Serialize)]
struct Explanation {
    id: String,
    sequence: i64,
    r#type: EventType,
    lane: Lane,
    received: Received,
    schema: Option<Schema>,
    /// None of a message to a subscriber, which is sent as it is.
    mapping: Option<Mapped>,
    attempts: Vec<Attempt>,
    effects: Vec<Effect>,
    result: Outcome,
    link: Option<Link>,
    /// What the mapping in force would make of it now; only of an event that has not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<Preview>,
}

/// What came in, and from whom.
#[derive(Serialize)]
struct Received {
    accepted_at: Timestamp,
    /// By the sender's word.
    time: Option<Timestamp>,
    verified_by: Option<String>,
    trace_id: Option<String>,
    hint: bool,
    bytes: usize,
    /// Of the bytes as they came.
    sha256: String,
    /// The bytes as they came, which were proved genuine; of a push, without its token.
    body: String,
}

/// Whether it would be taken in again.
#[derive(Serialize)]
struct Schema {
    name: String,
    valid: bool,
    violations: Vec<Violation>,
}

/// What the mapping that it was last tried by makes of it; the one in force, if it was not tried yet.
#[derive(Serialize)]
struct Mapped {
    #[serde(flatten)]
    mapping: MappingRef,
    in_force: bool,
    #[serde(flatten)]
    traced: Option<Traced>,
    /// Why nothing more can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    untold: Option<String>,
}

/// What an attempt meant to make.
#[derive(Serialize)]
struct Effect {
    #[serde(flatten)]
    effect: records::Effect,
    /// By what it can be recognised at the target.
    sent: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Outcome {
    status: Status,
    reason: Option<Reason>,
    behind: Option<Behind>,
    target: Option<TargetRef>,
    ignored: Vec<Ignored>,
    updated_at: Timestamp,
}

#[derive(Serialize)]
struct Link {
    kind: String,
    source_id: String,
    target_id: String,
    /// The source's version that was last applied, in unix milliseconds.
    version: Option<i64>,
}

/// Shows what the sender wrote, so it asks for more than reading.
pub(super) async fn explain(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (connection, id) = path.into_inner();
    events::allowed_journal(&api, &request, &connection, Scope::Operate).await?;
    Query::none(&request)?;
    let record = api.store.event(&connection, &EventId::stored(id)).await?;
    let record = record.ok_or_else(|| Problem::unknown_event(api.retention_days))?;
    if record.event.is_erased() {
        return Err(store::StoreError::Erased.into());
    }
    Ok(HttpResponse::Ok().json(explanation(&api, record).await?))
}

async fn explanation(api: &Api, record: store::Record) -> Result<Explanation, Problem> {
    let event = &record.event;
    let link = api.store.link(&event.connection, &LinkKey::from(&event.lane)).await?;
    let rehearsal = api.rehearsals.get(&event.connection);
    let mapping = match rehearsal {
        Some(rehearsal) => Some(mapped(api, rehearsal, &record).await?),
        None => None,
    };
    let schema = api.intake.recheck(event).map(|rechecked| Schema {
        name: rechecked.schema,
        valid: rechecked.violations.is_empty(),
        violations: rechecked.violations,
    });
    let now = rehearsal.and_then(|rehearsal| now(rehearsal, &record, link.as_ref()));
    let attempts = records::attempts(api, &record).await?;
    let behind = records::behind(api, &event.connection, &record.summary).await?;
    let store::Record { summary, event, ignored, effects, .. } = record;
    Ok(Explanation {
        id: summary.id.to_string(),
        sequence: summary.sequence,
        r#type: summary.event_type,
        lane: summary.lane,
        received: received(&event, summary.accepted_at),
        schema,
        mapping,
        attempts,
        effects: effects.into_iter().map(effect).collect(),
        result: Outcome {
            status: summary.status,
            reason: summary.reason,
            behind,
            target: summary.target,
            ignored,
            updated_at: summary.updated_at,
        },
        link: link.map(|link| Link {
            kind: link.key.kind,
            source_id: link.key.source_id,
            target_id: link.target_id,
            version: link.version,
        }),
        now,
    })
}

fn received(event: &Event, accepted_at: Timestamp) -> Received {
    Received {
        accepted_at,
        time: event.time,
        verified_by: event.verified_by.clone(),
        trace_id: event.trace_id().map(str::to_owned),
        hint: event.hint,
        bytes: event.body.len(),
        sha256: hex::encode(event.digest()),
        body: String::from_utf8_lossy(&event.body).into_owned(),
    }
}

async fn mapped(api: &Api, rehearsal: &Rehearsal, record: &store::Record) -> Result<Mapped, Problem> {
    let current = rehearsal.mapping.digest();
    let digest = record.attempts.iter().rev().find_map(|attempt| attempt.mapping.as_deref());
    let digest = digest.unwrap_or(current);
    let mapping = records::mapping_of(api, &record.event.connection, digest).await?;
    let (traced, untold) = match traced(api, rehearsal, &record.event, digest).await? {
        Ok(traced) => (Some(traced), None),
        Err(why) => (None, Some(why)),
    };
    Ok(Mapped { mapping, in_force: digest == current, traced, untold })
}

/// The event's way through the mapping of a digest, or why that can't be told.
async fn traced(
    api: &Api,
    rehearsal: &Rehearsal,
    event: &Event,
    digest: &str,
) -> Result<Result<Traced, String>, Problem> {
    let Some(data) = data(event).filter(|_| !event.hint) else { return Ok(Err(HINT.to_owned())) };
    if digest == rehearsal.mapping.digest() {
        return Ok(Ok(rehearsal.trace(event.event_type, &data)));
    }
    let mapping = match api.kept.get(digest, &api.store).await {
        Ok(mapping) => mapping,
        Err(KeptError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(Err(error.to_string())),
    };
    let then = Rehearsal { mapping, parameters: rehearsal.parameters.clone(), skip: rehearsal.skip };
    Ok(Ok(then.trace(event.event_type, &data)))
}

/// What it would come to, and so whether a replay would help.
fn now(rehearsal: &Rehearsal, record: &store::Record, link: Option<&store::Link>) -> Option<Preview> {
    let ended = matches!(record.summary.status, Status::Delivered | Status::Skipped | Status::Discarded);
    if ended || record.event.hint {
        return None;
    }
    Some(rehearsal.preview(record.event.event_type, record.event.version, &data(&record.event)?, link))
}

fn data(event: &Event) -> Option<Value> {
    json::from_slice(event.data()).ok()
}

fn effect(mut effect: store::Effect) -> Effect {
    let sent = RawValue::from_string(std::mem::take(&mut effect.sent)).ok();
    Effect { effect: effect.into(), sent }
}
