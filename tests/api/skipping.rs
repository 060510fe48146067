//! What comes late or twice: skipped with its reason and without a call, unless the connection wants it sent.

use serde_json::{Value, json};

use crate::harness::*;

/// `ticket.updated` of ticket 1 as it was at this second of a day; the event's id is `at-{second}-{n}`.
fn at(second: u32, n: u32, subject: &str) -> Value {
    let changes = json!({ "subject": subject, "updated_at": format!("2026-05-04 14:26:{second:02} +0800") });
    event(&format!("at-{second}-{n}"), "ticket.updated", with(udesk_ticket(1, ""), changes))
}

/// `company.updated` of company 7.
fn company(id: &str, description: &str) -> Value {
    let data = json!({ "id": 7, "name": "成都新希望有限公司", "description": description });
    event(id, "company.updated", data)
}

async fn started(skip: &str) -> TestApp {
    TestApp::with(Options { skip: skip.into(), ..Options::default() }).await
}

/// Posts an event and tells what it came to.
async fn becomes(app: &TestApp, event: &Value) -> (String, String) {
    let record = app.deliver(event).await;
    let reason = record.json["reason"]["code"].as_str().unwrap_or_default();
    (record.str("/status").to_owned(), reason.to_owned())
}

fn skipped(reason: &str) -> (String, String) {
    ("skipped".into(), reason.into())
}

async fn puts(app: &TestApp) -> usize {
    app.requests("PUT", "/api/v1").await.len()
}

#[tokio::test]
async fn an_event_of_the_same_content_is_skipped_without_a_call() {
    let app = started("{}").await;
    app.delivered(&at(10, 1, "打印机离线")).await;
    let calls = app.requests("", "/api/v1").await.len();
    assert_eq!(becomes(&app, &at(10, 2, "打印机离线")).await, skipped("unchanged"));
    let partial =
        event("partial", "ticket.updated", json!({ "id": 1, "status": "open", "subject": "打印机离线" }));
    assert_eq!(becomes(&app, &partial).await, skipped("unchanged"));
    let created_again = event("again", "ticket.created", at(10, 1, "打印机离线")["data"].clone());
    assert_eq!(becomes(&app, &created_again).await, skipped("unchanged"));
    assert_eq!(app.requests("", "/api/v1").await.len(), calls);
}

#[tokio::test]
async fn what_goes_back_to_what_it_was_is_news() {
    let app = started("{}").await;
    for (second, subject) in [(10, "甲"), (11, "乙"), (12, "甲")] {
        app.delivered(&at(second, 1, subject)).await;
    }
    assert_eq!(app.last_written("PUT").await["subject"], "甲");
}

#[tokio::test]
async fn an_unchanged_event_moves_the_version_on() {
    let app = started("{}").await;
    app.delivered(&at(10, 1, "甲")).await;
    assert_eq!(becomes(&app, &at(20, 1, "甲")).await, skipped("unchanged"));
    assert_eq!(becomes(&app, &at(15, 1, "乙")).await, skipped("stale"));
    assert_eq!(puts(&app).await, 0);
}

#[tokio::test]
async fn a_reply_on_an_unchanged_ticket_is_added_alone_and_moves_the_version_on() {
    let app = started("{}").await;
    app.delivered(&at(10, 1, "甲")).await;
    let ticket =
        with(at(20, 1, "甲")["data"].clone(), json!({ "reply": { "id": 3, "content": "已更换网卡" } }));
    app.delivered(&event("reply", "ticket.replied", ticket.clone())).await;
    assert_eq!(app.written("PUT").await, [json!({ "ticketReply": { "replyMsg": "已更换网卡" } })]);
    assert_eq!(becomes(&app, &at(15, 1, "乙")).await, skipped("stale"));
    assert_eq!(
        becomes(&app, &event("reply-again", "ticket.replied", ticket)).await,
        skipped("already_added")
    );
    assert_eq!(puts(&app).await, 1);
}

#[tokio::test]
async fn a_company_that_is_as_it_was_last_written_is_left_alone() {
    let app = started("{}").await;
    app.delivered(&company("c1", "老客户")).await;
    assert_eq!(becomes(&app, &company("c2", "老客户")).await, skipped("unchanged"));
    app.delivered(&company("c3", "新客户")).await;
    assert_eq!(puts(&app).await, 1);
}

#[tokio::test]
async fn a_company_that_was_found_by_its_name_is_left_alone_from_then_on() {
    let app = started("{}").await;
    app.delivered(&company("c1", "老客户")).await;
    let twin = |id: &str| {
        let data = json!({ "id": 8, "name": "成都新希望有限公司", "description": "同名" });
        event(id, "company.updated", data)
    };
    app.delivered(&twin("t1")).await;
    assert_eq!(becomes(&app, &twin("t2")).await, skipped("unchanged"));
}

#[tokio::test]
async fn whatever_the_order_of_arrival_the_newest_stays() {
    let app = started("{}").await;
    let mut written = 0;
    let mut newest = 0;
    for second in [5, 3, 9, 1, 7, 8, 12, 2, 11, 4] {
        let news = second > newest;
        let expected = if news { ("delivered".to_owned(), String::new()) } else { skipped("stale") };
        assert_eq!(becomes(&app, &at(second, 1, &format!("第 {second} 秒"))).await, expected);
        newest = newest.max(second);
        written += usize::from(news);
    }
    assert_eq!(app.last_written("PUT").await["subject"], "第 12 秒");
    assert_eq!(app.written("POST").await.len() + app.written("PUT").await.len(), written);
}

#[tokio::test]
async fn a_connection_that_wants_it_sends_what_is_unchanged() {
    let app = started("{ unchanged: false }").await;
    app.delivered(&at(10, 1, "甲")).await;
    app.delivered(&at(10, 2, "甲")).await;
    app.delivered(&company("c1", "老客户")).await;
    app.delivered(&company("c2", "老客户")).await;
    assert_eq!(puts(&app).await, 2);
    assert_eq!(becomes(&app, &at(5, 1, "旧")).await, skipped("stale"), "the other is as it was");
}

#[tokio::test]
async fn a_connection_that_wants_it_sends_what_is_stale() {
    let app = started("{ stale: false }").await;
    app.delivered(&at(10, 1, "甲")).await;
    app.delivered(&at(5, 1, "旧")).await;
    assert_eq!(app.last_written("PUT").await["subject"], "旧");
    assert_eq!(becomes(&app, &at(5, 2, "旧")).await, skipped("unchanged"), "the other is as it was");
}

#[tokio::test]
async fn a_write_that_may_be_there_makes_nothing_unchanged() {
    let options =
        Options { retry: "{ max_attempts: 1 }".into(), on_dead: "skip".into(), ..Options::default() };
    let app = TestApp::with(options).await;
    app.delivered(&at(10, 1, "甲")).await;
    app.fault_on("PUT", 1, json!({ "reset": "after" })).await;
    assert_eq!(app.deliver(&at(11, 1, "乙")).await.str("/status"), "dead");
    let record = app.delivered(&at(12, 1, "甲")).await;
    assert_eq!(app.ticket(record.str("/target/id")).await["subject"], "甲");
}

#[tokio::test]
async fn a_preview_tells_that_an_event_would_be_skipped() {
    let app = started("{}").await;
    app.delivered(&at(10, 1, "甲")).await;
    let request = app.client.post(app.path("/preview")).bearer_auth(OPS_KEY);
    let answer = send(request.json(&at(11, 1, "甲"))).await;
    assert_eq!(
        (answer.str("/outcome"), answer.str("/reason/code")),
        ("skipped", "unchanged"),
        "{}",
        answer.text
    );
}
