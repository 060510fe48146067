//! A person in ticket views: what they were is forgotten, in every form that it can be asked for.

use deskbridge::store::{AsOf, NewVersion, Store};
use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::{Value, json};

use super::{CANARY, is_on_disk};
use crate::{
    harness::*,
    ticketviews::{every_second, until_read},
};

/// A service with a view that shows the person's ticket.
async fn showing() -> TestApp {
    let app = TestApp::with(every_second()).await;
    until_read(&app).await;
    let ticket = json!({ "ticketId": 6_000_001, "subject": CANARY, "ticketStatus": 1 });
    assert_eq!(app.control(Method::POST, "tickets", &ticket).await.status, 201);
    until_count(&app, 24).await;
    app
}

async fn until_count(app: &TestApp, count: u64) {
    eventually(async || (app.get("/ticketviews/2/count").await.json["count"] == count).then_some(())).await;
}

async fn erase(app: &TestApp) -> Answer {
    let erased = app.order("/erase", &json!({ "subject": CANARY })).await;
    assert_eq!(erased.status, 200, "{}", erased.text);
    erased
}

#[tokio::test(flavor = "multi_thread")]
async fn states_that_showed_a_person_are_gone_from_history_changes_and_exports() {
    let app = showing().await;
    let (then, shown) = (Timestamp::now(), app.get("/ticketviews/2/tickets").await);
    assert!(shown.text.contains(CANARY));
    let cursor = shown.json["cursor"].clone();
    let still = erase(&app).await;
    assert!(still.json["ticketviews"]["current"].as_u64() > Some(0), "Bangwo8 shows it: {}", still.text);
    assert_eq!(app.control(Method::DELETE, "tickets/6000001", &Value::Null).await.status, 200);
    until_count(&app, 23).await;
    let as_of = format!("/ticketviews/2/tickets?as_of={then}");
    assert!(app.get(&as_of).await.text.contains(CANARY), "what was is still known");
    let erased = erase(&app).await;
    assert!(erased.json["ticketviews"]["states"].as_u64() > Some(0), "{}", erased.text);
    assert_eq!(erased.json["ticketviews"]["current"], 0, "{}", erased.text);
    app.get(&as_of).await.assert_problem(410, "history_gone");
    for form in ["text/csv", "application/x-ndjson"] {
        for path in [as_of.as_str(), "/ticketviews/2/tickets"] {
            let export = app.client.get(app.path(path)).bearer_auth(OPS_KEY).header("accept", form);
            assert!(!send(export).await.text.contains(CANARY), "{form} of {path}");
        }
    }
    let changes = app.get(&format!("/ticketviews/2/changes?since={cursor}")).await;
    assert!(!changes.text.contains(CANARY), "{}", changes.text);
    assert_eq!(erase(&app).await.json["ticketviews"], json!({ "states": 0, "current": 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_reads_any_more_the_newest_state_goes_too_and_no_byte_is_left() {
    let app = showing().await;
    let app = app.restart_with(Options::default()).await;
    assert!(is_in_a_piece(&app), "the search would find it");
    let erased = erase(&app).await;
    assert!(erased.json["ticketviews"]["states"].as_u64() > Some(0), "{}", erased.text);
    assert_eq!(erased.json["ticketviews"]["current"], 0);
    assert!(!is_on_disk(&app) && !is_in_a_piece(&app));
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_that_no_state_has_any_more_go_with_the_connection_that_was_read() {
    let app = showing().await;
    assert_eq!(app.control(Method::DELETE, "tickets/6000001", &Value::Null).await.status, 200);
    until_count(&app, 23).await;
    erase(&app).await;
    assert!(is_in_a_piece(&app), "a reading may be about to use it again");
    let app = app.restart_with(Options::default()).await;
    assert_eq!(erase(&app).await.json["ticketviews"], json!({ "states": 0, "current": 0 }));
    assert!(!is_in_a_piece(&app));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_to_be_forgotten_is_forgotten_also_when_the_store_is_full() {
    let budget = Some(8 * 1024 * 1024);
    let app = showing().await;
    let app = app.restart_with(Options { workers: 0, disk_budget: budget, ..Options::default() }).await;
    let large = |id| created_with(id, json!({ "content": "打印机离线，请尽快处理。".repeat(5_000) }));
    let mut id = 1;
    while app.post(&large(id)).await.status == 202 {
        id += 1;
        assert!(id < 200, "200 such events are more than the budget");
    }
    assert!(is_in_a_piece(&app), "the search would find it");
    let erased = erase(&app).await;
    assert!(erased.json["ticketviews"]["states"].as_u64() > Some(0), "{}", erased.text);
    assert!(!is_in_a_piece(&app));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_connection_that_is_not_read_any_more_goes_at_the_age_of_events() {
    let mut app = TestApp::start().await;
    app.stop().await;
    let store = Store::open_existing(super::store_url(&app).as_str()).await.expect("it is free");
    let state = || vec![NewVersion { view: "2".into(), about: None, count: 0, chunks: Vec::new() }];
    for days in [40, 35, 31, 1] {
        let then = Timestamp::now() - (days * 24).hours();
        let last = store.versions("gone", AsOf::Now).await.expect("it can be read");
        let last = last.first().map_or(0, |version| version.number);
        store.put_versions("gone", last, state(), then).await.expect("it can be written");
    }
    store.close();
    drop(store);
    let app = app.restart().await;
    let file = rusqlite::Connection::open(app.folder.path().join("deskbridge.db")).expect("the store");
    let count = || file.query_row("SELECT count(*) FROM view_versions", [], |row| row.get::<_, i64>(0));
    eventually(async || (count().expect("the states") < 4).then_some(())).await;
    assert_eq!(count().expect("the states"), 2, "the newest, and the one that it has followed a day ago");
}

/// True if a piece of a view holds the person: tickets are kept compressed, where no search of bytes finds them.
fn is_in_a_piece(app: &TestApp) -> bool {
    let file = app.folder.path().join("deskbridge.db");
    let store = rusqlite::Connection::open(file).expect("the store");
    let mut statement = store.prepare("SELECT content FROM view_pieces").expect("the pieces");
    let contents = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).expect("the pieces");
    let contents: Vec<Vec<u8>> = contents.map(|content| content.expect("content")).collect();
    contents.iter().any(|content| {
        let text = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
        text(content) || zstd::decode_all(&content[..]).is_ok_and(|bytes| text(&bytes))
    })
}
