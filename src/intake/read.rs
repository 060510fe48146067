//! From a genuine request to an event: its envelope, or what a push says, and its lane.

use bytes::Bytes;
use serde_json::Value;

use super::{Envelope, Intake, Media, Refusal, Source, Verified, binary, push, sound};
use crate::event::{Event, EventType, Lane};

impl Intake {
    /// Errors: those of [`Intake::accept`] that are about the body.
    pub(super) fn read(&self, source: &Source, verified: Verified) -> Result<Event, Refusal> {
        match &verified.0.media {
            Media::Push(event_type) => {
                let event_type = *event_type;
                self.read_push(source, verified, event_type)
            }
            Media::Binary(_) => self.read_binary(source, verified),
            Media::Plain | Media::CloudEvent | Media::Batch => self.read_envelope(source, verified),
        }
    }

    fn read_binary(&self, source: &Source, Verified(mut request, by): Verified) -> Result<Event, Refusal> {
        if let Media::Binary(attributes) = std::mem::replace(&mut request.media, Media::CloudEvent) {
            request.body = binary::structured(attributes, &request.body)?;
        }
        let read = self.read_envelope(source, Verified(request, by));
        read.map_err(|refusal| refusal.map_violations(binary::unwrapped))
    }

    pub(super) fn read_envelope(
        &self,
        source: &Source,
        Verified(request, by): Verified,
    ) -> Result<Event, Refusal> {
        let (envelope, lane) = self.envelope(source, &request.media, &request.body)?;
        let Envelope { id, event_type, time, version, data, .. } = envelope;
        let range = range_within(&request.body, data.get());
        Ok(Event {
            connection: request.connection,
            id,
            event_type,
            lane,
            time,
            traceparent: request.traceparent,
            data: range,
            body: request.body,
            digest: None,
            hint: false,
            version,
            verified_by: Some(by.to_owned()),
        }
        .redacted(&source.redaction))
    }

    pub(super) fn envelope<'a>(
        &self,
        source: &Source,
        media: &Media,
        body: &'a [u8],
    ) -> Result<(Envelope<'a>, Lane), Refusal> {
        let whole = sound::read(body)?;
        let data = whole.get("data").unwrap_or(&Value::Null);
        let look = |event_type| self.schemas.check(&source.vendor, event_type, data);
        let (envelope, lane) = Envelope::read(media, body, look)?;
        names_its_lane(envelope.partition_key.as_deref(), &lane)?;
        Ok((envelope, lane))
    }

    fn read_push(
        &self,
        source: &Source,
        Verified(request, by): Verified,
        event_type: EventType,
    ) -> Result<Event, Refusal> {
        let schema = self.schemas.push(&source.vendor, event_type);
        let schema = schema.ok_or(Refusal::PushNotTaken(
            "the source sends no pushes of this type: send an envelope, without ?type=",
        ))?;
        if !source.rereads {
            return Err(Refusal::PushNotTaken(
                "a push is only a hint, and the connection has no source.api.v1 to read the ticket again",
            ));
        }
        sound::check(&request.body)?;
        let data = push::without_tokens(&source.push_tokens, &request.body)?;
        let lane = schema.check(&data).map_err(|refusal| refusal.map_violations(push::unwrapped))?;
        let body = Bytes::from(data.to_string());
        Ok(Event {
            connection: request.connection,
            id: push::new_id(),
            event_type,
            lane,
            time: None,
            traceparent: request.traceparent,
            data: 0..body.len(),
            body,
            digest: None,
            hint: true,
            version: None,
            verified_by: Some(by.to_owned()),
        }
        .redacted(&source.redaction))
    }
}

/// Refuses a partition key that asks for another order than there is. Events of one entity under several keys would be
/// applied side by side, and entities under one key not in its order.
fn names_its_lane(partition_key: Option<&str>, lane: &Lane) -> Result<(), Refusal> {
    let names = |key: &str| key == lane.source_id() || key == lane.to_string();
    if partition_key.is_none_or(names) {
        return Ok(());
    }
    let rule = "must be the id of the entity that the event is about, alone or after its kind and a colon (ticket:1): \
                events are ordered by it and by nothing else. Leave it out if it is for another system";
    Err(Refusal::violation("/partitionkey", "const", rule))
}

/// Where `part`, which was borrowed from `whole`, stands in it.
fn range_within(whole: &[u8], part: &str) -> std::ops::Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
