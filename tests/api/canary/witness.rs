//! A service of which everything is written down that somebody may read.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    overheard::Overheard,
    planted::{Planted, assert_unseen},
};
use crate::harness::*;

/// The file of the keys that contents are encrypted under.
const KEYS: &str = "canary-keys";
/// The file of the authority that the service's certificate is of.
const AUTHORITY: &str = "authority.crt";
/// What the collector knows the service by, in a header of each export.
pub(super) const COLLECTOR_KEY: &str = "collector-key-of-the-service";

/// The trace of whoever sends: it is to be collected.
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

type Received = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A service as a process, its collector, and every answer it gave.
pub(super) struct Witness {
    pub(super) app: TestApp,
    serving: Serving,
    collected: Received,
    collector: ServerHandle,
    answers: Vec<(String, Vec<u8>)>,
    overheard: [Overheard; 2],
}

impl Witness {
    /// Logs everything that it and the libraries in it can log, and keeps contents under `keys`, lines of a file, if there
    /// are any.
    pub(super) async fn start(options: Options, keys: &str) -> Self {
        let store = options.store.clone();
        // Prepares files and simulators; the service that is looked at is the process.
        let mut app = TestApp::with(Options { workers: 0, store: None, ..options }).await;
        let folder = app.folder.path().to_owned();
        let overheard = overhear(&app).await;
        keep(&folder, KEYS, keys);
        keep(&folder, AUTHORITY, app.options.tls.as_ref().map_or("", |pair| &pair.authority));
        let (address, collected, collector) = collector();
        let log = folder.join("serve.log");
        let mut command = deskbridge(&["serve"]);
        command
            .envs(environment(&folder, store.as_deref()))
            .env("DESKBRIDGE_LISTEN", "127.0.0.1:0")
            .env("DESKBRIDGE_LOG_FORMAT", "json")
            // The test's own connections are open to the end; over HTTP/2 a stop waits for them as long as it may.
            .env("DESKBRIDGE_SHUTDOWN_GRACE_S", "2")
            .env("DESKBRIDGE_WEBHOOK_ALLOW", "127.0.0.1")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", address.replace("//", &format!("//ops:{COLLECTOR_KEY}@")))
            .env("OTEL_EXPORTER_OTLP_HEADERS", format!("authorization=Bearer%20{COLLECTOR_KEY}"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a log"));
        let serving = Serving::of(command, log).await;
        app.options.store = store;
        Self { app, serving, collected, collector, answers: Vec::new(), overheard }
    }

    /// By the name that its certificate has, if it has one.
    pub(super) fn base(&self) -> String {
        match &self.app.options.tls {
            Some(_) => format!("https://{}", self.serving.address.replace("127.0.0.1", "localhost")),
            None => format!("http://{}", self.serving.address),
        }
    }

    pub(super) fn client(&self) -> &reqwest::Client {
        &self.app.client
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}/v1/connections/{CONNECTION}{path}", self.base())
    }

    /// What the vendors and the service have told each other in confidence.
    pub(super) fn overheard(&self) -> Vec<Planted> {
        self.overheard.iter().flat_map(Overheard::secrets).collect()
    }

    /// Keeps what was seen at a place.
    pub(super) fn saw(&mut self, place: &str, seen: Vec<u8>) {
        self.answers.push((place.to_owned(), seen));
    }

    /// The last thing seen, as far as it fits a message.
    pub(super) fn last_seen(&self) -> String {
        let seen = self.answers.last().map(|(_, seen)| String::from_utf8_lossy(seen)).unwrap_or_default();
        seen.chars().take(2000).collect()
    }

    pub(super) fn config(&self) -> PathBuf {
        self.app.folder.path().join("deskbridge.yaml")
    }

    /// Sends a request, and keeps what was answered.
    pub(super) async fn ask(&mut self, what: &str, request: RequestBuilder) -> Answer {
        let answer = send(request).await;
        let seen = format!("{:?}\n{}", answer.headers, answer.text);
        self.saw(&format!("the answer to {what}"), seen.into_bytes());
        answer
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let request = self.app.client.get(self.url(path)).bearer_auth(OPS_KEY);
        self.ask(path, request).await
    }

    /// An address beside the connections.
    pub(super) async fn look(&mut self, path: &str) -> Answer {
        let request = self.app.client.get(format!("{}{path}", self.base())).bearer_auth(OPS_KEY);
        self.ask(path, request).await
    }

    /// Posts an event, signed, and waits for what becomes of it.
    pub(super) async fn deliver(&mut self, event: &Value) -> Answer {
        let body = event.to_string();
        let request = self.app.client.post(self.url("/events")).header("content-type", "application/json");
        let request = signed(request, SIGNING_KEY, now(), body.as_bytes()).header("prefer", "wait=20");
        let request = request.header("traceparent", SAMPLED);
        let answer = self.ask("an event", request).await;
        assert_eq!(answer.status, 200, "settled in time");
        answer
    }

    /// What a command prints.
    pub(super) async fn run(&mut self, arguments: &[&str]) -> ExitStatus {
        self.run_with(arguments, &[]).await
    }

    /// As `run`, with other variables.
    pub(super) async fn run_with(&mut self, arguments: &[&str], variables: &[(&str, &str)]) -> ExitStatus {
        let mut command = deskbridge(arguments);
        command
            .envs(environment(self.app.folder.path(), self.app.options.store.as_deref()))
            .env("DESKBRIDGE_LISTEN", &self.serving.address)
            .env("DESKBRIDGE_CONNECTION", CONNECTION)
            .env("DESKBRIDGE_KEY", OPS_KEY)
            .envs(variables.iter().copied());
        let output = run_to_end(command).await;
        self.saw(
            &format!("{arguments:?} with {} more", variables.len()),
            [output.stdout, output.stderr].concat(),
        );
        output.status
    }

    /// Stops the service and returns all that could be read, by the name of its place: answers, log lines, what the
    /// collector was sent.
    pub(super) async fn finish(mut self) -> Seen {
        self.serving.terminate().await;
        assert!(self.serving.ended().await.success(), "it stops in order");
        let mut places = std::mem::take(&mut self.answers);
        places.push(("the log".into(), self.serving.log().into_bytes()));
        places.append(&mut self.collected.lock().expect("no panic"));
        self.collector.stop(false).await;
        let folder = self.app.folder.path().to_owned();
        let store =
            ["program.db", "program.db-wal"].map(|name| fs::read(folder.join(name)).unwrap_or_default());
        Seen { places, store: store.concat() }
    }

    /// Lets the Bangwo8 simulator answer its next ticket call with these words.
    pub(super) async fn answer_with(&self, words: &str) {
        let body = json!({ "errmsg": words }).to_string();
        self.app.fault_on("POST", 1, json!({ "status": 500, "body": body })).await;
    }

    /// Every address that answers a GET.
    pub(super) async fn read_everything(&mut self, event: &str) {
        let paths = [
            "/events".to_owned(),
            format!("/events/{event}"),
            "/lanes".into(),
            "/links/ticket/1".into(),
            "/ticketviews/subscribers".into(),
            "/nothing-here".into(),
        ];
        for path in paths {
            self.get(&path).await;
        }
        for path in
            ["/metrics", "/readyz?verbose", "/livez", "/openapi.json", "/docs", "/v1/audit", "/nothing"]
        {
            self.look(path).await;
        }
    }

    /// A request with a body by any key.
    pub(super) async fn send_as(&mut self, key: &str, method: Method, path: &str, body: &str) -> Answer {
        let request = self.app.client.request(method, self.url(path)).bearer_auth(key);
        let request = request.header("content-type", "application/json").body(body.to_owned());
        self.ask(path, request).await
    }
}

/// All that could be read of a service that has stopped.
pub(super) struct Seen {
    places: Vec<(String, Vec<u8>)>,
    store: Vec<u8>,
}

impl Seen {
    /// Nowhere but in the store.
    pub(super) fn assert_unseen(&self, planted: &[Planted]) {
        self.assert_seen_only(planted, "nowhere");
    }

    /// Nowhere but in the store and at places whose name begins so.
    pub(super) fn assert_seen_only(&self, planted: &[Planted], at: &str) {
        for (place, seen) in self.places.iter().filter(|(place, _)| !place.starts_with(at)) {
            assert_unseen(planted, place, seen);
        }
    }

    /// Nor there.
    pub(super) fn assert_unstored(&self, planted: &[Planted]) {
        assert_unseen(planted, "the store", &self.store);
    }

    /// What was seen at places whose name begins so: the search would be worth nothing if they were empty.
    pub(super) fn of(&self, place: &str) -> Vec<u8> {
        let of = self.places.iter().filter(|(name, _)| name.starts_with(place));
        of.flat_map(|(_, seen)| seen.clone()).collect()
    }

    pub(super) fn store(&self) -> &[u8] {
        &self.store
    }
}

/// Lets the connections call the vendors through what overhears them.
async fn overhear(app: &TestApp) -> [Overheard; 2] {
    let vendors = [app.sandbox.bangwo8_url(), app.sandbox.udesk_url()];
    let [bangwo8, udesk] = &vendors;
    let overheard = [Overheard::before(bangwo8).await, Overheard::before(udesk).await];
    let config = app.folder.path().join("deskbridge.yaml");
    let text = fs::read_to_string(&config).expect("a configuration");
    let text = vendors.iter().zip(&overheard).fold(text, |text, (from, to)| text.replace(from, &to.url));
    fs::write(&config, text).expect("a file of the test's folder");
    overheard
}

/// A file, unless there is nothing to write into it.
fn keep(folder: &Path, name: &str, text: &str) {
    if !text.is_empty() {
        fs::write(folder.join(name), text).expect("a file of the test's folder");
    }
}

/// What the service and all commands are told alike; of files, those that there are.
fn environment(folder: &Path, store: Option<&str>) -> Vec<(&'static str, String)> {
    let path = |name: &str| folder.join(name).display().to_string();
    let embedded = format!("sqlite:{}", path("program.db"));
    let files = [
        ("DESKBRIDGE_ENCRYPTION_KEYS", KEYS),
        ("DESKBRIDGE_TLS_CERT", TLS_CERT),
        ("DESKBRIDGE_TLS_KEY", TLS_KEY),
        ("DESKBRIDGE_CA", AUTHORITY),
    ];
    let there = files.into_iter().filter(|(_, name)| folder.join(name).exists());
    let all = [
        ("DESKBRIDGE_CONFIG", path("deskbridge.yaml")),
        ("DESKBRIDGE_STORE", store.map_or(embedded, str::to_owned)),
        ("DESKBRIDGE_LOG", "trace".to_owned()),
    ];
    all.into_iter().chain(there.map(|(variable, name)| (variable, path(name)))).collect()
}

/// A collector of traces, metrics and logs, and what it is sent, by path.
fn collector() -> (String, Received, ServerHandle) {
    let received = Received::default();
    let app = {
        let received = received.clone();
        move || App::new().app_data(web::Data::new(received.clone())).default_service(web::to(take))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    (address, received, handle)
}

async fn take(received: web::Data<Received>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    received.lock().expect("no panic").push((request.path().to_owned(), body.to_vec()));
    HttpResponse::Ok().finish()
}
