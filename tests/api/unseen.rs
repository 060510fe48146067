//! Updates of tickets that were never seen: completed from the source where it can be asked, else left to an operator.

use serde_json::{Value, json};

use crate::harness::*;

/// A connection that can read tickets at the source.
fn options() -> Options {
    Options { api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(), ..Options::default() }
}

/// What was said about ticket 1 of the simulator's seed, and nothing of the ticket but its new priority.
fn partial() -> Value {
    let reply = json!({ "content": "已更换网卡" });
    event("partial", "ticket.replied", json!({ "id": 1, "priority": "低", "reply": reply }))
}

#[tokio::test]
async fn an_update_that_says_too_little_is_completed_from_the_source() {
    let app = TestApp::with(options()).await;
    let record = app.delivered(&partial()).await;
    assert_eq!(record.str("/attempts/0/calls/0/path"), "/api/v1/tickets/1.json", "{}", record.text);
    assert_eq!(record.str("/attempts/0/calls/0/code"), "ok");
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "演示工单", "as the source has it");
    let replies = &app.ticket(record.str("/target/id")).await["replies"];
    assert_eq!(replies.as_array().map(Vec::len), Some(1), "the reply that came with it is kept");
    // Now it is known, and the source need not be asked.
    let further = app.delivered(&replied(1, "还是不行")).await;
    assert_eq!(further.str("/target/id"), record.str("/target/id"));
    assert_eq!(further.json["attempts"][0]["calls"].as_array().map(Vec::len), Some(1), "{}", further.text);
    assert_eq!(app.written("POST").await.len(), 1);
}

#[tokio::test]
async fn a_ticket_that_the_source_does_not_have_is_left_to_an_operator() {
    let app = TestApp::with(options()).await;
    let record = app.parked(&replied(987_654, "没有这个工单")).await;
    assert_eq!(record.str("/reason/code"), "unknown_at_source", "{}", record.text);
    assert_eq!(record.str("/attempts/0/calls/0/code"), "not_found");
    assert!(app.requests("POST", "/api/v1/tickets").await.is_empty());
}

#[tokio::test]
async fn a_source_that_fails_is_asked_again() {
    let app = TestApp::with(options()).await;
    app.udesk_fault(2, json!({ "status": 500 })).await;
    let record = app.delivered(&partial()).await;
    let codes: Vec<&str> = (0..3).map(|i| record.str(&format!("/attempts/{i}/reason/code"))).collect();
    assert_eq!(codes, ["source_unavailable", "source_unavailable", ""], "{}", record.text);
}

#[tokio::test]
async fn a_completed_ticket_whose_creation_was_not_answered_is_made_once() {
    for behaviour in ["replay", "error", "ignored"] {
        let app = TestApp::with(options()).await;
        app.switch("duplicate_requestid", json!(behaviour)).await;
        app.fault_on("POST", 1, json!({ "reset": "after" })).await;
        let record = app.delivered(&replied(1, "已更换网卡")).await;
        assert_eq!(app.tickets_named("演示工单").await.len(), 1, "{behaviour}");
        let ticket = app.ticket(record.str("/target/id")).await;
        assert_eq!(ticket["replies"].as_array().map(Vec::len), Some(1), "{behaviour}: {ticket}");
    }
}

#[tokio::test]
async fn without_the_api_that_reads_tickets_it_waits_for_the_whole_ticket() {
    for api in ["", "{ base_url: UDESK, v2: { email: file:udesk-email, token: file:udesk-token } }"] {
        let app = TestApp::with(Options { api: api.into(), ..Options::default() }).await;
        let record = app.parked(&partial()).await;
        assert_eq!(record.str("/reason/code"), "unknown_ticket", "{}", record.text);
        assert!(record.str("/reason/message").contains("ticket.created or ticket.updated"));
    }
}

#[tokio::test]
async fn a_ticket_that_may_not_be_made_by_an_update_waits_or_is_completed() {
    let parking = "source: udesk\ntarget: bangwo8\nextends: udesk-bangwo8\nticket:\n  unseen: park\n";
    for (api, status) in
        [("", "parked"), ("{ base_url: UDESK, v1: { secret: file:udesk-secret } }", "delivered")]
    {
        let app = TestApp::start().await;
        app.write_mapping("acme", parking);
        let options = Options { mapping: "acme".into(), api: api.into(), ..Options::default() };
        let app = app.restart_with(options).await;
        let record = app.deliver(&updated_with(1, 1, json!({ "subject": "更新的标题" }))).await;
        assert_eq!(record.str("/status"), status, "{}", record.text);
        if status == "parked" {
            assert_eq!(record.str("/reason/code"), "unknown_ticket", "{}", record.text);
        }
        // A ticket that is told to be new is made.
        app.delivered(&created(2, "新工单")).await;
    }
}
