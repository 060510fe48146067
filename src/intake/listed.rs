//! What a source lists when we ask it: nobody's word, so that there is nothing to verify, and the same content is the
//! same event however often it is read.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Intake, Receipt, Refusal};
use crate::{
    event::{Event, EventId, EventType, Lane},
    json,
};

/// Bytes of the hash that makes an event's id: as many as a UUID has.
const ID_BYTES: usize = 16;

/// An entity as its source's API lists it.
pub struct Listed {
    /// The connection whose source it is.
    pub connection: String,
    /// What its being listed comes to.
    pub event_type: EventType,
    /// The source's id of it.
    pub source_id: String,
    /// When the source last changed it.
    pub time: Option<Timestamp>,
    /// W3C trace context of the reading.
    pub traceparent: Option<String>,
    /// The entity, byte for byte.
    pub data: Bytes,
}

impl Intake {
    /// Commits an entity that was listed, or says that it was there with this content. One that its schema doesn't let
    /// through is kept as a hint: it is read again when its turn comes, and what is wrong then stands in its record.
    ///
    /// Errors: `UnknownConnection`; `SchemaViolation` of an id that no lane can have; the store's.
    pub async fn accept_listed(&self, listed: Listed) -> Result<Receipt, Refusal> {
        let source = self.sources.get(&listed.connection).ok_or(Refusal::UnknownConnection)?;
        let lane = Lane::new(listed.event_type.entity(), &listed.source_id)
            .map_err(|invalid| Refusal::violation("/id", "type", invalid.to_string()))?;
        let read: Value = json::from_slice(&listed.data).map_err(|error| Refusal::malformed(&error))?;
        let fits = self.schemas.check(&source.vendor, listed.event_type, &read).is_ok();
        let event = Event {
            connection: listed.connection,
            id: id(&lane, &listed.data),
            event_type: listed.event_type,
            lane,
            time: listed.time,
            traceparent: listed.traceparent,
            data: 0..listed.data.len(),
            body: listed.data,
            digest: None,
            hint: !fits,
            version: None,
            verified_by: Some(Event::LISTED.to_owned()),
        };
        self.keep(event.redacted(&source.redaction)).await
    }
}

/// The entity stands in it as well: two of them may have the same content.
fn id(lane: &Lane, data: &[u8]) -> EventId {
    let hash = Sha256::new().chain_update(lane.to_string()).chain_update([0]).chain_update(data).finalize();
    EventId::stored(format!("poll:{}", hex::encode(&hash[..ID_BYTES])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_of_the_same_entity_has_the_same_id() {
        let lane = |id: &str| Lane::new("ticket", id).unwrap();
        assert_eq!(id(&lane("1"), b"{}"), id(&lane("1"), b"{}"));
        assert_ne!(id(&lane("1"), b"{}"), id(&lane("1"), b"{ }"));
        assert_ne!(id(&lane("1"), b"1"), id(&lane("11"), b""));
    }
}
