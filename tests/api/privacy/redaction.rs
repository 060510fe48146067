//! What a connection keeps to itself reaches neither the disk nor the target nor an answer.

use serde_json::json;

use super::{CANARY, is_on_disk, of_the_person, said};
use crate::harness::*;

fn redacting(pointers: &str) -> Options {
    Options { privacy: format!("{{ redact: [{pointers}] }}"), ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redacted_member_is_nowhere_and_the_same_event_is_still_known_again() {
    let app = TestApp::with(redacting("/user_email, /custom_fields/*")).await;
    let record = app.delivered(&of_the_person(1)).await;
    assert_eq!(record.json["redacted"], true, "{}", record.text);
    assert!(!is_on_disk(&app));
    let id = of_the_person(1)["id"].as_str().unwrap().to_owned();
    let explained = app.get(&format!("/events/{id}/explain")).await;
    assert!(explained.status == 200 && !explained.text.contains(CANARY), "{}", explained.text);
    assert!(explained.text.contains("打印机离线"), "the rest stays: {}", explained.text);
    let sent: String = app.written("POST").await.iter().map(ToString::to_string).collect();
    assert!(!sent.contains(CANARY), "{sent}");
    assert_eq!(app.post(&of_the_person(1)).await.str("/status"), "duplicate");
    let other = created_with(1, json!({ "subject": "打印机离线", "user_email": "li@example.com" }));
    app.post(&other).await.assert_problem(409, "idempotency_conflict");
    let preview = app.order("/preview", &of_the_person(2)).await;
    assert!(preview.status == 200 && !preview.text.contains(CANARY), "{}", preview.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_nothing_to_redact_is_kept_byte_for_byte() {
    let app = TestApp::with(redacting("/closed_at")).await;
    let record = app.delivered(&of_the_person(1)).await;
    assert_eq!(record.json["redacted"], false);
    let id = of_the_person(1)["id"].as_str().unwrap().to_owned();
    let explained = app.get(&format!("/events/{id}/explain")).await;
    assert!(explained.text.contains(CANARY));
}

async fn checked(pointers: &str) -> super::Said {
    let mut app = TestApp::start().await;
    app.stop().await;
    write_config(app.folder.path(), &app.sandbox, &redacting(pointers));
    let config = app.folder.path().join("deskbridge.yaml").display().to_string();
    said(&["check", "--config", &config]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn check_refuses_a_pointer_that_cant_be_right_and_says_where() {
    for (pointer, why) in [
        ("user_email", "begins with a slash"),
        ("/id", "/id is required by the schema"),
        ("/*", "/* is required by the schema"),
        ("/user_emial", "did you mean /user_email"),
        ("/reply/nothing", "no schema of the source has /reply/nothing"),
    ] {
        let refused = checked(pointer).await;
        let told = format!("{}{}", refused.out, refused.err);
        assert!(refused.code != Some(0) && told.contains(why), "{pointer}: {told}");
        assert!(told.contains("deskbridge.yaml:"), "with its place: {told}");
    }
    let warned = checked("/user_email, /custom_fields/x").await;
    let told = format!("{}{}", warned.out, warned.err);
    assert_eq!(warned.code, Some(0), "{told}");
    assert!(told.contains("reads /user_email") && !told.contains("reads /custom_fields/x"), "{told}");
}

/// Reads the tickets of Udesk's simulator, and keeps its own account's subject to itself.
fn reading_again() -> Options {
    Options {
        verify: "[{ push_token: { in: body, field: token, secret: file:push-token } }]".into(),
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret }, requests_per_minute: 100000 }".into(),
        ..redacting("/content, /user_email")
    }
}

/// Makes a ticket in Udesk whose words tell of the person; its id.
async fn made_at_the_source(app: &TestApp) -> u64 {
    let ticket = json!({ "subject": "打印机离线", "content": CANARY });
    let url = format!("{}/_sandbox/tickets", app.sandbox.udesk_url());
    let made = send(app.client.post(url).json(&ticket)).await;
    made.json["ticket"]["id"].as_u64().unwrap_or_else(|| panic!("{}", made.text))
}

/// Nothing of the person was kept, told or sent of the ticket's event, once it is delivered.
async fn assert_redacted(app: &TestApp, ticket: u64) {
    let delivered = eventually(async || {
        let list = app.get(&format!("/events?lane=ticket:{ticket}")).await;
        (list.str("/events/0/status") == "delivered").then_some(list)
    })
    .await;
    assert!(!is_on_disk(app), "{}", delivered.text);
    let explained = app.get(&format!("/events/{}/explain", delivered.str("/events/0/id"))).await;
    assert!(explained.status == 200 && !explained.text.contains(CANARY), "{}", explained.text);
    let sent: String = app.written("POST").await.iter().map(ToString::to_string).collect();
    assert!(sent.contains("打印机离线") && !sent.contains(CANARY), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_of_the_source_tells_is_redacted_before_anything_is_kept() {
    let poll = "{ every_s: 1, since: 2026-01-01T00:00:00Z }".into();
    let app = TestApp::with(Options { poll, ..reading_again() }).await;
    let id = made_at_the_source(&app).await;
    assert_redacted(&app, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_again_after_a_push_is_redacted_before_it_is_mapped() {
    let app = TestApp::with(reading_again()).await;
    let id = made_at_the_source(&app).await;
    let push = json!({ "ticket_id": id, "token": PUSH_TOKEN });
    let pushed = app.client.post(app.path("/events")).query(&[("type", "ticket.created")]).json(&push);
    assert_eq!(send(pushed).await.status, 202);
    assert_redacted(&app, id).await;
}
