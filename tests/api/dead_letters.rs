//! Events that wait for an operator: what is told of them, and what can be done with many at once.

use serde_json::{Value, json};

use crate::harness::*;

/// A service on which `tickets` events have died, those of tickets 1, 2, …
async fn with_dead(tickets: u64, options: Options) -> TestApp {
    let app = TestApp::with(options).await;
    app.fault(u32::try_from(tickets).expect("a few"), refusal()).await;
    for id in 1..=tickets {
        let record = app.deliver(&created(id, &format!("打印机离线 {id}"))).await;
        assert_eq!(record.str("/status"), "dead", "{}", record.text);
    }
    app
}

/// An event that the mapping has no answer for.
fn unmappable(id: u64) -> Value {
    created_with(id, json!({ "status": "外星" }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_what_a_replay_then_does() {
    let app = with_dead(2, Options::default()).await;
    app.parked(&unmappable(3)).await;
    for (filter, count) in [
        (json!({}), 3),
        (json!({ "status": "dead" }), 2),
        (json!({ "status": "parked" }), 1),
        (json!({ "lane": "ticket:2" }), 1),
        (json!({ "code": "unknown_value" }), 1),
        (json!({ "type": "ticket.updated" }), 0),
        (json!({ "since": "2000-01-01T00:00:00Z", "until": "2001-01-01T00:00:00Z" }), 0),
    ] {
        for what in ["replay", "discard"] {
            let body = json!({ "filter": filter, "dry_run": true });
            let answer = app.order(&format!("/dead-letters/{what}"), &body).await;
            assert_eq!((answer.status, &answer.json), (200, &json!({ "count": count })), "{what} {filter}");
        }
    }
    assert_eq!(app.get("/events?status=dead").await.json["events"].as_array().unwrap().len(), 2);
    let replayed = app.order("/dead-letters/replay", &json!({ "filter": { "status": "dead" } })).await;
    assert_eq!((replayed.status, replayed.json), (200, json!({ "replayed": 2 })));
    for id in ["created-1", "created-2"] {
        let record = app.until(id, &["delivered"]).await;
        assert_eq!(record.json["tried"], 1, "attempts are counted anew");
        assert_eq!(record.json["attempts"].as_array().unwrap().len(), 2, "and all are kept");
    }
    let discarded = app.order("/dead-letters/discard", &json!({ "filter": {} })).await;
    assert_eq!((discarded.status, discarded.json), (200, json!({ "discarded": 1 })));
    assert_eq!(app.record("created-3").await.str("/status"), "discarded");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_replayed_together_keep_the_order_of_their_lane() {
    let app = TestApp::with(Options { on_dead: "skip".into(), ..Options::default() }).await;
    app.delivered(&created(1, "更新 0")).await;
    app.fault(2, refusal()).await;
    for n in [1, 2] {
        let update = updated_with(1, n, json!({ "subject": format!("更新 {n}") }));
        assert_eq!(app.deliver(&update).await.str("/status"), "dead");
    }
    // The lane has gone on without them.
    app.delivered(&updated_with(1, 3, json!({ "subject": "更新 3" }))).await;
    // One more is under way while they are put back, and one comes after.
    app.fault(1, json!({ "delay_ms": 300 })).await;
    app.accept(&updated_with(1, 4, json!({ "subject": "更新 4" }))).await;
    eventually(async || (app.written("PUT").await.len() == 4).then_some(())).await;
    app.accept(&updated_with(1, 5, json!({ "subject": "更新 5" }))).await;
    let replayed = app.order("/dead-letters/replay", &json!({ "filter": {} })).await;
    assert_eq!(replayed.json, json!({ "replayed": 2 }));
    app.until("updated-1-5", &["delivered", "skipped"]).await;
    let subjects: Vec<String> = app
        .written("PUT")
        .await
        .iter()
        .map(|ticket| ticket["subject"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(subjects[..4], ["更新 1", "更新 2", "更新 3", "更新 4"]);
    let later: Vec<&String> = subjects[4..].iter().collect();
    assert_eq!(later, ["更新 1", "更新 2", "更新 5"], "before what came later, after what was under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_under_a_new_key_is_something_new_to_the_vendor() {
    let app = with_dead(1, Options::default()).await;
    app.fault(1, refusal()).await;
    let same = app.order("/events/created-1/replay", &json!({ "mapping": "current", "key": "same" })).await;
    assert_eq!(same.status, 200, "{}", same.text);
    app.until("created-1", &["dead"]).await;
    let new = app.order("/events/created-1/replay", &json!({ "key": "new" })).await;
    assert_eq!(new.status, 200, "{}", new.text);
    app.until("created-1", &["delivered"]).await;
    let ids: Vec<String> = app
        .requests("POST", "/api/v1/tickets")
        .await
        .iter()
        .map(|request| request["requestid"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[0], ids[1], "the same key, the same request id");
    assert_ne!(ids[1], ids[2], "a new key, a new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_can_not_be_read_changes_nothing_and_tells_what_is_allowed() {
    let app = with_dead(1, Options::default()).await;
    let wrong: [(&str, &str, u16, &str, &str); 11] = [
        ("/events/created-1/replay", "{", 400, "malformed_json", "column"),
        ("/events/created-1/replay", r#"{"mapping":"old"}"#, 422, "invalid_options", "`current` or `pinned`"),
        ("/events/created-1/replay", r#"{"key":1}"#, 422, "invalid_options", "same"),
        ("/events/created-1/replay", r#"{"maping":"pinned"}"#, 422, "invalid_options", "`mapping` or `key`"),
        ("/dead-letters/replay", "", 400, "malformed_json", "line"),
        ("/dead-letters/replay", "{}", 422, "invalid_options", "`filter`"),
        ("/dead-letters/replay", r#"{"filter":{"state":"dead"}}"#, 422, "invalid_options", "`status`"),
        (
            "/dead-letters/replay",
            r#"{"filter":{"status":"retrying"}}"#,
            422,
            "invalid_options",
            "parked or dead",
        ),
        ("/dead-letters/discard", r#"{"filter":{"since":"gestern"}}"#, 422, "invalid_options", "since: "),
        (
            "/dead-letters/discard",
            r#"{"filter":{"since":"2026-11-01T00:00:00Z","until":"2026-11-01T08:00:00+08:00"}}"#,
            422,
            "invalid_options",
            "must be before until",
        ),
        ("/dead-letters/discard", r#"{"filter":{},"key":"new"}"#, 422, "invalid_options", "`dry_run`"),
    ];
    for (path, body, status, code, told) in wrong {
        let answer = send(app.client.post(app.path(path)).bearer_auth(OPS_KEY).body(body.to_owned())).await;
        assert_eq!((answer.status, answer.str("/code")), (status, code), "{path} {body}: {}", answer.text);
        assert!(answer.str("/detail").contains(told), "{path} {body}: {}", answer.text);
    }
    assert_eq!(app.record("created-1").await.str("/status"), "dead");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_key_that_may_operate_changes_anything() {
    let app = with_dead(1, Options::default()).await;
    for path in ["/dead-letters/replay", "/dead-letters/discard"] {
        for (key, status) in [(WALL_KEY, 403), (FLOW_KEY, 403), ("wrong", 401)] {
            let request = app.client.post(app.path(path)).bearer_auth(key).json(&json!({ "filter": {} }));
            assert_eq!(send(request).await.status, status, "{path} {key}");
        }
    }
    assert_eq!(app.record("created-1").await.str("/status"), "dead");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lanes_that_wait_say_for_what_and_how_many_wait_behind() {
    let app = with_dead(1, Options::default()).await;
    app.parked(&unmappable(2)).await;
    for n in 1..=3 {
        app.accept(&updated_with(2, n, json!({ "subject": "之后" }))).await;
    }
    app.delivered(&created(3, "别的工单")).await;
    let lanes = app.get("/lanes").await;
    assert_eq!(lanes.status, 200, "{}", lanes.text);
    let told: Vec<(&str, u64, &str, &str)> = lanes.json["lanes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lane| {
            let text = |pointer| lane.pointer(pointer).and_then(Value::as_str).unwrap();
            let waiting = lane["waiting"].as_u64().unwrap();
            (text("/lane"), waiting, text("/held_by/id"), text("/held_by/reason/code"))
        })
        .collect();
    assert_eq!(
        told,
        [("ticket:2", 3, "created-2", "unknown_value"), ("ticket:1", 0, "created-1", "rejected")],
        "the newest first"
    );
    let dead = app.get("/lanes?status=dead&limit=1").await;
    assert_eq!(dead.str("/lanes/0/lane"), "ticket:1");
    let next = app.get(&format!("/lanes?cursor={}", lanes.json["lanes"][0]["held_by"]["sequence"])).await;
    assert_eq!(next.str("/lanes/0/lane"), "ticket:1");
    let wrong = app.get("/lanes?status=delivered").await;
    assert_eq!((wrong.status, wrong.str("/code")), (400, "invalid_query"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_waits_behind_a_held_one_says_behind_which() {
    let app = with_dead(1, Options::default()).await;
    app.parked(&unmappable(2)).await;
    for ticket in [1, 2] {
        app.accept(&updated_with(ticket, 1, json!({ "subject": "之后" }))).await;
    }
    for (waiting, by, status, code) in [
        ("updated-1-1", "created-1", "dead", "rejected"),
        ("updated-2-1", "created-2", "parked", "unknown_value"),
    ] {
        let record = app.record(waiting).await;
        assert_eq!(record.str("/status"), "accepted", "{}", record.text);
        assert_eq!((record.str("/behind/id"), record.str("/behind/status")), (by, status), "{}", record.text);
        assert_eq!(record.str("/behind/reason/code"), code, "{}", record.text);
        assert_eq!(record.json["behind"]["href"], app.record(by).await.json["href"]);
        let told = app.get(&format!("/events/{waiting}/explain")).await;
        assert_eq!(told.json["result"]["behind"], record.json["behind"], "{}", told.text);
        assert_eq!(app.operate(&format!("/events/{waiting}/replay")).await.str("/code"), "wrong_status");
    }
    let holding = app.record("created-2").await;
    assert!(holding.json["behind"].is_null(), "it holds the lane itself: {}", holding.text);
    assert_eq!(app.operate("/events/created-2/discard").await.status, 200);
    let record = app.until("updated-2-1", &["delivered"]).await;
    assert!(record.json["behind"].is_null(), "{}", record.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_can_be_asked_for_by_reason_and_by_both_ends_of_a_time() {
    let app = with_dead(1, Options::default()).await;
    app.delivered(&created(2, "别的工单")).await;
    let ids = async |query: &str| -> Vec<String> {
        let answer = app.get(&format!("/events?{query}")).await;
        let events = answer.json["events"].as_array().unwrap_or_else(|| panic!("{}", answer.text)).clone();
        events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("code=rejected").await, ["created-1"]);
    assert!(ids("until=2001-01-01T00:00:00Z").await.is_empty());
    let second = app.record("created-2").await;
    let accepted_at = second.str("/accepted_at");
    assert_eq!(ids(&format!("since={accepted_at}")).await, ["created-2"]);
    assert_eq!(ids(&format!("until={accepted_at}")).await, ["created-1"]);
    let nothing = app.get(&format!("/events?since={accepted_at}&until={accepted_at}")).await;
    assert_eq!((nothing.status, nothing.str("/code")), (400, "invalid_query"), "{}", nothing.text);
    assert!(nothing.str("/detail").contains("must be before until"), "{}", nothing.text);
}
