//! A person asks to be forgotten.

use serde_json::{Value, json};

use super::{CANARY, is_on_disk, of_the_person, said};
use crate::harness::*;

/// How late the simulator answers where the answer is never to be heard: longer than the test.
const NEVER_MS: u64 = 120_000;

async fn erase(app: &TestApp, body: Value) -> Answer {
    app.order("/erase", &body).await
}

fn id(event: &Value) -> String {
    event["id"].as_str().expect("an id").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_gone_and_that_it_was_said_is_known() {
    let app = TestApp::start().await;
    app.delivered(&of_the_person(1)).await;
    app.delivered(&created(2, "别人的工单")).await;
    let found = erase(&app, json!({ "subject": CANARY.to_uppercase(), "dry_run": true })).await;
    assert_eq!(
        (found.status, &found.json["events"], &found.json["waiting"]),
        (200, &json!(1), &json!([])),
        "{}",
        found.text
    );
    assert!(is_on_disk(&app), "a dry run changes nothing");
    let erased = erase(&app, json!({ "subject": CANARY })).await;
    assert_eq!((&erased.json["events"], &erased.json["links"]), (&json!(1), &json!(1)), "{}", erased.text);
    assert!(!is_on_disk(&app), "{}", erased.text);
    let record = app.record(&id(&of_the_person(1))).await;
    assert_eq!((record.str("/status"), &record.json["erased"]), ("delivered", &json!(true)));
    assert!(!record.text.contains(CANARY), "{}", record.text);
    let explained = app.get(&format!("/events/{}/explain", id(&of_the_person(1)))).await;
    explained.assert_problem(410, "erased");
    app.operate(&format!("/events/{}/replay", id(&of_the_person(1)))).await.assert_problem(410, "erased");
    assert_eq!(app.post(&of_the_person(1)).await.str("/status"), "duplicate");
    assert_eq!(app.record(&id(&created(2, "别人的工单"))).await.json["erased"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_tells_asks_and_erases_what_waits_only_if_told_to() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    app.accept(&of_the_person(1)).await;
    let key = format!("file:{}", app.folder.path().join("ops-key").display());
    let command = [
        "events",
        "erase",
        "--connection",
        CONNECTION,
        "--url",
        &app.url,
        "--key",
        &key,
        "--subject",
        CANARY,
    ];
    let run = async |more: &[&str]| said(&[&command[..], more].concat()).await;
    let unasked = run(&[]).await;
    assert_eq!(unasked.code, Some(2), "{}{}", unasked.out, unasked.err);
    let kept = run(&["--yes"]).await;
    assert_eq!(kept.code, Some(0), "{}", kept.err);
    assert!(kept.out.contains("0 events") && kept.out.contains("is accepted"), "{}", kept.out);
    let dry = run(&["--waiting", "discard", "--dry-run"]).await;
    assert!(dry.out.contains("1 event,") && dry.out.contains("would be erased"), "{}", dry.out);
    let erased = run(&["--waiting", "discard", "--yes", "--json"]).await;
    let answer: Value = serde_json::from_str(&erased.out).expect("JSON");
    assert_eq!((&answer["events"], &answer["waiting"]), (&json!(1), &json!([])), "{}", erased.out);
    assert_eq!(app.record(&id(&of_the_person(1))).await.str("/status"), "discarded");
    assert!(!is_on_disk(&app));
}

/// A service that knows the person of its own connection and of one that was taken out of the configuration.
async fn with_one_removed() -> TestApp {
    let app = TestApp::with(Options { neighbours: vec!["second"], ..Options::default() }).await;
    app.delivered(&of_the_person(1)).await;
    app.accept_for("second", &of_the_person(1)).await;
    let id = id(&of_the_person(1));
    eventually(async || (app.status_of("second", &id).await == "delivered").then_some(())).await;
    app.restart_with(Options { limits: PATIENT.into(), ..Options::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_removed_is_erased_like_any_other_and_one_that_never_was_is_unknown() {
    let app = with_one_removed().await;
    let post = async |connection: &str| {
        let url = format!("{}/v1/connections/{connection}/erase", app.url);
        send(app.client.post(url).bearer_auth(OPS_KEY).json(&json!({ "subject": CANARY }))).await
    };
    post("third").await.assert_problem(404, "unknown_connection");
    post("second.wallboard").await.assert_problem(404, "unknown_connection");
    let erased = post("second").await;
    assert_eq!((&erased.json["events"], &erased.json["links"]), (&json!(1), &json!(1)), "{}", erased.text);
    assert!(is_on_disk(&app), "the other connection's is there still");
    erase(&app, json!({ "subject": CANARY })).await;
    assert!(!is_on_disk(&app));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_forgotten_everywhere_by_one_command() {
    let app = with_one_removed().await;
    let key = format!("file:{}", app.folder.path().join("ops-key").display());
    let command = ["events", "erase", "--url", &app.url, "--key", &key, "--subject", CANARY];
    let run = async |more: &[&str]| said(&[&command[..], more].concat()).await;
    let whose = run(&["--yes"]).await;
    assert!(whose.code == Some(2) && whose.err.contains("--all-connections"), "{}", whose.err);
    let both = run(&["--all-connections", "--connection", CONNECTION]).await;
    assert_eq!(both.code, Some(2), "{}", both.err);
    let asked = run(&["--all-connections"]).await;
    assert!(asked.err.contains("2 events") && asked.err.contains("of all connections?"), "{}", asked.err);
    let erased = run(&["--all-connections", "--yes", "--json"]).await;
    let answer: Value = serde_json::from_str(&erased.out).expect("JSON");
    assert_eq!((&answer["events"], &answer["links"]), (&json!(2), &json!(2)), "{}", erased.out);
    assert!(!is_on_disk(&app));
    let log =
        send(app.client.get(format!("{}/v1/audit?action=subject.erase", app.url)).bearer_auth(OPS_KEY)).await;
    let entry = &log.json["entries"][0];
    assert_eq!(
        (&entry["connection"], &entry["outcome"], &entry["count"]),
        (&json!(null), &json!("done"), &json!(2))
    );
    assert!(!log.text.contains(CANARY), "{}", log.text);
    app.delivered(&of_the_person(2)).await;
    app.fault(0, json!({ "delay_ms": NEVER_MS })).await;
    app.accept(&updated_with(2, 1, json!({ "subject": "仍然离线" }))).await;
    app.until("updated-2-1", &["delivering"]).await;
    let left = run(&["--connection", CONNECTION, "--yes"]).await;
    assert!(left.out.contains("left: created-2 of acme is delivered; ask again\n"), "{}", left.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_may_and_only_of_somebody() {
    let keys = "  - { name: guest, scopes: [ingest, read, operate], secret: file:guest-key }\n";
    let app = TestApp::with(Options { keys: keys.into(), ..Options::default() }).await;
    let request = app.client.post(app.path("/erase")).json(&json!({ "subject": CANARY }));
    send(request.bearer_auth(GUEST_KEY)).await.assert_problem(403, "forbidden");
    for body in [
        json!({}),
        json!({ "subject": " " }),
        json!({ "subject": "abc", "contains": true }),
        json!({ "subject": 13_899_887_766_u64 }),
    ] {
        let refused = erase(&app, body).await;
        refused.assert_problem(422, "invalid_options");
        assert!(
            !refused.text.contains("13899887766"),
            "whom it is about is told to nobody: {}",
            refused.text
        );
    }
}
