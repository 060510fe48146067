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
    let second = app.delivered(&reply_event("r2", reply)).await;
    assert_eq!(second.json["target"], first.json["target"]);
    assert_eq!(texts(&app).await, ["已更换网卡"]);
    assert_eq!(app.get("/links/reply/12").await.json["target_id"], first.json["target"]["id"]);
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
