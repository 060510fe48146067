//! A configuration that can be run, as the other rooms see it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
};

use jiff::{Timestamp, tz::TimeZone};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::origin::Origin;
use crate::diagnostic::Place;

/// A connections file that can be run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    /// Who may call.
    pub api_keys: Vec<ApiKey>,
    /// By name.
    pub connections: BTreeMap<String, Connection>,
}

/// What a connections file names.
#[derive(Debug, Default)]
pub struct Named {
    /// Files of secrets.
    pub secrets: BTreeSet<PathBuf>,
    /// Names or paths of mappings.
    pub mappings: BTreeSet<String>,
}

/// Somebody who may call.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Its name, for logs.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Names of the connections that it is for; `None` for all.
    pub connections: Option<BTreeSet<String>>,
    /// What is sent as `Authorization: Bearer`.
    pub secret: SecretString,
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

/// A source and a target.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// Where it stands in the file.
    pub place: Place,
    /// Where events come from.
    pub source: Source,
    /// Where they go.
    pub target: Target,
    /// Name or path of the mapping.
    pub mapping: String,
    /// Where the mapping's name stands in the file.
    pub mapping_place: Place,
    /// Tenant values that the mapping refers to.
    pub parameters: BTreeMap<String, Value>,
    /// Where each parameter stands in the file.
    pub parameter_places: BTreeMap<String, Place>,
    /// How its ticket views are read.
    pub ticketviews: TicketViews,
    /// How it is watched that its vendors have the fields that the mapping counts on.
    pub drift: Drift,
    /// What is not sent.
    pub skip: Skip,
    /// True if of several waiting updates of one entity only the newest is sent.
    pub coalesce: bool,
    /// How long it is tried.
    pub retry: Retry,
    /// When nothing is tried.
    pub breaker: Breaker,
    /// What a dead event does to its lane.
    pub on_dead: OnDead,
    /// What happens when it can't be told whether a call made something.
    pub on_uncertain: OnUncertain,
}

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
    pub since: Option<Timestamp>,
    /// A stored filter of the source whose tickets are read in place of all.
    pub filter: Option<u64>,
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
    /// Standard Webhooks `v1`: HMAC-SHA256 by any of these keys (decoded, at least 24 bytes).
    StandardWebhooks(Vec<SecretKey>),
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

/// Where events go.
#[derive(Debug, Clone)]
pub struct Target {
    /// The service's address.
    pub base_url: Url,
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

/// How ticket views are read, and who is told what changes. In the file a subscriber is its entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TicketViews<S = Subscriber> {
    /// Seconds between two readings, a day at most; 0 turns them off.
    #[serde(deserialize_with = "refresh_s")]
    pub refresh_s: u64,
    /// Days for which a state of a view is kept once another has followed it; 0 keeps the newest only.
    pub history_days: u64,
    /// Whose pages may read them in a browser.
    pub cors_origins: Vec<Origin>,
    /// Who is sent what changes.
    pub subscribers: Vec<S>,
}

/// A view that is read less often than daily is no snapshot of anything.
const LONGEST_REFRESH_S: u64 = 24 * 60 * 60;

fn refresh_s<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let seconds = u64::deserialize(deserializer)?;
    if seconds > LONGEST_REFRESH_S {
        let why = format!(
            "refresh_s must be at most {LONGEST_REFRESH_S} seconds, a day, or 0 to read no ticket views"
        );
        return Err(serde::de::Error::custom(why));
    }
    Ok(seconds)
}

impl<S> Default for TicketViews<S> {
    /// A week: long enough to compare a day with the same day before, and to come back from a holiday with a cursor.
    fn default() -> Self {
        Self { refresh_s: 60, history_days: 7, cors_origins: Vec::new(), subscribers: Vec::new() }
    }
}

impl<S> TicketViews<S> {
    /// The same with other subscribers.
    pub(super) fn with<T>(&self, subscribers: Vec<T>) -> TicketViews<T> {
        let Self { refresh_s, history_days, cors_origins, subscribers: _ } = self;
        let (refresh_s, history_days) = (*refresh_s, *history_days);
        TicketViews { refresh_s, history_days, cors_origins: cors_origins.clone(), subscribers }
    }
}

/// Somebody who is sent what changes in ticket views: in the journal a connection of its own, `acme.wallboard`.
/// `Debug` shows its name only.
#[derive(Clone)]
pub struct Subscriber {
    /// Its name within the connection.
    pub name: String,
    /// Where its address stands in the file.
    pub place: Place,
    /// Where messages are posted. Its path and query may hold a token.
    pub url: Url,
    /// Each signs, the newest first.
    pub keys: Vec<SecretKey>,
    /// Ids of the views that it hears of; `None` for all.
    pub views: Option<BTreeSet<String>>,
    /// How long a message is tried, if not as long as the connection's events are.
    pub retry: Option<Retry>,
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscriber({})", self.name)
    }
}

impl Subscriber {
    /// The name under which its messages stand in the journal: no connection's name has a full stop.
    pub fn journal(&self, connection: &str) -> String {
        format!("{connection}.{}", self.name)
    }
}

/// How drift of the vendors' fields is watched for.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {
    /// Seconds between two readings of both vendors' field lists; 0 turns them off.
    pub check_s: u64,
}

impl Default for Drift {
    /// A reading is three calls or four, and fields change by hand, a few times a day.
    fn default() -> Self {
        Self { check_s: 900 }
    }
}

/// What is not sent because it would change nothing for the better.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Skip {
    /// What is older than what was last applied to its entity.
    pub stale: bool,
    /// What equals what was last written to it.
    pub unchanged: bool,
}

impl Default for Skip {
    fn default() -> Self {
        Self { stale: true, unchanged: true }
    }
}

/// How long an event is tried.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Attempts at most.
    pub max_attempts: NonZeroU32,
    /// Hours at most, from its acceptance.
    pub max_age_h: NonZeroU32,
    /// Wait before the second attempt, in milliseconds; it doubles with each further one.
    pub first_wait_ms: NonZeroU32,
    /// Longest wait that the doubling reaches, in milliseconds.
    pub longest_wait_ms: NonZeroU32,
}

impl Default for Retry {
    fn default() -> Self {
        const ATTEMPTS: NonZeroU32 = NonZeroU32::new(12).unwrap();
        const HOURS: NonZeroU32 = NonZeroU32::new(72).unwrap();
        const FIRST: NonZeroU32 = NonZeroU32::new(1000).unwrap();
        const LONGEST: NonZeroU32 = NonZeroU32::new(3_600_000).unwrap();
        Self { max_attempts: ATTEMPTS, max_age_h: HOURS, first_wait_ms: FIRST, longest_wait_ms: LONGEST }
    }
}

/// When a connection is held because everything fails, and for how long.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// Failures in a row that hold it; 0 never does.
    pub failures: u32,
    /// How long it is held before one event is tried, in milliseconds; this doubles each time that fails too.
    pub pause_ms: NonZeroU32,
    /// Longest that the doubling reaches, in milliseconds.
    pub longest_pause_ms: NonZeroU32,
}

impl Default for Breaker {
    /// Five: fewer than go at once, so that an outage costs each event one attempt at most. Five minutes: so late the end
    /// of an outage is noticed.
    fn default() -> Self {
        const PAUSE: NonZeroU32 = NonZeroU32::new(30_000).unwrap();
        const LONGEST: NonZeroU32 = NonZeroU32::new(300_000).unwrap();
        Self { failures: 5, pause_ms: PAUSE, longest_pause_ms: LONGEST }
    }
}

/// What a dead event does to its lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDead {
    /// The lane waits for an operator.
    #[default]
    Park,
    /// The lane goes on.
    Skip,
}

/// What happens when a call was not answered, and looking at the target doesn't tell whether it made something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUncertain {
    /// It is repeated under the same `Requestid`.
    #[default]
    Repeat,
    /// The event waits for an operator.
    Park,
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
