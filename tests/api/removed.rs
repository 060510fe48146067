//! What is left of a connection that was taken out of the configuration: it can be looked at, given up and erased, and not
//! be tried again where nobody works.

use serde_json::{Value, json};

use crate::harness::*;

/// A service whose connection `second` has a parked event and two that wait, and is no longer configured.
async fn removed() -> TestApp {
    let options = Options { neighbours: vec!["second"], ..Options::default() };
    let app = TestApp::with(options.clone()).await;
    app.accept_for("second", &created_with(1, json!({ "status": "外星" }))).await;
    eventually(async || (app.status_of("second", "created-1").await == "parked").then_some(())).await;
    let app = app.restart_with(Options { workers: 0, ..options }).await;
    app.accept_for("second", &created(2, "打印机离线")).await;
    app.accept_for("second", &created(3, "投影仪坏了")).await;
    app.restart_with(Options::default()).await
}

async fn order(app: &TestApp, path: &str, body: &Value) -> Answer {
    let url = format!("{}/v1/connections/second{path}", app.url);
    send(app.client.post(url).bearer_auth(OPS_KEY).json(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_nobody_can_be_discarded_one_by_one_and_all_at_once() {
    let app = removed().await;
    let one = order(&app, "/events/created-2/discard", &json!({})).await;
    assert_eq!((one.status, one.str("/status")), (200, "discarded"), "{}", one.text);
    order(&app, "/events/created-2/discard", &json!({})).await.assert_problem(409, "wrong_status");
    let lane = json!({ "filter": { "lane": "ticket:3" } });
    let held = order(&app, "/dead-letters/discard", &lane).await;
    assert_eq!(held.json, json!({ "discarded": 0 }), "what waits is meant only where it is said");
    let all = json!({ "filter": {}, "dry_run": true, "waiting": "discard" });
    let all = order(&app, "/dead-letters/discard", &all).await;
    assert_eq!(all.json, json!({ "count": 2 }), "the parked one, and the one that waits");
    let lane = json!({ "filter": { "lane": "ticket:3" }, "waiting": "discard" });
    assert_eq!(order(&app, "/dead-letters/discard", &lane).await.json, json!({ "discarded": 1 }));
    let rest = order(&app, "/dead-letters/discard", &json!({ "filter": {} })).await;
    assert_eq!(rest.json, json!({ "discarded": 1 }));
    for id in ["created-1", "created-2", "created-3"] {
        assert_eq!(app.status_of("second", id).await, "discarded", "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_somebody_is_not_given_up_with_the_parked_and_dead() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    app.accept(&created(1, "打印机离线")).await;
    let url = app.path("/dead-letters/discard");
    let refused = json!({ "filter": {}, "waiting": "discard" });
    let refused = send(app.client.post(url).bearer_auth(OPS_KEY).json(&refused)).await;
    refused.assert_problem(409, "still_configured");
    assert!(refused.str("/detail").contains("is being delivered"), "{}", refused.text);
    assert_eq!(app.status_of(CONNECTION, "created-1").await, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_where_nobody_works_is_refused_and_says_to_put_the_connection_back() {
    let app = removed().await;
    let requests = [
        ("/events/created-1/replay", json!({})),
        ("/dead-letters/replay", json!({ "filter": {} })),
        ("/dead-letters/replay", json!({ "filter": {}, "dry_run": true })),
    ];
    for (path, body) in requests {
        let refused = order(&app, path, &body).await;
        refused.assert_problem(409, "not_configured");
        assert!(refused.str("/detail").contains("put it back into the configuration"), "{}", refused.text);
    }
    assert_eq!(app.status_of("second", "created-1").await, "parked");
    let configured = Options { neighbours: vec!["second"], workers: 0, ..Options::default() };
    let app = app.restart_with(configured).await;
    let replayed = order(&app, "/events/created-1/replay", &json!({})).await;
    assert_eq!(replayed.str("/status"), "accepted", "once it is back: {}", replayed.text);
    order(&app, "/events/created-2/discard", &json!({})).await.assert_problem(409, "wrong_status");
}
