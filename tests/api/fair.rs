//! What one connection may take from another: nothing.

use futures_util::{StreamExt, stream};
use serde_json::Value;

use crate::harness::*;

/// Events posted at a time.
const AT_ONCE: usize = 64;

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_target_with_thousands_of_waiting_events_costs_another_connection_nothing() {
    const WAITING: u64 = 2000;
    let dead = "  dead:
    source: { vendor: udesk, verify: [{ api_key: {} }] }
    target:
      vendor: bangwo8
      base_url: http://127.0.0.1:9
      auth: { basic: { account: file:b8-account, password: file:b8-password } }
    mapping: udesk-bangwo8
    ticketviews: { refresh_s: 0 }
";
    let app = TestApp::with(Options { more: dead.into(), ..Options::default() }).await;
    accept_all(&app, "dead", 1..=WAITING, "等着").await;
    app.until_connection("dead", "open").await;
    let tried = app.metric(r#"deskbridge_deliveries_total{connection="dead",result="retrying"}"#).await;
    accept_all(&app, "acme", 1..=200, "健康的").await;
    for id in 1..=200 {
        let record = app.until(&format!("created-{id}"), &["delivered"]).await;
        assert_eq!(record.json["tried"], 1);
    }
    let after = app.metric(r#"deskbridge_deliveries_total{connection="dead",result="retrying"}"#).await;
    assert_eq!(after, tried, "nothing was tried meanwhile");
    assert!(tried <= Some(16), "{tried:?}: what was under way when it was found out");
    assert_eq!(app.status_of("dead", &format!("created-{WAITING}")).await, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_busy_connections_share() {
    const EACH: u64 = 200;
    let options = Options { workers: 0, neighbours: vec!["globex"], ..Options::default() };
    let app = TestApp::with(options.clone()).await;
    accept_all(&app, "acme", 1..=EACH, "甲").await;
    accept_all(&app, "globex", 1..=EACH, "乙").await;
    let app = app.restart_with(Options { workers: 32, ..options }).await;
    for connection in ["acme", "globex"] {
        for id in 1..=EACH {
            let delivered = async || app.status_of(connection, &format!("created-{id}")).await == "delivered";
            eventually(async || delivered().await.then_some(())).await;
        }
    }
    let posts = app.requests("POST", "/api/v1/tickets").await;
    let early = &posts[..EACH as usize];
    let of = |name: &str| early.iter().filter(|post| is_named(post, name)).count();
    let (first, second) = (of("甲"), of("乙"));
    assert_eq!(first + second, early.len());
    assert!(
        first.min(second) >= early.len() / 4,
        "{first} of one and {second} of the other among the first half"
    );
}

fn is_named(post: &Value, name: &str) -> bool {
    post["body"]["ticket"]["subject"].as_str().is_some_and(|subject| subject.starts_with(name))
}

async fn accept_all(app: &TestApp, connection: &str, ids: std::ops::RangeInclusive<u64>, subject: &str) {
    let accept =
        |id| async move { app.accept_for(connection, &created(id, &format!("{subject} {id}"))).await };
    stream::iter(ids).map(accept).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}
