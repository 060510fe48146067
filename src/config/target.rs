//! Where events go, and how hard it may be pressed.

use std::num::{NonZeroU32, NonZeroUsize};

use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::diagnostic::Place;

/// Where events go.
#[derive(Debug, Clone)]
pub struct Target {
    /// The service's address.
    pub base_url: Url,
    /// Where it stands in the file.
    pub base_url_place: Place,
    /// How to log in.
    pub auth: Auth,
    /// What a time without a zone means there.
    pub time_zone: TimeZone,
    /// Headers that every call carries beside its own.
    pub headers: Vec<(String, SecretString)>,
    /// Where new tickets carry a sign of whose they are, if anywhere.
    pub link_marker: Option<LinkMarker>,
    /// How hard it may be pressed.
    pub limits: Limits,
}

/// How to log in at Bangwo8.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Auth {
    Basic { account: SecretString, password: SecretString },
    Oauth2 { id: SecretString, secret: SecretString },
}

/// How hard a target may be pressed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls a second.
    pub requests_per_second: NonZeroU32,
    /// Calls at once.
    pub concurrency: NonZeroUsize,
    /// Time for one call, in milliseconds.
    pub timeout_ms: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        const CALLS: NonZeroU32 = NonZeroU32::new(10).unwrap();
        const AT_ONCE: NonZeroUsize = NonZeroUsize::new(8).unwrap();
        const TIMEOUT: NonZeroU32 = NonZeroU32::new(15_000).unwrap();
        Self { requests_per_second: CALLS, concurrency: AT_ONCE, timeout_ms: TIMEOUT }
    }
}

/// Where new tickets carry a sign of whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkMarker {
    /// Among the tags.
    Tag,
    /// In the text field of this key.
    CustomField(String),
}
