//! The client handle: what is shared by all its clones, and how it is built.

use std::{fmt, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jiff::tz::TimeZone;
use reqwest::{header::HeaderValue, redirect};
use tokio::sync::Semaphore;
use url::Url;

use super::{auth::Authenticator, error::Error, options::Options, recording::Recording};

/// Longest wait for a connection. Shorter than a whole call, so that "nothing was sent" can be told from
/// "sent, but not answered".
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One Bangwo8 tenant. Clones are cheap and share the token, the connections and the limits.
#[derive(Clone)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) recording: Option<Recording>,
    pub(super) traceparent: Option<HeaderValue>,
}

/// What every clone of a client has in common.
pub(super) struct Shared {
    pub(super) http: reqwest::Client,
    pub(super) base_url: Url,
    pub(super) auth: Authenticator,
    pub(super) time_zone: TimeZone,
    pub(super) limiter: DefaultDirectRateLimiter,
    pub(super) permits: Semaphore,
    pub(super) max_response_bytes: usize,
}

impl Client {
    /// Builds a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] for an address that is not plain http(s), a concurrency of 0, credentials that
    /// fit no header, or a TLS set-up that the machine refuses.
    pub fn new(options: Options) -> Result<Client, Error> {
        check(&options)?;
        let shared = Shared {
            http: http_client(options.timeout)?,
            base_url: options.base_url,
            auth: Authenticator::new(&options.auth)?,
            time_zone: options.time_zone,
            limiter: RateLimiter::direct(Quota::per_second(options.requests_per_second)),
            permits: Semaphore::new(options.concurrency),
            max_response_bytes: options.max_response_bytes,
        };
        Ok(Client { shared: Arc::new(shared), recording: None, traceparent: None })
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
        };
        (client, recording)
    }

    /// The zone of the vendor's timestamps.
    pub(super) fn time_zone(&self) -> &TimeZone {
        &self.shared.time_zone
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

fn http_client(timeout: Duration) -> Result<reqwest::Client, Error> {
    // reqwest is built without a TLS provider, so that the program and not a dependency chooses it. An error
    // means that one is installed already, by the program or by an earlier client, and that one serves.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("deskbridge/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(timeout / 2))
        // A redirected POST would arrive as a GET, or at a host that the credentials are not for.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|source| Error::Configuration { why: "the HTTP client cannot start", source: Some(source) })
}
