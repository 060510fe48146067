//! API keys: who is calling, and what they may do, for which connections and how often.
//!
//! Promises: secrets are kept as SHA-256 hashes (they are random and long, so that a slow hash would protect nothing more),
//! and hashes are compared in constant time, all of them, so that time tells neither which key was near nor which it was.
//! Not constant: the length of what was sent, whether it was a key at all, and what the key may do, which its holder may
//! know. A request is counted and held against the key's limit once, before it is looked at what the key may do; of who
//! shows no key nothing is kept or logged.

mod credentials;
mod key;

use std::sync::Arc;

use actix_web::HttpRequest;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use self::credentials::{basic_password, bearer};
pub use self::key::{Key, Scope};
pub(super) use self::key::{KeyId, Shown};
use super::problem::Problem;
use crate::telemetry::KeyUse;

/// All keys.
pub struct ApiKeys {
    keys: Vec<Arc<Key>>,
    clock: fn() -> Timestamp,
}

impl ApiKeys {
    /// These keys, and what time it is.
    pub fn new(keys: Vec<Arc<Key>>, clock: fn() -> Timestamp) -> Self {
        Self { keys, clock }
    }

    /// How they are used.
    pub fn uses(&self) -> Vec<KeyUse> {
        self.keys.iter().map(|key| key.used()).collect()
    }

    /// True if the request shows a key of the connection with the scope, which may call now.
    pub(super) fn shows(
        &self,
        request: &HttpRequest,
        connection: &str,
        scope: Scope,
    ) -> Result<bool, Problem> {
        let Ok(shown) = self.shown(request) else { return Ok(false) };
        self.take(&shown)?;
        Ok(counted(&shown, shown.permits(connection, scope)).is_ok())
    }

    /// Demands a key of the connection with the scope; the key that is shown.
    pub(super) fn require(
        &self,
        request: &HttpRequest,
        connection: &str,
        scope: Scope,
    ) -> Result<Shown<'_>, Problem> {
        let shown = self.shown(request)?;
        self.admit(shown, connection, scope).map(|()| shown)
    }

    /// As `require`, of a tool that may know HTTP Basic only: the key is the password, the account whatever it likes.
    pub(super) fn require_or_basic(
        &self,
        request: &HttpRequest,
        connection: &str,
        scope: Scope,
    ) -> Result<(), Problem> {
        let Some(password) = basic_password(request) else {
            return self.require(request, connection, scope).map(drop);
        };
        let shown = self.holder_of(&password);
        let shown = shown.ok_or_else(|| Problem::unauthorized("the password must be an API key"))?;
        self.admit(shown, connection, scope)
    }

    /// As `require`, of what belongs to the service as a whole: only keys for all connections open it.
    pub(super) fn require_for_all(&self, request: &HttpRequest, scope: Scope) -> Result<(), Problem> {
        let shown = self.shown(request)?;
        self.take(&shown)?;
        counted(&shown, shown.permits_all(scope))
    }

    /// As `require`, for whichever connections.
    pub(super) fn require_of_any(&self, request: &HttpRequest, scope: Scope) -> Result<Shown<'_>, Problem> {
        let shown = self.shown(request)?;
        self.take(&shown)?;
        counted(&shown, shown.may(scope)).map(|()| shown)
    }

    /// The key that a request shows. It is neither counted nor asked what it may do.
    pub(super) fn shown(&self, request: &HttpRequest) -> Result<Shown<'_>, Problem> {
        let secret = bearer(request)
            .ok_or_else(|| Problem::unauthorized("send Authorization: Bearer with an API key"))?;
        let unknown = "no API key has the secret that Authorization: Bearer shows";
        self.holder_of(secret).ok_or_else(|| Problem::unauthorized(unknown))
    }

    /// Lets a request of this key in, if the key may do so and may call now.
    pub(super) fn admit(&self, shown: Shown<'_>, connection: &str, scope: Scope) -> Result<(), Problem> {
        self.take(&shown)?;
        counted(&shown, shown.permits(connection, scope))
    }

    /// The key that made this seal of a text. Every key is tried, so that time tells nothing of which one it was.
    pub(super) fn sealer(&self, text: &[u8], seal: &[u8]) -> Option<Shown<'_>> {
        Shown::find(self.all(), |secret| key::seal(secret, text).ct_eq(seal))
    }

    /// Demands that a key that was shown before is still there, under the same secret, and may still do so.
    pub(super) fn permit(&self, id: KeyId, connection: &str, scope: Scope) -> Result<(), Problem> {
        let shown = Shown::find(self.all(), |secret| id.is_of(secret));
        shown.ok_or_else(|| Problem::unauthorized("the key is no longer there"))?.permits(connection, scope)
    }

    fn holder_of(&self, secret: &str) -> Option<Shown<'_>> {
        let hash: [u8; 32] = Sha256::digest(secret).into();
        Shown::find(self.all(), |known| known.hash.ct_eq(&hash))
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter().map(|key| &**key)
    }

    /// Counts one request against the key's limit.
    fn take(&self, shown: &Shown<'_>) -> Result<(), Problem> {
        shown.secret.last_use.shown((self.clock)());
        let taken = shown.key.limiter.as_ref().map_or(Ok(()), |limiter| limiter.take());
        taken.map_err(|seconds| {
            shown.key.used.results.rate_limited.inc();
            Problem::key_rate_limited(seconds)
        })
    }
}

fn counted(shown: &Shown<'_>, permitted: Result<(), Problem>) -> Result<(), Problem> {
    let results = &shown.key.used.results;
    match &permitted {
        Ok(()) => results.allowed.inc(),
        Err(_) => results.forbidden.inc(),
    }
    permitted
}
