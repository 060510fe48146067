//! API keys and what each may do. Keys are kept as hashes and compared in constant time.

use actix_web::{HttpRequest, http::header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::problem::Problem;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Send events.
    Ingest,
    /// Read events, links and ticket views.
    Read,
    /// Replay and discard.
    Operate,
    /// Everything about the service itself.
    Admin,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Operate => "operate",
            Self::Admin => "admin",
        }
    }
}

/// A key as it is kept.
pub struct Key {
    hash: [u8; 32],
    scopes: Vec<Scope>,
}

impl Key {
    /// A key of this secret.
    pub fn new(secret: &str, scopes: Vec<Scope>) -> Self {
        Self { hash: Sha256::digest(secret).into(), scopes }
    }
}

/// All keys.
pub struct ApiKeys(Vec<Key>);

impl ApiKeys {
    /// These keys.
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// True if the request shows a key with the scope.
    pub(super) fn shows(&self, request: &HttpRequest, scope: Scope) -> bool {
        self.key_of(request).is_some_and(|key| key.scopes.contains(&scope))
    }

    /// Demands a key with the scope.
    pub(super) fn require(&self, request: &HttpRequest, scope: Scope) -> Result<(), Problem> {
        match self.key_of(request) {
            Some(key) if key.scopes.contains(&scope) => Ok(()),
            Some(_) => Err(Problem::forbidden(scope.as_str())),
            None => Err(Problem::unauthorized("send Authorization: Bearer with an API key")),
        }
    }

    /// Every key is compared, so that time tells nothing of which one was near.
    fn key_of(&self, request: &HttpRequest) -> Option<&Key> {
        let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let hash: [u8; 32] = Sha256::digest(token.trim()).into();
        self.0.iter().fold(None, |found, key| if key.hash.ct_eq(&hash).into() { Some(key) } else { found })
    }
}
