//! One API key: what opens it, what it may do and how often.

use std::{collections::BTreeSet, sync::Arc};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::{
    http::problem::Problem,
    intake::Limiter,
    telemetry::{KeyUse, LastUse},
};

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
    name: String,
    current: Secret,
    before: Option<Secret>,
    scopes: Vec<Scope>,
    /// Names of connections; `None` for all.
    connections: Option<BTreeSet<String>>,
    pub(super) limiter: Option<Arc<Limiter>>,
    pub(super) used: KeyUse,
}

/// What opens a key, as it is kept.
pub(super) struct Secret {
    pub(super) hash: [u8; 32],
    pub(super) last_use: Arc<LastUse>,
}

impl Secret {
    fn new(secret: &str) -> Self {
        Self { hash: Sha256::digest(secret).into(), last_use: Arc::default() }
    }
}

impl Key {
    /// A key of this name and secret, for the connections of these names or, with `None`, for all.
    pub fn new(name: &str, secret: &str, scopes: Vec<Scope>, connections: Option<BTreeSet<String>>) -> Self {
        let (name, current) = (name.to_owned(), Secret::new(secret));
        Self { name, current, before: None, scopes, connections, limiter: None, used: KeyUse::default() }
            .told()
    }

    /// The same, opened by the secret that it had before, too.
    #[must_use]
    pub fn with_before(self, secret: Option<&str>) -> Self {
        Self { before: secret.map(Secret::new), ..self }.told()
    }

    /// The same, with a limit of how often it may call.
    #[must_use]
    pub fn with_limiter(self, limiter: Option<Limiter>) -> Self {
        Self { limiter: limiter.map(Arc::new), ..self }
    }

    /// The same in another configuration: what was counted goes on, and so does a limit that is as it was.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        for secret in [Some(&mut self.current), self.before.as_mut()].into_iter().flatten() {
            let same = earlier.secrets().find(|known| known.hash == secret.hash);
            secret.last_use = same.map_or_else(Arc::default, |known| known.last_use.clone());
        }
        let limit = |key: &Self| key.limiter.as_ref().map(|limiter| limiter.limit());
        if limit(&self) == limit(earlier) {
            self.limiter = earlier.limiter.clone();
        }
        self.used.results = earlier.used.results.clone();
        self.told()
    }

    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is used, to be told.
    pub(super) fn used(&self) -> KeyUse {
        self.used.clone()
    }

    fn told(mut self) -> Self {
        let before = self.before.as_ref().map(|secret| secret.last_use.clone());
        let (key, current) = (self.name.clone(), self.current.last_use.clone());
        self.used = KeyUse { key, current, before, results: self.used.results };
        self
    }

    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        [&self.current].into_iter().chain(&self.before)
    }

    fn covers(&self, connection: &str) -> bool {
        self.connections.as_ref().is_none_or(|names| names.contains(connection))
    }

    fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Problem::forbidden(scope.as_str())) }
    }
}

/// A key, and which of its secrets was shown.
#[derive(Clone, Copy)]
pub(in crate::http) struct Shown<'a> {
    pub(super) key: &'a Key,
    pub(super) secret: &'a Secret,
}

impl<'a> Shown<'a> {
    /// The one of all secrets that fits. All are tried, so that time tells nothing of which one it was.
    pub(super) fn find(
        keys: impl Iterator<Item = &'a Key>,
        fits: impl Fn(&Secret) -> Choice,
    ) -> Option<Self> {
        let all = keys.flat_map(|key| key.secrets().map(move |secret| Self { key, secret }));
        all.fold(None, |found, shown| if fits(shown.secret).into() { Some(shown) } else { found })
    }

    /// Of a connection that the key is not for, it is not even told whether it exists.
    pub(in crate::http) fn permits(&self, connection: &str, scope: Scope) -> Result<(), Problem> {
        if !self.key.covers(connection) {
            return Err(Problem::not_for_connection());
        }
        self.key.may(scope)
    }

    /// As `permits`, of what belongs to no connection.
    pub(super) fn permits_all(&self, scope: Scope) -> Result<(), Problem> {
        if self.key.connections.is_some() {
            return Err(Problem::not_for_all_connections());
        }
        self.key.may(scope)
    }

    /// As `permits`, for whichever connections.
    pub(super) fn may(&self, scope: Scope) -> Result<(), Problem> {
        self.key.may(scope)
    }

    /// True if it may do more than read.
    pub(in crate::http) fn may_change(&self) -> bool {
        self.key.scopes.iter().any(|scope| *scope != Scope::Read)
    }

    /// The key's name in the configuration.
    pub(in crate::http) fn name(&self) -> &'a str {
        self.key.name()
    }

    /// Names of the connections that it is for; `None` for all.
    pub(in crate::http) fn connections(&self) -> Option<&'a BTreeSet<String>> {
        self.key.connections.as_ref()
    }

    /// What tells the secret from others, to find it again in a later configuration.
    pub(in crate::http) fn id(&self) -> KeyId {
        KeyId(self.secret.hash)
    }

    /// What only somebody with the secret, or its hash, could make of a text (HMAC-SHA256).
    pub(in crate::http) fn seal(&self, text: &[u8]) -> [u8; 32] {
        seal(self.secret, text)
    }
}

pub(super) fn seal(secret: &Secret, text: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(&secret.hash);
    let mut mac = mac.expect("HMAC takes keys of every length (RFC 2104, section 3)");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// Tells a key's secret from others. As secret as itself.
#[derive(Clone, Copy)]
pub(in crate::http) struct KeyId([u8; 32]);

impl KeyId {
    pub(super) fn is_of(&self, secret: &Secret) -> Choice {
        secret.hash.ct_eq(&self.0)
    }
}
