//! Ticket views as they were, and how many tickets they had over time.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{harness::*, ticketviews::reading};

/// A path with a moment that it is asked for.
fn as_of(path: &str, at: Timestamp) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}as_of={at}")
}

async fn until_count(app: &TestApp, view: &str, count: u64) {
    let path = format!("/ticketviews/{view}/count");
    eventually(async || (app.get(&path).await.json["count"] == count).then_some(())).await;
}

async fn add(app: &TestApp, id: u64, subject: &str) {
    let ticket = json!({ "ticketId": id, "subject": subject, "ticketStatus": 1 });
    assert_eq!(app.control(Method::POST, "tickets", &ticket).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_is_answered_as_it_was() {
    let app = reading().await;
    let paths = [
        "/ticketviews/2",
        "/ticketviews/2/tickets",
        "/ticketviews/2/tickets?per_page=5",
        "/ticketviews/2/count",
        "/ticketviews/counts?ids=15,2",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(app.get(path).await);
    }
    let then = Timestamp::now();
    add(&app, 6_000_001, "后来的").await;
    until_count(&app, "2", 24).await;
    let later = Timestamp::now();
    for (path, before) in paths.iter().zip(&before) {
        let was = app.get(&as_of(path, then)).await;
        assert_eq!((was.status, &was.text), (200, &before.text), "{path}");
        assert_eq!((was.header("etag"), was.header("age")), (before.header("etag"), ""), "{path}");
        let is = app.get(&as_of(path, later)).await;
        assert_eq!(is.text, app.get(path).await.text, "{path}");
        assert_ne!(is.text, was.text, "{path}");
    }
    let export = app.client.get(app.path(&as_of("/ticketviews/2/tickets", then))).bearer_auth(OPS_KEY);
    let lines = send(export.header("accept", "application/x-ndjson")).await;
    assert_eq!((lines.status, lines.text.lines().count()), (200, 23));
    assert!(!lines.text.contains("后来的"));
}

#[tokio::test(flavor = "multi_thread")]
async fn history_survives_a_restart() {
    let app = reading().await;
    let then = Timestamp::now();
    add(&app, 6_000_001, "后来的").await;
    until_count(&app, "2", 24).await;
    let was = app.get(&as_of("/ticketviews/2/tickets", then)).await;
    let app = app.restart().await;
    assert_eq!(app.get(&as_of("/ticketviews/2/tickets", then)).await.text, was.text);
    assert_eq!(was.json["count"], 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_is_gone_is_still_there_as_of_before() {
    let app = reading().await;
    let then = Timestamp::now();
    assert_eq!(app.control(Method::DELETE, "views/17", &Value::Null).await.status, 200);
    eventually(async || (app.get("/ticketviews").await.json["count"] == 11).then_some(())).await;
    app.get("/ticketviews/17").await.assert_problem(404, "unknown_ticketview");
    assert_eq!(app.get(&as_of("/ticketviews", then)).await.json["count"], 12);
    let was = app.get(&as_of("/ticketviews/17", then)).await;
    assert_eq!((was.status, was.str("/ticketview/title")), (200, "售后"));
    let now = Timestamp::now();
    let gone = app.get(&as_of("/ticketviews/17/tickets", now)).await;
    gone.assert_problem(404, "unknown_ticketview");
    assert!(gone.str("/detail").ends_with("there are 2, 15"), "{}", gone.text);
    app.get(&as_of("/ticketviews/99/count", then)).await.assert_problem(404, "unknown_ticketview");
    app.get(&as_of("/ticketviews/counts?ids=2,99", then)).await.assert_problem(404, "unknown_ticketview");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_came_later_was_not_there_before() {
    let app = reading().await;
    let then = Timestamp::now();
    let view = json!({ "id": 900, "title": "后来的", "filter": "recently_updated" });
    assert_eq!(app.control(Method::POST, "views", &view).await.status, 201);
    eventually(async || (app.get("/ticketviews/900").await.status == 200).then_some(())).await;
    assert_eq!(app.get(&as_of("/ticketviews", then)).await.json["count"], 12);
    for path in ["/ticketviews/900", "/ticketviews/900/tickets", "/ticketviews/900/count"] {
        app.get(&as_of(path, then)).await.assert_problem(404, "unknown_ticketview");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_before_anything_was_known_is_gone_and_the_future_is_refused() {
    let start = Timestamp::now();
    let app = reading().await;
    for path in [
        "/ticketviews",
        "/ticketviews/2",
        "/ticketviews/2/tickets",
        "/ticketviews/2/count",
        "/ticketviews/counts",
    ] {
        let gone = app.get(&as_of(path, start)).await;
        gone.assert_problem(410, "history_gone");
        let told = gone.str("/detail").split(' ').nth(3).unwrap();
        let oldest: Timestamp = told.parse().unwrap_or_else(|_| panic!("{}", gone.text));
        assert_eq!(app.get(&as_of(path, oldest)).await.status, 200, "{path} as of {oldest}");
        let future = start.checked_add(std::time::Duration::from_secs(3600)).unwrap();
        app.get(&as_of(path, future)).await.assert_problem(400, "invalid_query");
        let separator = if path.contains('?') { '&' } else { '?' };
        app.get(&format!("{path}{separator}as_of=yesterday")).await.assert_problem(400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_has_a_point_for_each_moment_and_none_from_before_anything_was_known() {
    let start = Timestamp::now();
    let app = reading().await;
    add(&app, 6_000_001, "后来的").await;
    until_count(&app, "2", 24).await;
    let since = start.checked_sub(std::time::Duration::from_secs(30)).unwrap();
    let until = Timestamp::now().checked_add(std::time::Duration::from_secs(2)).unwrap();
    let trend = app.get(&format!("/ticketviews/2/trend?since={since}&until={until}&every=1")).await;
    assert_eq!(
        (trend.status, &trend.json["ticketview_id"], &trend.json["every"]),
        (200, &json!(2), &json!(1))
    );
    let points = trend.json["points"].as_array().unwrap();
    assert_eq!(points[0], json!({ "at": since.to_string(), "count": null, "min": null, "max": null }));
    let last = points.last().unwrap();
    assert_eq!((&last["count"], &last["min"], &last["max"]), (&json!(24), &json!(24), &json!(24)));
    let mut counts: Vec<&Value> = points.iter().flat_map(|point| [&point["min"], &point["max"]]).collect();
    counts.retain(|count| !count.is_null());
    assert_eq!((counts.first(), counts.contains(&&json!(23))), (Some(&&json!(23)), true));
    let today = app.get("/ticketviews/2/trend").await;
    assert_eq!(
        (today.status, &today.json["every"], today.json["points"].as_array().unwrap().len()),
        (200, &json!(300), 288)
    );
    for bad in [
        "every=0",
        "every=x",
        "since=x",
        "step=1",
        "since=2020-01-01T00:00:00Z&every=1",
        "until=2020-01-01T00:00:00Z&since=2020-01-02T00:00:00Z",
    ] {
        app.get(&format!("/ticketviews/2/trend?{bad}")).await.assert_problem(400, "invalid_query");
    }
    app.get("/ticketviews/99/trend").await.assert_problem(404, "unknown_ticketview");
}
