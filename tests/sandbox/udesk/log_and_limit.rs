//! What both families share: the limit of calls a minute, and the record of effects.

use reqwest::Method;
use serde_json::{Value, json};

use super::Udesk;

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_v2_above_the_limit_are_answered_429_in_its_own_words() {
    let desk = Udesk::start().await;
    desk.switch("udesk_rate_limit", json!("v2")).await;
    for _ in 0..60 {
        desk.get("/open_api_v1/agents").await;
    }
    let (status, body) = desk.call(Method::GET, "/open_api_v1/customers", None).await;
    assert_eq!(status, 429);
    assert_eq!(body, json!({"code": 2999, "message": "rate limited (simulated)"}));
    assert_eq!(desk.get("/api/v1/tickets/1").await["status"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_families_may_be_limited_together() {
    let desk = Udesk::start().await;
    desk.switch("udesk_rate_limit", json!("both")).await;
    desk.switch("udesk_rate_limit_per_minute", json!(2)).await;
    desk.get("/open_api_v1/agents").await;
    desk.get("/api/v1/tickets/1").await;
    let (status, body) = desk.call(Method::GET, "/api/v1/tickets/1", None).await;
    assert_eq!(status, 429);
    assert_eq!(body, json!({"status": 2999, "message": "rate limited (simulated)"}));
    desk.switch("udesk_rate_limit", json!("off")).await;
    desk.get("/api/v1/tickets/1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_has_no_effect_on_record() {
    let desk = Udesk::start().await;
    desk.post("/api/v1/tickets", json!({"ticket": {"subject": "x", "content": "y", "status": "?"}})).await;
    assert_eq!(desk.last_effect().await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_shows_all_that_is_stored() {
    let desk = Udesk::start().await;
    let state = desk.state().await;
    for (kind, count) in [
        ("tickets", 12),
        ("customers", 13),
        ("organizations", 2),
        ("agents", 4),
        ("groups", 3),
        ("filters", 5),
        ("fields", 19),
        ("attachments", 0),
        ("triggers", 0),
    ] {
        assert_eq!(state[kind].as_array().map(Vec::len), Some(count), "{kind}");
    }
}
