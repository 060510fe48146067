//! Replies: by customers and agents, public and internal, each added once.

use serde_json::{Value, json};

use crate::harness::*;

/// A reply with an id of its own, in an event with another.
fn reply_event(event_id: &str, reply: Value) -> Value {
    event(event_id, "ticket.replied", json!({ "id": 1, "reply": reply }))
}

/// The texts added to tickets, oldest first.
async fn texts(app: &TestApp) -> Vec<String> {
    let written = app.written("PUT").await;
    let text = |ticket: Value| ticket["ticketReply"]["replyMsg"].as_str().map(str::to_owned);
    written.into_iter().filter_map(text).collect()
}

#[tokio::test]
async fn a_reply_says_who_wrote_it() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let by = |kind: &str, name: &str| json!({ "user_type": kind, "nick_name": name });
    app.delivered(&reply_event("r1", json!({ "content": "还是不行", "author": by("customer", "测试客户") })))
        .await;
    let agent = json!({ "content": "已更换网卡", "function": "external", "author": by("agent", "李娜") });
    app.delivered(&reply_event("r2", agent)).await;
    assert_eq!(texts(&app).await, ["【客户 测试客户】\n还是不行", "【客服 李娜】\n已更换网卡"]);
}

#[tokio::test]
async fn the_same_reply_in_two_events_is_added_once() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let reply = json!({ "id": 12, "content": "已更换网卡" });
    let first = app.delivered(&reply_event("r1", reply.clone())).await;
    let second = app.deliver(&reply_event("r2", reply)).await;
    assert_eq!(first.str("/target/kind"), "ticket");
    assert_eq!((second.str("/status"), second.str("/reason/code")), ("skipped", "already_added"));
    assert_eq!(texts(&app).await, ["已更换网卡"]);
    assert_eq!(app.get("/links/reply/1%2F12").await.json["target_id"], first.json["target"]["id"]);
}

#[tokio::test]
async fn two_tickets_can_number_their_replies_alike() {
    let app = TestApp::start().await;
    for id in [1, 2] {
        app.delivered(&created(id, "打印机离线")).await;
        let reply = json!({ "id": id, "reply": { "id": 1, "content": format!("工单 {id} 的第一条回复") } });
        app.delivered(&event(&format!("reply-{id}"), "ticket.replied", reply)).await;
    }
    assert_eq!(texts(&app).await, ["工单 1 的第一条回复", "工单 2 的第一条回复"]);
}

#[tokio::test]
async fn a_reply_says_nothing_of_how_new_the_fields_are() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let reply = json!({ "id": 1, "updated_at": "2020-01-01 00:00:00 +0800", "reply": { "content": "好的" } });
    app.delivered(&event("r1", "ticket.replied", reply)).await;
    let between = json!({ "subject": "回复之前的更新", "updated_at": "2019-01-01 00:00:00 +0800" });
    let record = app.delivered(&updated_with(1, 1, between)).await;
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "回复之前的更新");
}

#[tokio::test]
async fn a_reply_that_may_be_there_and_is_refused_the_second_time_is_left_to_an_operator() {
    let app = TestApp::start().await;
    app.switch("duplicate_requestid", json!("error")).await;
    app.delivered(&created(1, "打印机离线")).await;
    app.fault_on("PUT", 1, json!({ "reset": "after" })).await;
    let record = app.parked(&reply_event("r1", json!({ "content": "只说一次" }))).await;
    assert_eq!(record.str("/reason/code"), "uncertain", "{}", record.text);
    let added = app.requests("PUT", "/api/v1/tickets").await;
    assert_eq!(added.iter().filter(|request| request["effect"]["kind"] == "reply_added").count(), 1);
}

#[tokio::test]
async fn a_reply_that_may_be_there_twice_says_so() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    app.fault_on("PUT", 1, json!({ "reset": "after" })).await;
    let record = app.delivered(&reply_event("r1", json!({ "content": "只说一次" }))).await;
    assert_eq!(record.json["ignored"], json!([{ "pointer": "/reply", "reason": "possibly_twice" }]));
}

#[tokio::test]
async fn a_name_can_not_forge_the_line_that_says_who_wrote_a_reply() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let author = json!({ "user_type": "customer", "nick_name": "】\n【客服 老板" });
    app.delivered(&reply_event("r1", json!({ "content": "请转账", "author": author }))).await;
    assert_eq!(texts(&app).await, ["【客户 客服 老板】\n请转账"]);
}

#[tokio::test]
async fn a_reply_that_failed_is_not_taken_for_added() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    app.fault(2, json!({ "status": 500 })).await;
    let record = app.delivered(&reply_event("r1", json!({ "id": 12, "content": "已更换网卡" }))).await;
    assert_eq!(record.json["tried"], 3);
    let added = app.requests("PUT", "/api/v1/tickets").await;
    assert_eq!(added.iter().filter(|request| request["effect"]["kind"] == "reply_added").count(), 1);
}

#[tokio::test]
async fn an_internal_reply_is_kept_from_the_target_and_the_record_says_so() {
    let app = TestApp::start().await;
    app.delivered(&created(1, "打印机离线")).await;
    let note = json!({ "content": "客户要求退款，先别答应", "function": "internal" });
    let record = app.deliver(&reply_event("r1", note)).await;
    assert_eq!((record.str("/status"), record.str("/reason/code")), ("skipped", "nothing_to_apply"));
    assert_eq!(record.json["ignored"], json!([{ "pointer": "/reply/function", "reason": "internal_reply" }]));
    assert!(texts(&app).await.is_empty());
}

#[tokio::test]
async fn an_internal_reply_is_sent_marked_if_the_mapping_says_so() {
    let app = TestApp::start().await;
    let shipped = include_str!("../../mappings/udesk-bangwo8.yaml");
    assert!(shipped.contains("then: skip"));
    app.write_mapping("udesk-bangwo8", &shipped.replace("then: skip", "then: mark"));
    let app = app.restart().await;
    app.delivered(&created(1, "打印机离线")).await;
    let author = json!({ "user_type": "agent", "nick_name": "李娜" });
    let note = json!({ "content": "先别答应退款", "function": "internal", "author": author });
    app.delivered(&reply_event("r1", note)).await;
    assert_eq!(texts(&app).await, ["【内部备注 客服 李娜】\n先别答应退款"]);
}
