//! A real service with its own store and its own simulators, on free ports.

mod config;
mod delivery;
mod faults;
pub(crate) mod fields;
mod flow;
mod foreign;
mod mappings;
mod process;
mod program;
mod refusal;
// Made for the tests of the store, which ask more of it.
#[allow(dead_code)]
#[path = "../../store/postgres/place.rs"]
mod place;
mod sign;
mod sse;
mod tls;
mod wire;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use deskbridge::{
    app::{App, Blueprint},
    config::{Nets, Settings},
    sandbox::{self, Sandbox},
};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
};

pub(crate) use self::{
    config::*, delivery::*, faults::*, fields::FieldLists, flow::*, foreign::*, mappings::*, place::Place,
    process::*, program::*, sign::*, sse::*, tls::*, wire::*,
};

/// Longest that a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// Null if it isn't JSON.
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// A text member of the body, or of a part of it.
    pub(crate) fn str(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Sends a request and reads the answer whole.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.expect("the answer is whole");
    let json = serde_json::from_str(&text).unwrap_or_default();
    Answer { status, headers, text, json }
}

/// A client that talks to loopback only.
pub(crate) fn http_client() -> reqwest::Client {
    // An error means that another test has installed it.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client")
}

/// A running service.
pub(crate) struct TestApp {
    pub(crate) url: String,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) folder: Arc<TempDir>,
    pub(crate) client: reqwest::Client,
    pub(crate) options: Options,
    /// Notified, the service reads its files at once.
    pub(crate) reload: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl TestApp {
    /// The service with the configuration of `Options::default`.
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let sandbox = sandbox::start(sandbox::Options::default()).await.expect("the sandbox starts");
        let folder = tempfile::tempdir().expect("a folder");
        Self::open(Arc::new(folder), Arc::new(sandbox), options).await
    }

    /// As `with`, against a sandbox that a test has set up.
    pub(crate) async fn against(sandbox: Sandbox, options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::open(Arc::new(folder), Arc::new(sandbox), options).await
    }

    async fn open(folder: Arc<TempDir>, sandbox: Arc<Sandbox>, options: Options) -> Self {
        write_config(folder.path(), &sandbox, &options);
        let Running { address, reload, stop, task } = run(folder.path(), &options).await;
        // By a name, since certificates name no address.
        let (url, client) = match &options.tls {
            Some(pair) => (format!("https://localhost:{}", address.port()), pair.client()),
            None => (format!("http://{address}"), http_client()),
        };
        Self { url, sandbox, folder, client, options, reload, stop: Some(stop), task }
    }

    /// Stops the service as a signal would and returns when it has ended.
    pub(crate) async fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).expect("the service runs");
            (&mut self.task).await.expect("the service did not panic").expect("it stopped in order");
        }
    }

    /// A new service on the same store, simulators and folder.
    pub(crate) async fn restart(mut self) -> Self {
        self.stop().await;
        Self::open(self.folder.clone(), self.sandbox.clone(), self.options.clone()).await
    }

    /// As `restart`, with the files of the configuration as a test has left them.
    pub(crate) async fn restart_as_it_is(mut self) -> Self {
        self.stop().await;
        let Running { address, reload, stop, task } = run(self.folder.path(), &self.options).await;
        Self { url: format!("http://{address}"), reload, stop: Some(stop), task, ..self }
    }

    /// As `restart`, with other options.
    pub(crate) async fn restart_with(mut self, options: Options) -> Self {
        self.stop().await;
        Self::open(self.folder.clone(), self.sandbox.clone(), options).await
    }

    /// `/v1/connections/acme{path}`.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}/v1/connections/{CONNECTION}{path}", self.url)
    }

    /// Posts an event signed now.
    pub(crate) async fn post(&self, event: &Value) -> Answer {
        self.post_bytes(event.to_string().as_bytes()).await
    }

    /// Posts any bytes as a plain envelope, signed now.
    pub(crate) async fn post_bytes(&self, body: &[u8]) -> Answer {
        send(self.signed(body)).await
    }

    /// A request with the bytes signed now, to be changed by the test.
    pub(crate) fn signed(&self, body: &[u8]) -> RequestBuilder {
        let request = self.client.post(self.path("/events")).header("content-type", "application/json");
        signed(request, SIGNING_KEY, now(), body)
    }

    /// Posts an event, waits until it is settled, and returns its record.
    pub(crate) async fn deliver(&self, event: &Value) -> Answer {
        let answer = send(self.signed(event.to_string().as_bytes()).header("prefer", "wait=20")).await;
        assert_eq!(answer.status, 200, "settled in time: {}", answer.text);
        answer
    }

    /// GET of a path below the connection, by a key with every scope.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.client.get(self.path(path)).bearer_auth(OPS_KEY)).await
    }

    /// POST to a path below the connection, by a key with every scope.
    pub(crate) async fn operate(&self, path: &str) -> Answer {
        send(self.client.post(self.path(path)).bearer_auth(OPS_KEY)).await
    }

    /// As `operate`, with options.
    pub(crate) async fn order(&self, path: &str, options: &Value) -> Answer {
        send(self.client.post(self.path(path)).bearer_auth(OPS_KEY).json(options)).await
    }

    /// An event's record.
    pub(crate) async fn record(&self, id: &str) -> Answer {
        self.get(&format!("/events/{id}")).await
    }

    /// The record of an event once its status is one of `statuses`.
    pub(crate) async fn until(&self, id: &str, statuses: &[&str]) -> Answer {
        eventually(async || {
            let record = self.record(id).await;
            statuses.contains(&record.str("/status")).then_some(record)
        })
        .await
    }

    /// What the Bangwo8 simulator was asked, oldest first; `path` is a prefix.
    pub(crate) async fn requests(&self, method: &str, path: &str) -> Vec<Value> {
        let query = [("method", method), ("path", path)];
        let url = format!("{}/_sandbox/requests", self.sandbox.bangwo8_url());
        let answer = send(self.client.get(url).query(&query)).await;
        answer.json.as_array().expect("a list of requests").clone()
    }

    /// The Bangwo8 simulator's tickets.
    pub(crate) async fn tickets(&self) -> Vec<Value> {
        let state = send(self.client.get(format!("{}/_sandbox/state", self.sandbox.bangwo8_url()))).await;
        state.json["tickets"].as_array().expect("a list of tickets").clone()
    }

    /// The Bangwo8 ticket of this id.
    pub(crate) async fn ticket(&self, id: &str) -> Value {
        let found =
            self.tickets().await.into_iter().find(|ticket| ticket["ticketId"].as_u64() == id.parse().ok());
        found.unwrap_or_else(|| panic!("there is no Bangwo8 ticket {id}"))
    }

    /// A call of the Bangwo8 simulator's control endpoints.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Answer {
        let url = format!("{}/_sandbox/{path}", self.sandbox.bangwo8_url());
        send(self.client.request(method, url).json(body)).await
    }

    /// Waits until so many changed configurations were applied since the start.
    pub(crate) async fn applied(&self, times: u32) {
        self.reloaded("applied", times).await;
    }

    /// Waits until so many changed configurations met with this result since the start.
    pub(crate) async fn reloaded(&self, result: &str, times: u32) {
        let line = format!("deskbridge_configuration_reloads_total{{result=\"{result}\"}} {times}\n");
        eventually(async || self.metrics().await.contains(&line).then_some(())).await;
    }

    /// The text of `/metrics`.
    pub(crate) async fn metrics(&self) -> String {
        send(self.client.get(format!("{}/metrics", self.url))).await.text
    }
}

struct Running {
    address: SocketAddr,
    reload: Arc<Notify>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

async fn run(folder: &Path, options: &Options) -> Running {
    let webhook_allow: Nets = options.webhook_allow.parse().expect("nets");
    let file = folder.join("deskbridge.yaml");
    let blueprint = Blueprint::compile(&file, &webhook_allow).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let settings = Settings {
        listen: options.listen.parse().expect("an address"),
        store: options.store.clone().unwrap_or_else(|| embedded(folder)),
        workers: options.workers,
        lease_s: options.lease_s.try_into().expect("more than none"),
        disk_budget_bytes: options.disk_budget,
        webhook_allow,
        tls_cert: options.tls.as_ref().map(|pair| pair.write(folder)).unwrap_or_default(),
        tls_key: options.tls.as_ref().map(|_| folder.join(TLS_KEY)).unwrap_or_default(),
        patience: options.patience,
        shutdown_grace_s: options.shutdown_grace_s,
        metrics: options.metrics,
        encryption_keys: match options.encryption_keys.as_str() {
            "" => PathBuf::new(),
            _ => folder.join("encryption-keys"),
        },
        ..Settings::default()
    };
    let app = App::build(blueprint, &settings).await.expect("the service can be built");
    let (stop, stopped) = oneshot::channel();
    let (address, reload) = (app.addr(), app.reload());
    let task = tokio::spawn(app.run_until(async move {
        stopped.await.ok();
    }));
    Running { address, reload, stop, task }
}

fn embedded(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("deskbridge.db").display())
}

/// Looks again and again until there is something, up to the test's patience.
pub(crate) async fn eventually<T>(look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, look).await
}

/// As `eventually`, of what may take another time.
pub(crate) async fn eventually_within<T>(patience: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        // polls: the one place where tests wait between two looks
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(patience, looking).await.expect("it happens in time")
}
