//! The client handle: what is shared by all its clones, and how it is built.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, tz::TimeZone};
use reqwest::{
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use url::Url;

use super::{
    auth::Authenticator,
    error::Error,
    network::SystemNames,
    options::Options,
    recording::Recording,
    turns::{Turns, Urgency},
};
use crate::call::Watch;

/// Longest wait for a connection. Shorter than a whole call, so that "nothing was sent" can be told from
/// "sent, but not answered".
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The headers of a call that are not to be configured.
const OWN_HEADERS: &[&str] = &[
    "authorization",
    "accept",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "host",
    "requestid",
    "traceparent",
];

/// One Bangwo8 tenant. Clones are cheap and share the token, the connections and the limits.
#[derive(Clone)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) recording: Option<Recording>,
    pub(super) traceparent: Option<HeaderValue>,
    pub(super) urgency: Urgency,
}

/// What every clone of a client has in common.
pub(super) struct Shared {
    pub(super) http: reqwest::Client,
    pub(super) base_url: Url,
    pub(super) auth: Authenticator,
    pub(super) time_zone: TimeZone,
    pub(super) turns: Turns,
    pub(super) max_response_bytes: usize,
    pub(super) watch: Option<Arc<dyn Watch>>,
    /// By the last answer; 0 before the first.
    pub(super) clock_ahead_s: AtomicI64,
}

impl Client {
    /// Builds a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] for an address that is not plain http(s), a concurrency of 0, credentials that
    /// fit no header, an extra header that is none or that the client sets itself, or a TLS set-up that the machine refuses.
    pub fn new(options: Options) -> Result<Client, Error> {
        check(&options)?;
        let shared = Shared {
            http: http_client(&options)?,
            base_url: options.base_url,
            auth: Authenticator::new(&options.auth)?,
            time_zone: options.time_zone,
            turns: Turns::new(options.requests_per_second, options.concurrency),
            max_response_bytes: options.max_response_bytes,
            watch: options.watch,
            clock_ahead_s: AtomicI64::new(0),
        };
        let shared = Arc::new(shared);
        Ok(Client { shared, recording: None, traceparent: None, urgency: Urgency::Foreground })
    }

    /// A handle that notes each HTTP call made through it, and the notes.
    ///
    /// `traceparent` is the W3C header to send along; one that fits no header is left out, since a missing
    /// trace is better than a missing ticket.
    pub fn recording(&self, traceparent: Option<String>) -> (Client, Recording) {
        let recording = Recording::default();
        let client = Client {
            shared: Arc::clone(&self.shared),
            recording: Some(recording.clone()),
            traceparent: traceparent.and_then(|text| HeaderValue::try_from(text).ok()),
            urgency: self.urgency,
        };
        (client, recording)
    }

    /// A handle for what nobody waits for. Its calls begin only while no other call of the client waits for its turn,
    /// and all such handles together take at most half of the rate and half (at least one) of the concurrency.
    /// While the others take all there is, its calls wait as long as that lasts.
    pub fn in_background(&self) -> Client {
        Client { urgency: Urgency::Background, ..self.clone() }
    }

    /// How far the vendor's clock is ahead of this machine's, by the `Date` header of its last answer, to the second;
    /// negative if it is behind, zero before the first answer. Its timestamps are made by that clock.
    pub fn clock_ahead(&self) -> SignedDuration {
        SignedDuration::from_secs(self.shared.clock_ahead_s.load(Ordering::Relaxed))
    }

    /// The zone of the vendor's timestamps.
    pub(super) fn time_zone(&self) -> &TimeZone {
        &self.shared.time_zone
    }
}

/// Two handles are equal if they share the token, the connections and the limits.
impl PartialEq for Client {
    fn eq(&self, other: &Client) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("host", &self.shared.base_url.host_str())
            .finish_non_exhaustive()
    }
}

fn check(options: &Options) -> Result<(), Error> {
    let url = &options.base_url;
    let why = if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        "the base URL must begin with https:// or http:// and a host"
    } else if !url.username().is_empty() || url.password().is_some() {
        "credentials do not belong into the base URL"
    } else if url.query().is_some() || url.fragment().is_some() {
        "the base URL must have neither query nor fragment"
    } else if !(1..=Semaphore::MAX_PERMITS).contains(&options.concurrency) {
        "the concurrency must be at least 1"
    } else {
        return Ok(());
    };
    Err(Error::Configuration { why, source: None })
}

/// The configured headers. One that the client sets itself is refused: it would be ignored, or break the call.
fn extra_headers(headers: &[(String, SecretString)]) -> Result<HeaderMap, Error> {
    let refused = |why| Error::Configuration { why, source: None };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(|_| refused("an extra header's name is none"))?;
        if OWN_HEADERS.contains(&name.as_str()) {
            return Err(refused("an extra header is one that the client sets itself"));
        }
        let value = HeaderValue::try_from(value.expose_secret());
        let mut value = value.map_err(|_| refused("an extra header's value fits no header"))?;
        value.set_sensitive(true);
        map.insert(name, value);
    }
    Ok(map)
}

fn http_client(options: &Options) -> Result<reqwest::Client, Error> {
    // reqwest is built without a TLS provider, so that the program and not a dependency chooses it. An error
    // means that one is installed already, by the program or by an earlier client, and that one serves.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder();
    // A plain address is never left for one with TLS, so the machine's certificates are not needed: reading them
    // takes longer than a call, and a machine that has none could not build the client.
    if options.base_url.scheme() == "http" {
        builder = builder.tls_certs_only([]);
    }
    builder
        .user_agent(concat!("deskbridge/", env!("CARGO_PKG_VERSION")))
        // After the agent's name, which a configured one replaces.
        .default_headers(extra_headers(&options.headers)?)
        .timeout(options.timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(options.timeout / 2))
        // A redirected POST would arrive as a GET, or at a host that the credentials are not for.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .dns_resolver(SystemNames)
        .build()
        .map_err(|source| Error::Configuration { why: "the HTTP client cannot start", source: Some(source) })
}
