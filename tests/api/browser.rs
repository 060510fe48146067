//! Ticket views in a real browser, which asks by the rules of its own standards.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::harness::*;

/// A page of some origin whose EventSource is open. The browser is gone when this is.
struct Page {
    _browser: Child,
    seen: Lines<BufReader<ChildStdout>>,
}

impl Page {
    fn open(origin: &str, stream: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/js");
        let mut browser = Command::new(format!("{folder}/node_modules/.bin/node"))
            .current_dir(folder)
            .args(["event-source.mjs", &format!("{origin}/_sandbox/requests"), stream])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js as scripts/test installs it");
        let seen = BufReader::new(browser.stdout.take().expect("piped")).lines();
        Self { _browser: browser, seen }
    }

    /// The next thing that the page sees.
    async fn sees(&mut self) -> Value {
        let line = tokio::time::timeout(3 * PATIENCE, self.seen.next_line()).await.expect("it comes in time");
        serde_json::from_str(&line.expect("a line").expect("the browser runs")).expect("JSON")
    }

    /// The next event of a kind, whatever comes before it.
    async fn sees_next(&mut self, kind: &str) -> Value {
        loop {
            let seen = self.sees().await;
            if seen["kind"] == kind {
                return seen;
            }
        }
    }
}

/// A service whose views a page of the simulator's origin may read.
async fn open_to_a_page() -> TestApp {
    let app = TestApp::start().await;
    let ticketviews = format!("{{ refresh_s: 1, cors_origins: [{}] }}", app.sandbox.udesk_url());
    let app = app.restart_with(Options { ticketviews, ..Options::default() }).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    app
}

async fn address(app: &TestApp) -> String {
    let made = send(app.client.post(app.path("/ticketviews/stream/tokens")).bearer_auth(WALL_KEY)).await;
    app.path(&format!("/ticketviews/stream?views=2&token={}", made.str("/token")))
}

async fn add(app: &TestApp, id: u64) {
    let ticket = json!({ "ticketId": id, "subject": "新来的" });
    assert_eq!(app.control(reqwest::Method::POST, "tickets", &ticket).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_source_hears_each_change_once_through_a_restart() {
    let app = open_to_a_page().await;
    let mut page = Page::open(&app.sandbox.udesk_url(), &address(&app).await);
    assert_eq!(page.sees().await["kind"], "open");
    add(&app, 6_000_001).await;
    let first = page.sees().await;
    assert_eq!((&first["kind"], &first["data"]["added"]), (&json!("ticketview"), &json!([6_000_001])));
    assert_eq!(first["id"], first["data"]["cursor"].to_string());
    let listen = app.url.trim_start_matches("http://").to_owned();
    let options = Options { listen, ..app.options.clone() };
    let app = app.restart_with(options).await;
    add(&app, 6_000_002).await;
    assert_eq!(page.sees_next("error").await["state"], 0, "it comes back by itself");
    assert_eq!(page.sees_next("open").await["state"], 1);
    let second = page.sees().await;
    assert_eq!((&second["kind"], &second["data"]["added"]), (&json!("ticketview"), &json!([6_000_002])));
    add(&app, 6_000_003).await;
    assert_eq!(page.sees().await["data"]["added"], json!([6_000_003]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_origin_that_is_not_named_hears_nothing() {
    let app = open_to_a_page().await;
    let mut page = Page::open(&app.sandbox.bangwo8_url(), &address(&app).await);
    let seen = page.sees().await;
    assert_eq!((&seen["kind"], &seen["state"]), (&json!("error"), &json!(2)), "closed for good");
}
