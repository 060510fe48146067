//! Answers that are late, slow, cut, endless, or of another kind than the vendor's.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, parsed, ticket};

async fn plan(desk: &Desk, fault: Value) {
    desk.plan(json!({"fault": fault})).await;
}

async fn create(desk: &Desk) -> reqwest::Response {
    let request = desk.admin(Method::POST, "/api/v1/tickets.json").json(&json!({"ticket": ticket()}));
    request.send().await.unwrap()
}

async fn last_fault(desk: &Desk) -> Value {
    desk.requests("").await.last().unwrap()["fault"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_body_breaks_off_after_the_effect() {
    let desk = Desk::start().await;
    plan(&desk, json!({"cut": {"bytes": 20}})).await;
    let mut response = create(&desk).await;
    assert_eq!(response.status(), 200);
    assert!(response.content_length().unwrap() > 20);
    let mut received = Vec::new();
    let end = loop {
        match response.chunk().await {
            Ok(Some(piece)) => received.extend_from_slice(&piece),
            end => break end,
        }
    };
    assert_eq!(received.len(), 20);
    assert!(end.is_err());
    assert_eq!(last_fault(&desk).await, "cut");
    assert_eq!(desk.get("/tickets.json").await["count"], "24");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_body_may_claim_to_be_whole() {
    let desk = Desk::start().await;
    let whole = parsed(desk.admin(Method::GET, "/api/v1/ticketviews.json")).await.1.to_string().len();
    plan(&desk, json!({"cut": {"share": 0.5, "complete": true}})).await;
    let (status, body) = parsed(desk.admin(Method::GET, "/api/v1/ticketviews.json")).await;
    assert_eq!(status, 200);
    let text = body.as_str().unwrap();
    assert!(text.starts_with("{\"ticketviews\":["));
    assert!(text.len().abs_diff(whole / 2) <= 1, "{} of {whole}", text.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn maintenance_is_a_page_of_html_and_has_no_effect() {
    let desk = Desk::start().await;
    plan(&desk, json!({"maintenance": true})).await;
    let response = create(&desk).await;
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
        (503, "text/html; charset=utf-8")
    );
    assert!(response.text().await.unwrap().contains("系统维护中"));
    assert_eq!(last_fault(&desk).await, "maintenance");
    assert_eq!(desk.get("/tickets.json").await["count"], "23");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_may_tell_when_to_come_back() {
    let desk = Desk::start().await;
    for (fault, retry_after) in [(json!({"retry_after_s": 2}), Some("2")), (json!({}), None)] {
        plan(&desk, json!({"rate_limited": fault})).await;
        let response = create(&desk).await;
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers().get("retry-after").map(|value| value.to_str().unwrap()), retry_after);
    }
    assert_eq!(last_fault(&desk).await, "rate-limited");
    assert_eq!(desk.get("/tickets.json").await["count"], "23");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_body_is_valid_json_of_the_length_asked_for() {
    let desk = Desk::start().await;
    plan(&desk, json!({"repeat_bytes": 3_000_000})).await;
    let response = desk.admin(Method::GET, "/api/v1/tickets.json").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["data"].as_str().unwrap().len(), 3_000_000);
    assert_eq!(last_fault(&desk).await, "repeat-bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_comes_in_pieces_and_is_whole_in_the_end() {
    let desk = Desk::start().await;
    let expected = desk.get("/ticketviews/2.json").await;
    let length = u32::try_from(expected.to_string().len()).unwrap();
    plan(&desk, json!({"slow": {"bytes": 30, "interval_ms": 10}})).await;
    let begun = Instant::now();
    assert_eq!(desk.get("/ticketviews/2.json").await, expected);
    assert!(begun.elapsed() >= Duration::from_millis(10) * ((length - 1) / 30));
    assert_eq!(last_fault(&desk).await, "slow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_latency_keeps_to_its_bounds() {
    let desk = Desk::start().await;
    for (latency, least) in [
        (json!({"constant_ms": 30}), 30),
        (json!({"uniform_ms": [20, 40]}), 20),
        (json!({"exponential_ms": {"mean": 10, "cap": 50}}), 0),
    ] {
        plan(&desk, json!({"latency": latency})).await;
        let begun = Instant::now();
        desk.get("/ticketviews/2.json").await;
        assert!(begun.elapsed() >= Duration::from_millis(least), "{latency}");
        assert_eq!(last_fault(&desk).await, "delay");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_refused_as_the_vendor_refuses_it_and_a_new_one_works() {
    let desk = Desk::start().await;
    let path = "/api/v1/ticketviews/2.json";
    let old = desk.token().await;
    let read = async |token: &str| parsed(desk.request(Method::GET, path).bearer_auth(token)).await;
    assert_eq!(read(&old).await.0, 200);
    plan(&desk, json!({"expire_token": true})).await;
    let (status, body) = read(&old).await;
    assert_eq!((status.as_u16(), &body["error"]), (401, &json!("invalid_token")));
    assert_eq!(last_fault(&desk).await, "expire-token");
    assert_eq!(read(&old).await.0, 401);
    assert_eq!(read(&desk.token().await).await.0, 200);
    let rule = json!({"fault": {"expire_token": true}});
    let (status, body) = desk.udesk(Method::POST, "/_sandbox/faults", Some(rule)).await;
    assert_eq!(
        (status.as_u16(), body["error"].as_str().unwrap()),
        (422, "fault.expire_token: this vendor has no tokens")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_with_a_mistake_is_refused_with_its_reason() {
    let desk = Desk::start().await;
    for (rule, named) in [
        (json!({"glob": "/a", "path": "/a", "fault": {"status": 500}}), "glob: excludes path"),
        (json!({"glob": "a*", "fault": {"status": 500}}), "glob"),
        (json!({"chance": 1.5, "fault": {"status": 500}}), "chance: must be from 0 to 1"),
        (json!({"fault": {"cut": {}}}), "fault.cut"),
        (json!({"fault": {"cut": {"bytes": 1, "share": 0.1}}}), "fault.cut"),
        (json!({"fault": {"cut": {"share": 2}}}), "fault.cut"),
        (json!({"fault": {"maintenance": true, "reset": "after"}}), "reset excludes maintenance"),
        (json!({"fault": {"delay_ms": 1, "latency": {"constant_ms": 1}}}), "excludes delay_ms"),
        (json!({"fault": {"delay_ms": 120_001}}), "fault.delay_ms: must be at most 120000 ms"),
        (json!({"fault": {"latency": {"uniform_ms": [5, 1]}}}), "uniform_ms"),
        (json!({"fault": {"latency": {"exponential_ms": {"mean": 9, "cap": 1}}}}), "cap"),
        (json!({"fault": {"latency": {"gauss_ms": 1}}}), "gauss_ms"),
        (json!({"fault": {"slow": {"bytes": 0, "interval_ms": 1}}}), "fault.slow"),
        (json!({"fault": {"repeat_bytes": 2_000_000_000_000_u64}}), "fault.repeat_bytes"),
    ] {
        let (status, body) = desk.control(Method::POST, "faults", rule.clone()).await;
        assert_eq!(status, 422, "{rule}");
        assert!(body["error"].as_str().unwrap().contains(named), "{rule}: {body}");
    }
}
