//! The flow of `examples/node-red` in a Node-RED of its own: what it is given arrives, also when the service can't take
//! it at once.

use std::{
    fs::{self, File},
    time::{Duration, Instant},
};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Child;

use super::{fill, of_little_room};
use crate::harness::*;

/// Seconds that a full store asks senders to wait.
const ASKED_S: u64 = 10;
/// Longest that the flow may take: it starts slowly on a busy machine, and waits as long as it is asked to.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running Node-RED with the flow. Dropped, it is killed.
struct NodeRed {
    url: String,
    folder: TempDir,
    client: reqwest::Client,
    _child: Child,
}

impl NodeRed {
    /// Returns once the flow runs, whose events go to the address.
    async fn start(events_url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::copy(repository("examples/node-red/flow.json"), folder.path().join("flow.json"))
            .expect("the flow");
        let address = free_address();
        let mut command = node("node_modules/node-red/red.js");
        command.arg("--settings").arg(repository("tests/js/node-red.settings.cjs"));
        command.env("HOME", folder.path()).env("USER_DIR", folder.path());
        command.env("PORT", address.rsplit(':').next().expect("a port"));
        command.env("DESKBRIDGE_EVENTS_URL", events_url).env("DESKBRIDGE_SIGNING_SECRET", whsec(SIGNING_KEY));
        let log = File::create(folder.path().join("log")).expect("a log file");
        command.stderr(log.try_clone().expect("the log again")).stdout(log);
        let child = command.spawn().expect("Node-RED starts");
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        let running = Self { url: format!("http://{address}"), folder, client, _child: child };
        running.until_logged("Started flows").await;
        running
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }

    async fn until_logged(&self, text: &str) {
        eventually_within(PATIENCE, async || self.log().contains(text).then_some(())).await;
    }

    /// A push of the help desk to the flow.
    fn push(&self, kind: &str, ticket: &Value) -> RequestBuilder {
        self.client.post(format!("{}/udesk/{kind}", self.url)).json(ticket)
    }
}

/// The service, and the flow that sends to it.
async fn with_service(options: Options) -> (TestApp, NodeRed) {
    let app = TestApp::with(options).await;
    let flow = NodeRed::start(&app.path("/events")).await;
    (app, flow)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_given_to_the_flow_is_delivered_and_once_only() {
    let (app, flow) = with_service(Options::default()).await;
    let ticket = udesk_ticket(1, "流程里的工单：“打印机离线”");
    let record = send(flow.push("ticket.created", &ticket)).await;
    assert_eq!((record.status, record.str("/status")), (200, "delivered"), "{}", record.text);
    assert_eq!(record.str("/verified_by"), "standard_webhooks");
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], ticket["subject"]);
    let again = send(flow.push("ticket.created", &ticket)).await;
    assert_eq!((again.status, &again.json["sequence"]), (200, &record.json["sequence"]), "{}", again.text);
    let reply = json!({ "id": 1, "reply": { "id": 7, "content": "已派工程师上门" } });
    let replied = send(flow.push("ticket.replied", &reply)).await;
    assert_eq!((replied.status, replied.str("/status")), (200, "delivered"), "{}", replied.text);
    assert_eq!(app.stored().await.len(), 2);
    assert_eq!(app.requests("POST", "/api/v1/tickets.json").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_at_once_and_not_sent_again() {
    let (app, flow) = with_service(Options::default()).await;
    let unknown = send(flow.push("ticket.created", &json!({ "subject": "没有编号" }))).await;
    assert_eq!(unknown.status, 400, "the flow can't name it: {}", unknown.text);
    let mut ticket = udesk_ticket(1, "没有状态");
    ticket.as_object_mut().expect("an object").remove("status");
    let answer = send(flow.push("ticket.created", &ticket)).await;
    assert_eq!((answer.status, answer.str("/code")), (422, "schema_violation"), "{}", answer.text);
    flow.until_logged("For a person").await;
    let refused = app.metric("deskbridge_events_refused_total{code=\"schema_violation\"}").await;
    assert_eq!(refused, Some(1));
    app.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_person_is_told_to_one() {
    let (app, flow) = with_service(Options::default()).await;
    let ticket = with(udesk_ticket(1, "未知优先级"), json!({ "priority": "没有这个优先级" }));
    let answer = send(flow.push("ticket.created", &ticket)).await;
    assert_eq!((answer.status, answer.str("/status")), (200, "parked"), "{}", answer.text);
    flow.until_logged("For a person").await;
    assert_eq!(app.stored().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_full_the_flow_waits_as_long_as_it_is_asked_to() {
    let (app, flow) = with_service(of_little_room()).await;
    let filled = fill(&app).await;
    let refused = async || app.metric("deskbridge_events_refused_total{code=\"store_full\"}").await;
    let before = refused().await;
    let push = tokio::spawn(send(flow.push("ticket.created", &udesk_ticket(1000, "等一等的工单"))));
    eventually(async || (refused().await > before).then_some(())).await;
    let since = Instant::now();
    app.mend().await;
    let answer = push.await.expect("the flow answers");
    assert!([200, 202].contains(&answer.status), "{}", answer.text);
    assert!(since.elapsed() >= Duration::from_secs(ASKED_S - 1), "not before: {:?}", since.elapsed());
    let record = app.until(answer.str("/id"), &["delivered"]).await;
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "等一等的工单");
    // Nothing that was accepted before is harmed.
    eventually(async || (app.tickets_named("打印机离线").await.len() as u64 == filled).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_answers_the_flow_tries_again() {
    let app = TestApp::start().await;
    let address = free_address();
    let flow = NodeRed::start(&format!("http://{address}/v1/connections/{CONNECTION}/events")).await;
    let push = tokio::spawn(send(flow.push("ticket.created", &udesk_ticket(1, "服务重启时的工单"))));
    flow.until_logged("ECONNREFUSED").await;
    let log = app.folder.path().join("serve.log");
    let mut command = deskbridge(&["serve", "--listen", &address]);
    command.arg("--config").arg(app.folder.path().join("deskbridge.yaml"));
    command.arg("--store").arg(format!("sqlite:{}", app.folder.path().join("second.db").display()));
    command.stderr(File::create(&log).expect("a log file"));
    let _serving = Serving::of(command, log).await;
    let record = push.await.expect("the flow answers");
    assert_eq!((record.status, record.str("/status")), (200, "delivered"), "{}", record.text);
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "服务重启时的工单");
}
