//! Calls that make something and are not answered: the ticket is found again, however alike another one is.

use serde_json::{Value, json};

use crate::harness::*;

/// What the simulator can do about a second call with the same `Requestid`.
const BEHAVIOURS: [&str; 3] = ["replay", "error", "ignored"];

fn marked(marker: &str) -> Options {
    Options { link_marker: marker.into(), ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_whose_creation_was_not_answered_is_found_by_its_sign() {
    for marker in ["tag", "{ custom_field: field_1 }"] {
        for behaviour in BEHAVIOURS {
            let app = TestApp::with(marked(marker)).await;
            app.switch("duplicate_requestid", json!(behaviour)).await;
            app.fault_on("POST", 1, json!({ "reset": "after" })).await;
            let record = app.delivered(&created(1, "打印机离线")).await;
            let made = app.tickets_named("打印机离线").await;
            assert_eq!(made.len(), 1, "{marker}, {behaviour}: {}", record.text);
            assert_eq!(made[0]["ticketId"].to_string(), record.str("/target/id"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tickets_of_the_same_words_are_not_taken_for_each_other() {
    let app = TestApp::with(marked("tag")).await;
    app.switch("duplicate_requestid", json!("ignored")).await;
    app.fault_on("POST", 2, json!({ "reset": "after" })).await;
    let (first, second) = (created(1, "一样的工单"), created(2, "一样的工单"));
    let (first, second) = tokio::join!(app.delivered(&first), app.delivered(&second));
    let made = app.tickets_named("一样的工单").await;
    assert_eq!(made.len(), 2, "{}\n{}", first.text, second.text);
    assert_ne!(first.str("/target/id"), second.str("/target/id"));
    for (record, id) in [(&first, 1), (&second, 2)] {
        let ticket = app.ticket(record.str("/target/id")).await;
        let others = [&first, &second].map(|it| it.str("/target/id"));
        assert!(ticket["tagList"].as_str().unwrap().contains("deskbridge-"), "{id}, {others:?}: {ticket}");
    }
    let signs: Vec<&Value> = made.iter().map(|ticket| &ticket["tagList"]).collect();
    assert_ne!(signs[0], signs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_can_not_be_looked_for_is_left_to_an_operator_where_the_connection_says_so() {
    let app = TestApp::with(Options { on_uncertain: "park".into(), ..Options::default() }).await;
    app.delivered(&created(1, "打印机离线")).await;
    app.fault_on("PUT", 1, json!({ "reset": "after" })).await;
    let reply = json!({ "id": 1, "reply": { "content": "只说一次" } });
    let record = app.parked(&event("r1", "ticket.replied", reply)).await;
    assert_eq!(record.str("/reason/code"), "uncertain", "{}", record.text);
    let added = app.requests("PUT", "/api/v1/tickets").await;
    assert_eq!(added.iter().filter(|request| request["effect"]["kind"] == "reply_added").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_a_dead_or_discarded_event_made_is_found_by_the_next_one_of_its_lane() {
    for then in ["skip", "discard"] {
        let on_dead = if then == "skip" { "skip" } else { "park" };
        let retry = "{ max_attempts: 1, first_wait_ms: 20, longest_wait_ms: 200 }";
        let options = Options { retry: retry.into(), on_dead: on_dead.into(), ..Options::default() };
        let app = TestApp::with(options).await;
        app.switch("duplicate_requestid", json!("ignored")).await;
        app.fault_on("POST", 1, json!({ "reset": "after" })).await;
        assert_eq!(app.deliver(&created(1, "独一份工单")).await.str("/status"), "dead");
        if then == "discard" {
            assert_eq!(app.operate("/events/created-1/discard").await.status, 200);
        }
        let whole =
            with(udesk_ticket(1, "独一份工单，又来了"), json!({ "updated_at": "2019-01-01 00:00:00 +0800" }));
        let record = app.delivered(&event("updated-1", "ticket.updated", whole)).await;
        let made = app.tickets_named("独一份工单").await;
        assert_eq!(made.len(), 1, "{then}: {}", record.text);
        assert_eq!(made[0]["ticketId"].to_string(), record.str("/target/id"));
        assert_eq!(made[0]["subject"], "独一份工单，又来了");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_made_nothing_leaves_no_doubt() {
    let app = TestApp::with(Options { on_uncertain: "park".into(), ..Options::default() }).await;
    app.fault_on("POST", 2, json!({ "status": 503 })).await;
    let record = app.delivered(&created(1, "维护中")).await;
    assert_eq!(record.json["tried"], 3);
    assert!(app.requests("GET", "/api/v1/tickets").await.is_empty(), "there is nothing to look for");
}
