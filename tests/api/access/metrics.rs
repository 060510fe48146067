//! Who may read `/metrics`, and what else names connections.

use deskbridge::config::MetricsAccess;
use reqwest::Method;

use crate::harness::*;

async fn by(metrics: MetricsAccess) -> TestApp {
    let keys = "  - { name: guest, scopes: [read], connections: [acme], secret: file:guest-key }\n".into();
    TestApp::with(Options { workers: 0, metrics, keys, ..Options::default() }).await
}

async fn asked(app: &TestApp, key: Option<&str>) -> Answer {
    asked_at(app, "/metrics", key).await
}

async fn asked_at(app: &TestApp, path: &str, key: Option<&str>) -> Answer {
    let request = app.client.get(format!("{}{path}", app.url));
    send(if let Some(key) = key { request.bearer_auth(key) } else { request }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_may_need_a_key_with_the_scope_read_for_all_connections() {
    let app = by(MetricsAccess::Key).await;
    let answer = asked(&app, None).await;
    answer.assert_problem(401, "unauthorized");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    asked(&app, Some(FLOW_KEY)).await.assert_problem(403, "forbidden");
    let answer = asked(&app, Some(GUEST_KEY)).await;
    answer.assert_problem(403, "forbidden");
    assert!(answer.str("/detail").contains("some connections only"), "{}", answer.text);
    for key in [WALL_KEY, OPS_KEY] {
        let answer = asked(&app, Some(key)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.ends_with("# EOF\n"), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_that_are_off_are_not_there() {
    let app = by(MetricsAccess::Off).await;
    for key in [None, Some(OPS_KEY)] {
        asked(&app, key).await.assert_problem(404, "not_found");
    }
    for method in [Method::OPTIONS, Method::HEAD, Method::PUT] {
        let [off, unknown] = ["/metrics", "/metricz"].map(|path| format!("{}{path}", app.url));
        let off = send(app.client.request(method.clone(), off)).await;
        let unknown = send(app.client.request(method, unknown)).await;
        assert_eq!((off.status, off.header("allow")), (404, ""), "{}", off.text);
        assert_eq!(off.text, unknown.text.replace("metricz", "metrics"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checks_of_readiness_are_told_to_who_may_read_metrics_and_readiness_alone_to_everybody() {
    for metrics in [MetricsAccess::Key, MetricsAccess::Off] {
        let app = by(metrics).await;
        for path in ["/readyz?verbose", "/startupz?a=b&verbose=1"] {
            let stranger = asked_at(&app, path, None).await;
            stranger.assert_problem(401, "unauthorized");
            assert!(!stranger.text.contains(CONNECTION), "{}", stranger.text);
            for key in [FLOW_KEY, GUEST_KEY] {
                asked_at(&app, path, Some(key)).await.assert_problem(403, "forbidden");
            }
            let told = asked_at(&app, path, Some(WALL_KEY)).await;
            assert_eq!((told.status, told.str("/checks/0/name")), (200, "store"), "{}", told.text);
        }
        for key in [None, Some("wrong"), Some(GUEST_KEY)] {
            for path in ["/readyz", "/startupz"] {
                let answer = asked_at(&app, path, key).await;
                assert_eq!((answer.status, answer.text.as_str()), (200, "{\"status\":\"ready\"}"), "{path}");
            }
        }
    }
}
