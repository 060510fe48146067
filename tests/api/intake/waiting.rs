//! `Prefer: wait=N`: the answer comes when the event is settled, so that the next step can use the ticket's id.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_who_waits_gets_the_whole_record_with_the_tickets_id() {
    let app = TestApp::start().await;
    let answer = app.deliver(&created(1, "等一下")).await;
    assert_eq!(answer.header("preference-applied"), "wait=20");
    assert_eq!((answer.str("/id"), answer.str("/status")), ("created-1", "delivered"), "{}", answer.text);
    assert_eq!((answer.str("/type"), answer.str("/lane")), ("ticket.created", "ticket:1"));
    assert_eq!(answer.str("/target/kind"), "ticket");
    assert_eq!(app.ticket(answer.str("/target/id")).await["subject"], "等一下");
    assert_eq!(answer.json["attempts"].as_array().map(Vec::len), Some(1), "{}", answer.text);
    assert_eq!(answer.json, app.record("created-1").await.json);
    let request = app.signed(created(2, "再等一下").to_string().as_bytes());
    let answer = send(request.header("prefer", "respond-async").header("prefer", "wait=20")).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (200, "wait=20"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_settled_in_time_is_answered_as_accepted() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let started = Instant::now();
    let request = app.signed(created(1, "x").to_string().as_bytes()).header("prefer", "wait=1");
    let answer = send(request).await;
    assert!(started.elapsed() >= Duration::from_secs(1), "it waited");
    assert_eq!((answer.status, answer.str("/status")), (202, "accepted"), "{}", answer.text);
    assert_eq!((answer.header("preference-applied"), answer.header("location")), ("", answer.str("/href")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_who_does_not_wait_is_answered_while_the_delivery_is_under_way() {
    let app = TestApp::start().await;
    app.fault(0, json!({ "delay_ms": 1500 })).await;
    let started = Instant::now();
    assert_eq!(app.post(&created(1, "x")).await.str("/status"), "accepted");
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    let record = app.until("created-1", &["delivered"]).await;
    assert_eq!(record.status, 200, "{}", record.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_that_waits_gets_the_record_of_the_first() {
    let app = TestApp::start().await;
    let first = app.deliver(&created(1, "x")).await;
    let again = app.deliver(&created(1, "x")).await;
    assert_eq!(again.json, first.json);
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_needs_an_operator_ends_the_wait_too() {
    let app = TestApp::start().await;
    let mut strange = created(1, "x");
    strange["data"]["status"] = json!("待审核");
    let answer = app.deliver(&strange).await;
    assert_eq!((answer.str("/status"), answer.str("/reason/code")), ("parked", "unknown_value"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preference_that_can_not_be_read_is_no_preference() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for (id, preference) in
        [(1, "wait"), (2, "wait=soon"), (3, "respond-async"), (4, "wait=-1"), (5, "wait=0")]
    {
        let request = app.signed(created(id, "x").to_string().as_bytes()).header("prefer", preference);
        let answer = send(request).await;
        assert_eq!(
            (answer.status, answer.str("/status")),
            (202, "accepted"),
            "{preference}: {}",
            answer.text
        );
    }
}
