//! Several CloudEvents in one request (JSON batch format, 4): each an event as if it had come alone, none of them taken
//! in if any is refused.

use std::collections::{HashMap, hash_map::Entry};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::value::RawValue;

use super::{
    Intake, MAX_VIOLATIONS, Media, Receipt, Refusal, Source, Unverified, Verified, Violation, admit, receipt,
    sound,
};
use crate::{
    event::{Event, EventId, Lane},
    json,
};

/// Events of a batch at most: what waits for them waits for one commit.
const MAX_EVENTS: usize = 100;

impl Intake {
    /// Verifies, reads, validates and commits a batch, in its order. When this returns receipts, all of it is on disk.
    ///
    /// Errors: those of [`accept`](Self::accept). Nothing was stored then.
    pub async fn accept_batch(&self, request: Unverified) -> Result<Vec<Receipt>, Refusal> {
        let source = self.sources.get(&request.connection).ok_or(Refusal::UnknownConnection)?;
        let verified = admit(source, request, Timestamp::now())?;
        let events = self.read_batch(source, &verified)?;
        one_content_each(&events)?;
        let named: Vec<(EventId, Lane)> =
            events.iter().map(|event| (event.id.clone(), event.lane.clone())).collect();
        let accepted = self.store.accept_all(&verified.0.connection, events, Timestamp::now()).await?;
        // Where one is refused, none was stored: that one is told.
        named.into_iter().zip(accepted).map(|((id, lane), accepted)| receipt(id, lane, &accepted)).collect()
    }

    pub(super) fn read_batch(
        &self,
        source: &Source,
        Verified(request, by): &Verified,
    ) -> Result<Vec<Event>, Refusal> {
        let elements: Vec<&RawValue> = json::from_slice(&request.body).map_err(|error| {
            let is_array = request.body.trim_ascii_start().starts_with(b"[");
            match error.is_data() {
                true if is_array => sound::check(&request.body).err().unwrap_or(Refusal::malformed(&error)),
                true => Refusal::violation("", "type", "a batch is an array"),
                false => Refusal::malformed(&error),
            }
        })?;
        if elements.len() > MAX_EVENTS {
            let rule = format!("a batch has at most {MAX_EVENTS} events: send several");
            return Err(Refusal::violation("", "maxItems", rule));
        }
        let (mut events, mut violations) = (Vec::with_capacity(elements.len()), Vec::new());
        for (index, element) in elements.into_iter().enumerate() {
            let body = request.body.slice_ref(element.get().as_bytes());
            match self.read_envelope(source, one(request, by, body)) {
                Ok(event) => events.push(event),
                Err(Refusal::SchemaViolation(found)) => {
                    violations.extend(found.into_iter().map(|violation| below(index, violation)));
                }
                // In the batch's own lines and columns.
                Err(refusal @ Refusal::MalformedJson { .. }) => {
                    return Err(sound::check(&request.body).err().unwrap_or(refusal));
                }
                Err(refusal) => return Err(refusal),
            }
        }
        violations.truncate(MAX_VIOLATIONS);
        if violations.is_empty() { Ok(events) } else { Err(Refusal::SchemaViolation(violations)) }
    }
}

/// One event of the batch, as genuine as all of it.
fn one(request: &Unverified, by: &'static str, body: Bytes) -> Verified {
    let alone = Unverified {
        connection: request.connection.clone(),
        media: Media::CloudEvent,
        query: Vec::new(),
        signature: request.signature.clone(),
        key_shown: request.key_shown,
        traceparent: request.traceparent.clone(),
        body,
    };
    Verified(alone, by)
}

/// Refuses two events of one id in the batch itself, unless they are the same.
fn one_content_each(events: &[Event]) -> Result<(), Refusal> {
    let mut known: HashMap<&EventId, &Event> = HashMap::with_capacity(events.len());
    for event in events {
        match known.entry(&event.id) {
            Entry::Occupied(first) if first.get().digest() != event.digest() => {
                return Err(conflict(&event.id));
            }
            entry => drop(entry.or_insert(event)),
        }
    }
    Ok(())
}

fn conflict(id: &EventId) -> Refusal {
    Refusal::IdempotencyConflict { id: id.to_string() }
}

fn below(index: usize, violation: Violation) -> Violation {
    Violation { pointer: format!("/{index}{}", violation.pointer), ..violation }
}
