//! Who may send: Standard Webhooks signatures, made by the specification's own library, and API keys.

mod public_key;
mod replay;

use reqwest::RequestBuilder;
use standardwebhooks::Webhook;

use crate::harness::*;

/// Seconds that a signature may be away from now, as the specification's libraries have it.
const TOLERANCE: i64 = 5 * 60;
const OTHER_KEY: &[u8] = b"a key that nobody gave this connection";
const BY_SIGNATURE: &str = "[{ standard_webhooks: { secrets: [file:signing] } }]";
const BY_KEY: &str = "[{ api_key: {} }]";

fn body() -> Vec<u8> {
    created(1, "x").to_string().into_bytes()
}

fn unsigned(app: &TestApp) -> RequestBuilder {
    app.client.post(app.path("/events")).header("content-type", "application/json")
}

fn signed_by(app: &TestApp, key: &[u8]) -> RequestBuilder {
    signed(unsigned(app), key, now(), &body())
}

async fn only(verify: &str) -> TestApp {
    TestApp::with(Options { verify: verify.into(), ..Options::default() }).await
}

/// One signature, `v1,…`.
fn signature(key: &[u8], id: &str, second: i64) -> String {
    Webhook::new(&whsec(key)).expect("a secret").sign(id, second, &body()).expect("a signature")
}

fn with_headers(app: &TestApp, headers: &[(&str, String)]) -> RequestBuilder {
    let request = unsigned(app).body(body());
    headers.iter().fold(request, |request, (name, value)| request.header(*name, value))
}

async fn assert_accepted(request: RequestBuilder, case: &str) {
    let answer = send(request).await;
    assert_eq!(answer.status, 202, "{case}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_by_the_present_or_the_former_secret_is_accepted() {
    let app = TestApp::start().await;
    assert_accepted(signed_by(&app, SIGNING_KEY), "present").await;
    assert_accepted(signed_by(&app, SIGNING_KEY_BEFORE), "former").await;
    assert_eq!(app.stored().await, ["created-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_by_another_key_or_over_another_body_is_refused() {
    let app = TestApp::start().await;
    let mut tampered = body();
    *tampered.last_mut().expect("a byte") = b' ';
    let longer = [body(), b" ".to_vec()].concat();
    let cases = [
        ("another key", signed_by(&app, OTHER_KEY)),
        ("a changed byte", signed_by(&app, SIGNING_KEY).body(tampered)),
        ("a byte more", signed_by(&app, SIGNING_KEY).body(longer)),
        ("no body", signed_by(&app, SIGNING_KEY).body("")),
    ];
    for (case, request) in cases {
        let answer = send(request).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{case}");
        app.assert_refused(&answer, 401, "invalid_signature").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_covers_its_id_and_its_time() {
    let app = TestApp::start().await;
    let (id, second) = ("msg_1", now());
    let good = signature(SIGNING_KEY, id, second);
    let cases = [("msg_2", second), ("msg_1", second + 1), ("msg_1", second - 1)];
    for (id, second) in cases {
        let headers = [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", second.to_string()),
            ("webhook-signature", good.clone()),
        ];
        let answer = send(with_headers(&app, &headers)).await;
        app.assert_refused(&answer, 401, "invalid_signature").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_lacks_a_header_of_the_signature_is_refused() {
    let app = TestApp::start().await;
    let all = [
        ("webhook-id", "msg_1".to_owned()),
        ("webhook-timestamp", now().to_string()),
        ("webhook-signature", signature(SIGNING_KEY, "msg_1", now())),
    ];
    for (missing, code) in [
        ("webhook-id", "invalid_signature"),
        ("webhook-timestamp", "invalid_signature"),
        ("webhook-signature", "unauthorized"),
    ] {
        let headers: Vec<_> = all.iter().filter(|(name, _)| *name != missing).cloned().collect();
        let answer = send(with_headers(&app, &headers)).await;
        app.assert_refused(&answer, 401, code).await;
    }
    let answer = send(with_headers(&app, &[])).await;
    app.assert_refused(&answer, 401, "unauthorized").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_older_or_younger_than_five_minutes_is_refused() {
    let app = TestApp::start().await;
    for second in [now() - TOLERANCE - 30, now() + TOLERANCE + 30, 0] {
        let answer = send(signed(unsigned(&app), SIGNING_KEY, second, &body())).await;
        app.assert_refused(&answer, 401, "timestamp_out_of_tolerance").await;
    }
    // Who doesn't know the key doesn't learn that the clock is wrong too.
    let answer = send(signed(unsigned(&app), OTHER_KEY, now() - 3600, &body())).await;
    app.assert_refused(&answer, 401, "invalid_signature").await;
    for second in [now() - TOLERANCE + 30, now() + TOLERANCE - 30] {
        assert_accepted(signed(unsigned(&app), SIGNING_KEY, second, &body()), "within five minutes").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_good_signature_among_several_is_enough() {
    let app = TestApp::start().await;
    let second = now();
    let (good, bad) = (signature(SIGNING_KEY, "m", second), signature(OTHER_KEY, "m", second));
    let v1a = format!("v1a,{}", good.trim_start_matches("v1,"));
    let request = |signatures: &str| {
        let headers = [
            ("webhook-id", "m".to_owned()),
            ("webhook-timestamp", second.to_string()),
            ("webhook-signature", signatures.to_owned()),
        ];
        with_headers(&app, &headers)
    };
    for none in [&bad, &v1a, "v1,", "v1,%%%", "", &good.replace("v1,", ""), &good.replace("v1,", "v2,")] {
        let answer = send(request(none)).await;
        app.assert_refused(&answer, 401, "invalid_signature").await;
    }
    for several in [format!("{bad} {good}"), format!("{good} {bad}"), format!("{v1a} {good}")] {
        assert_accepted(request(&several), &several).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_the_scope_ingest_needs_no_signature() {
    let app = TestApp::start().await;
    for key in [FLOW_KEY, OPS_KEY] {
        assert_accepted(unsigned(&app).body(body()).bearer_auth(key), key).await;
    }
    // One good proof is enough: what is shown beside it is not looked at.
    assert_accepted(signed_by(&app, OTHER_KEY).bearer_auth(FLOW_KEY), "a key, and a wrong signature").await;
    assert_accepted(signed_by(&app, SIGNING_KEY).bearer_auth("wrong"), "a signature, and a wrong key").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_is_no_proof() {
    let app = TestApp::start().await;
    let nearly = &FLOW_KEY[..FLOW_KEY.len() - 1];
    for key in [WALL_KEY, nearly, "", "x"] {
        let answer = send(unsigned(&app).body(body()).bearer_auth(key)).await;
        app.assert_refused(&answer, 401, "unauthorized").await;
        assert!(answer.str("/detail").contains("ingest"), "{}", answer.text);
    }
    for authorization in [FLOW_KEY.to_owned(), format!("Basic {FLOW_KEY}"), format!("Bearer{FLOW_KEY}")] {
        let answer = send(unsigned(&app).body(body()).header("authorization", &authorization)).await;
        app.assert_refused(&answer, 401, "unauthorized").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_by_signature_only_takes_no_key() {
    let app = only(BY_SIGNATURE).await;
    let answer = send(unsigned(&app).body(body()).bearer_auth(OPS_KEY)).await;
    app.assert_refused(&answer, 401, "unauthorized").await;
    assert!(answer.str("/detail").contains("webhook-signature"), "{}", answer.text);
    let answer = send(signed_by(&app, SIGNING_KEY_BEFORE)).await;
    app.assert_refused(&answer, 401, "invalid_signature").await;
    assert_accepted(signed_by(&app, SIGNING_KEY), "signed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_by_key_only_takes_no_signature() {
    let app = only(BY_KEY).await;
    let answer = send(signed_by(&app, SIGNING_KEY)).await;
    app.assert_refused(&answer, 401, "unauthorized").await;
    assert!(!answer.str("/detail").contains("webhook"), "{}", answer.text);
    assert_accepted(unsigned(&app).body(body()).bearer_auth(FLOW_KEY), "by key").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_tells_by_what_the_sender_was_proved() {
    let app = TestApp::start().await;
    assert_accepted(signed_by(&app, SIGNING_KEY_BEFORE), "signed").await;
    let by_key = unsigned(&app).body(created(2, "按密钥").to_string()).bearer_auth(FLOW_KEY);
    assert_accepted(by_key, "by key").await;
    assert_eq!(app.record("created-1").await.str("/verified_by"), "standard_webhooks");
    assert_eq!(app.record("created-2").await.str("/verified_by"), "api_key");
}
