//! Many at once, and what a restart leaves.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use crate::harness::*;

fn count_of<'a>(metrics: &'a str, name: &str) -> &'a str {
    let line = metrics.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.rsplit(' ').next()).unwrap_or_else(|| panic!("no {name} in\n{metrics}"))
}

fn sequences(answers: &[Answer]) -> BTreeSet<i64> {
    answers.iter().map(|answer| answer.json["sequence"].as_i64().expect("a sequence")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_events_is_accepted_each_with_a_sequence_of_its_own() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let events: Vec<_> = (1..=200).map(|id| created(id, "并发")).collect();
    let answers = join_all(events.iter().map(|event| app.post(event))).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.str("/status")), (202, "accepted"), "{}", answer.text);
    }
    assert_eq!(sequences(&answers), (1..=200).collect());
    assert_eq!(app.stored().await.len(), 200);
    let later = app.post(&created(201, "之后")).await;
    assert_eq!(later.json["sequence"], 201);
    let metrics = app.metrics().await;
    let accepted = "deskbridge_events_accepted_total{connection=\"acme\",result=\"new\"}";
    assert_eq!(count_of(&metrics, accepted), "201");
    let waiting = "deskbridge_events_waiting{connection=\"acme\",result=\"accepted\"}";
    assert_eq!(count_of(&metrics, waiting), "201");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_many_times_at_once_is_accepted_and_delivered_once() {
    let app = TestApp::start().await;
    let event = created(1, "同一个");
    let answers = join_all((0..50).map(|_| app.post(&event))).await;
    let said = |status: &str| answers.iter().filter(|answer| answer.str("/status") == status).count();
    assert_eq!((said("accepted"), said("duplicate")), (1, 49));
    assert_eq!(sequences(&answers), BTreeSet::from([1]));
    app.until("created-1", &["delivered"]).await;
    assert_eq!(app.stored().await, ["created-1"]);
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), 1);
    app.post(&created(1, "另一个")).await.assert_problem(409, "idempotency_conflict");
    let metrics = app.metrics().await;
    let of =
        |result: &str| format!("deskbridge_events_accepted_total{{connection=\"acme\",result=\"{result}\"}}");
    assert_eq!((count_of(&metrics, &of("new")), count_of(&metrics, &of("duplicate"))), ("1", "49"));
    let refused = "deskbridge_events_refused_total{code=\"idempotency_conflict\"}";
    assert_eq!(count_of(&metrics, refused), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_delivered_after_a_restart() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    for id in 1..=5 {
        assert_eq!(app.post(&created(id, "重启前")).await.status, 202);
    }
    assert!(app.requests("POST", "/api").await.is_empty());
    let app = app.restart_with(Options::default()).await;
    assert_eq!(app.stored().await.len(), 5);
    for id in 1..=5 {
        let record = app.until(&format!("created-{id}"), &["delivered"]).await;
        assert_eq!(record.json["sequence"], id, "{}", record.text);
    }
    let again = app.post(&created(5, "重启前")).await;
    assert_eq!((again.str("/status"), &again.json["sequence"]), ("duplicate", &serde_json::json!(5)));
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), 5);
}
