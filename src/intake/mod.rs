//! The only path from the network to the journal. What comes in is `Unverified`; proving it genuine makes it
//! `Verified`; reading and validating it makes it an `Event`; and it is accepted when the store has it on
//! disk. There is no way around a step: each type is made by the step before it alone.

mod batch;
mod binary;
mod envelope;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod limit;
mod listed;
mod push;
mod read;
mod recheck;
mod refusal;
mod schema;
mod signature;
mod sound;

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

pub use self::{
    binary::Attributes,
    envelope::Media,
    limit::{Limit, Limiter},
    listed::Listed,
    push::{PushToken, TokenPlace},
    recheck::Rechecked,
    refusal::{Refusal, Violation},
    schema::{Schemas, shipped as shipped_schemas},
    signature::{SignatureHeaders, Signer, TOLERANCE_S},
};
use self::{envelope::Envelope, schema::MAX_VIOLATIONS};
use crate::{
    event::{Event, EventId, EventType, Lane, Redaction},
    json,
    store::{Accepted, Store},
};

/// How senders of a connection may prove themselves. Any one way will do.
#[derive(Debug, Clone)]
pub struct Source {
    /// Whose shapes the events have: a folder of `schemas/events`.
    pub vendor: String,
    /// Keys of Standard Webhooks signatures; empty if that way isn't open.
    pub signers: Vec<Signer>,
    /// True if an API key with the scope `ingest` will do.
    pub api_key: bool,
    /// Constant tokens, for senders that can't sign; empty if that way isn't open.
    pub push_tokens: Vec<PushToken>,
    /// True if the source's API is there to read an entity again that a push is about.
    pub rereads: bool,
    /// What is taken out of the data before anything is kept.
    pub redaction: Redaction,
    /// How often its senders may call, all of them together.
    pub limit: Option<Arc<Limiter>>,
}

/// What came in, believed by nobody yet.
pub struct Unverified {
    /// The connection it was sent to.
    pub connection: String,
    /// Its media type.
    pub media: Media,
    /// The query's parameters, decoded.
    pub query: Vec<(String, String)>,
    /// The headers of a Standard Webhooks signature, as far as they were sent.
    pub signature: SignatureHeaders,
    /// True if the caller showed an API key with the scope `ingest`.
    pub key_shown: bool,
    /// W3C trace context of the request.
    pub traceparent: Option<String>,
    /// The bytes, as they came.
    pub body: Bytes,
}

/// A genuine request, and by which of the connection's `verify` that was proved. Only [`Intake::accept`] makes one.
struct Verified(Unverified, &'static str);

/// The ways, in the words of the connections file.
const API_KEY: &str = "api_key";
const PUSH_TOKEN: &str = "push_token";
const STANDARD_WEBHOOKS: &str = "standard_webhooks";

/// What the sender is told of an event that is on disk.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The event's identity.
    pub id: EventId,
    /// Its lane.
    pub lane: Lane,
    /// Its place in the order of acceptance.
    pub sequence: i64,
    /// True if the same bytes were there before.
    pub duplicate: bool,
}

/// An event that was looked at and not taken in.
pub struct Examined {
    /// What would have happened.
    pub event_type: EventType,
    /// What it would be about.
    pub lane: Lane,
    /// The sender's own version of the entity.
    pub version: Option<i64>,
    /// The source's own data.
    pub data: Value,
}

/// The intake of all connections.
pub struct Intake {
    sources: HashMap<String, Source>,
    schemas: Schemas,
    store: Store,
}

impl Intake {
    /// An intake for the given connections. Each source's vendor must have schemas.
    pub fn new(sources: HashMap<String, Source>, schemas: Schemas, store: Store) -> Self {
        Self { sources, schemas, store }
    }

    /// How often the senders of a connection may call, all of them together; none if nothing bounds them.
    pub fn limit(&self, connection: &str) -> Option<Limit> {
        Some(self.sources.get(connection)?.limit.as_ref()?.limit())
    }

    /// Verifies, reads, validates and commits one request. When this returns a receipt, the event is on disk.
    pub async fn accept(&self, request: Unverified) -> Result<Receipt, Refusal> {
        let now = Timestamp::now();
        let Some(source) = self.sources.get(&request.connection) else {
            return Err(Refusal::UnknownConnection);
        };
        let verified = admit(source, request, now)?;
        self.keep(self.read(source, verified)?).await
    }

    async fn keep(&self, event: Event) -> Result<Receipt, Refusal> {
        let now = Timestamp::now();
        let (id, lane) = (event.id.clone(), event.lane.clone());
        receipt(id, lane, &self.store.accept(event, now).await?)
    }

    /// Reads and validates an event without taking it in: nothing is verified and nothing stored.
    ///
    /// Errors: those of [`accept`](Self::accept) that are about the body; `PushNotTaken` for a push, whose data says
    /// only that something happened.
    pub fn examine(&self, connection: &str, media: Media, body: &[u8]) -> Result<Examined, Refusal> {
        let source = self.sources.get(connection).ok_or(Refusal::UnknownConnection)?;
        match media {
            Media::Push(_) => {
                Err(Refusal::PushNotTaken("a push is only a hint: send the ticket itself in an envelope"))
            }
            Media::Binary(attributes) => {
                let body = binary::structured(attributes, body)?;
                let examined = self.examine_envelope(source, &Media::CloudEvent, &body);
                examined.map_err(|refusal| refusal.map_violations(binary::unwrapped))
            }
            Media::Batch => Err(Refusal::UnsupportedMediaType(
                "a batch is looked at one event at a time: send one of them",
            )),
            Media::Plain | Media::CloudEvent => self.examine_envelope(source, &media, body),
        }
    }

    fn examine_envelope(&self, source: &Source, media: &Media, body: &[u8]) -> Result<Examined, Refusal> {
        let (envelope, lane) = self.envelope(source, media, body)?;
        let redacted = source.redaction.without(envelope.data.get());
        let data = redacted.as_deref().unwrap_or(envelope.data.get());
        let data = json::from_str(data).map_err(|error| Refusal::malformed(&error))?;
        Ok(Examined { event_type: envelope.event_type, lane, version: envelope.version, data })
    }
}

/// What is genuine, as long as there is not too much of it. The limit is judged last: who proves nothing can't use it up.
fn admit(source: &Source, request: Unverified, now: Timestamp) -> Result<Verified, Refusal> {
    let verified = verify(source, request, now)?;
    let taken = source.limit.as_ref().map_or(Ok(()), |limit| limit.take());
    taken.map(|()| verified).map_err(|retry_after_s| Refusal::RateLimited { retry_after_s })
}

/// Tries every way that is open. A sender who signed is told about its signature, not about keys.
fn verify(source: &Source, request: Unverified, now: Timestamp) -> Result<Verified, Refusal> {
    if source.api_key && request.key_shown {
        return Ok(Verified(request, API_KEY));
    }
    let is_push = matches!(request.media, Media::Push(_));
    // A push's token is no key to envelopes: whoever learns it can hint, not tell.
    if is_push
        && (push::query_fits(&source.push_tokens, &request.query)
            || push::body_fits(&source.push_tokens, &request.body))
    {
        return Ok(Verified(request, PUSH_TOKEN));
    }
    if is_push {
        push::readable(&source.push_tokens, &request.body)?;
    }
    if !request.signature.is_present() || source.signers.is_empty() {
        return Err(Refusal::Unauthorized {
            signature: !source.signers.is_empty(),
            api_key: source.api_key,
            push_token: !source.push_tokens.is_empty(),
        });
    }
    signature::check(&source.signers, &request.signature, &request.body, now)?;
    // Or a request that somebody saw could be sent again as another event: by other headers, or under another type.
    if matches!(request.media, Media::Binary(_) | Media::Push(_)) {
        return Err(Refusal::AttributesNotSigned);
    }
    Ok(Verified(request, STANDARD_WEBHOOKS))
}

/// What a sender is told of an event that was offered to the store.
fn receipt(id: EventId, lane: Lane, accepted: &Accepted) -> Result<Receipt, Refusal> {
    let (sequence, duplicate) = match accepted {
        Accepted::New { sequence } => (*sequence, false),
        Accepted::Duplicate { sequence } => (*sequence, true),
        Accepted::Conflict => return Err(Refusal::IdempotencyConflict { id: id.to_string() }),
    };
    Ok(Receipt { id, lane, sequence, duplicate })
}
