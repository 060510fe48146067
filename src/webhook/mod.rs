//! Signed messages to a subscriber: one POST by Standard Webhooks 1.0, to an address that may be called. Knows neither
//! events nor what a message says, and never tries again: that is decided elsewhere.

mod error;
mod guard;
mod names;
mod sign;

use std::{
    fmt,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ipnet::IpNet;
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    Response,
    header::{CONTENT_TYPE, RETRY_AFTER},
    redirect,
};
use serde::Serialize;
use tracing::Instrument;
use url::{Host, Url};

pub use self::{error::Error, guard::is_public, sign::Key};
use self::{guard::Guard, names::GuardedNames, sign::signatures};
use crate::call::{self, Ended, Watch};

/// Time for a connection to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a message, its answer included: the specification asks receivers for an answer within 15 s or more.
pub const TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of an answer that are read, so that its connection can be used again. Nothing is done with them.
const MAX_ANSWER_BYTES: usize = 16 * 1024;
/// Longest wait that a `Retry-After` is taken to ask for: a mistyped one must not stop a subscriber for years.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Where messages go, and how they are signed.
#[derive(Debug, Clone)]
pub struct Options {
    /// `http` or `https`, without credentials.
    pub url: Url,
    /// At least one; each signs.
    pub keys: Vec<Key>,
    /// Nets that may be called although they aren't public, and without TLS.
    pub allowed: Vec<IpNet>,
    /// Who is told of the calls, if anybody.
    pub watch: Option<Arc<dyn Watch>>,
}

/// A receiver of messages. Clones share their connections; two are equal if they are clones of one.
#[derive(Clone)]
pub struct Subscriber(Arc<Shared>);

struct Shared {
    url: Url,
    keys: Vec<Key>,
    guard: Arc<Guard>,
    http: reqwest::Client,
    watch: Option<Arc<dyn Watch>>,
}

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The same whenever the same message is sent again, by which a receiver knows it. Letters, digits, `-` and `_`: the
    /// signature separates by full stops.
    pub id: &'a str,
    /// JSON.
    pub body: &'a Bytes,
    /// W3C trace context.
    pub traceparent: Option<&'a str>,
}

/// One POST, for a record: without the path of its address, which may hold a token, and without what was sent.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// `POST`.
    pub method: &'static str,
    /// The receiver's scheme, host and port.
    pub path: String,
    /// The HTTP status, if an answer began.
    pub status: Option<u16>,
    /// From sending to the end of the answer, in milliseconds.
    pub duration_ms: u128,
    /// `ok`, or the [`code`](Error::code) of the error.
    pub code: &'static str,
}

impl Subscriber {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// The HTTP client's own, when the machine's certificates can't be used.
    pub fn new(options: Options) -> Result<Self, reqwest::Error> {
        let Options { url, keys, allowed, watch } = options;
        let encrypted = url.scheme() == "https";
        let guard = Arc::new(Guard::new(allowed, encrypted));
        let http = http_client(encrypted, guard.clone())?;
        Ok(Self(Arc::new(Shared { url, keys, guard, http, watch })))
    }

    /// Scheme, host and port, as they may be shown.
    pub fn origin(&self) -> String {
        self.0.url.origin().ascii_serialization()
    }

    /// Posts a message; a 2xx says that it was taken. What the record should know of the call, and how it ended.
    pub async fn send(&self, message: Message<'_>) -> (Call, Result<(), Error>) {
        // Without a template: the path of the address may hold a token.
        let span = call::begin("POST", &self.0.url, "", 0);
        self.call(message).instrument(span).await
    }

    async fn call(&self, message: Message<'_>) -> (Call, Result<(), Error>) {
        let started = Instant::now();
        let answered = self.post(message).await;
        let status = answered.as_ref().ok().map(|response| response.status().as_u16());
        let taken = match answered {
            Ok(response) => judge(response).await,
            Err(error) => Err(error),
        };
        let code = taken.as_ref().err().map_or("ok", Error::code);
        let duration = started.elapsed();
        let ended = Ended { method: "POST", template: "", status, code, duration };
        call::end(self.0.watch.as_deref(), &ended);
        let duration_ms = duration.as_millis();
        tracing::debug!(http.status = status, duration_ms, code, "webhook call");
        (Call { method: "POST", path: self.origin(), status, duration_ms, code }, taken)
    }

    async fn post(&self, message: Message<'_>) -> Result<Response, Error> {
        let Shared { url, keys, guard, http, watch } = &*self.0;
        // A literal address is connected to without asking the resolver.
        if literal(url).is_some_and(|address| !guard.lets(address)) {
            return Err(Error::Address);
        }
        let Message { id, body, traceparent } = message;
        let timestamp = Timestamp::now().as_second();
        let mut request = http
            .post(url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures(keys, id, timestamp, body))
            .body(body.clone());
        let own = call::traceparent(watch.as_deref());
        if let Some(traceparent) = own.as_deref().or(traceparent) {
            request = request.header("traceparent", traceparent);
        }
        request.send().await.map_err(|error| Error::of(&error, TIMEOUT))
    }
}

impl PartialEq for Subscriber {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscriber({})", self.origin())
    }
}

/// The address that a URL names itself, however it spells it: `0x7f.1` and `2130706433` were read as what they are when
/// the URL was parsed.
pub fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// True of a URL that is sent nothing unless the operator names its net beside these, as far as the URL itself tells. What
/// a name resolves to isn't known here; without encryption no public address will do.
pub fn needs_leave(url: &Url, allowed: &[IpNet]) -> bool {
    let encrypted = url.scheme() == "https";
    match literal(url) {
        Some(address) => !Guard::new(allowed.to_vec(), encrypted).lets(address),
        None => !encrypted,
    }
}

fn http_client(encrypted: bool, guard: Arc<Guard>) -> Result<reqwest::Client, reqwest::Error> {
    // reqwest is built without a TLS provider; an error means that one is installed already, and it serves.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder();
    // A plain address is never left for one with TLS, so the machine's certificates are not needed.
    let builder = if encrypted { builder } else { builder.tls_certs_only([]) };
    builder
        .user_agent(concat!("deskbridge/", env!("CARGO_PKG_VERSION")))
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        // It would lead past the guard, and turn the POST into a GET.
        .redirect(redirect::Policy::none())
        // A proxy would connect where the guard doesn't see it.
        .no_proxy()
        .dns_resolver(GuardedNames(guard))
        .build()
}

async fn judge(response: Response) -> Result<(), Error> {
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|text| wait(text, Timestamp::now()));
    drain(response).await;
    if status.is_success() { Ok(()) } else { Err(Error::Status { status: status.as_u16(), retry_after }) }
}

/// Reads the rest of an answer if it is short, so that its connection can be used again. What goes wrong is nobody's
/// matter: the status was told.
async fn drain(mut response: Response) {
    let mut left = MAX_ANSWER_BYTES;
    while let Ok(Some(chunk)) = response.chunk().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// `Retry-After` in seconds or as an HTTP date; a date that has passed means now, and none means more than
/// [`MAX_RETRY_AFTER`].
fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
    }
    let date = rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default().min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_address_is_seen_in_every_spelling() {
        for (spelled, meant) in [
            ("http://127.0.0.1/", "127.0.0.1"),
            ("http://0x7f.1/", "127.0.0.1"),
            ("http://2130706433/", "127.0.0.1"),
            ("http://017700000001/", "127.0.0.1"),
            ("http://127.1:8080/", "127.0.0.1"),
            ("http://①②⑦.0.0.1/", "127.0.0.1"),
            ("https://169.254.169.254./latest/meta-data", "169.254.169.254"),
            ("https://[::ffff:169.254.169.254]/", "::ffff:169.254.169.254"),
            ("https://[::]/", "::"),
        ] {
            assert_eq!(literal(&spelled.parse().unwrap()), Some(meant.parse().unwrap()), "{spelled}");
        }
        assert_eq!(literal(&"https://wall.example/".parse().unwrap()), None);
    }

    #[test]
    fn a_wait_is_read_in_seconds_or_as_a_date_and_has_a_bound() {
        let now: Timestamp = "2026-11-22T18:00:00Z".parse().unwrap();
        let seconds = |text| wait(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Sun, 22 Nov 2026 18:01:00 GMT"), Some(60));
        assert_eq!(seconds("Sun, 22 Nov 2026 17:00:00 GMT"), Some(0));
        assert_eq!(seconds("999999999999"), Some(24 * 3600));
        assert_eq!(seconds("soon"), None);
    }

    #[test]
    fn neither_the_path_of_the_address_nor_a_key_is_printed() {
        let url = "https://wall.example/hook/t0ken?key=t0ken".parse().unwrap();
        let subscriber = Subscriber::new(Options {
            url,
            keys: vec![Key::new(b"a key that nobody should see")],
            allowed: Vec::new(),
            watch: None,
        });
        assert_eq!(format!("{:?}", subscriber.unwrap()), "Subscriber(https://wall.example)");
    }
}
