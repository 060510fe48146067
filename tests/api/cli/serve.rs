//! `serve` as a process: what it logs, how it stops, and what it refuses to share.

use std::time::{Duration, Instant};

use deskbridge::store::{AuditFilter, Store};
use serde_json::{Value, json};

use crate::harness::*;

/// A service whose configuration, secrets and simulators a process can use; it itself only lends them.
async fn furnished() -> TestApp {
    TestApp::with(Options { workers: 0, ..Options::default() }).await
}

fn at(serving: &Serving, path: &str) -> String {
    format!("http://{}/v1/connections/{CONNECTION}{path}", serving.address)
}

fn post(app: &TestApp, serving: &Serving, event: &Value) -> reqwest::RequestBuilder {
    let request = app.client.post(at(serving, "/events")).header("content-type", "application/json");
    signed(request, SIGNING_KEY, now(), event.to_string().as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_termination_answers_what_is_in_flight_and_exits_with_0() {
    let app = furnished().await;
    let mut serving = Serving::start(app.folder.path()).await;
    app.fault(1, json!({ "delay_ms": 1500 })).await;
    let waiting = tokio::spawn(send(post(&app, &serving, &created(1, "在路上")).header("prefer", "wait=20")));
    eventually(async || (!app.requests("POST", "/api/v1/tickets").await.is_empty()).then_some(())).await;
    serving.terminate().await;
    let answer = waiting.await.expect("it was not cut off");
    assert_eq!((answer.status, answer.str("/status")), (200, "delivered"), "{}", answer.text);
    assert_eq!(serving.ended().await.code(), Some(0), "{}", serving.log());
    assert_eq!(app.ticket(answer.str("/target/id")).await["subject"], "在路上");
    assert!(app.client.get(at(&serving, "/events")).send().await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_termination_does_not_wait_for_an_event_that_is_to_be_tried_later() {
    let app = TestApp::with(Options {
        workers: 0,
        retry: "{ first_wait_ms: 60000, longest_wait_ms: 60000 }".into(),
        ..Options::default()
    })
    .await;
    let mut serving = Serving::start(app.folder.path()).await;
    app.fault(0, json!({ "status": 500 })).await;
    let waiting = tokio::spawn(send(post(&app, &serving, &created(1, "x")).header("prefer", "wait=30")));
    eventually(async || (!app.requests("POST", "/api/v1/tickets").await.is_empty()).then_some(())).await;
    let started = Instant::now();
    serving.terminate().await;
    let answer = waiting.await.expect("it was not cut off");
    assert_eq!((answer.status, answer.str("/status")), (202, "accepted"), "{}", answer.text);
    assert_eq!(serving.ended().await.code(), Some(0), "{}", serving.log());
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_same_store_is_refused() {
    let app = furnished().await;
    let serving = Serving::start(app.folder.path()).await;
    let second = run_to_end(serve_command(app.folder.path())).await;
    let said = String::from_utf8(second.stderr).expect("UTF-8");
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("program.db is in use by another deskbridge process"), "{said}");
    let first = send(app.client.get(at(&serving, "/events")).bearer_auth(OPS_KEY)).await;
    assert_eq!(first.status, 200, "the first one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_told_with_advice() {
    let app = furnished().await;
    let taken = app.url.trim_start_matches("http://");
    let mut command = deskbridge(&["serve", "--listen", taken]);
    command.arg("--config").arg(app.folder.path().join("deskbridge.yaml"));
    command.arg("--store").arg(format!("sqlite:{}", app.folder.path().join("other.db").display()));
    let output = run_to_end(command).await;
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(taken) && said.contains("--listen"), "{said}");
    let store = format!("sqlite:{}", app.folder.path().join("other.db").display());
    let store = Store::open_existing(&store).await.expect("the store of the start that failed");
    let entries =
        store.audit(AuditFilter { limit: 9, ..AuditFilter::default() }).await.expect("the audit log");
    assert_eq!(entries.len(), 0, "no configuration was put in force");
    store.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_lines_of_json_without_bodies_secrets_or_personal_data() {
    let app = furnished().await;
    let mut serving = Serving::start(app.folder.path()).await;
    let mut event = created(1, "主题里的秘密");
    event["data"]["user_email"] = json!("wang.fang@personal.example");
    event["data"]["user_cellphone"] = json!("13800001234");
    let delivered = send(post(&app, &serving, &event).header("prefer", "wait=20")).await;
    assert_eq!(delivered.str("/status"), "delivered", "{}", delivered.text);
    // What is logged most: refusals, retries and events that need an operator.
    app.fault(1, json!({ "status": 500, "body": "wang.fang@personal.example" })).await;
    event["id"] = json!("again");
    event["data"]["priority"] = json!("高");
    send(post(&app, &serving, &event).header("prefer", "wait=20")).await;
    event["id"] = json!("strange");
    event["data"]["status"] = json!("主题里的秘密");
    send(post(&app, &serving, &event).header("prefer", "wait=20")).await;
    event["data"]["status"] = json!(["主题里的秘密"]);
    assert_eq!(send(post(&app, &serving, &event)).await.status, 422);
    let keyed = app.client.post(at(&serving, "/events")).bearer_auth(FLOW_KEY).body("主题里的秘密");
    assert_eq!(send(keyed).await.status, 415);
    let foreign = app.client.get(at(&serving, "/events")).bearer_auth("wang.fang@personal.example");
    assert_eq!(send(foreign).await.status, 401);
    serving.terminate().await;
    assert_eq!(serving.ended().await.code(), Some(0));
    let log = serving.log();
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    assert!(log.contains("needs an operator") && log.contains("will be retried"), "{log}");
    let secrets = [whsec(SIGNING_KEY), whsec(SIGNING_KEY)["whsec_".len()..].to_owned()];
    let markers = ["主题里的秘密", "wang.fang", "13800001234", FLOW_KEY, OPS_KEY, "sandbox-client-secret"];
    for marker in markers.into_iter().chain(secrets.iter().map(String::as_str)) {
        assert!(!log.contains(marker), "{marker} in {log}");
    }
}
