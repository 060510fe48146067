//! Updates that wait in one lane: where the connection says so, the newest is sent for all of them.

use serde_json::{Value, json};

use crate::harness::*;

/// A service that has ticket 1 and works on nothing more.
async fn waiting(coalesce: bool) -> TestApp {
    let app = TestApp::with(Options { coalesce, ..Options::default() }).await;
    app.delivered(&created(1, "打印机离线")).await;
    let options = Options { workers: 0, ..app.options.clone() };
    app.restart_with(options).await
}

/// Lets it work.
async fn working(app: TestApp) -> TestApp {
    let options = Options { workers: Options::default().workers, ..app.options.clone() };
    app.restart_with(options).await
}

/// `ticket.updated` of ticket 1 with nothing but these members and what its schema requires.
fn partial(id: &str, members: Value) -> Value {
    event(id, "ticket.updated", with(json!({ "id": 1, "status": "open", "subject": "再改名" }), members))
}

async fn became(app: &TestApp, id: &str) -> (String, String) {
    let record = app.until(id, &["delivered", "skipped", "parked", "dead"]).await;
    let reason = record.json["reason"]["code"].as_str().unwrap_or_default();
    (record.str("/status").to_owned(), reason.to_owned())
}

fn delivered() -> (String, String) {
    ("delivered".into(), String::new())
}

fn superseded() -> (String, String) {
    ("skipped".into(), "superseded".into())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_waiting_updates_only_the_newest_is_sent() {
    let app = waiting(true).await;
    for n in 1..=5 {
        app.accept(&updated_with(1, n, json!({ "subject": format!("第 {n} 次") }))).await;
    }
    let app = working(app).await;
    assert_eq!(became(&app, "updated-1-5").await, delivered());
    for n in 1..=4 {
        assert_eq!(became(&app, &format!("updated-1-{n}")).await, superseded());
    }
    let record = app.record("updated-1-4").await;
    assert!(record.str("/reason/message").contains("updated-1-5"), "{}", record.text);
    assert_eq!(record.json["attempts"][0]["calls"], json!([]));
    let puts = app.written("PUT").await;
    assert_eq!(puts.len(), 1);
    assert_eq!(puts[0]["subject"], "第 5 次");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_sent_unless_the_connection_says_otherwise() {
    let app = waiting(false).await;
    for n in 1..=3 {
        app.accept(&updated_with(1, n, json!({ "subject": format!("第 {n} 次") }))).await;
    }
    let app = working(app).await;
    for n in 1..=3 {
        assert_eq!(became(&app, &format!("updated-1-{n}")).await, delivered());
    }
    assert_eq!(app.written("PUT").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_next_update_does_not_say_again_is_sent_before_it() {
    let app = waiting(true).await;
    app.accept(&partial("both", json!({ "subject": "改名", "priority": "低" }))).await;
    app.accept(&partial("subject", json!({}))).await;
    app.accept(&partial("field", json!({ "custom_fields": { "TextField_1": "三楼" } }))).await;
    app.accept(&partial("other-field", json!({ "custom_fields": { "TextField_2": "四楼" } }))).await;
    let app = working(app).await;
    for id in ["both", "field", "other-field"] {
        assert_eq!(became(&app, id).await, delivered(), "{id}");
    }
    assert_eq!(became(&app, "subject").await, superseded(), "the field's update says its subject again");
    let target = app.get("/links/ticket/1").await.str("/target_id").to_owned();
    let ticket = app.ticket(&target).await;
    assert_eq!((&ticket["subject"], &ticket["priorityLevel"]), (&json!("再改名"), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_and_creations_are_never_left_out() {
    let app = waiting(true).await;
    let reply = |id: u64| json!({ "id": 1, "status": "open", "reply": { "id": id, "content": format!("回复 {id}") } });
    app.accept(&updated_with(1, 1, json!({ "subject": "第 1 次" }))).await;
    app.accept(&event("reply-1", "ticket.replied", reply(1))).await;
    let with_reply = with(udesk_ticket(1, "第 2 次"), json!({ "reply": { "id": 2, "content": "回复 2" } }));
    app.accept(&event("with-reply", "ticket.replied", with_reply)).await;
    app.accept(&updated_with(1, 3, json!({ "subject": "第 3 次" }))).await;
    app.accept(&created(2, "新的")).await;
    app.accept(&updated_with(2, 1, json!({ "subject": "新的改了名" }))).await;
    app.accept(&updated_with(3, 1, json!({ "subject": "没有见过的" }))).await;
    app.accept(&updated_with(3, 2, json!({ "subject": "没有见过的改了名" }))).await;
    let app = working(app).await;
    let all = [
        "updated-1-1",
        "reply-1",
        "with-reply",
        "updated-1-3",
        "created-2",
        "updated-2-1",
        "updated-3-1",
        "updated-3-2",
    ];
    for id in all {
        assert_eq!(became(&app, id).await, delivered(), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_update_is_not_left_out_for_an_older_one_that_came_later() {
    let app = waiting(true).await;
    let at = |n: u32, year: u32| {
        updated_with(
            1,
            n,
            json!({ "subject": format!("{year}"), "updated_at": format!("{year}-01-01 00:00:00 +0800") }),
        )
    };
    app.accept(&at(1, 2020)).await;
    app.accept(&at(2, 2019)).await;
    let app = working(app).await;
    assert_eq!(became(&app, "updated-1-1").await, delivered());
    assert_eq!(became(&app, "updated-1-2").await, ("skipped".into(), "stale".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_the_mapping_can_not_read_takes_no_others_place() {
    let app = waiting(true).await;
    app.accept(&updated_with(1, 1, json!({ "subject": "好的" }))).await;
    app.accept(&updated_with(1, 2, json!({ "subject": "坏的", "status": "审核中" }))).await;
    let app = working(app).await;
    assert_eq!(became(&app, "updated-1-1").await, delivered());
    assert_eq!(became(&app, "updated-1-2").await, ("parked".into(), "unknown_value".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_waiting_hints_one_reading_is_made() {
    let hints = Options {
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(),
        ..Options::default()
    };
    let app = TestApp::with(Options { coalesce: true, ..hints }).await;
    let pushed = async |app: &TestApp| {
        let request = app.client.post(app.path("/events?type=ticket.updated")).bearer_auth(OPS_KEY);
        send(request.json(&json!({ "ticket_id": "1" }))).await.str("/id").to_owned()
    };
    let first = pushed(&app).await;
    assert_eq!(became(&app, &first).await, delivered());
    let options = Options { workers: 0, ..app.options.clone() };
    let app = app.restart_with(options).await;
    let url = format!("{}/_sandbox/tickets/1", app.sandbox.udesk_url());
    send(app.client.post(url).json(&json!({ "subject": "改了三次" }))).await;
    let ids = [pushed(&app).await, pushed(&app).await, pushed(&app).await];
    let app = working(app).await;
    assert_eq!(became(&app, &ids[2]).await, delivered());
    assert_eq!([became(&app, &ids[0]).await, became(&app, &ids[1]).await], [superseded(), superseded()]);
    let url = format!("{}/_sandbox/requests?path=/api/v1/tickets/1", app.sandbox.udesk_url());
    assert_eq!(
        send(app.client.get(url)).await.json.as_array().map(Vec::len),
        Some(2),
        "the first, and the last"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_are_sent_for_each_other_as_well() {
    let app = waiting(true).await;
    let company = |id: &str, description: &str| {
        event(
            id,
            "company.updated",
            json!({ "id": 7, "name": "成都新希望有限公司", "description": description }),
        )
    };
    let app = working(app).await;
    app.delivered(&company("c0", "一")).await;
    let options = Options { workers: 0, ..app.options.clone() };
    let app = app.restart_with(options).await;
    app.accept(&company("c1", "二")).await;
    app.accept(&company("c2", "三")).await;
    let app = working(app).await;
    assert_eq!(became(&app, "c2").await, delivered());
    assert_eq!(became(&app, "c1").await, superseded());
}
