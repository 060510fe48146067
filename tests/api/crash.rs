//! The process dies without warning; what it had accepted is delivered all the same, once and in order.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::*;

/// How late the simulator answers where the answer is never to be heard: longer than the test.
const NEVER_MS: u64 = 120_000;
/// Calls that the service makes at a time.
const CONCURRENCY: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn events_accepted_during_an_outage_outlive_a_killed_process() {
    let mut process = Process::start(until_it_works()).await;
    process.app.fault_at("/api", 0, json!({ "status": 503 })).await;
    join_all((1..=100).map(|id| {
        let app = &process.app;
        async move { app.accept(&created(id, &format!("第 {id} 个"))).await }
    }))
    .await;
    process.kill().await;
    process.app.mend().await;
    let process = process.restart().await;
    let ids: Vec<String> = (1..=100).map(|id| format!("created-{id}")).collect();
    all_delivered_once(&process.app, &ids).await;
    assert_eq!(subjects(&process.app).await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_in_the_middle_of_delivering_creates_no_ticket_twice() {
    const ANSWERED: u32 = 30;
    let mut process = Process::start(until_it_works()).await;
    hang_after(&process.app, ANSWERED).await;
    join_all((1..=100).map(|id| {
        let app = &process.app;
        async move { app.accept(&created(id, &format!("第 {id} 个"))).await }
    }))
    .await;
    until_asked(&process.app, ANSWERED as usize + CONCURRENCY).await;
    assert_eq!(subjects(&process.app).await.len(), ANSWERED as usize + CONCURRENCY);
    process.kill().await;
    process.app.mend().await;
    let process = process.restart().await;
    let ids: Vec<String> = (1..=100).map(|id| format!("created-{id}")).collect();
    all_delivered_once(&process.app, &ids).await;
    let subjects = subjects(&process.app).await;
    assert_eq!(subjects.len(), 100);
    assert!(subjects.values().all(|times| *times == 1), "{subjects:?}");
    let interrupted = interrupted(&process.app, &ids).await;
    assert_eq!(interrupted, CONCURRENCY, "each call without an answer is told of in its event's record");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_in_the_middle_of_delivering_keeps_every_ticket_in_order() {
    const TICKETS: u64 = 20;
    const UPDATES: u32 = 3;
    const ANSWERED: u32 = 40;
    let mut process = Process::start(until_it_works()).await;
    hang_after(&process.app, ANSWERED).await;
    let mut ids = Vec::new();
    for n in 0..=UPDATES {
        let event = |id| match n {
            0 => created(id, &format!("第 {id} 个 0")),
            n => updated_with(id, n, json!({ "subject": format!("第 {id} 个 {n}") })),
        };
        let events: Vec<Value> = (1..=TICKETS).map(event).collect();
        join_all(events.iter().map(|event| process.app.accept(event))).await;
        ids.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
    }
    until_asked(&process.app, ANSWERED as usize + CONCURRENCY).await;
    process.kill().await;
    process.app.mend().await;
    let process = process.restart().await;
    all_delivered_once(&process.app, &ids).await;
    let arrived = arrived(&process.app).await;
    assert_eq!(arrived.len() as u64, TICKETS);
    for (ticket, steps) in arrived {
        assert_eq!(steps, (0..=UPDATES).map(|n| n.to_string()).collect::<Vec<_>>(), "ticket {ticket}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_made_before_the_process_died_is_not_asked_for_again() {
    let mut process = Process::start(until_it_works()).await;
    process.app.fault_at("/api/v1/tickets/", 0, json!({ "delay_ms": NEVER_MS })).await;
    let data = with(udesk_ticket(1, "第一个"), json!({ "reply": { "content": "已更换网卡" } }));
    process.app.accept(&event("replied", "ticket.replied", data)).await;
    until_asked(&process.app, 2).await;
    process.kill().await;
    process.app.mend().await;
    let process = process.restart().await;
    let record = process.app.until("replied", &["delivered"]).await;
    assert_eq!(process.app.written("POST").await.len(), 1);
    let ticket = process.app.ticket(record.str("/target/id")).await;
    assert_eq!(ticket["replies"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_stopped_in_order_finishes_the_calls_under_way_and_leaves_the_rest() {
    let limits = "{ requests_per_second: 1000, concurrency: 1, timeout_ms: 20000 }";
    let app = TestApp::with(Options { limits: limits.into(), ..Options::default() }).await;
    app.fault(0, json!({ "delay_ms": 300 })).await;
    app.accept(&created(1, "第一个")).await;
    until_asked(&app, 1).await;
    app.accept(&created(2, "第二个")).await;
    let app = app.restart_with(Options { workers: 0, ..Options::default() }).await;
    let (first, second) = (app.record("created-1").await, app.record("created-2").await);
    assert_eq!((first.str("/status"), second.str("/status")), ("delivered", "accepted"));
    assert_eq!(app.requests("", "/api/v1/tickets").await.len(), 1);
}

fn until_it_works() -> Options {
    Options { retry: UNTIL_IT_WORKS.into(), limits: PATIENT.into(), ..Options::default() }
}

/// Lets the simulator answer so many calls, and then act on each further one without ever answering. The service
/// makes `CONCURRENCY` of those and then can make no more.
async fn hang_after(app: &TestApp, answered: u32) {
    app.fault(answered, json!({ "delay_ms": 1 })).await;
    app.fault(0, json!({ "delay_ms": NEVER_MS })).await;
}

/// Waits for so many calls of the ticket endpoints.
async fn until_asked(app: &TestApp, calls: usize) {
    eventually(async || (app.requests("", "/api/v1/tickets").await.len() == calls).then_some(())).await;
}

/// Waits until every event is delivered, and shows that no call had its effect more than once or not at all.
async fn all_delivered_once(app: &TestApp, ids: &[String]) {
    for id in ids {
        app.until(id, &["delivered"]).await;
    }
    let effects = app.effects().await;
    assert_eq!(effects.len(), ids.len(), "one Requestid an event");
    assert!(effects.values().all(|kinds| kinds.len() == 1), "{effects:?}");
}

/// How many of the events have an attempt that never ended.
async fn interrupted(app: &TestApp, ids: &[String]) -> usize {
    let mut count = 0;
    for id in ids {
        let record = app.record(id).await;
        let attempts = record.json["attempts"].as_array().expect("attempts");
        count += usize::from(attempts.iter().any(|attempt| attempt["outcome"] == "interrupted"));
    }
    count
}

/// How often each subject of the test's tickets stands in Bangwo8.
async fn subjects(app: &TestApp) -> BTreeMap<String, usize> {
    let mut subjects = BTreeMap::new();
    for ticket in app.tickets_named("第 ").await {
        *subjects.entry(ticket["subject"].to_string()).or_default() += 1;
    }
    subjects
}

/// For each ticket the last words of its subjects, in the order in which they took effect.
async fn arrived(app: &TestApp) -> BTreeMap<u64, Vec<String>> {
    let mut arrived: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for request in app.requests("", "/api/v1/tickets").await {
        let effect = &request["effect"];
        if matches!(effect["kind"].as_str(), Some("ticket_created" | "ticket_updated")) {
            let subject = request["body"]["ticket"]["subject"].as_str().expect("a subject");
            let step = subject.rsplit(' ').next().expect("a word").to_owned();
            arrived.entry(effect["ticketId"].as_u64().expect("an id")).or_default().push(step);
        }
    }
    arrived
}
