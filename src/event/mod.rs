//! The values every room speaks of: an accepted event, the lane that orders it, and how it ended.
//! Nothing here knows of HTTP, SQL or a vendor.

mod name;
mod outcome;
mod redaction;
mod subject;

use std::{fmt, ops::Range};

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub use self::{
    name::{EventId, EventType, Invalid, Lane, MAX_EVENT_ID_BYTES, is_hidden},
    outcome::{Ignored, Outcome, Reason, Status, TargetRef},
    redaction::Redaction,
    subject::Subject,
};

/// A verified and validated event. Only intake makes one from the network, only the store from disk. `Debug`
/// doesn't show the body.
#[derive(Clone)]
pub struct Event {
    /// Name of the connection it came in by.
    pub connection: String,
    /// Its identity within the connection.
    pub id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// What it is about.
    pub lane: Lane,
    /// When it happened, by the sender's word.
    pub time: Option<Timestamp>,
    /// W3C trace context of the request that brought it.
    pub traceparent: Option<String>,
    /// The bytes that were signed, as they came, but for what was redacted. Empty once they were erased.
    pub body: Bytes,
    /// SHA-256 of the bytes that came, where `body` is no longer all of them.
    pub digest: Option<[u8; 32]>,
    /// Where in `body` the source's own data stands.
    pub data: Range<usize>,
    /// True if the source only said that something happened to the entity: the data is a hint, and the entity is
    /// read again at the source when the event's turn comes.
    pub hint: bool,
    /// The sender's own version of the entity, which grows with each change (CloudEvents extension `sequence`). It
    /// counts where the mapping names none.
    pub version: Option<i64>,
    /// How its sender was proved genuine, in the words of the connections file: `standard_webhooks`, `api_key`,
    /// `push_token`. `None` of an event that came in before this was kept.
    pub verified_by: Option<String>,
}

impl Event {
    /// What `verified_by` says of an event that was read from a list at the source itself.
    pub const LISTED: &'static str = "poll";
    /// What it says of an event that was made here, of what was read of a ticket view.
    pub const READ: &'static str = "ticketviews";

    /// True if the source itself said it, in a list.
    pub fn is_listed(&self) -> bool {
        self.verified_by.as_deref() == Some(Self::LISTED)
    }

    /// The source's own data: the JSON text of the envelope's `data`.
    pub fn data(&self) -> &[u8] {
        self.body.get(self.data.clone()).unwrap_or_default()
    }

    /// By what a repetition is known: the SHA-256 of the bytes that came.
    pub fn digest(&self) -> [u8; 32] {
        self.digest.unwrap_or_else(|| Sha256::digest(&self.body).into())
    }

    /// True if what it said was erased, and only that it was there is still known.
    pub fn is_erased(&self) -> bool {
        self.body.is_empty()
    }

    /// The trace id of the request that brought the event: 32 hex digits.
    pub fn trace_id(&self) -> Option<&str> {
        self.traceparent.as_deref()?.split('-').nth(1)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connection, id, event_type, lane, .. } = self;
        write!(f, "Event({connection}, {id}, {event_type}, {lane}, {} bytes)", self.body.len())
    }
}
