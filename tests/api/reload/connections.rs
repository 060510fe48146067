//! Connections that come, go, and change, and what is under way while they do.

use serde_json::json;

use super::*;

fn with_neighbour() -> Options {
    Options { neighbours: vec!["second"], ..Options::default() }
}

/// Without the connection of the tests, and with another.
fn without_acme(app: &TestApp) {
    let file = app.folder.path().join("deskbridge.yaml");
    let text = std::fs::read_to_string(&file).expect("the file");
    std::fs::write(&file, text.replace("\n  acme:", "\n  other:")).expect("the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_added_connection_starts_to_work() {
    let app = TestApp::start().await;
    let url = format!("{}/v1/connections/second/events", app.url);
    let post = async || {
        let request =
            app.client.post(&url).header("content-type", "application/json").header("prefer", "wait=20");
        send(signed(request, SIGNING_KEY, now(), created(1, "打印机离线").to_string().as_bytes())).await
    };
    assert_eq!(post().await.str("/code"), "unknown_connection");
    rewrite(&app, &with_neighbour());
    applied(&app, 1).await;
    let record = post().await;
    assert_eq!((record.status, record.str("/status")), (200, "delivered"), "{}", record.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_removed_connection_wait_until_it_is_put_back() {
    let process = Process::start(Options { retry: UNTIL_IT_WORKS.into(), ..Options::default() }).await;
    let app = &process.app;
    app.fault(0, json!({ "status": 503 })).await;
    for id in 1..=3 {
        app.accept(&created(id, &format!("打印机离线 {id}"))).await;
    }
    app.until("created-3", &["retrying"]).await;
    without_acme(app);
    applied(app, 1).await;
    assert_eq!(app.record("created-1").await.status, 200);
    assert_eq!(app.post(&created(4, "打印机离线")).await.str("/code"), "unknown_connection");
    let told = eventually(async || {
        process.log().lines().find(|line| line.contains("no longer configured")).map(str::to_owned)
    })
    .await;
    let told: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["connection"], &told["events"], &told["level"]),
        (&json!("acme"), &json!(3), &json!("WARN"))
    );
    app.mend().await;
    rewrite(app, &Options::default());
    applied(app, 2).await;
    for id in 1..=3 {
        app.until(&format!("created-{id}"), &["delivered"]).await;
    }
    assert_eq!(app.tickets_named("打印机离线").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_removed_connection_outlast_a_restart_in_sight_and_are_delivered_in_order_once_it_is_back()
 {
    let app = TestApp::with(Options { workers: 0, ..with_neighbour() }).await;
    app.accept_for("second", &created(1, "第 1 次")).await;
    for n in 2..=3 {
        let changes =
            json!({ "subject": format!("第 {n} 次"), "updated_at": format!("2018-05-0{n} 14:26:18 +0800") });
        app.accept_for("second", &updated_with(1, n, changes)).await;
    }
    let app = app.restart_with(Options::default()).await;
    let url = format!("{}/v1/connections/second/events", app.url);
    let list = send(app.client.get(&url).bearer_auth(OPS_KEY)).await;
    let statuses: Vec<&serde_json::Value> =
        list.json["events"].as_array().expect("events").iter().map(|event| &event["status"]).collect();
    assert_eq!(statuses, ["accepted"; 3], "{}", list.text);
    let waiting = "deskbridge_events_waiting{connection=\"second\",result=\"accepted\"}";
    assert_eq!(app.metric(waiting).await, Some(3));
    let more = app.client.post(&url).bearer_auth(OPS_KEY).json(&created(9, "打印机离线"));
    send(more).await.assert_problem(404, "unknown_connection");
    // Who has no key learns nothing of what there was.
    assert_eq!(send(app.client.get(&url)).await.status, 401);
    let never = send(app.client.get(url.replace("second", "third")).bearer_auth(OPS_KEY)).await;
    never.assert_problem(404, "unknown_connection");
    rewrite(&app, &with_neighbour());
    app.reload.notify_one();
    for id in ["created-1", "updated-1-2", "updated-1-3"] {
        eventually(async || (app.status_of("second", id).await == "delivered").then_some(())).await;
    }
    let subjects: Vec<serde_json::Value> =
        app.written("PUT").await.iter().map(|ticket| ticket["subject"].clone()).collect();
    assert_eq!((app.written("POST").await.len(), subjects), (1, vec![json!("第 2 次"), json!("第 3 次")]));
}

/// One delivery at a time, and a call that may take long.
fn one_at_a_time(requests_per_second: u32) -> Options {
    let limits =
        format!("{{ requests_per_second: {requests_per_second}, concurrency: 1, timeout_ms: 120000 }}");
    Options { limits, ..Options::default() }
}

/// Lets the next call at Bangwo8 take this long, and returns when it is under way for the event 1.
async fn begin_a_slow_delivery(app: &TestApp, delay_ms: u32) {
    app.fault(1, json!({ "delay_ms": delay_ms })).await;
    app.accept(&created(1, "打印机离线")).await;
    eventually(async || (!app.requests("POST", "/api/v1/tickets").await.is_empty()).then_some(())).await;
}

/// The event 2 was begun only after the event 1 had ended, which ended well at its first attempt.
async fn assert_one_after_the_other(app: &TestApp) {
    let first = app.until("created-1", &["delivered"]).await;
    let second = app.until("created-2", &["delivered"]).await;
    assert_eq!(first.json["attempts"].as_array().expect("attempts").len(), 1, "{}", first.text);
    let time = |record: &Answer, name: &str| -> jiff::Timestamp {
        record.str(&format!("/attempts/0/{name}")).parse().expect("a time")
    };
    assert!(time(&first, "finished_at") <= time(&second, "started_at"), "{}\n{}", first.text, second.text);
    assert_eq!(app.tickets_named("打印机离线").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_under_way_is_finished_as_it_began_and_counts_for_the_new_limits() {
    let app = TestApp::with(one_at_a_time(1000)).await;
    begin_a_slow_delivery(&app, 5000).await;
    // Other limits are another client, which has permits of its own.
    rewrite(&app, &one_at_a_time(999));
    app.write_mapping("udesk-bangwo8", &calmer());
    applied(&app, 1).await;
    app.accept(&created(2, "打印机离线")).await;
    assert_one_after_the_other(&app).await;
    let of = async |id: &str| priority(&app, &app.record(id).await).await;
    assert_eq!((of("created-1").await, of("created-2").await), (4, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_put_back_before_its_last_attempt_has_ended_keeps_to_its_limits() {
    let app = TestApp::with(one_at_a_time(1000)).await;
    begin_a_slow_delivery(&app, 9000).await;
    without_acme(&app);
    applied(&app, 1).await;
    rewrite(&app, &one_at_a_time(1000));
    applied(&app, 2).await;
    app.accept(&created(2, "打印机离线")).await;
    assert_one_after_the_other(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_not_edited_keeps_its_token_and_one_that_is_fetches_another() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let tokens = async || app.requests("POST", "/api/token.php").await.len();
    assert_eq!(tokens().await, 1);
    app.write_mapping("udesk-bangwo8", &calmer());
    applied(&app, 1).await;
    app.delivered(&created(2, "打印机离线")).await;
    assert_eq!(tokens().await, 1);
    rewrite(&app, &one_at_a_time(10));
    applied(&app, 2).await;
    app.delivered(&created(3, "打印机离线")).await;
    assert_eq!(tokens().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn ticket_views_are_read_as_soon_as_they_are_turned_on_and_no_longer_when_off() {
    let app = TestApp::start().await;
    let off = app.get("/ticketviews").await;
    let an_hour = Options { ticketviews: "{ refresh_s: 3600 }".into(), ..Options::default() };
    rewrite(&app, &an_hour);
    let list = eventually(async || {
        let list = app.get("/ticketviews").await;
        (list.status == 200).then_some(list)
    })
    .await;
    assert_eq!(list.json["stale"], serde_json::Value::Null, "{}", list.text);
    let read = async || app.requests("GET", "/api/v1/ticketviews.json").await.len();
    assert_eq!(read().await, 1);
    // Of no concern to the views: neither their content nor their next reading changes.
    app.write_mapping("udesk-bangwo8", &calmer());
    applied(&app, 2).await;
    assert_eq!(app.get("/ticketviews").await.header("etag"), list.header("etag"));
    assert_eq!(read().await, 1);
    rewrite(&app, &Options::default());
    applied(&app, 3).await;
    assert_eq!(app.get("/ticketviews").await.text, off.text);
}
