//! One event from the bytes that came in to what it made at the target.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::*;

async fn explained(app: &TestApp, id: &str) -> Answer {
    let answer = app.get(&format!("/events/{id}/explain")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item.as_str().expect("text")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_event_is_explained_from_its_bytes_to_its_link() {
    let app = TestApp::start().await;
    let event = created(1, "打印机离线");
    let record = app.delivered(&event).await;
    let told = explained(&app, "created-1").await;
    let body = event.to_string();
    assert_eq!(told.str("/received/body"), body);
    assert_eq!(told.json["received"]["bytes"], body.len());
    assert_eq!(told.str("/received/sha256"), hex::encode(Sha256::digest(&body)));
    assert_eq!(told.str("/received/verified_by"), "standard_webhooks");
    assert_eq!(told.str("/received/trace_id"), record.str("/trace_id"));
    assert_eq!(
        told.json["schema"],
        json!({ "name": "events/udesk/ticket.created.json", "valid": true, "violations": [] })
    );
    assert_eq!(told.str("/mapping/name"), "udesk-bangwo8");
    assert_eq!(told.json["mapping"]["in_force"], true);
    assert!(texts(&told.json["mapping"]["rules"]).contains(&"ticket.fields.subject"), "{}", told.text);
    assert!(
        told.json["mapping"]["arms"].as_array().unwrap().iter().any(|arm| arm["table"] == "tables.priority"),
        "{}",
        told.text
    );
    assert_eq!(told.json["attempts"], record.json["attempts"]);
    assert_eq!(told.str("/attempts/0/calls/0/method"), "POST");
    assert_eq!(told.str("/result/status"), "delivered");
    assert_eq!(told.json["result"]["target"], record.json["target"]);
    assert_eq!(told.str("/link/target_id"), record.str("/target/id"));
    assert!(told.json.get("now").is_none(), "it has come to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_event_tells_why_and_whether_a_replay_would_help() {
    const SHIPPED: &str = include_str!("../../mappings/udesk-bangwo8.yaml");
    let app = TestApp::start().await;
    app.parked(&created_with(1, json!({ "priority": "外星" }))).await;
    let told = explained(&app, "created-1").await;
    assert_eq!(told.str("/mapping/refused/code"), "unknown_value", "{}", told.text);
    assert_eq!((told.str("/now/outcome"), told.str("/now/reason/code")), ("parked", "unknown_value"));
    let known = SHIPPED.replace("urgency: 4 }", "urgency: 4, 外星: 1 }\n    lossy: 外星 is as low");
    assert_ne!(known, SHIPPED);
    let vocabulary = "vocabulary:\n  source:\n    priority: { 外星: [] }\n";
    app.write_mapping("udesk-bangwo8", &format!("{known}{vocabulary}"));
    app.applied(1).await;
    let told = explained(&app, "created-1").await;
    assert_eq!(told.json["mapping"]["in_force"], false, "it was tried by the one before");
    assert_eq!(told.str("/mapping/refused/code"), "unknown_value");
    assert_eq!(told.str("/now/outcome"), "calls", "{}", told.text);
    assert_eq!(told.json.pointer("/now/calls/0/body/ticket/priorityLevel"), Some(&json!(1)), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_the_schema_of_now_refuses_says_by_what() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let folder = app.folder.path().join("schemas/events/udesk");
    std::fs::create_dir_all(&folder).unwrap();
    let stricter = r#"{
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "x-entity": { "kind": "ticket", "id": "/id" },
        "$ref": "../../udesk/ticket.json",
        "required": ["id", "subject", "status"],
        "properties": { "subject": { "maxLength": 3 } }
    }"#;
    std::fs::write(folder.join("ticket.created.json"), stricter).unwrap();
    app.applied(1).await;
    let told = explained(&app, "created-1").await;
    assert_eq!(told.json["schema"]["valid"], false);
    assert_eq!(told.str("/schema/violations/0/pointer"), "/data/subject");
    assert!(!told.str("/schema/violations/0/message").contains("打印机"), "messages never quote values");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_sender_wrote_is_shown_to_operators_only() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let url = app.path("/events/created-1/explain");
    for (key, status) in [(WALL_KEY, 403), (FLOW_KEY, 403), ("wrong", 401)] {
        let answer = send(app.client.get(&url).bearer_auth(key)).await;
        assert_eq!(answer.status, status);
        assert!(!answer.text.contains("打印机"));
    }
    assert!(!app.record("created-1").await.text.contains("打印机"), "the plain record has no body");
    assert_eq!(app.get("/events/nobody/explain").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_is_explained_as_far_as_it_says_anything() {
    let app = TestApp::with(Options {
        verify: "[{ push_token: { in: body, field: token, secret: file:push-token } }]".into(),
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(),
        ..Options::default()
    })
    .await;
    let push = json!({ "ticket_id": 1, "token": PUSH_TOKEN });
    let request = app.client.post(app.path("/events")).query(&[("type", "ticket.updated")]).json(&push);
    let id = send(request).await.str("/id").to_owned();
    app.until(&id, &["delivered", "skipped", "parked"]).await;
    let told = explained(&app, &id).await;
    assert_eq!(told.str("/received/verified_by"), "push_token");
    assert!(!told.text.contains(PUSH_TOKEN), "{}", told.text);
    assert_eq!(
        (told.str("/schema/name"), &told.json["schema"]["valid"]),
        ("pushes/udesk.json", &json!(true))
    );
    assert!(told.str("/mapping/untold").contains("hint"), "{}", told.text);
    assert!(told.json["mapping"].get("rules").is_none());
}
