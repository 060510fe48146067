//! What somebody who saw a request can do by sending it again. An event's id is among what is signed, and whether it was
//! there before is decided in the transaction that stores it: a copy is a duplicate, however many come at once. A copy that
//! comes after the event was forgotten is too old: the signature's time is.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::*;

/// A request as somebody saw it: its headers and its body.
struct Seen {
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Seen {
    fn new(app: &TestApp, event: &Value) -> Self {
        let body = event.to_string();
        let request = app.signed(body.as_bytes()).build().expect("a request");
        let header = |name| (name, request.headers()[name].to_str().expect("text").to_owned());
        let names = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"];
        Self { headers: names.map(header).to_vec(), body }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    async fn send(&self, url: &str) -> Answer {
        let client = http_client();
        let request = self.headers.iter().fold(client.post(url), |it, (name, value)| it.header(*name, value));
        send(request.body(self.body.clone())).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_copies_that_come_at_once_exactly_one_is_accepted() {
    let app = TestApp::start().await;
    for round in 1..=5 {
        let seen = Seen::new(&app, &created(round, "并发重放"));
        let url = app.path("/events");
        let answers = join_all((0..20).map(|_| seen.send(&url))).await;
        let accepted = answers.iter().filter(|answer| answer.str("/status") == "accepted").count();
        let duplicates = answers.iter().filter(|answer| answer.str("/status") == "duplicate").count();
        assert_eq!((accepted, duplicates), (1, 19), "{answers:?}");
    }
    for round in 1..=5 {
        app.until(&format!("created-{round}"), &["delivered"]).await;
    }
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), 5, "each became one ticket");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_under_another_message_id_or_time_is_refused() {
    let app = TestApp::start().await;
    let seen = || Seen::new(&app, &created(1, "重放"));
    for changed in [
        seen().with("webhook-id", "msg_other"),
        seen().with("webhook-timestamp", (now() - 1).to_string()),
        seen().with("webhook-timestamp", format!("0{}", now())),
    ] {
        let answer = changed.send(&app.path("/events")).await;
        app.assert_refused(&answer, 401, "invalid_signature").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_taken_for_another_kind_of_message_becomes_no_other_event() {
    let app = TestApp::start().await;
    let seen = || Seen::new(&app, &created(1, "重放"));
    assert_eq!(seen().send(&app.path("/events")).await.str("/status"), "accepted");
    let binary = |seen: Seen| {
        let seen = seen.with("ce-specversion", "1.0").with("ce-id", "another").with("ce-source", "/u");
        seen.with("ce-type", "ticket.created")
    };
    binary(seen()).send(&app.path("/events")).await.assert_problem(401, "unauthorized");
    for media in ["application/cloudevents+json", "application/cloudevents-batch+json"] {
        let answer = seen().with("content-type", media).send(&app.path("/events")).await;
        answer.assert_problem(422, "schema_violation");
    }
    let as_push = seen().send(&app.path("/events?type=ticket.updated")).await;
    as_push.assert_problem(401, "unauthorized");
    let event = json!({
        "specversion": "1.0", "source": "/flows/售后", "id": "7", "type": "ticket.created",
        "time": "2026-05-01T10:00:00+08:00", "data": udesk_ticket(7, "云事件")
    });
    let as_plain = Seen::new(&app, &event).send(&app.path("/events")).await;
    as_plain.assert_problem(422, "schema_violation");
    assert_eq!(app.stored().await, ["created-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_an_event_that_was_forgotten_is_too_old() {
    let app = TestApp::start().await;
    let request = app.client.post(app.path("/events")).header("content-type", "application/json");
    // Nothing is forgotten sooner than five minutes after its acceptance: retention is counted in days.
    let old = signed(request, SIGNING_KEY, now() - 24 * 3600, created(1, "昨天的").to_string().as_bytes());
    let answer = send(old).await;
    app.assert_refused(&answer, 401, "timestamp_out_of_tolerance").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_sent_again_only_has_the_ticket_read_again() {
    let options = Options {
        verify: "[{ push_token: { in: body, field: token, secret: file:push-token } }]".into(),
        api: "{ base_url: UDESK, v1: { secret: file:udesk-secret } }".into(),
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let body = json!({ "type": "ticket_updated", "ticket_id": "1", "status": "已解决", "token": PUSH_TOKEN });
    let push = async || {
        let request = app.client.post(app.path("/events?type=ticket.updated")).header("prefer", "wait=20");
        send(request.body(body.to_string())).await
    };
    let first = push().await;
    assert_eq!(first.str("/status"), "delivered", "{}", first.text);
    for again in [push().await, push().await] {
        assert_eq!(
            (again.str("/status"), again.str("/reason/code")),
            ("skipped", "unchanged"),
            "{}",
            again.text
        );
    }
    assert_eq!(app.requests("POST", "/api/v1/tickets").await.len(), 1);
    assert_eq!(app.requests("PUT", "/api/v1/tickets").await.len(), 0);
}
