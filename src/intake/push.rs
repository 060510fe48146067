//! A vendor's flat push: one object whose members an administrator chose, with no envelope and no signature. It is
//! a hint that something happened to an entity, and proves its sender by a constant token.

use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{Refusal, Violation};
use crate::{event::EventId, json};

/// Random bytes of the id that a push is given: it has none of its own, and two pushes of the same bytes can be
/// two changes.
const ID_BYTES: usize = 16;

/// A token that a push has to carry.
#[derive(Debug, Clone)]
pub struct PushToken {
    /// Where it stands.
    pub place: TokenPlace,
    /// What it has to be.
    pub secret: SecretString,
}

/// Where a push carries its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenPlace {
    /// In this member of the body.
    Body(String),
    /// In this parameter of the query.
    Query(String),
}

impl PushToken {
    fn fits(&self, given: &str) -> bool {
        // Hashes have one length, so that the comparison tells nothing of the secret's.
        let (given, secret) = (Sha256::digest(given), Sha256::digest(self.secret.expose_secret()));
        given.ct_eq(&secret).into()
    }
}

/// True if the query carries one of the tokens.
pub(super) fn query_fits(tokens: &[PushToken], query: &[(String, String)]) -> bool {
    let fits = |token: &PushToken| match &token.place {
        TokenPlace::Query(name) => query.iter().any(|(given, value)| given == name && token.fits(value)),
        TokenPlace::Body(_) => false,
    };
    tokens.iter().any(fits)
}

/// True if the body carries one of the tokens. What is no object carries none.
pub(super) fn body_fits(tokens: &[PushToken], body: &[u8]) -> bool {
    if !tokens.iter().any(|token| matches!(token.place, TokenPlace::Body(_))) {
        return false;
    }
    let Ok(members) = json::from_slice::<Map<String, Value>>(body) else {
        return false;
    };
    let fits = |token: &PushToken| match &token.place {
        TokenPlace::Body(field) => {
            members.get(field).and_then(Value::as_str).is_some_and(|text| token.fits(text))
        }
        TokenPlace::Query(_) => false,
    };
    tokens.iter().any(fits)
}

/// A body that should carry the token and is no JSON: what is wrong with it is more use than that no token was found.
pub(super) fn readable(tokens: &[PushToken], body: &[u8]) -> Result<(), Refusal> {
    if tokens.iter().all(|token| matches!(token.place, TokenPlace::Query(_))) {
        return Ok(());
    }
    json::from_slice::<IgnoredAny>(body).map(drop).map_err(|error| Refusal::malformed(&error))
}

/// The push as it is kept: its members without the tokens, which are no business of the journal.
pub(super) fn without_tokens(tokens: &[PushToken], body: &[u8]) -> Result<Value, Refusal> {
    let read: Value = json::from_slice(body).map_err(|error| Refusal::malformed(&error))?;
    let Value::Object(mut members) = read else {
        return Err(Refusal::violation("", "type", "a push is a JSON object"));
    };
    for token in tokens {
        if let TokenPlace::Body(field) = &token.place {
            members.shift_remove(field);
        }
    }
    Ok(Value::Object(members))
}

/// A violation of a push's schema: there is no envelope, so its pointer starts at the body.
pub(super) fn unwrapped(violation: Violation) -> Violation {
    let pointer = violation.pointer.strip_prefix("/data").unwrap_or(&violation.pointer).to_owned();
    Violation { pointer, ..violation }
}

/// An id that no other push has.
pub(super) fn new_id() -> EventId {
    EventId::stored(format!("push:{}", hex::encode(rand::random::<[u8; ID_BYTES]>())))
}
