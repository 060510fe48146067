//! API keys, what each may do and for which connections. Keys are kept as hashes and compared in constant time.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, http::header};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::problem::Problem;

/// Longest `Authorization` of the scheme Basic that is decoded: an account of 255 characters and a key, with room to
/// spare.
const MAX_BASIC: usize = 4096;

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
    /// Names of connections; `None` for all.
    connections: Option<BTreeSet<String>>,
}

impl Key {
    /// A key of this secret, for the connections of these names or, with `None`, for all.
    pub fn new(secret: &str, scopes: Vec<Scope>, connections: Option<BTreeSet<String>>) -> Self {
        Self { hash: Sha256::digest(secret).into(), scopes, connections }
    }

    fn covers(&self, connection: &str) -> bool {
        self.connections.as_ref().is_none_or(|names| names.contains(connection))
    }

    /// What tells this key from others, to find it again in a later configuration.
    pub(super) fn id(&self) -> KeyId {
        KeyId(self.hash)
    }

    /// What only somebody with the key's secret, or its hash, could make of a text (HMAC-SHA256).
    pub(super) fn seal(&self, text: &[u8]) -> [u8; 32] {
        let mac = Hmac::<Sha256>::new_from_slice(&self.hash);
        let mut mac = mac.expect("HMAC takes keys of every length (RFC 2104, section 3)");
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// Of a connection that the key is not for, it is not even told whether it exists.
    fn permits(&self, connection: &str, scope: Scope) -> Result<(), Problem> {
        if !self.covers(connection) {
            return Err(Problem::not_for_connection());
        }
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Problem::forbidden(scope.as_str())) }
    }
}

/// Tells a key from others. As secret as the key.
#[derive(Clone, Copy)]
pub(super) struct KeyId([u8; 32]);

/// All keys.
pub struct ApiKeys(Vec<Key>);

impl ApiKeys {
    /// These keys.
    pub fn new(keys: Vec<Key>) -> Self {
        Self(keys)
    }

    /// True if the request shows a key of the connection with the scope.
    pub(super) fn shows(&self, request: &HttpRequest, connection: &str, scope: Scope) -> bool {
        let key = bearer(request).and_then(|secret| self.key_of(secret));
        key.is_some_and(|key| key.covers(connection) && key.scopes.contains(&scope))
    }

    /// Demands a key of the connection with the scope.
    pub(super) fn require(
        &self,
        request: &HttpRequest,
        connection: &str,
        scope: Scope,
    ) -> Result<(), Problem> {
        self.demand(request, connection, scope).map(drop)
    }

    /// As `require`; the key that is shown.
    pub(super) fn demand(
        &self,
        request: &HttpRequest,
        connection: &str,
        scope: Scope,
    ) -> Result<&Key, Problem> {
        let key = bearer(request).and_then(|secret| self.key_of(secret));
        let key = key.ok_or_else(|| Problem::unauthorized("send Authorization: Bearer with an API key"))?;
        key.permits(connection, scope).map(|()| key)
    }

    /// The key that made this seal of a text. Every key is tried, so that time tells nothing of which one it was.
    pub(super) fn sealer(&self, text: &[u8], seal: &[u8]) -> Option<&Key> {
        let made = |key: &Key| bool::from(key.seal(text).ct_eq(seal));
        self.0.iter().fold(None, |found, key| if made(key) { Some(key) } else { found })
    }

    /// Demands that a key that was shown before is still there and may still do so.
    pub(super) fn permit(&self, id: KeyId, connection: &str, scope: Scope) -> Result<(), Problem> {
        let key = self.0.iter().find(|key| key.hash.ct_eq(&id.0).into());
        key.ok_or_else(|| Problem::unauthorized("the key is no longer there"))?.permits(connection, scope)
    }

    /// As `require`, of a tool that may know HTTP Basic only: the key is the password, the account whatever it likes.
    pub(super) fn require_or_basic(
        &self,
        request: &HttpRequest,
        connection: &str,
        scope: Scope,
    ) -> Result<(), Problem> {
        let Some(password) = basic_password(request) else { return self.require(request, connection, scope) };
        let key = self.key_of(&password);
        let key = key.ok_or_else(|| Problem::unauthorized("the password must be an API key"))?;
        key.permits(connection, scope)
    }

    /// Every key is compared, so that time tells nothing of which one was near.
    fn key_of(&self, secret: &str) -> Option<&Key> {
        let hash: [u8; 32] = Sha256::digest(secret).into();
        self.0.iter().fold(None, |found, key| if key.hash.ct_eq(&hash).into() { Some(key) } else { found })
    }
}

/// What follows a scheme in `Authorization`.
fn credentials<'a>(request: &'a HttpRequest, wanted: &str) -> Option<&'a str> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| credentials.trim())
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    credentials(request, "bearer")
}

fn basic_password(request: &HttpRequest) -> Option<String> {
    let encoded = credentials(request, "basic").filter(|encoded| encoded.len() <= MAX_BASIC)?;
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    pair.split_once(':').map(|(_, password)| password.to_owned())
}
