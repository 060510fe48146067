//! News of ticket views as server-sent events.

use std::time::{Duration, Instant};

use deskbridge::store::Store;
use jiff::{Timestamp, ToSpan};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{
    harness::*,
    ticketviews::{every_second, reading},
};

fn stream(app: &TestApp, query: &str) -> RequestBuilder {
    app.client
        .get(app.path(&format!("/ticketviews/stream{query}")))
        .bearer_auth(WALL_KEY)
        .timeout(Duration::MAX)
}

async fn open(app: &TestApp, query: &str) -> Events {
    Events::open(stream(app, query)).await
}

async fn add(app: &TestApp, id: u64, members: Value) {
    let ticket = with(json!({ "ticketId": id, "subject": "新来的" }), members);
    assert_eq!(app.control(Method::POST, "tickets", &ticket).await.status, 201);
}

async fn change(app: &TestApp, path: &str, members: Value) {
    assert_eq!(app.control(Method::POST, path, &members).await.status, 200);
}

/// The next news of a view.
async fn news(events: &mut Events, view: u64) -> Event {
    loop {
        let event = events.next().await;
        assert_eq!(event.kind, "ticketview");
        if event.data["ticketview_id"] == view {
            return event;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_name_what_came_what_changed_by_which_fields_and_what_went() {
    let app = reading().await;
    let mut events = open(&app, "?views=2").await;
    add(&app, 6_000_001, json!({})).await;
    let added = events.next().await;
    let cursor = app.get("/ticketviews/2/tickets").await.json["cursor"].clone();
    let expected = json!({
        "ticketview_id": 2, "cursor": cursor, "gone": false, "count": 24, "added": [6_000_001], "changed": [],
        "moved": 0, "removed": [], "more": false
    });
    assert_eq!((added.kind.as_str(), &added.data), ("ticketview", &expected));
    change(&app, "tickets/6000001", json!({ "subject": "改过的" })).await;
    let changed = events.next().await;
    let named = &changed.data["changed"][0];
    assert_eq!((&named["id"], changed.data["added"].clone()), (&json!(6_000_001), json!([])));
    assert!(named["fields"].as_array().unwrap().contains(&json!("subject")), "{}", changed.data);
    assert_eq!(app.control(Method::DELETE, "tickets/6000001", &Value::Null).await.status, 200);
    assert_eq!(events.next().await.data["removed"], json!([6_000_001]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_with_the_last_id_misses_nothing_and_hears_nothing_twice() {
    let app = reading().await;
    let mut events = open(&app, "?views=2").await;
    add(&app, 6_000_001, json!({})).await;
    let first = events.next().await;
    drop(events);
    for id in [6_000_002, 6_000_003] {
        add(&app, id, json!({})).await;
        eventually(async || {
            (app.get("/ticketviews/2/count").await.json["count"] == id - 5_999_977).then_some(())
        })
        .await;
    }
    let app = app.restart().await;
    let mut events = Events::open(stream(&app, "?views=2").header("last-event-id", &first.id)).await;
    let missed = events.next().await;
    assert_eq!(missed.data["added"], json!([6_000_003, 6_000_002]), "{}", missed.data);
    let mut by_address = open(&app, &format!("?views=2&last_event_id={}", first.id)).await;
    assert_eq!(by_address.next().await, missed);
    drop(events);
    let mut events = Events::open(stream(&app, "?views=2").header("last-event-id", &missed.id)).await;
    add(&app, 6_000_004, json!({})).await;
    assert_eq!(events.next().await.data["added"], json!([6_000_004]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_too_late_or_from_elsewhere_is_told_to_read_anew() {
    let mut app = reading().await;
    let first = open(&app, "").await.last_id;
    add(&app, 6_000_001, json!({})).await;
    eventually(async || (app.get("/ticketviews/2/count").await.json["count"] == 24).then_some(())).await;
    add(&app, 6_000_002, json!({})).await;
    eventually(async || (app.get("/ticketviews/2/count").await.json["count"] == 25).then_some(())).await;
    app.stop().await;
    let url = format!("sqlite:{}", app.folder.path().join("deskbridge.db").display());
    let store = Store::open(&url, Timestamp::now()).await.expect("a store");
    let pruned = store.prune_versions(CONNECTION, Timestamp::now() + 24.hours(), 1000).await;
    assert!(pruned.expect("it can be written") >= 2);
    tokio::task::spawn_blocking(move || store.close()).await.expect("it closes");
    let app = app.restart().await;
    for (id, code) in
        [(first.as_str(), "cursor_expired"), ("1000000", "unknown_cursor"), ("gestern", "unknown_cursor")]
    {
        let mut events = Events::open(stream(&app, "").header("last-event-id", id)).await;
        let reset = events.next().await;
        assert_eq!((reset.kind.as_str(), &reset.data["code"]), ("reset", &json!(code)));
        assert_eq!(reset.data["cursor"].to_string(), reset.id);
        assert_ne!(reset.id, id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_goes_and_comes_back_is_news() {
    let app = reading().await;
    let mut events = open(&app, "?views=15").await;
    change(&app, "views/15", json!({ "active": "0" })).await;
    let gone = events.next().await.data;
    assert_eq!((&gone["gone"], &gone["count"]), (&json!(true), &json!(0)));
    assert_eq!(gone["removed"].as_array().map(Vec::len), Some(7));
    // Who was there before may come back for it; who is new is told that there is no such view.
    let again = format!("?views=15&last_event_id={}", events.last_id);
    let mut again = open(&app, &again).await;
    let new = send(stream(&app, "?views=15").timeout(Duration::from_secs(10))).await;
    new.assert_problem(404, "unknown_ticketview");
    change(&app, "views/15", json!({ "active": "1" })).await;
    for events in [&mut events, &mut again] {
        let back = events.next().await.data;
        assert_eq!((&back["gone"], back["added"].as_array().map(Vec::len)), (&json!(false), Some(7)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_says_how_far_even_who_hears_nothing_has_come() {
    let app = reading().await;
    let mut events = open(&app, "?views=17").await;
    let before = events.last_id.clone();
    add(&app, 6_000_001, json!({ "servicerUserId": 1 })).await;
    let mut all = open(&app, &format!("?last_event_id={before}")).await;
    let told = news(&mut all, 2).await.id;
    events.until_quiet(|block| block == format!(":\nid: {told}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_at_once_when_the_service_stops() {
    let mut app = reading().await;
    let (one, other) = (open(&app, "").await, open(&app, "?views=2").await);
    let started = Instant::now();
    app.stop().await;
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!((one.ended().await, other.ended().await), (vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_when_its_key_is_taken_away_and_no_other_does() {
    let app = TestApp::with(every_second()).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    let by_wall = open(&app, "").await;
    let mut by_ops = Events::open(stream_by(&app, OPS_KEY)).await;
    let file = app.folder.path().join("deskbridge.yaml");
    let yaml = std::fs::read_to_string(&file).unwrap();
    let fewer: String =
        yaml.lines().filter(|line| !line.contains("name: wall")).map(|line| format!("{line}\n")).collect();
    assert_ne!(fewer, yaml);
    std::fs::write(&file, fewer).unwrap();
    assert_eq!(by_wall.ended().await, vec![]);
    add(&app, 6_000_001, json!({})).await;
    assert_eq!(news(&mut by_ops, 2).await.data["added"], json!([6_000_001]));
    // Its views are no longer read: there is nothing to tell.
    write_config(app.folder.path(), &app.sandbox, &Options::default());
    by_ops.ended().await;
}

fn stream_by(app: &TestApp, key: &str) -> RequestBuilder {
    app.client.get(app.path("/ticketviews/stream")).bearer_auth(key).timeout(Duration::MAX)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_the_stream_of_its_connection_and_nothing_else() {
    let app = TestApp::with(Options { neighbours: vec!["other"], ..every_second() }).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    let made = send(app.client.post(app.path("/ticketviews/stream/tokens")).bearer_auth(WALL_KEY)).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.text);
    assert!(made.str("/expires_at").ends_with('Z'), "{}", made.text);
    let by_token = |connection: &str, path: &str, token: &str| {
        let url = format!("{}/v1/connections/{connection}/ticketviews{path}?token={token}", app.url);
        app.client.get(url).timeout(Duration::from_secs(15))
    };
    let token = made.str("/token");
    let mut events = Events::open(by_token(CONNECTION, "/stream", token)).await;
    add(&app, 6_000_001, json!({})).await;
    assert_eq!(news(&mut events, 2).await.data["added"], json!([6_000_001]));
    send(by_token("other", "/stream", token)).await.assert_problem(401, "unauthorized");
    send(by_token(CONNECTION, "/stream", "AAAAAAAAAAAAAAAA")).await.assert_problem(401, "unauthorized");
    send(by_token(CONNECTION, "/2/changes", token)).await.assert_problem(401, "unauthorized");
    send(by_token(CONNECTION, "", token)).await.assert_problem(401, "unauthorized");
    let ingest = app.client.post(app.path("/ticketviews/stream/tokens")).bearer_auth(FLOW_KEY);
    send(ingest).await.assert_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_wrongly_is_answered_by_what_is_right() {
    let app = reading().await;
    let ask = async |query: &str| send(stream(&app, query).timeout(Duration::from_secs(10))).await;
    ask("?views=2,99").await.assert_problem(404, "unknown_ticketview");
    for query in ["?last_event_id=x", "?last_event_id=-1", "?view=2"] {
        ask(query).await.assert_problem(400, "invalid_query");
    }
    let posted = app.client.post(app.path("/ticketviews/stream")).bearer_auth(WALL_KEY);
    let posted = send(posted).await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, OPTIONS"), "{}", posted.text);
    send(app.client.get(app.path("/ticketviews/stream"))).await.assert_problem(401, "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn some_hundred_streams_all_hear_the_same() {
    let app = reading().await;
    let mut streams = Vec::new();
    for _ in 0..300 {
        streams.push(open(&app, "?views=2").await);
    }
    add(&app, 6_000_001, json!({})).await;
    let first = streams[0].next().await;
    assert_eq!(first.data["added"], json!([6_000_001]));
    for events in &mut streams[1..] {
        assert_eq!(events.next().await, first);
    }
}
