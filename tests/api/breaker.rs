//! A connection whose vendor fails: held as a whole, tried by one event, and told to its operators.

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::*;

/// Calls that the service makes at a time.
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_vendor_that_is_away_wait_untried_until_somebody_mends_the_connection() {
    let options = Options {
        breaker: HELD_FOR_LONG.into(),
        auth: "{ basic: { account: file:b8-account, password: file:b8-id } }".into(),
        neighbours: vec!["globex"],
        ..Options::default()
    };
    let mut process = Process::start(options.clone()).await;
    let app = &process.app;
    accept_all(app, 1..=20).await;
    app.until_connection("acme", "open").await;
    let before = attempts_in_all(app, 1..=20).await;
    assert!((5..=5 + AT_ONCE).contains(&before), "{before}: five, and what was under way with them");
    // Nothing is tried, however much arrives.
    accept_all(app, 21..=40).await;
    app.accept_for("globex", &created(1, "邻居")).await;
    eventually(async || (app.status_of("globex", "created-1").await == "retrying").then_some(())).await;
    let waiting = app.record("created-40").await;
    assert_eq!((waiting.str("/status"), &waiting.json["tried"]), ("accepted", &json!(0)));
    assert_eq!(attempts_in_all(app, 1..=40).await, before);
    let check = app.delivery_check("acme").await;
    assert_eq!(check["ok"], false);
    let detail = check["detail"].as_str().expect("text");
    assert!(detail.starts_with("acme: fails (unauthorized): its events wait until 20"), "{detail}");
    // Put right, it goes on at once although the pause is an hour.
    write_config(app.folder.path(), &app.sandbox, &Options { auth: Options::default().auth, ..options });
    process.hang_up().await;
    for id in 1..=40 {
        process.app.until(&format!("created-{id}"), &["delivered"]).await;
    }
    assert_eq!(
        process.app.delivery_check("acme").await,
        json!({ "name": "delivery", "ok": true, "detail": "acme: works" })
    );
    let is_of = |line: &str, text: &str| line.contains(text) && line.contains(r#""connection":"acme""#);
    let log = process.log();
    assert_eq!(log.lines().filter(|line| is_of(line, "the connection fails")).count(), 1, "told once");
    process.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_pause_one_event_at_a_time_is_tried_until_one_gets_through() {
    const TRIALS: usize = 4;
    // Long enough that all who go at once have gone before the first of them fails, which holds the connection.
    const DELAY_MS: u64 = 300;
    let breaker = "{ failures: 1, pause_ms: 40, longest_pause_ms: 80 }";
    let options =
        Options { workers: 0, breaker: breaker.into(), limits: PATIENT.into(), ..Options::default() };
    let app = TestApp::with(options.clone()).await;
    accept_all(&app, 1..=30).await;
    let failing = (AT_ONCE + TRIALS) as u32;
    app.fault_on("POST", failing, json!({ "status": 502, "delay_ms": DELAY_MS })).await;
    let app = app.restart_with(Options { workers: 32, ..options }).await;
    for id in 1..=30 {
        app.until(&format!("created-{id}"), &["delivered"]).await;
    }
    let posts = app.requests("POST", "/api/v1/tickets").await;
    assert_eq!(posts.len(), 30 + AT_ONCE + TRIALS);
    // Each trial is alone: the one after it begins when it was answered.
    let times: Vec<i64> = posts.iter().map(|post| asked_at(post).as_millisecond()).collect();
    for trial in AT_ONCE..AT_ONCE + TRIALS {
        let apart = times[trial + 1] - times[trial];
        assert!(apart >= DELAY_MS as i64 - 1, "trial {trial} had another beside it: {times:?}");
    }
    let mut tried = Vec::new();
    for id in 1..=30 {
        tried.push(attempts(&app, id).await);
    }
    assert!(tried.iter().all(|tried| *tried <= 2), "no event was used to try it twice: {tried:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_tried_often_comes_back_with_its_connection_and_not_by_its_own_schedule() {
    // By its own schedule the second attempt came after half an hour, and there was no third.
    let retry = "{ first_wait_ms: 3600000, longest_wait_ms: 3600000, max_attempts: 2 }";
    let breaker = "{ failures: 1, pause_ms: 20, longest_pause_ms: 40 }";
    let options = Options { retry: retry.into(), breaker: breaker.into(), ..Options::default() };
    let app = TestApp::with(options).await;
    app.fault_on("POST", 6, json!({ "status": 504 })).await;
    let record = app.delivered(&created(1, "打印机离线")).await;
    assert_eq!(record.json["tried"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_alone_keeps_failing_holds_no_other_and_is_dead_when_its_attempts_are_used_up() {
    let retry = "{ first_wait_ms: 5, longest_wait_ms: 10, max_attempts: 12 }";
    let options = Options { retry: retry.into(), breaker: HELD_FOR_LONG.into(), ..Options::default() };
    let app = TestApp::with(options).await;
    let target = app.delivered(&created(1, "坏")).await.str("/target/id").to_owned();
    app.fault_at(&format!("/api/v1/tickets/{target}.json"), 0, json!({ "status": 500 })).await;
    let record = app.deliver(&updated_with(1, 1, json!({ "subject": "坏了" }))).await;
    assert_eq!((record.str("/status"), &record.json["tried"]), ("dead", &json!(12)));
    app.delivered(&created(2, "好")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_takes_longer_than_a_lease_keeps_its_event() {
    let options = Options { lease_s: 1, limits: PATIENT.into(), ..Options::default() };
    let app = TestApp::with(options).await;
    app.fault_on("POST", 1, json!({ "delay_ms": 2500 })).await;
    app.accept(&created(1, "慢")).await;
    // Each of these has the store asked for what is due, also when the first lease has ended.
    let mut id = 1;
    eventually(async || {
        id += 1;
        app.delivered(&created(id, "快")).await;
        (app.record("created-1").await.str("/status") == "delivered").then_some(())
    })
    .await;
    assert_eq!(attempts(&app, 1).await, 1);
    assert_eq!(app.tickets_named("慢").await.len(), 1);
}

async fn accept_all(app: &TestApp, ids: std::ops::RangeInclusive<u64>) {
    join_all(ids.map(|id| async move { app.accept(&created(id, &format!("第 {id} 个"))).await })).await;
}

/// How often an event was tried.
async fn attempts(app: &TestApp, id: u64) -> usize {
    app.record(&format!("created-{id}")).await.json["attempts"].as_array().expect("attempts").len()
}

async fn attempts_in_all(app: &TestApp, ids: std::ops::RangeInclusive<u64>) -> usize {
    let mut all = 0;
    for id in ids {
        all += attempts(app, id).await;
    }
    all
}
