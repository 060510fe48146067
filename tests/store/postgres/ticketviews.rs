//! Several processes on one database: one of them reads the ticket views, all of them serve the same.

use std::{sync::Arc, time::Duration};

use deskbridge::{
    bangwo8,
    sandbox::{self, Sandbox, credentials},
    store::Store,
    telemetry::Metrics,
    ticketview::{Encoding, Page, Refreshed, Source, TicketViews},
};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::support::*;

/// Longest that a test waits for anything: another process takes over after fifteen seconds.
const PATIENCE: Duration = Duration::from_secs(40);

/// One process on the database.
struct Process {
    views: Arc<TicketViews>,
    stop: CancellationToken,
    task: JoinHandle<()>,
    /// Dropped, nobody would be told of another configuration.
    _configured: watch::Sender<Arc<TicketViews>>,
}

impl Process {
    async fn start(desk: &Desk, sandbox: &Sandbox, every: Duration) -> Self {
        let store = Store::open(&desk.url(), Timestamp::now()).await.expect("a replica");
        let auth = bangwo8::Auth::OAuth2 {
            id: credentials::BANGWO8_CLIENT_ID.into(),
            secret: credentials::BANGWO8_CLIENT_SECRET.into(),
        };
        let mut options = bangwo8::Options::new(sandbox.bangwo8_url().parse().expect("an address"), auth);
        options.requests_per_second = 1000.try_into().expect("more than none");
        let source = Source {
            connection: CONNECTION.into(),
            client: bangwo8::Client::new(options).expect("a client"),
            time_zone: TimeZone::UTC,
            every,
            history: Duration::from_secs(3600),
            subscribers: Vec::new(),
        };
        let (metrics, none) = (Arc::new(Metrics::new()), TicketViews::default());
        let views = TicketViews::load(&store, &metrics, vec![source], &none).await.expect("what is kept");
        let views = Arc::new(views);
        let (configured, receiver) = watch::channel(views.clone());
        let stop = CancellationToken::new();
        let task = tokio::spawn(TicketViews::run(receiver, stop.clone()));
        Self { views, stop, task, _configured: configured }
    }

    /// The tickets of view 2 as they are served, or nothing before they are.
    async fn served(&self) -> Option<Value> {
        let served = self.views.tickets(CONNECTION, "2", Page::FIRST).await.ok()?;
        let body = &served.body.in_encoding(Encoding::Identity).bytes;
        let mut body: Value = serde_json::from_slice(body).expect("JSON");
        body["stale"] = json!(served.stale);
        Some(body)
    }

    async fn until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let look = async {
            // polls: the desk of a process that follows, or reads.
            loop {
                if let Some(body) = self.served().await.filter(&wanted) {
                    return body;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.expect("in time")
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("it ends in order");
    }
}

fn is_fresh(body: &Value) -> bool {
    body["stale"].is_null()
}

async fn simulator() -> Sandbox {
    sandbox::start(sandbox::Options::default()).await.expect("the sandbox starts")
}

async fn control(sandbox: &Sandbox, method: reqwest::Method, path: &str, body: &Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("{}/_sandbox/{path}", sandbox.bangwo8_url());
    client.request(method, url).json(body).send().await.expect("an answer").json().await.unwrap_or_default()
}

async fn add(sandbox: &Sandbox, id: u64) {
    let ticket = json!({ "ticketId": id, "subject": "新来的", "ticketStatus": 1 });
    control(sandbox, reqwest::Method::POST, "tickets", &ticket).await;
}

/// How often the vendor was asked for the list of views.
async fn lists(sandbox: &Sandbox) -> usize {
    let path = "requests?path=/api/v1/ticketviews.json";
    let asked = control(sandbox, reqwest::Method::GET, path, &Value::Null).await;
    asked.as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_one_reads_and_both_serve_the_same_under_the_same_numbers() {
    let (desk, sandbox) = (Desk::new().await, simulator().await);
    let hour = Duration::from_secs(3600);
    let one = Process::start(&desk, &sandbox, hour).await;
    let first = one.until(is_fresh).await;
    let other = Process::start(&desk, &sandbox, hour).await;
    assert_eq!(other.until(is_fresh).await, first);
    assert_eq!(lists(&sandbox).await, 1, "the vendor is read once for both");
    // What is wanted of the process that follows is done by the one that reads.
    add(&sandbox, 7_000_000).await;
    let refreshed = other.views.refresh(CONNECTION, "2", PATIENCE).await.expect("a known view");
    assert_eq!(refreshed, Refreshed::Read { changed: true });
    let after = one.until(|body| body["count"] == 24).await;
    assert_eq!(other.until(|body| body["count"] == 24).await, after);
    other.stop().await;
    one.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_hands_over_and_one_that_dies_is_replaced() {
    let (desk, sandbox) = (Desk::new().await, simulator().await);
    let second = Duration::from_secs(1);
    let first = Process::start(&desk, &sandbox, second).await;
    first.until(is_fresh).await;
    let next = Process::start(&desk, &sandbox, second).await;
    next.until(is_fresh).await;
    first.stop().await;
    add(&sandbox, 7_000_000).await;
    next.until(|body| body["count"] == 24 && is_fresh(body)).await;
    let last = Process::start(&desk, &sandbox, second).await;
    last.until(is_fresh).await;
    // Without a word: whoever waits has to find out.
    next.task.abort();
    add(&sandbox, 7_000_001).await;
    last.until(|body| body["count"] == 25 && is_fresh(body)).await;
    last.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_follows_says_that_the_vendor_is_down() {
    let (desk, sandbox) = (Desk::new().await, simulator().await);
    let second = Duration::from_secs(1);
    let one = Process::start(&desk, &sandbox, second).await;
    one.until(is_fresh).await;
    let other = Process::start(&desk, &sandbox, second).await;
    other.until(is_fresh).await;
    let fault = json!({ "path": "/api/v1/ticketviews", "times": 0, "fault": { "status": 503 } });
    control(&sandbox, reqwest::Method::POST, "faults", &fault).await;
    other.until(|body| body["stale"] == "unavailable").await;
    control(&sandbox, reqwest::Method::DELETE, "faults", &Value::Null).await;
    other.until(is_fresh).await;
    other.stop().await;
    one.stop().await;
}
