//! Why an event was not accepted. Nothing was stored in any of these cases.

use serde::Serialize;

use crate::{event::EventType, store::StoreError};

/// Why an event was not accepted; each variant tells what the sender can do.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The address names no connection.
    #[error("there is no such connection")]
    UnknownConnection,
    /// The media type is none of those understood.
    #[error("{0}")]
    UnsupportedMediaType(&'static str),
    /// Nothing that proves the sender was sent.
    #[error("nothing in the request proves its sender: {}", ways(*.signature, *.api_key, *.push_token))]
    Unauthorized {
        /// A Standard Webhooks signature would do.
        signature: bool,
        /// An API key would do.
        api_key: bool,
        /// A push's token would do.
        push_token: bool,
    },
    /// No signature fits any of the keys.
    #[error(
        "no signature in webhook-signature fits: sign \"{{webhook-id}}.{{webhook-timestamp}}.{{raw body}}\" with the connection's secret"
    )]
    InvalidSignature,
    /// The signature is right but doesn't cover what says which event it is.
    #[error(
        "a signature covers the body and neither ce- headers nor the address, so that it proves nothing of an event in \
         binary mode or of a push (?type=): send it in structured mode (application/cloudevents+json) or a plain envelope, \
         or with an API key; a push with its token"
    )]
    AttributesNotSigned,
    /// The connection's senders send too often.
    #[error("the connection takes no more requests for now: send the same again after Retry-After")]
    RateLimited {
        /// Seconds to wait.
        retry_after_s: u64,
    },
    /// The signature is right but its time isn't.
    #[error(
        "webhook-timestamp is more than 5 minutes away from now: check the sender's clock, or sign again before resending"
    )]
    TimestampOutOfTolerance,
    /// A flat push that this connection can't take.
    #[error("{0}")]
    PushNotTaken(&'static str),
    /// Not JSON.
    #[error("the body is not JSON: {message}")]
    MalformedJson {
        /// What was expected, with line and column.
        message: String,
    },
    /// JSON, but not as the schema has it. All violations.
    #[error("the event doesn't have the shape of its schema")]
    SchemaViolation(Vec<Violation>),
    /// Another body was accepted under this id.
    #[error(
        "an event with the id {id} and other content was accepted before: give each event an id of its own"
    )]
    IdempotencyConflict {
        /// The event's identity.
        id: String,
    },
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a sender may do; the ways that the connection has not are not told.
fn ways(signature: bool, api_key: bool, push_token: bool) -> String {
    let ways = [
        (signature, "a Standard Webhooks signature (webhook-id, webhook-timestamp, webhook-signature)"),
        (api_key, "Authorization: Bearer with a key in force of scope ingest for this connection"),
        (push_token, "the push's token where the connection expects it"),
    ];
    let open: Vec<&str> = ways.iter().filter(|(open, _)| *open).map(|(_, way)| *way).collect();
    format!("send {}", open.join(", or "))
}

/// One place where a body differs from its schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// JSON Pointer (RFC 6901) into the body that was sent.
    pub pointer: String,
    /// The keyword of JSON Schema that was violated.
    pub keyword: String,
    /// What is expected. Never quotes the value, which may be personal.
    pub message: String,
}

impl Violation {
    pub(super) fn new(pointer: impl Into<String>, keyword: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), keyword: keyword.to_owned(), message: message.into() }
    }
}

impl Refusal {
    pub(super) fn map_violations(self, change: impl Fn(Violation) -> Violation) -> Self {
        match self {
            Self::SchemaViolation(found) => Self::SchemaViolation(found.into_iter().map(change).collect()),
            other => other,
        }
    }

    pub(super) fn malformed(error: &serde_json::Error) -> Self {
        Self::MalformedJson { message: error.to_string() }
    }

    pub(super) fn violation(pointer: &str, keyword: &str, message: impl Into<String>) -> Self {
        Self::SchemaViolation(vec![Violation::new(pointer, keyword, message)])
    }

    pub(super) fn unknown_type(given: &str, known: &[EventType]) -> Self {
        let known: Vec<&str> = known.iter().map(|t| t.as_str()).collect();
        let message = format!("this connection's source has no {given} events, only {}", known.join(", "));
        Self::violation("/type", "enum", message)
    }
}
