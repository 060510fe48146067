//! The connections file as it is written.

use std::{collections::BTreeMap, fmt, num::NonZeroU32};

use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    keys::{RateLimit, Scope},
    privacy::PrivacyEntry,
    secret::{SecretList, SecretRef},
    source::Poll,
    target::{Limits, LinkMarker},
    ticketviews::TicketViews,
    tries::{Breaker, OnDead, OnUncertain, Retry},
    types::{Drift, Skip},
};
use crate::diagnostic::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) api_keys: Vec<KeyEntry>,
    #[serde(deserialize_with = "at_their_names")]
    pub(super) connections: BTreeMap<String, Spanned<ConnectionEntry>>,
}

/// Connections by their names, each with the place of its name: that of the entry would be its first member's.
fn at_their_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Spanned<ConnectionEntry>>, D::Error> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = BTreeMap<String, Spanned<ConnectionEntry>>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("connections by their names")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut connections = BTreeMap::new();
            while let Some(name) = entries.next_key::<Spanned<String>>()? {
                let entry = Spanned::new(entries.next_value()?, name.referenced, name.defined);
                connections.insert(name.value, entry);
            }
            Ok(connections)
        }
    }
    deserializer.deserialize_map(Names)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyEntry {
    pub(super) name: Spanned<String>,
    pub(super) scopes: Spanned<Vec<Scope>>,
    pub(super) connections: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) secret: Spanned<SecretRef>,
    pub(super) secret_before: Option<Spanned<SecretRef>>,
    pub(super) limit: Option<Spanned<RateLimit>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConnectionEntry {
    pub(super) source: SourceEntry,
    pub(super) target: TargetEntry,
    pub(super) mapping: Spanned<String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, Spanned<Value>>,
    #[serde(default)]
    pub(super) ticketviews: TicketViews<Spanned<SubscriberEntry>>,
    #[serde(default)]
    pub(super) drift: Drift,
    #[serde(default)]
    pub(super) skip: Skip,
    #[serde(default)]
    pub(super) coalesce: bool,
    #[serde(default)]
    pub(super) retry: Retry,
    #[serde(default)]
    pub(super) breaker: Breaker,
    #[serde(default)]
    pub(super) on_dead: OnDead,
    #[serde(default)]
    pub(super) on_uncertain: OnUncertain,
    #[serde(default)]
    pub(super) privacy: PrivacyEntry,
}

/// Somebody who is sent what changes in ticket views.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriberEntry {
    pub(super) name: Spanned<String>,
    pub(super) url: Spanned<String>,
    pub(super) secret: Spanned<SecretRef>,
    pub(super) secret_before: Option<Spanned<SecretRef>>,
    pub(super) views: Option<Spanned<Vec<String>>>,
    pub(super) retry: Option<Retry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceEntry {
    pub(super) vendor: Spanned<String>,
    pub(super) verify: Spanned<Vec<Spanned<VerifyEntry>>>,
    pub(super) api: Option<ApiEntry>,
    pub(super) poll: Option<Spanned<Poll>>,
    pub(super) limit: Option<Spanned<RateLimit>>,
}

/// The source's own API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiEntry {
    pub(super) base_url: Spanned<String>,
    pub(super) v1: Option<V1Entry>,
    pub(super) v2: Option<V2Entry>,
    pub(super) requests_per_minute: Option<NonZeroU32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct V1Entry {
    pub(super) secret: Spanned<SecretRef>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct V2Entry {
    pub(super) email: Spanned<SecretRef>,
    pub(super) token: Spanned<SecretRef>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum VerifyEntry {
    StandardWebhooks { secrets: SecretList },
    ApiKey {},
    PushToken(PushTokenEntry),
}

/// `{ in: body, field: token, secret: … }` or `{ in: query, name: token, secret: … }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PushTokenEntry {
    pub(super) r#in: PushPlace,
    pub(super) field: Option<String>,
    pub(super) name: Option<String>,
    pub(super) secret: Spanned<SecretRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PushPlace {
    Body,
    Query,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetEntry {
    pub(super) vendor: Spanned<String>,
    pub(super) base_url: Spanned<String>,
    pub(super) auth: AuthEntry,
    #[serde(default)]
    pub(super) time_zone: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, Spanned<SecretRef>>,
    pub(super) link_marker: Option<LinkMarker>,
    #[serde(default)]
    pub(super) limits: Limits,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum AuthEntry {
    Basic { account: Spanned<SecretRef>, password: Spanned<SecretRef> },
    Oauth2 { id: Spanned<SecretRef>, secret: Spanned<SecretRef> },
}
