//! A tenant that answers nonsense: each answer costs one recorded attempt, nothing is lost, nothing is made twice.

use serde_json::{Value, json};

use crate::harness::*;

/// What the vendor answers to one call, how the attempt is recorded, and what its message says is wrong.
fn nonsense() -> Vec<(Value, &'static str, &'static str)> {
    vec![
        (
            json!({ "status": 200, "body": "<html><body>系统维护中</body></html>" }),
            "bad_answer",
            "it is not JSON",
        ),
        (json!({ "maintenance": true }), "unavailable", "HTTP 503"),
        (json!({ "cut": { "share": 0.5, "complete": true } }), "bad_answer", "it is not JSON"),
        (json!({ "cut": { "share": 0.5 } }), "unanswered", "no whole answer"),
        (json!({ "status": 200, "body": "[[[[" }), "bad_answer", "it is not JSON"),
        (json!({ "repeat_bytes": 10_000_000_000_u64 }), "too_large", "more than 8388608 bytes"),
        (json!({ "reset": "after" }), "unanswered", "no whole answer"),
        (json!({ "reset": "before" }), "unanswered", "no whole answer"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_is_answered_with_nonsense_is_made_once_whatever_a_repeated_request_id_does() {
    for behaviour in ["replay", "error", "ignored"] {
        let app = TestApp::start().await;
        app.switch("duplicate_requestid", json!(behaviour)).await;
        for (id, (fault, code, message)) in (1..).zip(nonsense()) {
            let subject = format!("胡言乱语 {id}");
            app.fault_on("POST", 1, fault.clone()).await;
            let record = app.delivered(&created(id, &subject)).await;
            let context = format!("{behaviour}: {fault}: {}", record.text);
            assert_eq!(record.json["tried"], 2, "{context}");
            assert_eq!(record.str("/attempts/0/reason/code"), code, "{context}");
            let told = record.str("/attempts/0/reason/message");
            assert!(told.contains("POST /api/v1/tickets.json") && told.contains(message), "{context}");
            let made = app.tickets_named(&subject).await;
            assert_eq!(made.len(), 1, "{context}");
            assert_eq!(made[0]["ticketId"].to_string(), record.str("/target/id"), "{context}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_is_answered_with_nonsense_ends_as_it_should() {
    for behaviour in ["replay", "error", "ignored"] {
        let app = TestApp::start().await;
        app.switch("duplicate_requestid", json!(behaviour)).await;
        app.delivered(&created(1, "打印机离线")).await;
        updates_arrive(&app).await;
    }
}

async fn updates_arrive(app: &TestApp) {
    for (n, (fault, code, message)) in (1..).zip(nonsense()) {
        app.fault_on("PUT", 1, fault.clone()).await;
        let subject = format!("第 {n} 次更新");
        let record = app.delivered(&updated_with(1, n, json!({ "subject": subject }))).await;
        assert_eq!(record.str("/attempts/0/reason/code"), code, "{fault}: {}", record.text);
        assert!(record.str("/attempts/0/reason/message").contains(message), "{fault}: {}", record.text);
        assert_eq!(app.ticket(record.str("/target/id")).await["subject"], json!(subject));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tickets_of_one_content_whose_answers_are_lost_are_still_two() {
    let app = TestApp::start().await;
    app.switch("duplicate_requestid", json!("ignored")).await;
    for id in [1, 2] {
        app.fault_on("POST", 1, json!({ "reset": "after" })).await;
        app.delivered(&created(id, "同样的内容")).await;
    }
    let targets = [app.get("/links/ticket/1").await, app.get("/links/ticket/2").await];
    assert_ne!(targets[0].str("/target_id"), targets[1].str("/target_id"));
    assert_eq!(app.tickets_named("同样的内容").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_name_the_new_ticket_is_looked_up() {
    let app = TestApp::start().await;
    app.switch("write_result", json!("status-message")).await;
    app.fault_on("POST", 0, json!({ "cut": { "bytes": 0, "complete": true } })).await;
    let record = app.delivered(&created(1, "无名工单")).await;
    let made = app.tickets_named("无名工单").await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["ticketId"].to_string(), record.str("/target/id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_may_not_list_tickets_makes_none_twice_either() {
    for behaviour in ["replay", "error", "ignored"] {
        let auth = "{ basic: { account: file:b8-agent, password: file:b8-agent-password } }";
        let app = TestApp::with(Options { auth: auth.into(), ..Options::default() }).await;
        app.switch("duplicate_requestid", json!(behaviour)).await;
        app.fault_on("POST", 1, json!({ "reset": "after" })).await;
        let record = app.delivered(&created(1, "客服账号创建的工单")).await;
        let made = app.tickets_named("客服账号创建的工单").await;
        assert_eq!(made.len(), 1, "{behaviour}: {}", record.text);
        assert_eq!(made[0]["ticketId"].to_string(), record.str("/target/id"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_that_can_not_tell_leaves_it_to_an_operator_whose_replay_is_the_answer() {
    let app = TestApp::start().await;
    app.fault_on("POST", 1, json!({ "reset": "before" })).await;
    app.fault_on("GET", 1, json!({ "status": 200, "body": { "state": "403", "message": "nonsense" } })).await;
    let record = app.parked(&created(1, "说不清的工单")).await;
    assert_eq!(record.str("/reason/code"), "uncertain", "{}", record.text);
    assert!(record.str("/reason/message").contains("discard the event if it is there"), "{}", record.text);
    app.fault_on("GET", 0, json!({ "status": 200, "body": { "state": "403", "message": "nonsense" } })).await;
    app.operate("/events/created-1/replay").await;
    app.until("created-1", &["delivered"]).await;
    assert_eq!(app.tickets_named("说不清的工单").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_knows_no_such_address_keeps_every_event_waiting() {
    let app = TestApp::start().await;
    let elsewhere =
        json!({ "status": 404, "body": { "errcode": "100047", "errmsg": "Invalid resource URI" } });
    app.fault_on("POST", 3, elsewhere).await;
    let record = app.delivered(&created(1, "地址配错")).await;
    assert_eq!(record.json["tried"], 4);
    assert_eq!(record.str("/attempts/0/outcome"), "retrying");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_whose_clock_is_wrong_makes_none_twice_either() {
    for seconds in [-7200, -1800, 7200] {
        let app = TestApp::start().await;
        app.switch("duplicate_requestid", json!("ignored")).await;
        app.switch("clock_skew_s", json!(seconds)).await;
        app.fault_on("POST", 1, json!({ "reset": "after" })).await;
        let record = app.delivered(&created(1, "钟不准的工单")).await;
        assert_eq!(app.tickets_named("钟不准的工单").await.len(), 1, "{seconds}: {}", record.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_place_of_an_id_is_none() {
    let app = TestApp::start().await;
    app.fault_on("POST", 1, json!({ "status": 200, "body": { "ticket": { "ticketId": "../../x?y=1#" } } }))
        .await;
    assert_eq!(app.parked(&created(1, "打印机离线")).await.str("/reason/code"), "created_id_unknown");
}
