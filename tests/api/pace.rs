//! A vendor that asks for less gets less: from the whole connection, for as long as it says.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::harness::*;

/// How late the simulator answers where the answer is never to be heard: longer than the test.
const NEVER_MS: u64 = 120_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_is_a_rest_for_the_whole_connection_and_for_no_other() {
    for limited in [
        json!({ "rate_limited": { "retry_after_s": 2 } }),
        json!({ "status": 503, "headers": { "retry-after": "2" } }),
    ] {
        let app = TestApp::with(Options { neighbours: vec!["globex"], ..Options::default() }).await;
        app.delivered(&created(1, "第一个")).await;
        app.fault_on("POST", 1, limited).await;
        app.accept(&created(2, "第二个")).await;
        app.until_connection("acme", "resting").await;
        for id in 3..=6 {
            app.accept(&created(id, "后来的")).await;
        }
        app.accept_for("globex", &created(7, "邻居")).await;
        eventually(async || (app.status_of("globex", "created-7").await == "delivered").then_some(())).await;
        let resting = app.delivery_check("acme").await;
        assert_eq!(resting["ok"], false);
        let posts = app.requests("POST", "/api/v1/tickets").await;
        let of_acme = |post: &&Value| post["body"]["ticket"]["subject"] != "邻居";
        let before: Vec<&Value> = posts.iter().filter(of_acme).collect();
        assert_eq!(before.len(), 2, "nothing of the connection goes meanwhile");
        for id in 2..=6 {
            app.until(&format!("created-{id}"), &["delivered"]).await;
        }
        let posts = app.requests("POST", "/api/v1/tickets").await;
        let times: Vec<Timestamp> = posts.iter().filter(of_acme).map(asked_at).collect();
        let apart = times[2].as_millisecond() - times[1].as_millisecond();
        assert!(apart >= 2000, "asked for 2 s, came after {apart} ms");
        assert_eq!(app.delivery_check("acme").await["ok"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_halves_what_goes_at_once_and_successes_bring_it_back() {
    let app = TestApp::with(Options { limits: PATIENT.into(), ..Options::default() }).await;
    assert_eq!(app.at_once("acme").await, 8);
    app.fault_on("POST", 1, json!({ "rate_limited": {} })).await;
    app.delivered(&created(1, "第一个")).await;
    assert_eq!(app.at_once("acme").await, 4);
    for id in 2..=4 {
        app.delivered(&created(id, "接着")).await;
    }
    assert_eq!(app.at_once("acme").await, 5, "four successes since");
    // As many as that are under way, and not one more.
    app.fault_on("POST", 0, json!({ "delay_ms": NEVER_MS })).await;
    let asked = app.requests("POST", "/api/v1/tickets").await.len();
    for id in 11..=30 {
        app.accept(&created(id, "占着")).await;
    }
    eventually(async || (app.requests("POST", "/api/v1/tickets").await.len() == asked + 5).then_some(()))
        .await;
    app.accept(&created(31, "还有")).await;
    assert_eq!(app.record("created-31").await.json["tried"], 0);
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), asked + 5);
}
