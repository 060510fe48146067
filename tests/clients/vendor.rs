//! A vendor inside the test: answers by a closure, remembers what it was asked.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use deskbridge::bangwo8::{Auth, Client, Options, RequestId};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::{Url, form_urlencoded};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    /// The body as text; bytes that are none are replaced.
    pub(crate) body: String,
    pub(crate) bytes: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// A parameter of the query, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn is_token(&self) -> bool {
        self.path == "/api/token.php"
    }
}

/// A running vendor; it stops with the test's runtime.
pub(crate) struct Vendor {
    pub(crate) url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Vendor {
    /// Answers every request by `answer`, which is given the request and how many came before it.
    pub(crate) fn start(answer: impl Fn(&Seen, usize) -> HttpResponse + Send + Sync + 'static) -> Vendor {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
        let server = HttpServer::new(move || {
            let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
            App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| {
                let request = record(&request, &body);
                let before = {
                    let mut log = log.lock().unwrap();
                    log.push(request.clone());
                    log.len() - 1
                };
                let response = answer(&request, before);
                async move { response }
            }))
        });
        let server = server.workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", server.addrs()[0]).parse().unwrap();
        tokio::spawn(server.run());
        Vendor { url, seen }
    }

    /// Everything asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The requests for tokens, and the others.
    pub(crate) fn seen_tokens_and_calls(&self) -> (usize, usize) {
        let tokens = self.seen().iter().filter(|seen| seen.is_token()).count();
        (tokens, self.seen().len() - tokens)
    }

    /// A client that signs in with a login, so that only the tested call is seen.
    pub(crate) fn client(&self) -> Client {
        Client::new(options(&self.url, basic())).unwrap()
    }

    /// A client that signs in with client credentials.
    pub(crate) fn oauth_client(&self) -> Client {
        let auth = Auth::OAuth2 { id: "the-id".into(), secret: "the-secret".into() };
        Client::new(options(&self.url, auth)).unwrap()
    }
}

fn record(request: &HttpRequest, body: &[u8]) -> Seen {
    let header =
        |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
        };
    Seen {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
        headers: request.headers().iter().map(header).collect(),
        body: String::from_utf8_lossy(body).into_owned(),
        bytes: body.to_vec(),
    }
}

pub(crate) fn basic() -> Auth {
    Auth::Basic { account: "the-account".into(), password: "the-password".into() }
}

/// Options with limits that no test reaches by accident.
pub(crate) fn options(url: &Url, auth: Auth) -> Options {
    let mut options = Options::new(url.clone(), auth);
    options.requests_per_second = std::num::NonZeroU32::MAX;
    options.timeout = Duration::from_secs(20);
    options
}

pub(crate) fn request_id() -> RequestId {
    RequestId::new("evt-1").unwrap()
}

pub(crate) fn json(body: impl Into<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body.into())
}

/// Accepts one connection after the other, reads one request of each, sends `bytes` and then hangs up or stays
/// silent.
pub(crate) async fn raw(bytes: &'static [u8], hang_up: bool) -> (Url, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let server = tokio::spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await?;
            read_request(&mut stream).await?;
            stream.write_all(bytes).await?;
            if !hang_up {
                open.push(stream);
            }
        }
    });
    (url, server)
}

/// Reads all of a request. Bytes left unread would turn the hanging up into a reset that can overtake the answer.
pub(crate) async fn read_request(stream: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !is_whole(&request) {
        if stream.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    Ok(())
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

/// Methods and paths of everything asked so far.
pub(crate) fn paths(vendor: &Vendor) -> Vec<String> {
    vendor.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
}

/// Queries of everything asked so far, as they were sent.
pub(crate) fn queries(vendor: &Vendor) -> Vec<String> {
    vendor.seen().into_iter().map(|seen| seen.query).collect()
}
