//! The client handle: what is shared by all its clones, and how it is built.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use reqwest::redirect;
use tokio::sync::Semaphore;

use super::{error::Error, options::Options};

/// Longest wait for a connection. Shorter than a whole call, so that "nothing was sent" can be told from
/// "sent, but not answered".
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One Udesk tenant. Clones are cheap and share the connections and the limits.
///
/// The calls are grouped by family, since each has its own credentials: [`v1`](Client::v1) and
/// [`v2`](Client::v2).
#[derive(Clone)]
pub struct Client(pub(super) Arc<Shared>);

/// What every clone of a client has in common.
pub(super) struct Shared {
    pub(super) http: reqwest::Client,
    pub(super) options: Options,
    pub(super) v1_limiter: DefaultDirectRateLimiter,
    pub(super) v2_limiter: DefaultDirectRateLimiter,
    pub(super) permits: Semaphore,
}

impl Client {
    /// Builds a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Configuration`] for an address that is not plain http(s), a concurrency of 0, or a TLS set-up
    /// that the machine refuses.
    pub fn new(options: Options) -> Result<Client, Error> {
        check(&options)?;
        Ok(Client(Arc::new(Shared {
            http: http_client(&options)?,
            v1_limiter: limiter(options.v1_requests_per_minute),
            v2_limiter: limiter(options.v2_requests_per_minute),
            permits: Semaphore::new(options.concurrency),
            options,
        })))
    }

    /// Whether the secret of family v1 was given: without it none of its calls can be made.
    pub fn has_v1(&self) -> bool {
        self.0.options.v1_secret.is_some()
    }

    /// Whether the credentials of family v2 were given: without them none of its calls can be made.
    pub fn has_v2(&self) -> bool {
        self.0.options.v2.is_some()
    }
}

/// Two handles are equal if they share the connections and the limits.
impl PartialEq for Client {
    fn eq(&self, other: &Client) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.options.base_url.host_str();
        formatter.debug_struct("Client").field("host", &host).finish_non_exhaustive()
    }
}

/// Evenly spaced: a burst after a pause would put up to twice the allowed calls into one minute.
fn limiter(per_minute: NonZeroU32) -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_minute(per_minute).allow_burst(NonZeroU32::MIN))
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

fn http_client(options: &Options) -> Result<reqwest::Client, Error> {
    // reqwest is built without a TLS provider; an error means that one is installed already, and it serves.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let timeout = options.timeout;
    let builder = match options.base_url.scheme() {
        // Redirects are not followed, so no certificate will ever be looked at, and reading the machine's takes
        // longer than all the rest.
        "http" => reqwest::Client::builder().tls_certs_only([]),
        _ => reqwest::Client::builder(),
    };
    builder
        .user_agent(concat!("deskbridge/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(timeout / 2))
        // A redirected POST would arrive as a GET, or at a host that the signature is not for.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|source| Error::Configuration { why: "the HTTP client cannot start", source: Some(source) })
}
