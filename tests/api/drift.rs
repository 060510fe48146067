//! The alarm of a running service: what it says when a vendor's fields are no longer what the mapping counts on.

use serde_json::{Value, json};

use crate::harness::*;

fn options() -> Options {
    Options {
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(),
        drift: "{ check_s: 1 }".into(),
        ..Options::default()
    }
}

/// The metric's value for a kind of drift; nothing before the first reading.
async fn count(app: &TestApp, kind: &str) -> Option<u64> {
    let start = format!("deskbridge_drift{{connection=\"acme\",kind=\"{kind}\"}} ");
    let metrics = app.metrics().await;
    metrics.lines().find_map(|line| line.strip_prefix(&start)?.parse().ok())
}

async fn until(app: &TestApp, kind: &str, wanted: u64) {
    eventually(async || (count(app, kind).await == Some(wanted)).then_some(())).await;
}

/// The check of drift in `/readyz?verbose`, which is ready all the while.
async fn check(app: &TestApp) -> Value {
    let answer = send(app.client.get(format!("{}/readyz?verbose", app.url))).await;
    assert_eq!((answer.status, answer.str("/status")), (200, "ready"), "{}", answer.text);
    let checks = answer.json["checks"].as_array().expect("checks").clone();
    checks.into_iter().find(|check| check["name"] == "drift").unwrap_or_default()
}

/// The lines of a process's log that have this text.
fn logged(process: &Process, text: &str) -> Vec<Value> {
    let log = std::fs::read_to_string(process.app.folder.path().join("log")).expect("the log");
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    lines.filter(|line| line["message"].as_str().is_some_and(|message| message.contains(text))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_that_a_vendor_adds_is_told_by_metric_log_and_check_until_it_is_gone() {
    let process = Process::start(options()).await;
    let app = &process.app;
    let mut lists = FieldLists::agreeing();
    lists.serve(&app.sandbox).await;
    until(app, "unlisted_option", 0).await;
    until(app, "unread_field", 0).await;
    assert_eq!(check(app).await["ok"], true);
    lists.offer("SelectField_1", "新选项");
    lists.serve(&app.sandbox).await;
    until(app, "unlisted_option", 1).await;
    let told = check(app).await;
    assert_eq!(told["ok"], false);
    let detail = told["detail"].as_str().expect("text");
    assert!(
        detail.starts_with("acme: mappings/udesk-bangwo8.yaml:") && detail.contains("option 3 新选项"),
        "{told}"
    );
    let new = logged(&process, "the vendors have drifted: ");
    let new: Vec<&Value> = new.iter().filter(|line| line["drift"] == "unlisted_option").collect();
    assert_eq!(
        new.iter().filter(|line| line["message"].as_str().unwrap().contains("新选项")).count(),
        1,
        "{new:?}"
    );
    assert_eq!((&new[0]["level"], &new[0]["connection"]), (&json!("WARN"), &json!("acme")));
    assert_eq!(logged(&process, "with a new option: 3 新选项").len(), 1);
    FieldLists::agreeing().serve(&app.sandbox).await;
    until(app, "unlisted_option", 0).await;
    let gone = logged(&process, "no longer so: ");
    assert!(gone.iter().any(|line| line["message"].as_str().unwrap().contains("新选项")), "{gone:?}");
    assert_eq!(check(app).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_that_is_mended_counts_on_no_more_than_there_is() {
    let app = TestApp::with(options()).await;
    let mut lists = FieldLists::agreeing();
    lists.target("field_9")["key"] = json!("field_99");
    lists.serve(&app.sandbox).await;
    until(&app, "unknown_field", 1).await;
    assert_eq!(check(&app).await["ok"], false);
    let shipped = include_str!("../../mappings/udesk-bangwo8.yaml");
    app.write_mapping("udesk-bangwo8", &shipped.replace("{ to: field_9,", "{ to: field_99,"));
    until(&app, "unknown_field", 0).await;
    assert_eq!(check(&app).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_field_of_the_sign_is_watched_as_the_rows_are() {
    let link_marker = "{ custom_field: field_21 }".into();
    let app = TestApp::with(Options { link_marker, ..options() }).await;
    FieldLists::agreeing().serve(&app.sandbox).await;
    until(&app, "unknown_field", 1).await;
    let told = check(&app).await;
    assert_eq!(told["ok"], false);
    let detail = told["detail"].as_str().expect("text");
    assert!(detail.contains("link_marker: the target has no ticket field of the key field_21"), "{told}");
    let mut lists = FieldLists::agreeing();
    lists.target.push(fields::target("field_21", "2", &[]));
    lists.serve(&app.sandbox).await;
    until(&app, "unknown_field", 0).await;
    assert_eq!(check(&app).await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_stands_while_a_vendor_does_not_answer() {
    let app = TestApp::with(options()).await;
    let mut lists = FieldLists::agreeing();
    lists.target("field_9")["key"] = json!("field_99");
    lists.serve(&app.sandbox).await;
    until(&app, "unknown_field", 1).await;
    app.mend().await;
    app.fault_at("/api/v1/tickets/ticket_fields.json", 0, json!({ "status": 503 })).await;
    until(&app, "unreadable", 1).await;
    assert_eq!(count(&app, "unknown_field").await, Some(1));
    let detail = check(&app).await["detail"].as_str().expect("text").to_owned();
    assert!(
        detail.contains("Bangwo8's ticket fields can't be read: GET /api/v1/tickets/ticket_fields.json"),
        "{detail}"
    );
    lists.serve(&app.sandbox).await;
    until(&app, "unreadable", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_not_to_look_asks_nobody() {
    let app = TestApp::with(Options { drift: "{ check_s: 0 }".into(), ..options() }).await;
    app.delivered(&created(1, "打印机离线")).await;
    assert_eq!(count(&app, "unknown_field").await, None);
    assert_eq!(check(&app).await, Value::Null);
    assert_eq!(app.requests("GET", "/api/v1/tickets/ticket_fields.json").await, Vec::<Value>::new());
}
