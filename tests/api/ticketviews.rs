//! Ticket views out: what Bangwo8's simulator holds, normalized, from snapshots.

use std::time::Duration;

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::harness::*;

/// An app that reads its views every second, once it has read them.
pub(crate) async fn reading() -> TestApp {
    let app = TestApp::with(every_second()).await;
    until_read(&app).await;
    app
}

pub(crate) fn every_second() -> Options {
    Options { ticketviews: "{ refresh_s: 1 }".into(), ..Options::default() }
}

pub(crate) async fn until_read(app: &TestApp) {
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
}

pub(crate) async fn until_stale(app: &TestApp, stale: bool) -> Answer {
    eventually(async || {
        let answer = app.get("/ticketviews").await;
        (answer.json["stale"].is_object() == stale).then_some(answer)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_the_vendors_views_with_normalized_values() {
    let app = reading().await;
    let list = app.get("/ticketviews").await;
    let ids: Vec<u64> = list.json["ticketviews"]
        .as_array()
        .unwrap()
        .iter()
        .map(|view| view["id"].as_u64().unwrap())
        .collect();
    assert_eq!(ids, [2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 15, 17]);
    assert_eq!(list.json["count"], 12);
    assert_eq!(list.json["stale"], Value::Null);
    let all = json!({
        "id": 2, "title": "所有工单", "active": true, "ticket_count": 23,
        "created_at": "2019-08-16T00:00:00+08:00", "updated_at": "2019-10-07T13:35:59+08:00"
    });
    assert_eq!(list.json["ticketviews"][0], all);
    let never_changed = &list.json["ticketviews"][1];
    assert_eq!((&never_changed["active"], &never_changed["updated_at"]), (&json!(false), &Value::Null));
    let one = app.get("/ticketviews/2").await;
    assert_eq!(one.json, json!({ "ticketview": all, "stale": null }));
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_have_numbers_nulls_offsets_and_named_codes() {
    let app = reading().await;
    let tickets = app.get("/ticketviews/2/tickets").await;
    let sample = tickets.json["tickets"].as_array().unwrap().iter().find(|t| t["id"] == 5_237_431).unwrap();
    assert_eq!(sample["subject"], "测试工单");
    assert_eq!(sample["description"], Value::Null);
    assert_eq!(sample["status"], json!({ "code": 1, "name": "new", "label": "新建" }));
    assert_eq!(sample["source"], json!({ "code": null, "name": null, "label": "工单工作台" }));
    assert_eq!((&sample["priority"], &sample["type"]), (&Value::Null, &Value::Null));
    assert_eq!((&sample["contact_id"], &sample["agent_id"]), (&json!(21_130_282), &json!(565_123)));
    assert_eq!(sample["created_at"], "2019-12-19T14:28:51+08:00");
    assert_eq!(sample["tags"], json!([]));
    let fields = &sample["custom_fields"];
    let stage = json!({ "id": 1_197_547, "label": "合同制定" });
    assert_eq!(fields["field_12"], json!({ "name": "销售阶段", "type": "dropdown", "value": stage }));
    assert_eq!(fields["field_19"], json!({ "name": "开单日期", "type": "date", "value": null }));
    let photo = json!({
        "name": "195151szk8umd8or8fmfa5.jpg",
        "uri": "386279/snNyQASjsh.jpg",
        "uploaded_at": "2019-12-19T14:28:48+08:00"
    });
    assert_eq!(fields["field_16"]["value"], json!([photo]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_what_they_are_asked_to_and_end() {
    let app = reading().await;
    let all = app.get("/ticketviews/2/tickets").await;
    let ids = |answer: &Answer| -> Vec<u64> {
        answer.json["tickets"].as_array().unwrap().iter().map(|t| t["id"].as_u64().unwrap()).collect()
    };
    assert_eq!((ids(&all).len(), &all.json["count"], &all.json["pages"]), (23, &json!(23), &json!(1)));
    let mut paged = Vec::new();
    for page in 1..=3 {
        let answer = app.get(&format!("/ticketviews/2/tickets?page={page}&per_page=10")).await;
        assert_eq!((&answer.json["page"], &answer.json["pages"]), (&json!(page), &json!(3)));
        paged.extend(ids(&answer));
    }
    assert_eq!(paged, ids(&all));
    assert_eq!(ids(&app.get("/ticketviews/2/tickets?page=4&per_page=10").await), Vec::<u64>::new());
    for bad in ["page=0", "per_page=0", "per_page=1001", "page=x", "pages=1"] {
        let answer = app.get(&format!("/ticketviews/2/tickets?{bad}")).await;
        assert_eq!((answer.status, answer.str("/code")), (400, "invalid_query"), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_come_for_one_view_for_several_and_for_all_enabled_ones() {
    let app = reading().await;
    let one = app.get("/ticketviews/15/count").await;
    assert_eq!(one.json, json!({ "ticketview_id": 15, "count": 7, "stale": null }));
    let two = app.get("/ticketviews/counts?ids=15,2").await;
    let expected = json!([{ "ticketview_id": 15, "count": 7 }, { "ticketview_id": 2, "count": 23 }]);
    assert_eq!(two.json["ticketview_counts"], expected);
    let all = app.get("/ticketviews/counts").await;
    assert_eq!(all.json["ticketview_counts"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_is_unknown_or_switched_off_is_a_404_that_names_the_enabled_ones() {
    let app = reading().await;
    for path in [
        "/ticketviews/99/tickets",
        "/ticketviews/9/tickets",
        "/ticketviews/x/count",
        "/ticketviews/counts?ids=2,99",
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.str("/code")), (404, "unknown_ticketview"), "{path}");
        assert!(answer.str("/detail").ends_with("there are 2, 15, 17"), "{}", answer.text);
    }
    assert_eq!(app.get("/ticketviews/9").await.json["ticketview"]["active"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tag_stays_while_nothing_changes_and_changes_with_the_view() {
    let app = reading().await;
    let before = app.get("/ticketviews/2/tickets").await;
    let etag = before.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "strong: {etag}");
    assert!(!before.header("last-modified").is_empty() && !before.header("age").is_empty());
    let read_again = app.requests("GET", "/api/v1/ticketviews.json").await.len() + 2;
    eventually(async || {
        (app.requests("GET", "/api/v1/ticketviews.json").await.len() >= read_again).then_some(())
    })
    .await;
    let revalidated = revalidate(&app, &etag).await;
    assert_eq!(revalidated.status, StatusCode::NOT_MODIFIED);
    assert_eq!((revalidated.text.as_str(), revalidated.header("etag")), ("", etag.as_str()));
    let ticket = json!({ "ticketId": 6_000_001, "subject": "新来的", "ticketStatus": 1 });
    assert_eq!(app.control(Method::POST, "tickets", &ticket).await.status, 201);
    let changed = eventually(async || {
        let answer = revalidate(&app, &etag).await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(changed.json["count"], 24);
    assert!(changed.text.contains("新来的"));
    assert_ne!(changed.header("etag"), etag);
}

async fn revalidate(app: &TestApp, etag: &str) -> Answer {
    let request = app.client.get(app.path("/ticketviews/2/tickets")).bearer_auth(WALL_KEY);
    send(request.header(header::IF_NONE_MATCH, format!("\"other\", W/{etag}"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_finds_nothing_new_writes_nothing() {
    let app = reading().await;
    let commits = |metrics: String| {
        let line =
            metrics.lines().find(|l| l.starts_with("deskbridge_store_commits_total")).unwrap().to_owned();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    let before = commits(app.metrics().await);
    let readings = |metrics: &str| {
        metrics.contains("deskbridge_ticketview_refreshes_total{connection=\"acme\",result=\"ok\"} 4")
    };
    eventually(async || readings(&app.metrics().await).then_some(())).await;
    assert_eq!(commits(app.metrics().await), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_data_is_served_and_marked_until_bangwo8_is_back() {
    let app = reading().await;
    app.fault_at("/api/v1/ticketviews", 0, json!({ "status": 503, "body": "<html>维护中</html>" })).await;
    let stale = until_stale(&app, true).await;
    assert_eq!((stale.status, stale.str("/stale/reason")), (200, "unavailable"));
    assert!(stale.str("/stale/since").ends_with('Z'), "{}", stale.text);
    assert_eq!(app.get("/ticketviews/2/tickets").await.json["count"], 23);
    app.mend().await;
    assert_eq!(until_stale(&app, false).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_snapshot_survives_a_restart_while_bangwo8_is_down() {
    let app = reading().await;
    let before = app.get("/ticketviews/2/tickets").await;
    app.fault_at("/api/v1/ticketviews", 0, json!({ "reset": "before" })).await;
    let app = app.restart().await;
    let after = app.get("/ticketviews/2/tickets").await;
    assert_eq!(after.status, 200, "{}", after.text);
    assert_eq!(after.json["tickets"], before.json["tickets"]);
    assert!(after.json["stale"].is_object());
    for path in ["/ticketviews", "/ticketviews/2/tickets", "/ticketviews/2/count"] {
        eventually(async || (app.get(path).await.str("/stale/reason") != "restarted").then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_names_of_fields_survive_a_restart_in_which_they_can_not_be_read() {
    let app = reading().await;
    let before = app.get("/ticketviews/2/tickets").await;
    app.fault_at("/api/v1/tickets/ticket_fields", 0, json!({ "status": 503 })).await;
    let app = app.restart().await;
    // So often that readings would have gone on without names, had there been none before.
    let tries = app.requests("GET", "/api/v1/tickets/ticket_fields.json").await.len() + 4;
    eventually_within(Duration::from_secs(60), async || {
        let tried = app.requests("GET", "/api/v1/tickets/ticket_fields.json").await.len();
        (tried >= tries).then_some(())
    })
    .await;
    let after = app.get("/ticketviews/2/tickets").await;
    assert_eq!(after.json["tickets"], before.json["tickets"]);
    assert_eq!(after.json["cursor"], before.json["cursor"], "nothing has changed");
    assert!(after.json["stale"].is_object(), "{}", after.text);
    app.mend().await;
    eventually_within(Duration::from_secs(60), async || {
        app.get("/ticketviews/2/tickets").await.json["stale"].is_null().then_some(())
    })
    .await;
    assert_eq!(app.get("/ticketviews/2/tickets").await.json["cursor"], before.json["cursor"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_reading_the_answer_is_503_and_says_why() {
    let app = TestApp::with(Options { ticketviews: "{ refresh_s: 0 }".into(), ..Options::default() }).await;
    app.fault_at("/api/v1/ticketviews", 0, json!({ "status": 500 })).await;
    let app = app.restart_with(every_second()).await;
    let answer = eventually(async || {
        let answer = app.get("/ticketviews").await;
        answer.str("/detail").contains("unavailable").then_some(answer)
    })
    .await;
    assert_eq!((answer.status, answer.str("/code")), (503, "snapshot_pending"));
    assert_eq!(answer.header("retry-after"), "1");
    app.mend().await;
    until_read(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_reads_no_views_says_so() {
    let app = TestApp::start().await;
    let answer = app.get("/ticketviews").await;
    assert_eq!((answer.status, answer.str("/code")), (404, "ticketviews_off"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivered_ticket_shows_up_in_the_views() {
    let app = reading().await;
    let record = app.deliver(&created(77, "从 Udesk 来的工单")).await;
    let id: u64 = record.str("/target/id").parse().unwrap();
    let ticket = eventually(async || {
        let tickets = app.get("/ticketviews/2/tickets").await;
        tickets.json["tickets"].as_array().unwrap().iter().find(|ticket| ticket["id"] == id).cloned()
    })
    .await;
    assert_eq!(ticket["status"], json!({ "code": 2, "name": "open", "label": "已开启" }));
    assert_eq!(ticket["priority"]["label"], "紧急");
}
