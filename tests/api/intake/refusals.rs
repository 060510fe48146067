//! What is refused, with which words, and that nothing of it stays.

use serde_json::json;

use crate::harness::*;

const LIMIT: usize = 1024 * 1024;

/// An event of exactly so many bytes.
fn of_size(bytes: usize) -> String {
    let empty = created(1, "").to_string().len();
    created(1, &"x".repeat(bytes - empty)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_is_reported_with_its_place_and_rule() {
    let app = TestApp::start().await;
    let envelope = json!({ "id": 7, "type": "ticket.creatd", "tiem": "x", "time": "today", "data": {} });
    let answer = app.post(&envelope).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert_eq!(
        answer.violations(),
        ["/id type", "/tiem additionalProperties", "/time format", "/type enum"],
        "{}",
        answer.text
    );
    let data = json!({ "id": "x", "status": 7, "priority": [], "custom_fields": { "a": {} } });
    let answer = app.post(&event("e", "ticket.created", data)).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert_eq!(
        answer.violations(),
        [
            "/data required",
            "/data/custom_fields/a anyOf",
            "/data/id anyOf",
            "/data/priority type",
            "/data/status type",
            "/data/status type"
        ],
        "{}",
        answer.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_of_envelope_and_data_are_reported_together() {
    let app = TestApp::start().await;
    let answer = app.post(&event("a b", "ticket.created", json!({ "id": 1, "subject": "x" }))).await;
    app.assert_refused(&answer, 422, "schema_violation").await;
    assert_eq!(answer.violations(), ["/data required", "/id pattern"], "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_refusal_quotes_what_was_sent() {
    const PERSONAL: &str = "wang.fang@personal.example";
    let app = TestApp::start().await;
    for member in ["id", "status", "user_email", "priority", "created_at", "content_type", "tags"] {
        for value in [json!([PERSONAL]), json!({ "value": [PERSONAL] }), json!(PERSONAL)] {
            let mut event = created(1, "x");
            event["data"][member] = value;
            event["time"] = json!(PERSONAL);
            let answer = app.post(&event).await;
            app.assert_refused(&answer, 422, "schema_violation").await;
            assert!(!answer.text.contains("wang.fang"), "{member}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_the_limit_is_accepted_and_a_byte_more_is_not() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let answer = app.post_bytes(of_size(LIMIT + 1).as_bytes()).await;
    app.assert_refused(&answer, 413, "payload_too_large").await;
    let answer = app.post_bytes(of_size(LIMIT).as_bytes()).await;
    assert_eq!((answer.status, answer.str("/status")), (202, "accepted"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_media_type_is_refused_with_the_types_that_are_understood() {
    let app = TestApp::start().await;
    let body = created(1, "x").to_string();
    for (content_type, advice) in [
        (None, "application/json"),
        (Some("text/plain"), "application/json"),
        (Some("application/x-www-form-urlencoded"), "application/json"),
        (Some("application/xml"), "application/cloudevents-batch+json"),
    ] {
        let mut request = signed(app.client.post(app.path("/events")), SIGNING_KEY, now(), body.as_bytes());
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = send(request).await;
        app.assert_refused(&answer, 415, "unsupported_media_type").await;
        assert!(answer.str("/detail").contains(advice), "{content_type:?}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_proves_or_says_what_is_sent_and_came_with_two_values_is_refused() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let body = created(1, "打印机离线").to_string();
    for (name, other) in [
        ("content-type", "application/cloudevents+json"),
        ("webhook-id", "msg_of_somebody_else"),
        ("webhook-timestamp", "0"),
        ("webhook-signature", "v1,AAAA"),
    ] {
        let answer = send(app.signed(body.as_bytes()).header(name, other)).await;
        app.assert_refused(&answer, 400, "repeated_header").await;
        assert!(answer.str("/detail").starts_with(name), "{}", answer.text);
    }
    let posted = || app.client.post(app.path("/events")).header("content-type", "application/json");
    let keys = [FLOW_KEY, "no such key, whatever it is"];
    for [first, second] in [keys, [keys[1], keys[0]]] {
        let both = posted().bearer_auth(first).bearer_auth(second).body(body.clone());
        app.assert_refused(&send(both).await, 400, "repeated_header").await;
        let read = app.client.get(app.path("/events")).bearer_auth(first).bearer_auth(OPS_KEY);
        send(read).await.assert_problem(400, "repeated_header");
    }
    let same =
        posted().bearer_auth(FLOW_KEY).bearer_auth(FLOW_KEY).header("content-type", "application/json");
    assert_eq!(send(same.body(body)).await.status, 202, "the same twice says the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_said_to_be_in_another_charset_than_utf_8_is_refused() {
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let body = created(1, "打印机离线").to_string();
    let said = |path: &str, charset: &str| {
        let request = app.client.post(app.path(path)).bearer_auth(OPS_KEY).body(body.clone());
        send(request.header("content-type", format!("application/json; {charset}")))
    };
    for charset in ["charset=gbk", "Charset=\"GB18030\"", "charset=utf-8; charset=gbk", "charset=iso-8859-1"]
    {
        for path in ["/events", "/preview", "/events/created-1/replay", "/dead-letters/discard", "/erase"] {
            let answer = said(path, charset).await;
            app.assert_refused(&answer, 415, "unsupported_media_type").await;
            assert!(answer.str("/detail").contains("UTF-8"), "{charset}: {}", answer.text);
        }
    }
    // Where no body is read, nothing is said of one.
    for (path, code) in [
        ("/events/nobody/discard", "unknown_event"),
        ("/ticketviews/12/refresh", "ticketviews_off"),
        ("/nowhere", "not_found"),
    ] {
        app.assert_refused(&said(path, "charset=gbk").await, 404, code).await;
    }
    assert_eq!(said("/ticketviews/stream/tokens", "charset=gbk").await.status, 201);
    // Senders of pushes don't choose it.
    let push = said("/events?type=ticket.updated", "charset=gbk").await;
    app.assert_refused(&push, 422, "push_not_taken").await;
    for charset in ["charset=utf-8", "charset=UTF-8", "CHARSET=\"Utf-8\"", "charset = utf8", "version=1", ""]
    {
        assert_eq!(said("/events", charset).await.status, 202, "{charset}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_nothing_is_a_problem_like_any_other() {
    let app = TestApp::start().await;
    let body = created(1, "x").to_string();
    let request = app.client.post(format!("{}/v1/connections/acmee/events", app.url));
    let request =
        signed(request.header("content-type", "application/json"), SIGNING_KEY, now(), body.as_bytes());
    let answer = send(request).await;
    app.assert_refused(&answer, 404, "unknown_connection").await;
    let detail = answer.str("/detail");
    assert!(detail.contains("compare the name in the address, /v1/connections/NAME"), "{detail}");
    assert!(!detail.contains("acme"), "who sends needs no key: {detail}");
    for path in ["/", "/v1", "/v1/connections/acme", "/v1/connections/acme/event", "/livez/"] {
        app.assert_refused(&send(app.client.get(format!("{}{path}", app.url))).await, 404, "not_found").await;
    }
    for path in ["/v1/connections/acme/events", "/v1/connections/acme/events/1", "/livez"] {
        let request = app.client.delete(format!("{}{path}", app.url)).bearer_auth(OPS_KEY);
        app.assert_refused(&send(request).await, 405, "method_not_allowed").await;
    }
    // Not UTF-8 once decoded.
    app.assert_refused(&app.get("/events/%FF").await, 404, "unknown_event").await;
}
