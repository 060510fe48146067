//! Faults by share, by path and by seed.

use reqwest::Method;
use serde_json::json;

use crate::support::{Desk, parsed};

/// Which of forty reads fail.
async fn failures(desk: &Desk) -> Vec<bool> {
    let mut failed = Vec::new();
    for _ in 0..40 {
        let (status, _) = parsed(desk.admin(Method::GET, "/api/v1/ticketviews.json")).await;
        failed.push(status == 500);
    }
    failed
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_and_requests_give_the_same_faults() {
    let rule = json!({"chance": 0.4, "times": 0, "fault": {"status": 500}});
    let (one, other) = (Desk::start().await, Desk::start().await);
    for desk in [&one, &other] {
        assert_eq!(desk.control(Method::PUT, "seed", json!({"seed": 42})).await.0, 200);
        desk.plan(rule.clone()).await;
    }
    let first = failures(&one).await;
    assert_eq!(first, failures(&other).await);
    assert!(first.contains(&true) && first.contains(&false));
    assert_ne!(failures(&one).await, first);

    assert_eq!(one.control(Method::PUT, "seed", json!({"seed": 42})).await.1, json!({"seed": 42}));
    assert_eq!(failures(&one).await, first);
    one.control(Method::PUT, "seed", json!({"seed": 43})).await;
    assert_ne!(failures(&one).await, first);
    assert_eq!(one.control(Method::GET, "seed", json!({})).await.1, json!({"seed": 43}));
    assert_eq!(one.control(Method::PUT, "seed", json!({"seed": -1})).await.0, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_all_or_nothing_is_certain() {
    let desk = Desk::start().await;
    desk.plan(json!({"chance": 0, "times": 0, "fault": {"status": 500}})).await;
    assert!(!failures(&desk).await.contains(&true));
    desk.plan(json!({"chance": 1, "times": 0, "fault": {"status": 500}})).await;
    assert!(!failures(&desk).await.contains(&false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_glob_is_the_whole_path() {
    let desk = Desk::start().await;
    let rule = json!({"glob": "/api/v1/tickets/*_v2.json", "times": 0, "fault": {"status": 500}});
    desk.plan(rule).await;
    for (path, expected) in
        [("tickets/5237431_v2.json", 500), ("tickets/5237431.json", 200), ("ticketviews.json", 200)]
    {
        let (status, _) = parsed(desk.admin(Method::GET, &format!("/api/v1/{path}"))).await;
        assert_eq!(status, expected, "{path}");
    }
}
