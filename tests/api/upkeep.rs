//! A store that runs out of room, as its senders and its operators see it.

use serde_json::{Value, json};

use crate::harness::*;

const BUDGET: u64 = 8 * 1024 * 1024;
const PRUNED_FOR_ROOM: &str = "deskbridge_store_pruned_events_total{reason=\"room\"}";

/// An event of some 200 kilobytes.
fn large(id: u64) -> Value {
    created_with(id, json!({ "content": "打印机离线，请尽快处理。".repeat(5_000) }))
}

/// The value of a metric's line.
fn value(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {metrics}")).trim().parse().expect("a number")
}

async fn ready(app: &TestApp) -> Answer {
    send(app.client.get(format!("{}/readyz?verbose", app.url))).await
}

fn room(ready: &Answer) -> Value {
    let checks = ready.json["checks"].as_array().expect("checks");
    checks.iter().find(|check| check["name"] == "room").expect("a check of the room").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_asks_senders_to_come_again_delivers_what_it_has_and_recovers_by_itself() {
    let options = Options {
        retry: UNTIL_IT_WORKS.into(),
        limits: PATIENT.into(),
        disk_budget: Some(BUDGET),
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    app.fault_at("/api", 0, json!({ "status": 503 })).await;
    let mut accepted = 0;
    let refused = loop {
        let answer = app.post(&large(accepted + 1)).await;
        if answer.status != 202 {
            break answer;
        }
        accepted += 1;
        assert!(accepted < 200, "200 such events are more than the budget");
    };
    assert_eq!((refused.status, refused.str("/code")), (503, "store_full"), "{}", refused.text);
    assert_eq!(refused.header("retry-after"), "10");
    let unready = ready(&app).await;
    assert_eq!(unready.status, 200, "it delivers, and a restart would help nobody: {}", unready.text);
    assert_eq!(room(&unready)["ok"], false, "{}", unready.text);
    let metrics = app.metrics().await;
    assert_eq!(value(&metrics, "deskbridge_store_full"), 1.0);
    assert_eq!(value(&metrics, "deskbridge_store_bytes{kind=\"budget\"}"), BUDGET as f64);
    assert!(value(&metrics, "deskbridge_store_bytes{kind=\"used\"}") > 0.9 * BUDGET as f64);
    let not_there = app.record(&format!("created-{}", accepted + 1)).await;
    assert_eq!(not_there.status, 404, "nothing of it was stored");

    app.mend().await;
    let newest = format!("created-{accepted}");
    app.until(&newest, &["delivered"]).await;
    let again = large(accepted + 1);
    eventually(async || (app.post(&again).await.status == 202).then_some(())).await;
    assert_eq!(app.until(&format!("created-{}", accepted + 1), &["delivered"]).await.status, 200);
    let all = || async { app.tickets_named("打印机离线").await.len() as u64 == accepted + 1 };
    eventually(async || all().await.then_some(())).await;
    assert_eq!(room(&ready(&app).await)["ok"], true);
    let metrics = app.metrics().await;
    assert_eq!(value(&metrics, "deskbridge_store_full"), 0.0);
    assert!(value(&metrics, "deskbridge_events_waiting_age_seconds") < 60.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_settled_events_make_room_for_new_ones_and_nothing_else_does() {
    let app = TestApp::with(Options { disk_budget: Some(BUDGET), ..Options::default() }).await;
    let unmapped = created_with(1, json!({ "priority": "没有这个优先级" }));
    app.parked(&unmapped).await;
    let mut id = 1;
    let metrics = eventually(async || {
        id += 1;
        app.post(&large(id)).await;
        let metrics = app.metrics().await;
        (value(&metrics, PRUNED_FOR_ROOM) > 0.0).then_some(metrics)
    })
    .await;
    assert_eq!(value(&metrics, "deskbridge_store_pruned_events_total{reason=\"age\"}"), 0.0);
    assert_eq!(app.record("created-2").await.status, 404, "the oldest went first");
    assert_eq!(
        app.record("created-1").await.str("/status"),
        "parked",
        "it wants a person, and waits for one"
    );
}
