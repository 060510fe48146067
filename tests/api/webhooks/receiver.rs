//! A receiver of messages as a subscriber would write it: it checks each by the specification's own library.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, http::StatusCode, web};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::harness::*;

/// A message that came in.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
    pub(super) body: Value,
    /// How it was answered.
    pub(super) status: u16,
}

impl Message {
    /// Its `webhook-id`.
    pub(super) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().expect("text")
    }

    pub(super) fn cursor(&self) -> i64 {
        self.body["data"]["cursor"].as_i64().expect("a cursor")
    }

    /// True if it says that this ticket changed.
    pub(super) fn tells_of(&self, ticket: u64) -> bool {
        let changed = self.body["data"]["changed"].as_array().expect("what changed");
        changed.iter().any(|changed| changed["id"] == ticket)
    }

    pub(super) fn is_signed_by(&self, key: &[u8]) -> bool {
        Webhook::new(&whsec(key)).expect("a secret").verify(&self.bytes, &self.headers).is_ok()
    }
}

#[derive(Default)]
struct Kept {
    /// The status of all answers from now on; 0 for 200.
    status: u16,
    location: Option<String>,
    messages: Vec<Message>,
}

/// A receiver on a free port.
pub(super) struct Receiver {
    pub(super) port: u16,
    kept: Arc<Mutex<Kept>>,
    server: ServerHandle,
}

impl Receiver {
    pub(super) fn start() -> Self {
        let kept = Arc::<Mutex<Kept>>::default();
        let app = {
            let kept = kept.clone();
            move || App::new().app_data(web::Data::from(kept.clone())).default_service(web::to(take))
        };
        let server =
            HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").expect("a free port");
        let port = server.addrs()[0].port();
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { port, kept, server: handle }
    }

    /// Answers everything so from now on.
    pub(super) fn answers(&self, status: u16) {
        self.kept.lock().expect("no panic").status = status;
    }

    /// Answers everything with a redirect from now on.
    pub(super) fn redirects_to(&self, location: String) {
        self.kept.lock().expect("no panic").location = Some(location);
        self.answers(302);
    }

    /// Every message so far, refused ones too.
    pub(super) fn messages(&self) -> Vec<Message> {
        self.kept.lock().expect("no panic").messages.clone()
    }

    /// Every message that was taken so far.
    pub(super) fn taken(&self) -> Vec<Message> {
        self.messages().into_iter().filter(|message| message.status == 200).collect()
    }

    /// The first message like this, once it is here.
    pub(super) async fn until(&self, like: impl Fn(&Message) -> bool) -> Message {
        eventually(async || self.messages().into_iter().find(&like)).await
    }

    pub(super) async fn stop(&self) {
        self.server.stop(false).await;
    }
}

async fn take(kept: web::Data<Mutex<Kept>>, request: HttpRequest, bytes: web::Bytes) -> HttpResponse {
    let mut kept = kept.lock().expect("no panic");
    let status = if kept.status == 0 { 200 } else { kept.status };
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers() {
        let name: HeaderName = name.as_str().parse().expect("a name");
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).expect("a value"));
    }
    let body = serde_json::from_slice(&bytes).unwrap_or_default();
    let path = request.uri().to_string();
    kept.messages.push(Message { path, headers, bytes: bytes.to_vec(), body, status });
    let mut answer = HttpResponse::build(StatusCode::from_u16(status).expect("a status"));
    if let Some(location) = &kept.location {
        answer.insert_header(("location", location.as_str()));
    }
    answer.finish()
}
