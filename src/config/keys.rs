//! Who may call, what may be signed with, and how often.

use std::{collections::BTreeSet, fmt, num::NonZeroU32};

use secrecy::SecretString;
use serde::Deserialize;

/// Somebody who may call.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its name, for logs and metrics.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Names of the connections that it is for; `None` for all.
    pub connections: Option<BTreeSet<String>>,
    /// What is sent as `Authorization: Bearer`.
    pub secret: SecretString,
    /// What was sent before, as long as somebody still does: it opens the same.
    pub secret_before: Option<SecretString>,
    /// How often it may call; as often as it likes if not set.
    pub limit: Option<RateLimit>,
}

impl ApiKey {
    /// True if it is for the connection of this name.
    pub fn covers(&self, connection: &str) -> bool {
        self.connections.as_ref().is_none_or(|names| names.contains(connection))
    }
}

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// How often somebody may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests a second in the long run.
    pub requests_per_second: NonZeroU32,
    /// Requests at once after a rest; as many as in a second if not set.
    pub burst: Option<NonZeroU32>,
}

impl RateLimit {
    /// Highest of both numbers: a million a second is more than a process answers, so that a higher one is a slip.
    pub(super) const MAX: u32 = 1_000_000;

    /// Requests at once after a rest.
    pub fn burst(&self) -> NonZeroU32 {
        self.burst.unwrap_or(self.requests_per_second)
    }
}

/// What signatures of a sender are checked with. `Debug` shows its kind only.
#[derive(Clone)]
pub enum VerifyKey {
    /// `whsec_`, of both sides (Standard Webhooks `v1`: HMAC-SHA256), 24 bytes or more.
    Shared(SecretKey),
    /// `whpk_`, of a sender who alone has the private one (Standard Webhooks `v1a`: Ed25519).
    Public([u8; 32]),
}

impl fmt::Debug for VerifyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shared(_) => "Shared",
            Self::Public(_) => "Public",
        })
    }
}

/// Bytes of a signing key. Not printed.
#[derive(Clone)]
pub struct SecretKey(pub(super) Vec<u8>);

impl SecretKey {
    /// The bytes.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}
