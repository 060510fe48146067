//! Where events come from, and how a sender proves itself.

use std::num::NonZeroU32;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use super::keys::{RateLimit, VerifyKey};
use crate::diagnostic::Place;

/// Where events come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Whose shapes they have: a folder of `schemas/events`.
    pub vendor: String,
    /// Where the vendor's name stands in the file.
    pub vendor_place: Place,
    /// The ways in which a sender may prove itself; any one will do.
    pub verify: Vec<Verify>,
    /// The source's own API, for reading again what a push is about.
    pub api: Option<SourceApi>,
    /// How its list of tickets is read for what changed, if it is.
    pub poll: Option<Poll>,
    /// How often its senders may call, all of them together; as often as they like if not set.
    pub limit: Option<RateLimit>,
}

/// How a source's list of tickets is read again and again.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Poll {
    /// Seconds between the begins of two readings.
    pub every_s: NonZeroU32,
    /// Seconds before the newest change known of which every change is looked at again.
    pub overlap_s: u32,
    /// The first reading's oldest change; about when it begins if not set.
    #[serde(deserialize_with = "time")]
    pub since: Option<Timestamp>,
    /// A stored filter of the source whose tickets are read in place of all.
    pub filter: Option<u64>,
}

/// The time library tells what it met, not what to write.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    const A_TIME: &str = "write a date and time with its offset, e.g. 2026-11-01T00:00:00+08:00";
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(|_| D::Error::custom(A_TIME))).transpose()
}

impl Default for Poll {
    /// A desk of 30,000 tickets takes 300 calls, which is what a minute's limit of 60 lets through in that time.
    fn default() -> Self {
        const EVERY: NonZeroU32 = NonZeroU32::new(300).unwrap();
        Self { every_s: EVERY, overlap_s: 120, since: None, filter: None }
    }
}

/// How to reach a source's own API.
#[derive(Debug, Clone)]
pub struct SourceApi {
    /// The tenant's address.
    pub base_url: Url,
    /// Where it stands in the file.
    pub base_url_place: Place,
    /// The shared secret of Udesk's family v1.
    pub v1_secret: Option<SecretString>,
    /// The administrator's e-mail and the API token of Udesk's family v2.
    pub v2: Option<(SecretString, SecretString)>,
    /// Calls a minute, of each family; the vendor's own limit if not set.
    pub requests_per_minute: Option<NonZeroU32>,
}

/// A way to prove that an event is genuine.
#[derive(Debug, Clone)]
pub enum Verify {
    /// Standard Webhooks, `v1` and `v1a`, by any of these keys.
    StandardWebhooks(Vec<VerifyKey>),
    /// An API key with the scope `ingest`.
    ApiKey,
    /// A constant token in a push that can't be signed.
    PushToken {
        /// Where it stands.
        place: PushPlace,
        /// What it has to be.
        secret: SecretString,
    },
}

/// Where a push carries its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushPlace {
    /// In this member of the body.
    Body(String),
    /// In this parameter of the query.
    Query(String),
}
