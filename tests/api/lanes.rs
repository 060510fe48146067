//! Order within a ticket, independence between tickets.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::*;

/// How late the simulator answers where calls that overlap are to show.
const DELAY_MS: i64 = 15;

#[tokio::test(flavor = "multi_thread")]
async fn updates_posted_at_once_arrive_in_the_order_of_their_acceptance_and_one_at_a_time() {
    const UPDATES: u32 = 40;
    let app = TestApp::with(Options { limits: PATIENT.into(), ..Options::default() }).await;
    app.delivered(&created(1, "更新 0")).await;
    app.fault(0, json!({ "delay_ms": DELAY_MS })).await;
    let posts = (1..=UPDATES).map(|n| {
        let (app, update) = (&app, updated_with(1, n, json!({ "subject": format!("更新 {n}") })));
        async move { (app.accept(&update).await, format!("更新 {n}")) }
    });
    let accepted: BTreeMap<i64, String> = join_all(posts).await.into_iter().collect();
    for n in 1..=UPDATES {
        app.until(&format!("updated-1-{n}"), &["delivered"]).await;
    }
    let puts = app.requests("PUT", "/api/v1/tickets").await;
    let arrived: Vec<&str> =
        puts.iter().map(|put| put["body"]["ticket"]["subject"].as_str().unwrap()).collect();
    assert_eq!(arrived, accepted.values().map(String::as_str).collect::<Vec<_>>());
    for two in puts.windows(2) {
        let apart = asked_at(&two[1]).as_millisecond() - asked_at(&two[0]).as_millisecond();
        assert!(
            apart >= DELAY_MS - 1,
            "a call began {apart} ms after the one before it, which was not answered"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tickets_go_on_while_one_lane_is_held_by_an_event_that_is_retried() {
    let app = TestApp::with(Options { retry: UNTIL_IT_WORKS.into(), ..Options::default() }).await;
    let target = app.delivered(&created(1, "坏")).await.str("/target/id").to_owned();
    app.fault_at(&format!("/api/v1/tickets/{target}.json"), 0, json!({ "status": 500 })).await;
    app.accept(&updated_with(1, 1, json!({ "subject": "第一次" }))).await;
    app.accept(&updated_with(1, 2, json!({ "subject": "第二次" }))).await;
    join_all((2..=31).map(|id| {
        let app = &app;
        async move { app.delivered(&created(id, "好")).await }
    }))
    .await;
    let held = app.until("updated-1-1", &["retrying"]).await;
    assert_eq!(held.str("/reason/code"), "unavailable");
    let waiting = app.record("updated-1-2").await;
    assert_eq!((waiting.str("/status"), waiting.json["attempts"].as_array().unwrap().len()), ("accepted", 0));
    app.mend().await;
    app.until("updated-1-2", &["delivered"]).await;
    assert_eq!(app.record("updated-1-1").await.str("/status"), "delivered");
    assert_eq!(app.ticket(&target).await["subject"], "第二次");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_whose_only_worker_is_busy_takes_none_from_another() {
    let other = "  other:
    source: { vendor: udesk, verify: [{ api_key: {} }] }
    target:
      vendor: bangwo8
      base_url: http://127.0.0.1:9
      auth: { basic: { account: file:b8-account, password: file:b8-password } }
    mapping: udesk-bangwo8
    ticketviews: { refresh_s: 0 }
";
    let app = TestApp::with(Options { workers: 1, more: other.into(), ..Options::default() }).await;
    app.fault(1, json!({ "delay_ms": 1500 })).await;
    app.accept(&created(1, "占着")).await;
    eventually(async || (app.requests("POST", "/api/v1/tickets").await.len() == 1).then_some(())).await;
    let events = format!("{}/v1/connections/other/events", app.url);
    let accepted = send(app.client.post(&events).bearer_auth(OPS_KEY).json(&created(2, "等着"))).await;
    assert_eq!(accepted.status, 202, "{}", accepted.text);
    eventually(async || {
        let record = send(app.client.get(format!("{events}/created-2")).bearer_auth(OPS_KEY)).await;
        (record.str("/status") == "retrying").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_event_holds_its_lane_until_an_operator_has_decided() {
    let app = TestApp::start().await;
    app.fault(1, refusal()).await;
    assert_eq!(app.deliver(&created(1, "打印机离线")).await.str("/status"), "dead");
    app.accept(&updated_with(1, 1, json!({ "subject": "之后" }))).await;
    app.delivered(&created(2, "别的工单")).await;
    assert_eq!(app.record("updated-1-1").await.str("/status"), "accepted");
    assert_eq!(app.operate("/events/created-1/replay").await.status, 200);
    let record = app.until("updated-1-1", &["delivered"]).await;
    assert_eq!(app.record("created-1").await.str("/status"), "delivered");
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "之后");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_event_lets_its_lane_go_on_where_the_connection_says_so_and_overwrites_nothing_when_it_comes_back()
 {
    let app = TestApp::with(Options { on_dead: "skip".into(), ..Options::default() }).await;
    app.fault(1, refusal()).await;
    assert_eq!(app.deliver(&created(1, "打印机离线")).await.str("/status"), "dead");
    app.delivered(&updated_with(
        1,
        1,
        json!({ "subject": "之后", "updated_at": "2019-01-01 00:00:00 +0800" }),
    ))
    .await;
    assert_eq!(app.operate("/events/created-1/replay").await.status, 200);
    let record = app.until("created-1", &["skipped"]).await;
    assert_eq!(record.str("/reason/code"), "stale", "{}", record.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_events_is_settled_exactly_once_by_few_workers() {
    const TICKETS: u64 = 300;
    let app = TestApp::with(Options { workers: 8, limits: PATIENT.into(), ..Options::default() }).await;
    join_all((1..=TICKETS).map(|id| {
        let app = &app;
        async move { app.accept(&created(id, &format!("第 {id} 个"))).await }
    }))
    .await;
    for id in 1..=TICKETS {
        let record = app.until(&format!("created-{id}"), &["delivered"]).await;
        assert_eq!(record.json["attempts"].as_array().unwrap().len(), 1);
    }
    let effects = app.effects().await;
    assert_eq!(effects.len(), 300);
    assert!(effects.values().all(|kinds| *kinds == ["ticket_created"]), "{effects:?}");
    let mut subjects: Vec<String> =
        app.tickets_named("第 ").await.iter().map(|t| t["subject"].to_string()).collect();
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), 300);
}
