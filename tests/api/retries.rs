//! Calls that fail: which are tried again, when, and what is remembered of them.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_is_recorded_with_its_calls_and_a_refusal_after_silence_is_left_to_an_operator() {
    let app = TestApp::start().await;
    app.fault_on("POST", 2, json!({ "status": 500 })).await;
    app.fault_on("POST", 1, json!({ "status": 429, "headers": { "retry-after": "1" } })).await;
    app.fault_on(
        "POST",
        1,
        json!({ "status": 200, "body": { "state": "403", "message": "columnId does not exist" } }),
    )
    .await;
    let record = app.parked(&created(1, "打印机离线")).await;
    // It may be the repetition that is refused: the ticket may be there, and not in the list yet.
    assert_eq!(record.str("/reason/code"), "uncertain");
    let message = record.str("/reason/message");
    assert!(
        message.contains("POST /api/v1/tickets.json was refused: 403 columnId does not exist"),
        "{message}"
    );
    let advice = r#"replay it under new request ids (--new-request-ids, by HTTP "key":"new")"#;
    assert!(message.ends_with(advice), "as the commands and the interface call it: {message}");
    assert_eq!(codes(&record), ["unavailable", "unavailable", "rate_limited", "uncertain"]);
    // After a 500 the ticket is looked for first; the last call of an attempt is the creation.
    let calls: Vec<Value> = (0..4).map(|i| call(&record, i).clone()).collect();
    for (call, status) in calls.iter().zip([500, 500, 429, 200]) {
        assert_eq!(call["method"], "POST");
        assert_eq!(call["path"], "/api/v1/tickets.json");
        assert_eq!(call["status"], status);
        assert!(call["duration_ms"].is_u64(), "{call}");
    }
    let (asked, next) = (time(&record, "/attempts/2/finished_at"), time(&record, "/attempts/3/started_at"));
    assert!(next.as_millisecond() - asked.as_millisecond() >= 1000, "Retry-After: {asked} then {next}");
    assert!(time(&record, "/attempts/2/retry_at") <= next, "it was not tried before its time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_before_the_call_took_effect_is_tried_again() {
    let app = TestApp::start().await;
    app.fault(3, json!({ "reset": "before" })).await;
    let record = app.delivered(&created(1, "打印机离线")).await;
    assert_eq!(codes(&record), ["unanswered", "unanswered", "unanswered", ""]);
    assert_eq!(call(&record, 0)["status"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_answer_was_lost_makes_one_ticket() {
    let app = TestApp::start().await;
    app.fault(1, json!({ "reset": "after" })).await;
    let record = app.delivered(&created(1, "只有一个")).await;
    assert_eq!(codes(&record), ["unanswered", ""]);
    let posts = app.requests("POST", "/api/v1/tickets").await;
    assert_eq!(posts.len(), 1, "the second attempt found what the first had made");
    let tickets = app.tickets_named("只有一个").await;
    assert_eq!(tickets.len(), 1);
    assert_eq!(tickets[0]["ticketId"].to_string(), record.str("/target/id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_whose_answer_was_lost_is_added_once() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    app.fault(1, json!({ "reset": "after" })).await;
    let record = app.delivered(&replied(1, "已更换网卡")).await;
    let ticket = app.ticket(record.str("/target/id")).await;
    assert_eq!(ticket["replies"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_worked_is_not_repeated_because_its_reply_failed() {
    let app = TestApp::start().await;
    app.fault_at("/api/v1/tickets/", 2, json!({ "status": 500 })).await;
    let data = with(udesk_ticket(1, "只有一个"), json!({ "reply": { "content": "已更换网卡" } }));
    let record = app.delivered(&event("replied", "ticket.replied", data)).await;
    assert_eq!(app.written("POST").await.len(), 1);
    assert_eq!(app.tickets_named("只有一个").await.len(), 1);
    assert_eq!(app.ticket(record.str("/target/id")).await["replies"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn different_events_and_different_steps_never_share_a_requestid() {
    let app = TestApp::start().await;
    let data = with(udesk_ticket(1, "打印机离线"), json!({ "reply": { "content": "已更换网卡" } }));
    app.delivered(&event("first", "ticket.replied", data.clone())).await;
    app.delivered(&event("second", "ticket.replied", with(data, json!({ "subject": "打印机恢复" })))).await;
    let effects = app.effects().await;
    assert_eq!(effects.len(), 4, "create and reply, then update and reply: {effects:?}");
    assert!(effects.values().all(|kinds| kinds.len() == 1), "{effects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_what_it_should_be_is_tried_again() {
    let app = TestApp::start().await;
    app.fault(1, json!({ "status": 503, "body": "<html><body>系统维护中</body></html>" })).await;
    app.fault(1, json!({ "status": 200, "body": "{\"ticket\":{\"ticketId\":\"52" })).await;
    app.fault(1, json!({ "status": 200, "body": "<html></html>" })).await;
    let record = app.delivered(&created(1, "打印机离线")).await;
    assert_eq!(codes(&record), ["unavailable", "bad_answer", "bad_answer", ""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_without_an_id_in_its_answer_is_parked_and_not_repeated() {
    let app = TestApp::start().await;
    app.fault(1, json!({ "status": 200, "body": { "status": "0", "message": "Insert ok", "data": false } }))
        .await;
    let record = app.parked(&created(1, "打印机离线")).await;
    assert_eq!(record.str("/reason/code"), "created_id_unknown");
    assert_eq!(app.written("POST").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_ticket_that_is_gone_is_dead() {
    let app = TestApp::start().await;
    let target = app.delivered(&created(1, "打印机离线")).await.str("/target/id").to_owned();
    let gone = json!({ "status": 404, "body": { "errcode": "100047", "errmsg": "Invalid resource URI" } });
    app.fault(1, gone).await;
    let record = app.deliver(&updated_with(1, 1, json!({ "subject": "打印机恢复" }))).await;
    assert_eq!((record.str("/status"), record.str("/reason/code")), ("dead", "not_found"));
    let expected = format!("PUT /api/v1/tickets/{target}.json found nothing");
    assert_eq!(record.str("/reason/message"), expected);
    assert_eq!(codes(&record).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_takes_too_long_is_given_up_and_tried_again() {
    let limits = "{ requests_per_second: 1000, concurrency: 8, timeout_ms: 300 }";
    let app = TestApp::with(Options { limits: limits.into(), ..Options::default() }).await;
    app.fault(1, json!({ "delay_ms": 60_000 })).await;
    let record = app.delivered(&created(1, "只有一个")).await;
    assert_eq!(codes(&record), ["timeout", ""]);
    assert!(call(&record, 0)["duration_ms"].as_u64().unwrap() >= 300, "{}", call(&record, 0));
    assert_eq!(app.tickets_named("只有一个").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_renewed_within_the_attempt() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "第一个")).await;
    assert_eq!(app.control(Method::POST, "tokens/revoke", &Value::Null).await.json["revoked"], 1);
    let record = app.delivered(&created(2, "第二个")).await;
    assert_eq!(codes(&record), [""], "one attempt");
    let calls = record.json["attempts"][0]["calls"].as_array().unwrap();
    let made: Vec<String> =
        calls.iter().map(|c| format!("{} {} {}", c["path"], c["status"], c["code"])).collect();
    let expected = [
        r#""/api/v1/tickets.json" 401 "unauthorized""#,
        r#""/api/token.php" 200 "ok""#,
        r#""/api/v1/tickets.json" 200 "ok""#,
    ];
    assert_eq!(made, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_keep_the_event_until_they_are_put_right() {
    const WRONG: [&str; 2] = [
        "{ oauth2: { id: file:b8-id, secret: file:b8-account } }",
        "{ basic: { account: file:b8-account, password: file:b8-id } }",
    ];
    let mut options = Options { retry: UNTIL_IT_WORKS.into(), ..Options::default() };
    let right = options.clone();
    for wrong in WRONG {
        options.auth = wrong.into();
        let app = TestApp::with(options.clone()).await;
        app.accept(&created(1, "打印机离线")).await;
        let record = retried(&app, "created-1", 2).await;
        assert_eq!(record.str("/attempts/1/reason/code"), "unauthorized", "{}", record.text);
        let app = app.restart_with(right.clone()).await;
        app.until("created-1", &["delivered"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_is_not_there_keeps_the_event_too() {
    let app = TestApp::with(Options { retry: UNTIL_IT_WORKS.into(), ..Options::default() }).await;
    app.fault_at("/api/token.php", 2, json!({ "status": 404 })).await;
    let record = app.delivered(&created(1, "打印机离线")).await;
    assert_eq!(codes(&record), ["configuration", "configuration", ""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_retried_outlives_a_restart_with_all_its_attempts() {
    let app = TestApp::with(Options { retry: UNTIL_IT_WORKS.into(), ..Options::default() }).await;
    app.fault(0, json!({ "status": 503 })).await;
    app.accept(&created(1, "打印机离线")).await;
    retried(&app, "created-1", 3).await;
    let app = app.restart().await;
    let mut before = codes(&app.record("created-1").await);
    before.retain(|code| !code.is_empty()); // one may be under way
    assert!(before.len() >= 3 && before.iter().take(3).all(|code| code == "unavailable"), "{before:?}");
    app.mend().await;
    let record = app.until("created-1", &["delivered"]).await;
    let after = codes(&record);
    assert_eq!(after[..before.len()], before);
    let numbers: Vec<u64> = attempts(&record).iter().map(|a| a["attempt"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=after.len() as u64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_tried_often_enough_is_dead() {
    let retry = "{ first_wait_ms: 10, longest_wait_ms: 20, max_attempts: 3 }";
    let app = TestApp::with(Options { retry: retry.into(), ..Options::default() }).await;
    app.fault(0, json!({ "status": 500 })).await;
    let record = app.deliver(&created(1, "打印机离线")).await;
    assert_eq!((record.str("/status"), record.str("/reason/code")), ("dead", "unavailable"));
    let outcomes: Vec<&Value> = attempts(&record).iter().map(|attempt| &attempt["outcome"]).collect();
    assert_eq!(outcomes, ["retrying", "retrying", "dead"]);
    app.mend().await;
    assert_eq!(app.operate("/events/created-1/replay").await.status, 200);
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!((attempts(&record).len(), &record.json["tried"]), (4, &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_bangwo8_refuses_is_dead_at_once_whatever_status_it_says_it_with() {
    let parameters = "{ ticket_template_id: 999 }";
    let app = TestApp::with(Options { parameters: parameters.into(), ..Options::default() }).await;
    for (id, status) in (1u64..).zip([200, 400, 403]) {
        app.switch("business_error_status", json!(status)).await;
        let record = app.deliver(&created(id, "打印机离线")).await;
        assert_eq!((record.str("/status"), record.str("/reason/code")), ("dead", "rejected"), "{status}");
        let message = record.str("/reason/message");
        assert!(message.ends_with("403 ticketTemplateId does not exist"), "{message}");
        assert_eq!(codes(&record).len(), 1);
        assert_eq!(call(&record, 0)["status"], status);
    }
}

/// The record of an event once it was tried at least so many times.
async fn retried(app: &TestApp, id: &str, times: usize) -> Answer {
    eventually(async || {
        let record = app.record(id).await;
        assert_ne!(record.str("/status"), "dead", "{}", record.text);
        let finished = attempts(&record).iter().filter(|attempt| !attempt["finished_at"].is_null()).count();
        (finished >= times).then_some(record)
    })
    .await
}

fn attempts(record: &Answer) -> &[Value] {
    record.json["attempts"].as_array().expect("a list of attempts")
}

/// The code of every attempt; empty where there is nothing to explain.
fn codes(record: &Answer) -> Vec<String> {
    let codes = attempts(record).iter().map(|attempt| attempt["reason"]["code"].as_str().unwrap_or_default());
    codes.map(str::to_owned).collect()
}

/// The last call of an attempt.
fn call(record: &Answer, attempt: usize) -> &Value {
    let calls = attempts(record)[attempt]["calls"].as_array().expect("a list of calls");
    calls.last().expect("a call")
}

fn time(record: &Answer, pointer: &str) -> Timestamp {
    record.str(pointer).parse().expect("RFC 3339")
}
