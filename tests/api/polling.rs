//! Tickets that changed at a source that pushes nothing: read from its list again and again, each change once.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

const V1: &str = "{ base_url: UDESK, v1: { secret: file:udesk-secret }, requests_per_minute: 100000 }";
const V2: &str = "{ base_url: UDESK, v2: { email: file:udesk-email, token: file:udesk-token }, requests_per_minute: 100000 }";
/// After all tickets that the simulator starts with.
const POLL: &str = "{ every_s: 1, since: 2026-01-01T00:00:00Z }";

fn options(api: &str, poll: &str) -> Options {
    Options { api: api.into(), poll: poll.into(), limits: PATIENT.into(), ..Options::default() }
}

async fn polling() -> TestApp {
    TestApp::with(options(V1, POLL)).await
}

/// A call of the Udesk simulator's control endpoints.
async fn udesk(app: &TestApp, method: Method, path: &str, body: Value) -> Answer {
    let url = format!("{}/_sandbox/{path}", app.sandbox.udesk_url());
    let answer = send(app.client.request(method, url).json(&body)).await;
    assert!(answer.status < 300, "{}", answer.text);
    answer
}

/// Makes a ticket in Udesk as a customer does; its id.
async fn make(app: &TestApp, subject: &str) -> u64 {
    let made = udesk(app, Method::POST, "tickets", json!({ "subject": subject, "content": "三楼" })).await;
    made.json["ticket"]["id"].as_u64().expect("an id")
}

/// Changes a ticket in Udesk as an agent does.
async fn rename(app: &TestApp, id: u64, subject: &str) {
    udesk(app, Method::POST, &format!("tickets/{id}"), json!({ "subject": subject })).await;
}

/// How often the list was read from its first page.
async fn readings(app: &TestApp, path: &str) -> usize {
    let url = format!("{}/_sandbox/requests?path={path}", app.sandbox.udesk_url());
    let requests = send(app.client.get(url)).await.json;
    let first = |request: &&Value| {
        request["query"].as_str().expect("a query").split('&').any(|parameter| parameter == "page=1")
    };
    requests.as_array().expect("a list").iter().filter(first).count()
}

/// Waits until the list was read twice from now on: the second time all was there that is there now.
async fn read_again(app: &TestApp) {
    let before = ended(app).await;
    eventually(async || (ended(app).await >= before + 2).then_some(())).await;
}

/// Readings that came to their end.
async fn ended(app: &TestApp) -> u64 {
    figure(&app.metrics().await, "deskbridge_polls_total{connection=\"acme\",result=\"ok\"}").unwrap_or(0)
}

fn figure(metrics: &str, name: &str) -> Option<u64> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// The events of a ticket, oldest first.
async fn events(app: &TestApp, id: u64) -> Vec<Value> {
    let mut events = app.get(&format!("/events?lane=ticket:{id}")).await.json["events"]
        .as_array()
        .expect("a list")
        .clone();
    events.reverse();
    events
}

/// The subject of the Bangwo8 ticket that stands for this one, once it is this.
async fn arrives(app: &TestApp, id: u64, subject: &str) {
    eventually(async || {
        let link = app.get(&format!("/links/ticket/{id}")).await;
        let target = link.json["target_id"].as_str()?.to_owned();
        (app.ticket(&target).await["subject"] == subject).then_some(())
    })
    .await;
}

async fn poll_check(app: &TestApp) -> Value {
    let answer = send(app.client.get(format!("{}/readyz?verbose", app.url))).await;
    assert_eq!(answer.status, 200, "never unready: {}", answer.text);
    let checks = answer.json["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["name"] == "poll").cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_in_udesk_arrives_once_though_nothing_is_pushed() {
    for (api, path) in [(V1, "/api/v1/tickets"), (V2, "/open_api_v1/tickets")] {
        let app = TestApp::with(options(api, POLL)).await;
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(make(&app, &format!("投影仪 {n}")).await);
        }
        for (n, id) in ids.iter().enumerate() {
            arrives(&app, *id, &format!("投影仪 {n}")).await;
        }
        rename(&app, ids[2], "投影仪修好了").await;
        arrives(&app, ids[2], "投影仪修好了").await;
        read_again(&app).await;
        let counts = [events(&app, ids[0]).await.len(), events(&app, ids[2]).await.len()];
        assert_eq!(counts, [1, 2], "{path}: the overlap doubles nothing");
        assert_eq!((app.written("POST").await.len(), app.written("PUT").await.len()), (5, 1), "{path}");
        assert!(readings(&app, path).await >= 3, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_beginning_is_left_alone() {
    let app = polling().await;
    let id = make(&app, "新的").await;
    arrives(&app, id, "新的").await;
    read_again(&app).await;
    assert!(
        app.stored().await.len() == 1,
        "the simulator's own tickets are of before: {:?}",
        app.stored().await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_several_pages_is_read_to_its_end() {
    let app = TestApp::with(options(V1, "{ every_s: 1, since: 2000-01-01T00:00:00Z }")).await;
    let last = {
        let mut last = 0;
        for n in 0..130 {
            last = make(&app, &format!("第 {n} 个")).await;
        }
        last
    };
    arrives(&app, last, "第 129 个").await;
    let state = send(app.client.get(format!("{}/_sandbox/state", app.sandbox.udesk_url()))).await.json;
    let all = state["tickets"].as_array().expect("tickets").len();
    eventually(async || (app.stored().await.len() == all).then_some(())).await;
    read_again(&app).await;
    assert_eq!(app.stored().await.len(), all, "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_leaves_the_cursor_where_it_was_and_says_so() {
    let app = polling().await;
    read_again(&app).await;
    let rule = json!({ "path": "/api/v1/tickets", "times": 0, "fault": { "status": 503 } });
    udesk(&app, Method::POST, "faults", rule).await;
    let id = make(&app, "停机时的工单").await;
    let check = eventually(async || Some(poll_check(&app).await).filter(|check| check["ok"] == false)).await;
    assert!(check["detail"].as_str().expect("text").contains("503"), "{check}");
    assert!(
        app.metrics().await.contains("deskbridge_polls_total{connection=\"acme\",result=\"unavailable\"}")
    );
    udesk(&app, Method::DELETE, "faults", Value::Null).await;
    arrives(&app, id, "停机时的工单").await;
    eventually(async || (poll_check(&app).await["ok"] == true).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_while_the_service_was_down_is_read_after_its_start() {
    let app = polling().await;
    let before = make(&app, "停机之前").await;
    arrives(&app, before, "停机之前").await;
    read_again(&app).await;
    let app = app.restart_with(Options { poll: String::new(), ..options(V1, "") }).await;
    assert_eq!(poll_check(&app).await, Value::Null, "it is not read any more");
    let meanwhile = make(&app, "停机期间").await;
    rename(&app, before, "停机期间改的").await;
    let app = app.restart_with(options(V1, POLL)).await;
    arrives(&app, meanwhile, "停机期间").await;
    arrives(&app, before, "停机期间改的").await;
    read_again(&app).await;
    assert_eq!((events(&app, meanwhile).await.len(), events(&app, before).await.len()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_dies_between_two_pages_loses_and_doubles_nothing() {
    let process = Process::start(Options { workers: 0, ..options(V1, "") }).await;
    let app = &process.app;
    for n in 0..150 {
        make(app, &format!("第 {n} 个")).await;
    }
    // The second page is never answered: what stood on the first is on disk, and the cursor is where it was.
    for (times, delay_ms) in [(1, 0), (0, 100_000)] {
        let rule = json!({ "path": "/api/v1/tickets", "times": times, "fault": { "delay_ms": delay_ms } });
        udesk(app, Method::POST, "faults", rule).await;
    }
    let mut process = restarted(process, options(V1, POLL)).await;
    eventually(async || (!process.app.stored().await.is_empty()).then_some(())).await;
    process.kill().await;
    udesk(&process.app, Method::DELETE, "faults", Value::Null).await;
    let process = process.restart().await;
    eventually(async || (process.app.stored().await.len() >= 150).then_some(())).await;
    read_again(&process.app).await;
    assert_eq!(process.app.stored().await.len(), 150);
}

/// The same process with other options.
async fn restarted(mut process: Process, options: Options) -> Process {
    process.kill().await;
    process.app.options = Options { workers: 0, ..options };
    process.restart().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_shows_when_it_was_last_done() {
    let app = polling().await;
    make(&app, "新的").await;
    read_again(&app).await;
    let metrics = app.metrics().await;
    let at = figure(&metrics, "deskbridge_poll_last_success_timestamp_seconds{connection=\"acme\"}")
        .expect("a time");
    assert!(Timestamp::now().as_second().abs_diff(at.try_into().expect("a time")) < 60, "{at}");
    assert!(figure(&metrics, "deskbridge_poll_lag_seconds{connection=\"acme\"}").is_some(), "{metrics}");
    let check = poll_check(&app).await;
    assert!(check["detail"].as_str().expect("text").contains("was last read at 20"), "{check}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_filter_is_read_in_place_of_all() {
    let app = TestApp::with(options(V1, "{ every_s: 1, since: 2026-01-01T00:00:00Z, filter: 3 }")).await;
    read_again(&app).await;
    assert_eq!(readings(&app, "/api/v1/tickets").await, 0);
    assert!(readings(&app, "/api/v1/ticket_filters/3/tickets").await >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_its_schema_refuses_is_an_event_that_says_why_it_waits() {
    let app = polling().await;
    let strange = json!({
        "id": 4711, "subject": "奇怪的工单", "status": 17, "priority": ["高"], "updated_at": "2026-05-04 14:26:18 +0800"
    });
    let list = json!({ "status": 0, "message": "成功", "size": 1, "total": 1, "total_pages": 1, "contents": [strange] });
    let detail = json!({ "status": 0, "message": "成功", "contents": strange });
    for (path, body) in [("/api/v1/tickets/4711", &detail), ("/api/v1/tickets.json", &list)] {
        let rule = json!({ "path": path, "times": 0, "fault": { "status": 200, "body": body } });
        udesk(&app, Method::POST, "faults", rule).await;
    }
    let event =
        eventually(async || events(&app, 4711).await.pop().filter(|event| event["status"] == "parked")).await;
    assert!(event["reason"]["message"].as_str().expect("text").contains("/status"), "{event}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_the_configuration_begins_and_ends_the_readings() {
    let app = TestApp::with(options(V1, "")).await;
    let id = make(&app, "开始读取之后").await;
    write_config(app.folder.path(), &app.sandbox, &options(V1, POLL));
    arrives(&app, id, "开始读取之后").await;
    write_config(app.folder.path(), &app.sandbox, &options(V1, ""));
    eventually(async || poll_check(&app).await.is_null().then_some(())).await;
    assert_eq!(app.stored().await.len(), 1);
}

#[tokio::test]
async fn a_poll_without_an_api_is_refused_by_check() {
    let app = TestApp::start().await;
    write_config(app.folder.path(), &app.sandbox, &options("", "{ every_s: 60 }"));
    let mut check = deskbridge(&["check", "--config"]);
    check.arg(app.folder.path().join("deskbridge.yaml"));
    let output = run_to_end(check).await;
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("poll reads the source's list of tickets through its API"), "{told}");
}
