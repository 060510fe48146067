//! What makes an event one of a kind, and what a second one under its name is.

use serde_json::{Value, json};

use crate::harness::*;

const CLOUDEVENT: &str = "application/cloudevents+json; charset=utf-8";

fn cloudevent(source: &str, id: &str, ticket: u64) -> Value {
    let mut event = created(ticket, "云事件");
    event["specversion"] = json!("1.0");
    event["source"] = json!(source);
    event["id"] = json!(id);
    event
}

async fn post_cloudevent(app: &TestApp, event: &Value) -> Answer {
    let request = app.client.post(app.path("/events")).header("content-type", CLOUDEVENT);
    send(signed(request, SIGNING_KEY, now(), event.to_string().as_bytes())).await
}

async fn follow(app: &TestApp, href: &str) -> Answer {
    send(app.client.get(format!("{}{href}", app.url)).bearer_auth(OPS_KEY)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_event_is_told_its_sequence_lane_and_address() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let answer = app.post(&created(7, "打印机离线")).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let expected = json!({
        "id": "created-7", "sequence": 1, "status": "accepted", "lane": "ticket:7",
        "href": "/v1/connections/acme/events/created-7"
    });
    assert_eq!(answer.json, expected);
    assert_eq!(answer.header("location"), answer.str("/href"));
    assert_eq!(answer.header("content-type"), "application/json");
    let record = follow(&app, answer.str("/href")).await;
    assert_eq!((record.status, record.str("/id"), record.str("/type")), (200, "created-7", "ticket.created"));
    assert_eq!(record.str("/time"), "2026-05-01T02:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_id_has_an_address_that_can_be_followed() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for id in ["a/b", "a%2Fb", "100%", "租户?工单#1", "a+b&c=d", "urn:uuid:1", "..a", "\"quoted\"", "\\"]
    {
        let answer = app.post(&event(id, "ticket.created", udesk_ticket(1, "x"))).await;
        assert_eq!((answer.status, answer.str("/id")), (202, id), "{}", answer.text);
        let record = follow(&app, answer.str("/href")).await;
        assert_eq!((record.status, record.str("/id")), (200, id), "{}: {}", answer.str("/href"), record.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_no_address_can_hold_is_refused() {
    let app = TestApp::start().await;
    for id in ["", ".", "..", "a b", "a\nb", &"x".repeat(513)] {
        let answer = app.post(&event(id, "ticket.created", udesk_ticket(1, "x"))).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), ["/id pattern"], "{id:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloudevent_is_known_by_its_source_and_its_id() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let first = post_cloudevent(&app, &cloudevent("/租户/acme", "1", 1)).await;
    assert_eq!((first.status, first.str("/id")), (202, "/租户/acme 1"), "{}", first.text);
    let record = follow(&app, first.str("/href")).await;
    assert_eq!((record.status, record.str("/id")), (200, "/租户/acme 1"), "{}", record.text);
    let again = post_cloudevent(&app, &cloudevent("/租户/acme", "1", 1)).await;
    assert_eq!((again.str("/status"), &again.json["sequence"]), ("duplicate", &first.json["sequence"]));
    let elsewhere = post_cloudevent(&app, &cloudevent("/租户/other", "1", 1)).await;
    assert_eq!((elsewhere.status, elsewhere.str("/status")), (202, "accepted"), "{}", elsewhere.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloudevent_may_carry_extensions_and_null_for_what_is_not_set() {
    let app = TestApp::start().await;
    let mut event = cloudevent("/udesk", "2", 2);
    event["datacontenttype"] = json!("application/json");
    event["partitionkey"] = json!("ticket:2");
    event["time"] = Value::Null;
    event["dataschema"] = Value::Null;
    let answer = post_cloudevent(&app, &event).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    assert_eq!(app.until("%2Fudesk%202", &["delivered"]).await.json["time"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloudevent_of_another_version_or_without_a_source_is_refused() {
    let app = TestApp::start().await;
    let mut old = cloudevent("/udesk", "1", 1);
    old["specversion"] = json!("0.3");
    let mut anonymous = cloudevent("/udesk", "1", 1);
    anonymous.as_object_mut().expect("an object").remove("source");
    let mut unversioned = cloudevent("/udesk", "1", 1);
    unversioned["specversion"] = Value::Null;
    let cases = [
        (old, "/specversion const"),
        (anonymous, " required"),
        (unversioned, " required"),
        (cloudevent("", "1", 1), "/source pattern"),
        (cloudevent("/a b", "1", 1), "/source pattern"),
        (cloudevent("/udesk", "", 1), "/id pattern"),
    ];
    for (event, violation) in cases {
        let answer = post_cloudevent(&app, &event).await;
        app.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(answer.violations(), [violation], "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_again_is_a_duplicate_without_a_second_effect() {
    let app = TestApp::start().await;
    let tickets = app.tickets().await.len();
    let first = app.deliver(&created(1, "一次")).await;
    let body = created(1, "一次").to_string();
    let request = app.client.post(app.path("/events")).header("content-type", "application/json");
    // Signed again, a minute earlier: the signature is no part of the event.
    let again = send(signed(request, SIGNING_KEY, now() - 60, body.as_bytes())).await;
    assert_eq!((again.status, again.str("/status")), (202, "duplicate"), "{}", again.text);
    assert_eq!(again.json["sequence"], first.json["sequence"]);
    app.deliver(&created(2, "之后")).await;
    assert_eq!(app.stored().await, ["created-2", "created-1"]);
    assert_eq!(app.tickets().await.len(), tickets + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_content_under_a_used_id_is_refused_and_the_first_stays() {
    let app = TestApp::start().await;
    let first = app.deliver(&created(1, "第一个")).await;
    let conflict = app.post(&created(1, "另一个")).await;
    conflict.assert_problem(409, "idempotency_conflict");
    assert_eq!(app.stored().await, ["created-1"]);
    assert_eq!(app.ticket(first.str("/target/id")).await["subject"], "第一个");
    assert_eq!(app.requests("PUT", "/api/v1/tickets").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_used_up_in_its_own_connection_only() {
    let app = TestApp::with(Options { neighbours: vec!["other"], ..Options::default() }).await;
    let first = app.deliver(&created(1, "甲")).await;
    let body = created(1, "乙").to_string();
    let request = app.client.post(format!("{}/v1/connections/other/events", app.url));
    let request = request.header("content-type", "application/json").header("prefer", "wait=20");
    let second = send(signed(request, SIGNING_KEY, now(), body.as_bytes())).await;
    assert_eq!((second.status, second.str("/status")), (200, "delivered"), "{}", second.text);
    assert_ne!(second.str("/target/id"), first.str("/target/id"));
    assert_eq!(app.ticket(second.str("/target/id")).await["subject"], "乙");
}
