//! What changed in a view since a cursor.

use std::collections::BTreeMap;

use deskbridge::store::Store;
use jiff::{Timestamp, ToSpan};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::{Method, header};
use serde_json::{Value, json};

use crate::harness::*;

/// The view of all tickets, newest first.
const ALL: u64 = 2;
/// A view of the test's own: the ten tickets that were updated last, so that tickets move in it.
const RECENT: u64 = 900;

/// Tickets of a view at one moment.
#[derive(Debug, Clone)]
struct Seen {
    view: u64,
    cursor: i64,
    tickets: Vec<Value>,
}

/// A service that reads nothing by itself for a minute, and has both views.
async fn reading() -> TestApp {
    let app = TestApp::with(Options { ticketviews: "{ refresh_s: 0 }".into(), ..Options::default() }).await;
    let view = json!({ "id": RECENT, "title": "最近更新", "filter": "recently_updated" });
    assert_eq!(app.control(Method::POST, "views", &view).await.status, 201);
    let app =
        app.restart_with(Options { ticketviews: "{ refresh_s: 60 }".into(), ..Options::default() }).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    app
}

/// The view as it is at the vendor now.
async fn see(app: &TestApp, view: u64) -> Seen {
    refresh(app, view).await;
    let answer = app.get(&format!("/ticketviews/{view}/tickets?per_page=1000")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let tickets = answer.json["tickets"].as_array().expect("tickets").clone();
    assert_eq!(answer.json["count"], tickets.len());
    Seen { view, cursor: answer.json["cursor"].as_i64().expect("a cursor"), tickets }
}

async fn refresh(app: &TestApp, view: u64) {
    let request = app.client.post(app.path(&format!("/ticketviews/{view}/refresh"))).bearer_auth(OPS_KEY);
    let answer = send(request.header("prefer", "wait=20")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn changes(app: &TestApp, view: u64, since: impl std::fmt::Display) -> Answer {
    app.get(&format!("/ticketviews/{view}/changes?since={since}")).await
}

/// Adds a ticket, or changes members of one that is there.
async fn put(app: &TestApp, path: &str, ticket: Value) {
    let answer = app.control(Method::POST, path, &ticket).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text);
}

/// As the documentation says that changes are applied.
fn apply(changes: &Value, tickets: &[Value]) -> Vec<Value> {
    let list = |name: &str| changes[name].as_array().expect("a list").clone();
    let mut old: Vec<Value> = tickets.to_vec();
    for changed in list("changed") {
        let ticket =
            old.iter_mut().find(|ticket| ticket["id"] == changed["id"]).expect("a ticket that was there");
        assert_eq!(json!(differing(ticket, &changed["ticket"])), changed["fields"]);
        *ticket = changed["ticket"].clone();
    }
    let mut inserted: BTreeMap<u64, Value> = BTreeMap::new();
    for moved in list("moved") {
        let place =
            old.iter().position(|ticket| ticket["id"] == moved["id"]).expect("a ticket that was there");
        inserted.insert(moved["position"].as_u64().expect("a place"), old.remove(place));
    }
    for id in list("removed") {
        let place = old.iter().position(|ticket| ticket["id"] == id).expect("a ticket that was there");
        old.remove(place);
    }
    for added in list("added") {
        inserted.insert(added["position"].as_u64().expect("a place"), added["ticket"].clone());
    }
    for (place, ticket) in inserted {
        old.insert(usize::try_from(place).expect("a place"), ticket);
    }
    assert_eq!(changes["count"], old.len());
    old
}

/// The names of the fields that differ, sorted.
fn differing(before: &Value, after: &Value) -> Vec<String> {
    let members = |value: &Value| -> BTreeMap<String, Value> {
        value.as_object().expect("an object").clone().into_iter().collect()
    };
    let mut names = Vec::new();
    for (name, value) in members(after) {
        if name == "custom_fields" {
            let keys = members(&value).into_iter().filter(|(key, value)| before[&name][key] != *value);
            names.extend(keys.map(|(key, _)| format!("custom_fields.{key}")));
        } else if before[&name] != value {
            names.push(name);
        }
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_say_what_came_what_changed_by_which_fields_and_what_went() {
    let app = reading().await;
    let before = see(&app, ALL).await;
    let gone = before.tickets[3]["id"].clone();
    put(&app, "tickets", json!({ "ticketId": 6_000_001, "subject": "新来的" })).await;
    put(&app, "tickets/5237431", json!({ "subject": "改过的", "ticketStatus": 3 })).await;
    assert_eq!(app.control(Method::DELETE, &format!("tickets/{gone}"), &Value::Null).await.status, 200);
    let after = see(&app, ALL).await;
    let answer = changes(&app, ALL, before.cursor).await;
    assert_eq!((answer.status, &answer.json["cursor"]), (200, &json!(after.cursor)), "{}", answer.text);
    let changes = &answer.json;
    assert_eq!((&changes["count"], &changes["stale"]), (&json!(before.tickets.len()), &Value::Null));
    assert_eq!((&changes["added"][0]["position"], &changes["moved"]), (&json!(0), &json!([])));
    assert_eq!(changes["added"][0]["ticket"]["subject"], "新来的");
    assert_eq!((&changes["changed"][0]["id"], &changes["removed"]), (&json!(5_237_431), &json!([gone])));
    let fields = changes["changed"][0]["fields"].as_array().unwrap();
    assert!(fields.contains(&json!("subject")) && fields.contains(&json!("status")), "{fields:?}");
    assert_eq!(apply(changes, &before.tickets), after.tickets);
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_0_gives_everything_and_the_newest_nothing() {
    let app = reading().await;
    let now = see(&app, ALL).await;
    let all = changes(&app, ALL, 0).await;
    assert_eq!(apply(&all.json, &[]), now.tickets);
    let none = changes(&app, ALL, now.cursor).await;
    for kind in ["added", "changed", "moved", "removed"] {
        assert_eq!(none.json[kind], json!([]), "{kind}");
    }
    assert_eq!((&none.json["cursor"], &none.json["count"]), (&json!(now.cursor), &json!(now.tickets.len())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_after_a_restart() {
    let app = reading().await;
    let before = see(&app, ALL).await;
    put(&app, "tickets", json!({ "ticketId": 6_000_001, "subject": "新来的" })).await;
    let after = see(&app, ALL).await;
    let app = app.restart().await;
    let answer = changes(&app, ALL, before.cursor).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(apply(&answer.json, &before.tickets), after.tickets);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_what_is_no_longer_kept_is_a_410_that_says_how_to_go_on() {
    let mut app = reading().await;
    let before = see(&app, ALL).await;
    put(&app, "tickets", json!({ "ticketId": 6_000_001, "subject": "新来的" })).await;
    let after = see(&app, ALL).await;
    app.stop().await;
    forget(&app).await;
    let app = app.restart().await;
    let answer = changes(&app, ALL, before.cursor).await;
    answer.assert_problem(410, "cursor_expired");
    assert!(answer.str("/detail").contains("read its tickets anew"), "{}", answer.text);
    for cursor in [after.cursor, 0] {
        assert_eq!(changes(&app, ALL, cursor).await.status, 200);
    }
}

/// Forgets all that was followed by something else, as time does.
async fn forget(app: &TestApp) {
    let url = format!("sqlite:{}", app.folder.path().join("deskbridge.db").display());
    let store = Store::open(&url, Timestamp::now()).await.expect("a store");
    let tomorrow = Timestamp::now() + 24.hours();
    assert!(store.prune_versions(CONNECTION, tomorrow, 1000).await.expect("it can be written") > 0);
    tokio::task::spawn_blocking(move || store.close()).await.expect("it closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_never_given_out_is_a_400_that_says_where_to_take_one() {
    let app = reading().await;
    for cursor in ["1000000", "18446744073709551615"] {
        let answer = changes(&app, ALL, cursor).await;
        answer.assert_problem(400, "unknown_cursor");
        assert!(answer.str("/detail").contains("never given out"), "{}", answer.text);
    }
    for query in ["", "?since=", "?since=-1", "?since=x", "?since=1&page=2"] {
        app.get(&format!("/ticketviews/2/changes{query}")).await.assert_problem(400, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_that_is_gone_or_was_never_there_is_a_404() {
    let app = reading().await;
    let before = see(&app, RECENT).await;
    assert_eq!(app.control(Method::DELETE, &format!("views/{RECENT}"), &Value::Null).await.status, 200);
    let app = app.restart().await;
    eventually(async || (changes(&app, RECENT, before.cursor).await.status == 404).then_some(())).await;
    for view in [RECENT, 99, 9] {
        changes(&app, view, before.cursor).await.assert_problem(404, "unknown_ticketview");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_tagged_by_what_they_lie_between() {
    let app = reading().await;
    let before = see(&app, ALL).await;
    put(&app, "tickets", json!({ "ticketId": 6_000_001, "subject": "新来的" })).await;
    see(&app, ALL).await;
    let answer = changes(&app, ALL, before.cursor).await;
    let etag = answer.header("etag").to_owned();
    assert!(etag.starts_with('"'), "strong: {etag}");
    assert_eq!(answer.header("vary"), "Accept, Accept-Encoding");
    let again = async |since: i64| {
        let request = app.client.get(app.path(&format!("/ticketviews/2/changes?since={since}")));
        send(request.bearer_auth(WALL_KEY).header(header::IF_NONE_MATCH, &etag)).await
    };
    let same = again(before.cursor).await;
    assert_eq!((same.status, same.text.as_str(), same.header("etag")), (304, "", etag.as_str()));
    let zipped = etag.trim_end_matches('"').to_owned() + "-gzip\"";
    let request = app.client.get(app.path(&format!("/ticketviews/2/changes?since={}", before.cursor)));
    let same = send(request.bearer_auth(WALL_KEY).header(header::IF_NONE_MATCH, &zipped)).await;
    assert_eq!((same.status, same.header("etag")), (304, zipped.as_str()), "the tag that matched");
    assert_eq!(again(0).await.status, 200);
    put(&app, "tickets", json!({ "ticketId": 6_000_002, "subject": "又一个" })).await;
    see(&app, ALL).await;
    assert_eq!(again(before.cursor).await.status, 200);
}

/// Whatever happens to the tickets, and however often the service is restarted: what is told since any cursor turns the
/// tickets of then into those of now. `DESKBRIDGE_TEST_ROUNDS` makes it longer, `DESKBRIDGE_TEST_SEED` repeats a run.
#[tokio::test(flavor = "multi_thread")]
async fn changes_since_any_cursor_give_the_tickets_of_now() {
    let number = |name: &str, else_: u64| std::env::var(name).map_or(else_, |text| text.parse().expect(name));
    let (rounds, seed) =
        (number("DESKBRIDGE_TEST_ROUNDS", 12), number("DESKBRIDGE_TEST_SEED", rand::random()));
    let (mut random, mut app) = (StdRng::seed_from_u64(seed), reading().await);
    let mut seen: Vec<Seen> = Vec::new();
    for round in 0..rounds {
        for _ in 0..random.random_range(0..4) {
            change_something(&app, &mut random, round).await;
        }
        let now = [see(&app, ALL).await, see(&app, RECENT).await];
        if random.random_ratio(1, 4) {
            app = app.restart().await;
        }
        for then in seen.iter().chain(&now) {
            let now = now.iter().find(|now| now.view == then.view).expect("one of both");
            let answer = changes(&app, then.view, then.cursor).await;
            assert_eq!((answer.status, &answer.json["cursor"]), (200, &json!(now.cursor)), "{}", answer.text);
            let applied = apply(&answer.json, &then.tickets);
            assert_eq!(applied, now.tickets, "since {}; DESKBRIDGE_TEST_SEED={seed}", then.cursor);
        }
        seen.extend(now);
    }
    let cursors = seen.iter().map(|seen| seen.cursor).collect::<std::collections::BTreeSet<_>>();
    assert!(cursors.len() as u64 > rounds / 2, "something happened");
}

/// Adds a ticket, changes one so that it moves among the last updated, or removes one.
async fn change_something(app: &TestApp, random: &mut StdRng, round: u64) {
    let tickets = app.tickets().await;
    let one = &tickets[random.random_range(0..tickets.len())]["ticketId"];
    let time = format!("2031-01-{:02} {:02}:00:00", random.random_range(1..29), random.random_range(0..24));
    match random.random_range(0..4) {
        0 => {
            let id = random.random_range(1..9_000_000_u64);
            if tickets.iter().all(|ticket| ticket["ticketId"] != id) {
                put(
                    app,
                    "tickets",
                    json!({ "ticketId": id, "subject": format!("第{round}轮"), "updateDT": time }),
                )
                .await;
            }
        }
        1 | 2 => {
            let changed =
                json!({ "subject": format!("第{round}轮改的"), "updateDT": time, "tagList": "急,退款" });
            put(app, &format!("tickets/{one}"), changed).await;
        }
        _ => {
            assert_eq!(
                app.control(Method::DELETE, &format!("tickets/{one}"), &Value::Null).await.status,
                200
            );
        }
    }
}
