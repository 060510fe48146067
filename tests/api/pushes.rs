//! Flat pushes of Udesk's triggers: verified by a token, taken as hints, read again at the source.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::*;

/// A connection that takes pushes by a token in the body, by one in the query, and by a key.
fn options() -> Options {
    Options {
        verify: "[{ push_token: { in: body, field: token, secret: file:push-token } }, \
                  { push_token: { in: query, name: token, secret: file:push-token } }, { api_key: {} }, \
                  { standard_webhooks: { secrets: [file:signing] } }]"
            .into(),
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(),
        ..Options::default()
    }
}

/// What a trigger sends by the documented template; every value is text.
fn push(ticket_id: &str) -> Value {
    json!({
        "type": "ticket_updated", "ticket_id": ticket_id, "ticket_no": "#1", "status": "解决中",
        "updated_at": "2017-05-04 14:26:18 +0800", "token": PUSH_TOKEN
    })
}

/// Sends a push as a trigger does, with whatever content type, and waits until it is settled.
async fn pushed(app: &TestApp, event_type: &str, body: &Value) -> Answer {
    let request = app.client.post(app.path("/events")).query(&[("type", event_type)]);
    send(request.header("content-type", "text/plain").header("prefer", "wait=20").body(body.to_string()))
        .await
}

/// What the Udesk simulator was asked for this ticket.
async fn rereads(app: &TestApp, id: u64) -> usize {
    let url = format!("{}/_sandbox/requests?path=/api/v1/tickets/{id}", app.sandbox.udesk_url());
    send(app.client.get(url)).await.json.as_array().expect("a list").len()
}

#[tokio::test]
async fn a_push_is_a_hint_and_the_ticket_is_read_again_at_the_source() {
    let app = TestApp::with(options()).await;
    let record = pushed(&app, "ticket.updated", &push("1")).await;
    assert_eq!((record.status, record.str("/status")), (200, "delivered"), "{}", record.text);
    assert_eq!(record.str("/lane"), "ticket:1");
    assert_eq!(record.str("/attempts/0/calls/0/path"), "/api/v1/tickets/1.json");
    assert_eq!(record.str("/attempts/0/calls/0/code"), "ok");
    let ticket = app.ticket(record.str("/target/id")).await;
    assert_eq!(ticket["subject"], "演示工单", "not in the push, so it was read");
    assert_eq!(rereads(&app, 1).await, 1);
}

#[tokio::test]
async fn a_push_about_what_was_written_last_does_nothing() {
    let app = TestApp::with(options()).await;
    pushed(&app, "ticket.created", &push("1")).await;
    let again = pushed(&app, "ticket.updated", &push("1")).await;
    assert_eq!((again.str("/status"), again.str("/reason/code")), ("skipped", "unchanged"), "{}", again.text);
    assert_eq!(app.requests("PUT", "/api/v1/tickets").await.len(), 0);
    // An envelope is no hint: whoever sends it means it.
    let meant = event("meant", "ticket.updated", udesk_ticket(1, "另一个标题"));
    app.delivered(&meant).await;
    let back = pushed(&app, "ticket.updated", &push("1")).await;
    assert_eq!(
        back.str("/status"),
        "delivered",
        "the source has another subject than was written: {}",
        back.text
    );
    assert_eq!(app.last_written("PUT").await["subject"], "演示工单");
}

#[tokio::test]
async fn every_push_is_an_event_of_its_own_even_with_the_same_bytes() {
    let app = TestApp::with(options()).await;
    let (first, second) =
        (pushed(&app, "ticket.updated", &push("1")).await, pushed(&app, "ticket.updated", &push("1")).await);
    assert!(first.str("/id").starts_with("push:"));
    assert_ne!(first.str("/id"), second.str("/id"));
}

#[tokio::test]
async fn the_token_is_taken_from_the_body_or_the_query_and_kept_nowhere() {
    let app = TestApp::with(options()).await;
    let by_body = pushed(&app, "ticket.updated", &push("1")).await;
    assert_eq!((by_body.status, by_body.str("/verified_by")), (200, "push_token"));
    let query = [("type", "ticket.updated"), ("token", PUSH_TOKEN)];
    let by_query = app.client.post(app.path("/events")).query(&query).json(&json!({ "ticket_id": 2 }));
    assert_eq!(send(by_query).await.status, 202);
    for file in std::fs::read_dir(app.folder.path()).expect("the folder") {
        let path = file.expect("a file").path();
        let is_store =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("deskbridge.db"));
        let bytes = std::fs::read(&path).expect("a file");
        let held = bytes.windows(PUSH_TOKEN.len()).any(|window| window == PUSH_TOKEN.as_bytes());
        assert!(!is_store || !held, "{} holds the token", path.display());
    }
}

#[tokio::test]
async fn a_push_without_the_right_token_is_refused() {
    let app = TestApp::with(options()).await;
    let wrong = with(push("1"), json!({ "token": "push-token-of-another-trigger" }));
    let none = json!({ "ticket_id": 1 });
    let number = with(push("1"), json!({ "token": 7 }));
    for body in [wrong, none, number, json!([push("1")]), json!("text")] {
        let answer = pushed(&app, "ticket.updated", &body).await;
        assert_eq!((answer.status, answer.str("/code")), (401, "unauthorized"), "{}", answer.text);
        assert!(answer.str("/detail").contains("the push's token"), "{}", answer.text);
        assert!(!answer.text.contains("another-trigger"));
    }
    // The token is no key to envelopes, wherever it stands.
    let envelope = with(created(9, "标题"), json!({ "token": PUSH_TOKEN }));
    let request = app.client.post(app.path("/events")).query(&[("token", PUSH_TOKEN)]);
    assert_eq!(send(request.json(&envelope)).await.status, 401);
}

#[tokio::test]
async fn a_push_that_names_no_ticket_or_no_type_is_told_what_to_send() {
    let app = TestApp::with(options()).await;
    let refused = async |event_type: &str, body: Value| {
        let answer = pushed(&app, event_type, &with(json!({ "token": PUSH_TOKEN }), body)).await;
        (answer.status, answer.str("/code").to_owned(), answer.text)
    };
    let (status, code, text) = refused("ticket.updated", json!({ "工单id": "1" })).await;
    assert_eq!((status, code.as_str()), (422, "schema_violation"));
    assert!(text.contains("ticket_id"), "{text}");
    let (status, _, text) = refused("ticket.updated", json!({ "ticket_id": "#17" })).await;
    assert!(status == 422 && text.contains(r#""pointer":"/ticket_id""#), "{text}");
    let (status, _, text) = refused("ticket.changed", json!({ "ticket_id": "1" })).await;
    assert!(status == 422 && text.contains("ticket.created, ticket.updated"), "{text}");
    let (status, code, _) = refused("company.updated", json!({ "ticket_id": "1" })).await;
    assert_eq!((status, code.as_str()), (422, "push_not_taken"));
    let broken =
        app.client.post(app.path("/events?type=ticket.updated")).body(r#"{"ticket_id":"13" "token":"x"}"#);
    let answer = send(broken).await;
    assert_eq!((answer.status, answer.str("/code")), (400, "malformed_json"), "{}", answer.text);
    let malformed = app.client.post(app.path("/events?type=ticket.updated&token=push-token-of-the-trigger"));
    let answer = send(malformed.body("{")).await;
    assert_eq!((answer.status, answer.str("/code")), (400, "malformed_json"));
}

#[tokio::test]
async fn a_connection_without_the_sources_api_takes_no_pushes() {
    let app = TestApp::start().await;
    let request = app.client.post(app.path("/events?type=ticket.updated")).bearer_auth(FLOW_KEY);
    let answer = send(request.json(&json!({ "ticket_id": 1 }))).await;
    assert_eq!((answer.status, answer.str("/code")), (422, "push_not_taken"), "{}", answer.text);
    assert!(answer.str("/detail").contains("source.api.v1"));
}

#[tokio::test]
async fn a_ticket_that_is_gone_at_the_source_is_skipped() {
    let app = TestApp::with(options()).await;
    let record = pushed(&app, "ticket.updated", &push("987654")).await;
    assert_eq!(
        (record.str("/status"), record.str("/reason/code")),
        ("skipped", "source_gone"),
        "{}",
        record.text
    );
    assert_eq!(app.requests("", "/api/v1/tickets").await.len(), 0);
}

#[tokio::test]
async fn a_source_that_fails_costs_attempts_and_nothing_else() {
    let app = TestApp::with(options()).await;
    app.udesk_fault(3, json!({ "status": 502, "body": "<html>维护中</html>" })).await;
    let record = pushed(&app, "ticket.updated", &push("1")).await;
    assert_eq!(record.str("/status"), "delivered", "{}", record.text);
    assert_eq!(record.json["tried"], 4);
    assert_eq!(record.str("/attempts/0/reason/code"), "source_unavailable");
    assert_eq!(record.str("/attempts/0/calls/0/path"), "/api/v1/tickets/1.json");
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), 1);
}

#[tokio::test]
async fn a_source_that_answers_nonsense_costs_one_attempt_each_time() {
    let app = TestApp::with(options()).await;
    let nonsense = [
        (json!({ "status": 200, "body": "<html>系统维护中</html>" }), "source_unavailable"),
        (json!({ "maintenance": true }), "source_unavailable"),
        (json!({ "cut": { "share": 0.5 } }), "source_unavailable"),
        (json!({ "cut": { "share": 0.5, "complete": true } }), "source_unavailable"),
        (json!({ "status": 200, "body": { "status": 0, "contents": [] } }), "source_bad_answer"),
        (
            json!({ "status": 200, "body": { "status": 0, "contents": { "id": 2, "subject": "别的工单", "status": "open" } } }),
            "source_bad_answer",
        ),
        (json!({ "status": 200, "body": [] }), "source_bad_answer"),
        (json!({ "status": 200, "body": format!("{{\"a\":{}}}", text_in_text(10)) }), "source_bad_answer"),
        (json!({ "status": 200, "body": { "status": 0, "message": "成功" } }), "source_bad_answer"),
        (json!({ "repeat_bytes": 10_000_000_000_u64 }), "source_bad_answer"),
        (json!({ "reset": "before" }), "source_unavailable"),
    ];
    for (fault, code) in nonsense {
        app.udesk_fault(1, fault.clone()).await;
        let record = pushed(&app, "ticket.updated", &push("1")).await;
        assert_eq!(record.json["tried"], 2, "{fault}: {}", record.text);
        assert_eq!(record.str("/attempts/0/reason/code"), code, "{fault}: {}", record.text);
        assert!(
            record.str("/attempts/0/reason/message").contains("GET /api/v1/tickets/1.json"),
            "{}",
            record.text
        );
    }
    app.udesk_fault(1, json!({ "status": 200, "body": { "status": 1001, "message": "未找到客服" } })).await;
    let record = pushed(&app, "ticket.updated", &push("1")).await;
    assert_eq!(
        (record.str("/status"), record.str("/reason/code")),
        ("parked", "source_refused"),
        "{}",
        record.text
    );
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), 1, "made once");
}

/// Changes the Udesk simulator's ticket as an agent does on the screen.
async fn changed_in_udesk(app: &TestApp, id: u64, change: Value) {
    let url = format!("{}/_sandbox/tickets/{id}", app.sandbox.udesk_url());
    let answer = send(app.client.post(url).json(&change)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_between_two_attempts_arrives_whatever_a_repeated_request_id_does() {
    for behaviour in ["replay", "error", "ignored"] {
        let app = TestApp::with(Options {
            retry: "{ first_wait_ms: 2000, longest_wait_ms: 2000 }".into(),
            ..options()
        })
        .await;
        app.switch("duplicate_requestid", json!(behaviour)).await;
        let target = pushed(&app, "ticket.created", &push("1")).await.str("/target/id").to_owned();
        changed_in_udesk(&app, 1, json!({ "subject": "第一次改的标题" })).await;
        app.fault_on("PUT", 1, json!({ "reset": "after" })).await;
        let hint = push("1");
        let (record, ()) = tokio::join!(pushed(&app, "ticket.updated", &hint), async {
            eventually(async || (!app.requests("PUT", "/api/v1/tickets").await.is_empty()).then_some(()))
                .await;
            changed_in_udesk(&app, 1, json!({ "subject": "第二次改的标题" })).await;
        });
        assert_eq!(record.str("/status"), "delivered", "{behaviour}: {}", record.text);
        assert_eq!(app.ticket(&target).await["subject"], "第二次改的标题", "{behaviour}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_may_be_there_is_not_taken_for_the_last_one() {
    let app =
        TestApp::with(Options { retry: "{ max_attempts: 1 }".into(), on_dead: "skip".into(), ..options() })
            .await;
    let before = udesk_subject(&app, 1).await;
    let target = pushed(&app, "ticket.created", &push("1")).await.str("/target/id").to_owned();
    changed_in_udesk(&app, 1, json!({ "subject": "不知道写没写上" })).await;
    app.fault_on("PUT", 1, json!({ "reset": "after" })).await;
    assert_eq!(pushed(&app, "ticket.updated", &push("1")).await.str("/status"), "dead");
    changed_in_udesk(&app, 1, json!({ "subject": before })).await;
    let record = pushed(&app, "ticket.updated", &push("1")).await;
    assert_eq!(record.str("/status"), "delivered", "{}", record.text);
    assert_eq!(app.ticket(&target).await["subject"], json!(before));
}

async fn udesk_subject(app: &TestApp, id: u64) -> String {
    let state = send(app.client.get(format!("{}/_sandbox/state", app.sandbox.udesk_url()))).await.json;
    let ticket =
        state["tickets"].as_array().expect("tickets").iter().find(|ticket| ticket["id"] == id).cloned();
    ticket.expect("the ticket")["subject"].as_str().expect("a subject").to_owned()
}

#[tokio::test]
async fn a_wrong_secret_keeps_the_hint_until_it_is_put_right() {
    let app = TestApp::with(Options {
        api: "{ base_url: UDESK, v1: { secret: file:ops-key } }".into(),
        ..options()
    })
    .await;
    let answer = send(
        app.client
            .post(app.path("/events?type=ticket.updated"))
            .header("content-type", "application/json")
            .body(push("1").to_string()),
    )
    .await;
    let id = answer.str("/id").to_owned();
    let record = app.until(&id, &["retrying"]).await;
    assert_eq!(record.str("/reason/code"), "source_unauthorized", "{}", record.text);
    let app = app.restart_with(options()).await;
    app.until(&id, &["delivered"]).await;
}

#[tokio::test]
async fn pushes_and_events_of_a_ticket_are_one_lane() {
    let app = TestApp::with(options()).await;
    app.fault(1, json!({ "delay_ms": 300 })).await;
    let created = app.accept(&created(1, "先到的工单")).await;
    let push = pushed(&app, "ticket.updated", &push("1")).await;
    assert!(push.json["sequence"].as_i64() > Some(created));
    let posts = app.requests("POST", "/api/v1/tickets").await;
    assert_eq!(posts.len(), 1, "the push found the ticket that the event made");
    assert_eq!(app.control(Method::GET, "faults", &Value::Null).await.json, json!([]));
}
