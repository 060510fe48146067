//! How ticket views are read: whole or not at all, what comes and goes, who may not wait, and what fails alone.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{harness::*, ticketviews::until_read};

/// Tickets that view 2 gets beside its own: three pages of the vendor's in all.
const MORE: u64 = 230;
/// Changes that are planned for while it is paged.
const TURNS: u64 = 6;

fn every(seconds: u64) -> Options {
    Options { ticketviews: format!("{{ refresh_s: {seconds} }}"), ..Options::default() }
}

/// An app that has read its views, and reads them again after so many seconds.
async fn reading(seconds: u64) -> TestApp {
    let app = TestApp::with(every(seconds)).await;
    until_read(&app).await;
    app
}

/// All tickets of view 2, if it is served.
async fn tickets(app: &TestApp) -> Answer {
    app.get("/ticketviews/2/tickets?per_page=1000").await
}

fn list(answer: &Answer) -> &Vec<Value> {
    answer.json["tickets"].as_array().unwrap_or_else(|| panic!("{}", answer.text))
}

fn ids(answer: &Answer) -> Vec<u64> {
    list(answer).iter().map(|ticket| ticket["id"].as_u64().expect("an id")).collect()
}

fn subject(answer: &Answer, id: u64) -> Option<String> {
    let ticket = list(answer).iter().find(|ticket| ticket["id"] == id)?;
    Some(ticket["subject"].as_str().unwrap_or_default().to_owned())
}

async fn add(app: &TestApp, id: u64) {
    let ticket = json!({ "ticketId": id, "subject": "零", "ticketStatus": 1 });
    assert_eq!(app.control(Method::POST, "tickets", &ticket).await.status, 201);
}

async fn plan(app: &TestApp, page: u64, times: u64, changes: Value) {
    let plan = json!({ "view": "2", "page": page, "times": times, "changes": changes });
    let answer = app.control(Method::POST, "meanwhile", &plan).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
}

/// An app whose view 2 has three pages, all of them read.
async fn paged() -> TestApp {
    let app = reading(1).await;
    for id in 0..MORE {
        add(&app, 7_000_000 + id).await;
    }
    eventually(async || (ids(&tickets(&app).await).len() as u64 == 23 + MORE).then_some(())).await;
    app
}

/// Asks an operator's question: to have a view read now.
async fn refresh(app: &TestApp, view: &str) -> Answer {
    let url = app.path(&format!("/ticketviews/{view}/refresh"));
    send(app.client.post(url).bearer_auth(OPS_KEY).header("prefer", "wait=15")).await
}

/// A reading's count of a metric.
async fn counted(app: &TestApp, metric: &str) -> u64 {
    let metrics = app.metrics().await;
    let line = metrics.lines().find(|line| line.starts_with(metric));
    line.map_or(0, |line| line.rsplit(' ').next().and_then(|count| count.parse().ok()).expect("a count"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_changes_while_it_is_paged_is_never_served_half_old_and_half_new() {
    let app = paged().await;
    let all = ids(&tickets(&app).await);
    // On the first page and on the last, they change at once, and always to the same word.
    let (first, last) = (all[50], all[215]);
    for turn in 1..=TURNS {
        let word = turn.to_string();
        let changes = json!([
            { "change": { "ticketId": first, "subject": word } },
            { "change": { "ticketId": last, "subject": word } },
            { "add": { "ticketId": 8_000_000 + turn, "subject": "轮换", "ticketStatus": 1 } },
            { "delete": 7_000_000 + turn * 20 },
        ]);
        plan(&app, 1 + turn % 3, 1, changes).await;
        eventually(async || {
            let answer = tickets(&app).await;
            let all = ids(&answer);
            assert_eq!(answer.json["count"], all.len() as u64);
            assert_eq!(all.len() as u64, 23 + MORE, "what came is there, and what went is not");
            let words = (subject(&answer, first).unwrap(), subject(&answer, last).unwrap());
            assert_eq!(words.0, words.1, "two halves of different moments");
            let came = all.iter().filter(|id| **id > 8_000_000).count();
            assert_eq!(came.to_string(), words.0.replace('零', "0"), "who came is of the same moment");
            (words.0 == word).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_changes_faster_than_it_can_be_read_stays_as_it_was_and_says_so() {
    let app = paged().await;
    let before = tickets(&app).await;
    for page in 1..=3 {
        plan(&app, page, 0, json!([{ "add": { "subject": "不停地来", "ticketStatus": 1 } }])).await;
    }
    let marked = eventually(async || {
        let answer = tickets(&app).await;
        (answer.str("/stale/reason") == "changing").then_some(answer)
    })
    .await;
    assert_eq!(marked.status, 200);
    assert!(app.get("/ticketviews/15/tickets").await.json["stale"].is_null(), "the others are read");
    let known: Vec<u64> = ids(&marked);
    assert!(ids(&before).iter().all(|id| known.contains(id)));
    assert_eq!(app.control(Method::DELETE, "meanwhile", &Value::Null).await.status, 200);
    let after = eventually(async || {
        let answer = tickets(&app).await;
        answer.json["stale"].is_null().then_some(answer)
    })
    .await;
    assert_eq!(ids(&after).len(), app.tickets().await.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_come_and_go_and_change_their_name_or_state_show_at_the_next_reading() {
    let app = reading(1).await;
    let add = json!({ "id": 31, "title": "急件", "filter": "all" });
    assert_eq!(app.control(Method::POST, "views", &add).await.status, 201);
    let came = eventually(async || {
        let answer = app.get("/ticketviews/31/tickets").await;
        (answer.status == 200).then_some(answer)
    })
    .await;
    assert_eq!(came.json["count"], 23);
    assert_eq!(app.control(Method::POST, "views/31", &json!({ "title": "特急" })).await.status, 200);
    eventually(async || (app.get("/ticketviews/31").await.str("/ticketview/title") == "特急").then_some(()))
        .await;
    assert_eq!(app.control(Method::POST, "views/31", &json!({ "active": "0" })).await.status, 200);
    eventually(async || (app.get("/ticketviews/31/tickets").await.status == 404).then_some(())).await;
    let off = app.get("/ticketviews/31").await;
    assert_eq!((off.status, &off.json["ticketview"]["active"]), (200, &json!(false)));
    assert_eq!(app.control(Method::POST, "views/31", &json!({ "active": "1" })).await.status, 200);
    eventually(async || (app.get("/ticketviews/31/tickets").await.status == 200).then_some(())).await;
    assert_eq!(app.control(Method::DELETE, "views/31", &Value::Null).await.status, 200);
    eventually(async || (app.get("/ticketviews/31").await.status == 404).then_some(())).await;
    let app = app.restart().await;
    assert_eq!(app.get("/ticketviews/31").await.status, 404, "what is gone stays gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_can_not_be_read_is_marked_alone_and_the_others_go_on() {
    let app = reading(1).await;
    app.fault_at("/api/v1/ticketviews/15/", 0, json!({ "status": 403 })).await;
    let marked = eventually(async || {
        let answer = app.get("/ticketviews/15/tickets").await;
        answer.json["stale"].is_object().then_some(answer)
    })
    .await;
    assert_eq!((marked.str("/stale/reason"), &marked.json["count"]), ("forbidden", &json!(7)));
    add(&app, 7_000_000).await;
    let other = eventually(async || {
        let answer = app.get("/ticketviews/2/tickets").await;
        (answer.json["count"] == 24).then_some(answer)
    })
    .await;
    assert_eq!(other.json["stale"], Value::Null);
    assert!(app.get("/ticketviews").await.json["stale"].is_object(), "some of the list is old");
    app.mend().await;
    let mended = refresh(&app, "15").await;
    assert_eq!((mended.status, mended.str("/status")), (200, "read"), "{}", mended.text);
    assert_eq!(app.get("/ticketviews/15/tickets").await.json["stale"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_fails_as_if_all_did_does_not_hold_up_the_others() {
    let app = reading(1).await;
    app.fault_at("/api/v1/ticketviews/15/", 0, json!({ "status": 500 })).await;
    eventually(async || app.get("/ticketviews/15/tickets").await.json["stale"].is_object().then_some(()))
        .await;
    add(&app, 7_000_000).await;
    eventually(async || (app.get("/ticketviews/2/count").await.json["count"] == 24).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_has_a_view_read_at_once_and_hears_what_came_of_it() {
    let app = reading(3600).await;
    add(&app, 7_000_000).await;
    let read = refresh(&app, "2").await;
    assert_eq!((read.status, &read.json["changed"]), (200, &json!(true)), "{}", read.text);
    assert!(ids(&tickets(&app).await).contains(&7_000_000));
    assert_eq!(refresh(&app, "2").await.json["changed"], false);
    let unknown = refresh(&app, "99").await;
    assert_eq!((unknown.status, unknown.str("/code")), (404, "unknown_ticketview"));
    app.fault_at("/api/v1/ticketviews", 0, json!({ "status": 503 })).await;
    let failed = refresh(&app, "2").await;
    assert!(failed.status >= 500, "{}", failed.text);
    assert!(failed.str("/detail").contains("unavailable"), "{}", failed.text);
    app.mend().await;
    assert_eq!(refresh(&app, "2").await.status, 200, "an operator finds out that it is back");
}

/// A body that would fill a stack is an answer as any other that can't be read.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_text_in_text_costs_a_reading_and_nothing_else() {
    let app = reading(3600).await;
    let body = format!("{{\"a\":{}}}", text_in_text(10));
    app.fault_at("/api/v1/ticketviews", 0, json!({ "status": 200, "body": body })).await;
    let failed = refresh(&app, "2").await;
    assert_eq!((failed.status, failed.str("/code")), (502, "refresh_failed"), "{}", failed.text);
    app.mend().await;
    assert_eq!(refresh(&app, "2").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_hastens_the_views_that_hold_its_ticket_or_come_to() {
    let app = reading(3600).await;
    let record = app.deliver(&created(77, "从 Udesk 来的工单")).await;
    let id: u64 = record.str("/target/id").parse().unwrap();
    eventually(async || ids(&tickets(&app).await).contains(&id).then_some(())).await;
    let calls = app.requests("GET", "/api/v1/ticketviews.json").await.len();
    assert!(calls <= 3, "the list is read once for it, not again and again: {calls}");
    app.deliver(&updated_with(77, 1, json!({ "subject": "改过的标题" }))).await;
    eventually(async || (subject(&tickets(&app).await, id).as_deref() == Some("改过的标题")).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_list_of_fields_may_not_be_read_tickets_go_without_names() {
    let app = TestApp::with(Options { ticketviews: "{ refresh_s: 0 }".into(), ..Options::default() }).await;
    app.fault_at("/api/v1/tickets/ticket_fields", 0, json!({ "status": 403 })).await;
    let app = app.restart_with(every(1)).await;
    until_read(&app).await;
    let answer = tickets(&app).await;
    let sample = list(&answer).iter().find(|ticket| ticket["id"] == 5_237_431).unwrap();
    let field = &sample["custom_fields"]["field_14"];
    assert_eq!((&field["name"], &field["value"]), (&Value::Null, &json!("呃呃呃")));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_views_are_served_at_once_and_marked_until_they_are_read() {
    let app = reading(1).await;
    let before = tickets(&app).await;
    app.fault_at("/api/v1/ticketviews/2/", 0, json!({ "delay_ms": 8000 })).await;
    let patient = "{ requests_per_second: 1000, concurrency: 8, timeout_ms: 20000 }".into();
    let app = app.restart_with(Options { limits: patient, ..every(1) }).await;
    let after = tickets(&app).await;
    assert_eq!((after.status, after.str("/stale/reason")), (200, "restarted"), "{}", after.text);
    assert_eq!((ids(&after), &after.json["cursor"]), (ids(&before), &before.json["cursor"]));
    app.mend().await;
    eventually(async || tickets(&app).await.json["stale"].is_null().then_some(())).await;
    assert_eq!(
        tickets(&app).await.json["cursor"],
        before.json["cursor"],
        "what is unchanged has no new number"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn while_bangwo8_is_down_only_its_list_is_tried_ever_more_rarely() {
    let app = reading(60).await;
    app.fault_at("/api/v1/ticketviews", 0, json!({ "status": 503 })).await;
    let failed = refresh(&app, "2").await;
    assert!(failed.status >= 500, "{}", failed.text);
    let asked = app.requests("GET", "/api/v1/ticketviews/2/").await.len();
    let tried = eventually(async || {
        let tried =
            counted(&app, "deskbridge_ticketview_refreshes_total{connection=\"acme\",result=\"unavailable\"")
                .await;
        (tried >= 2).then_some(tried)
    })
    .await;
    assert!(tried <= 4, "{tried}");
    assert_eq!(app.requests("GET", "/api/v1/ticketviews/2/").await.len(), asked, "no view is asked for");
    assert_eq!(tickets(&app).await.str("/stale/reason"), "unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_how_many_views_and_tickets_there_are_and_how_old_they_are() {
    let app = reading(1).await;
    let of = |metric: &str| format!("deskbridge_ticketview_{metric}{{connection=\"acme\"");
    eventually(async || (counted(&app, &of("views")).await == 12).then_some(())).await;
    eventually(async || (counted(&app, &of("tickets")).await > 23).then_some(())).await;
    assert!(counted(&app, &of("oldest_read_timestamp_seconds")).await > 1_700_000_000);
    assert!(counted(&app, &of("calls_total")).await >= 4);
    let versions = counted(&app, &of("versions_total")).await;
    assert_eq!(versions, 12, "one for each view, and none for a reading that finds nothing new");
}
