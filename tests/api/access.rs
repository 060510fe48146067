//! Which door opens to whom.

mod limits;
mod metrics;
mod rotation;
mod routes;
mod walk;

use reqwest::Method;

use crate::harness::*;

/// Every address below a connection that is read.
const READ: [&str; 15] = [
    "/events",
    "/events?status=dead&limit=1",
    "/events/created-1",
    "/links/ticket/1",
    "/ticketviews",
    "/ticketviews/counts",
    "/ticketviews/subscribers",
    "/ticketviews/15",
    "/ticketviews/15/tickets",
    "/ticketviews/15/count",
    "/ticketviews/15/tickets?page=2",
    "/ticketviews/15/trend",
    "/ticketviews/15/changes?since=0",
    "/lanes",
    "/ticketviews/counts?ids=15",
];
const OPERATE: [&str; 2] = ["/events/created-1/replay", "/events/created-1/discard"];
/// Every other address below a connection that something is sent to.
const SENT: [&str; 5] =
    ["/events", "/preview", "/dead-letters/replay", "/dead-letters/discard", "/ticketviews/15/refresh"];
/// What an operator alone may read: it shows what a sender wrote.
const EXPLAIN: &str = "/events/created-1/explain";
/// Opened for good, and what it is opened by.
const STREAM: [(Method, &str); 2] =
    [(Method::GET, "/ticketviews/stream"), (Method::POST, "/ticketviews/stream/tokens")];
/// Those in Bangwo8's own shape.
const COMPATIBLE: [&str; 5] = [
    "/bangwo8/api/v1/ticketviews.json",
    "/bangwo8/api/v1/ticketviews/15.json",
    "/bangwo8/api/v1/ticketviews/15/tickets.json",
    "/bangwo8/api/v1/ticketviews/15/count.json",
    "/bangwo8/api/v1/ticketviews/show_many.json?ids=15",
];

async fn call(app: &TestApp, method: Method, url: &str, key: Option<&str>) -> Answer {
    let request = app.client.request(method, url);
    send(if let Some(key) = key { request.bearer_auth(key) } else { request }).await
}

/// A service with a delivered event and with ticket views that were read.
async fn furnished() -> TestApp {
    let app = TestApp::with(Options { ticketviews: "{ refresh_s: 60 }".into(), ..Options::default() }).await;
    app.deliver(&created(1, "x")).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reading_needs_a_key_with_the_scope_read() {
    let app = furnished().await;
    for path in READ {
        let url = app.path(path);
        for key in [None, Some("no such key, whatever it is"), Some("")] {
            let answer = call(&app, Method::GET, &url, key).await;
            answer.assert_problem(401, "unauthorized");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{path}");
        }
        let answer = call(&app, Method::GET, &url, Some(FLOW_KEY)).await;
        answer.assert_problem(403, "forbidden");
        assert!(answer.str("/detail").contains("read"), "{path}: {}", answer.text);
        for key in [WALL_KEY, OPS_KEY] {
            let answer = call(&app, Method::GET, &url, Some(key)).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_and_the_tokens_for_it_need_a_key_with_the_scope_read() {
    let app = furnished().await;
    for (method, path) in STREAM {
        let url = app.path(path);
        for key in [None, Some("no such key, whatever it is"), Some("")] {
            call(&app, method.clone(), &url, key).await.assert_problem(401, "unauthorized");
        }
        let answer = call(&app, method, &url, Some(FLOW_KEY)).await;
        answer.assert_problem(403, "forbidden");
        assert!(answer.str("/detail").contains("read"), "{path}: {}", answer.text);
    }
    let token = call(&app, Method::POST, &app.path(STREAM[1].1), Some(WALL_KEY)).await;
    assert!((200..300).contains(&token.status), "{}", token.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_needs_a_key_with_the_scope_operate() {
    let app = furnished().await;
    let url = app.path(EXPLAIN);
    call(&app, Method::GET, &url, None).await.assert_problem(401, "unauthorized");
    for key in [FLOW_KEY, WALL_KEY] {
        let answer = call(&app, Method::GET, &url, Some(key)).await;
        answer.assert_problem(403, "forbidden");
        assert!(answer.str("/detail").contains("operate"), "{}", answer.text);
    }
    assert_eq!(call(&app, Method::GET, &url, Some(OPS_KEY)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_to_a_subscriber_is_seen_by_keys_of_its_connection_alone() {
    let subscriber = "{ name: wallboard, url: \"https://wall.example/\", secret: file:signing }";
    let options = Options {
        ticketviews: format!("{{ refresh_s: 60, subscribers: [{subscriber}] }}"),
        keys: "  - { name: guest, scopes: [read, operate], connections: [globex], secret: file:guest-key }\n"
            .into(),
        neighbours: vec!["globex"],
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    let at = |path: &str| format!("{}/v1/connections/acme.wallboard{path}", app.url);
    for path in ["/events", "/lanes", "/events/1", "/events/1/explain"] {
        call(&app, Method::GET, &at(path), Some(GUEST_KEY)).await.assert_problem(403, "forbidden");
    }
    for path in ["/events/1/replay", "/events/1/discard", "/dead-letters/replay", "/dead-letters/discard"] {
        call(&app, Method::POST, &at(path), Some(GUEST_KEY)).await.assert_problem(403, "forbidden");
    }
    assert_eq!(call(&app, Method::GET, &at("/events"), Some(WALL_KEY)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_opens_no_reading() {
    let app = furnished().await;
    let request = signed(app.client.get(app.path("/events")), SIGNING_KEY, now(), b"");
    send(request).await.assert_problem(401, "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn replay_and_discard_need_a_key_with_the_scope_operate() {
    let app = TestApp::start().await;
    let mut strange = created(1, "x");
    strange["data"]["status"] = serde_json::json!("待审核");
    let parked = app.deliver(&strange).await;
    for path in OPERATE {
        let url = app.path(path);
        call(&app, Method::POST, &url, None).await.assert_problem(401, "unauthorized");
        for key in [FLOW_KEY, WALL_KEY] {
            let answer = call(&app, Method::POST, &url, Some(key)).await;
            answer.assert_problem(403, "forbidden");
            assert!(answer.str("/detail").contains("operate"), "{path}: {}", answer.text);
        }
        assert_eq!(app.record("created-1").await.json, parked.json, "{path} did nothing");
    }
    let answer = app.operate(OPERATE[1]).await;
    assert_eq!((answer.status, answer.str("/status")), (200, "discarded"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_and_metrics_need_no_key() {
    let app = TestApp::start().await;
    for (path, text) in [
        ("/livez", "{\"status\":\"live\"}"),
        ("/readyz", "{\"status\":\"ready\"}"),
        ("/startupz", "{\"status\":\"ready\"}"),
    ] {
        let answer = call(&app, Method::GET, &format!("{}{path}", app.url), None).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, text), "{path}");
    }
    let verbose = call(&app, Method::GET, &format!("{}/readyz?verbose", app.url), None).await;
    let checks = verbose.json["checks"].as_array().expect("a list of checks");
    let names: Vec<_> = checks.iter().map(|check| (check["name"].as_str(), &check["ok"])).collect();
    let ok = serde_json::json!(true);
    let all = ["store", "room", "configuration", "delivery"].map(|name| (Some(name), &ok));
    assert_eq!(names, all);
    let metrics = call(&app, Method::GET, &format!("{}/metrics", app.url), None).await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    assert!(metrics.text.ends_with("# EOF\n"), "{}", metrics.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn which_connections_there_are_is_told_to_holders_of_a_key_only() {
    let app = TestApp::start().await;
    let at = |path: &str| format!("{}/v1/connections/acmee{path}", app.url);
    for path in READ {
        call(&app, Method::GET, &at(path), None).await.assert_problem(401, "unauthorized");
        call(&app, Method::GET, &at(path), Some(WALL_KEY)).await.assert_problem(404, "unknown_connection");
    }
    for path in OPERATE {
        call(&app, Method::POST, &at(path), None).await.assert_problem(401, "unauthorized");
        call(&app, Method::POST, &at(path), Some(OPS_KEY)).await.assert_problem(404, "unknown_connection");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_for_one_connection_opens_no_other_be_it_there_or_not() {
    let options = Options {
        ticketviews: "{ refresh_s: 60 }".into(),
        keys: "  - { name: guest, scopes: [ingest, read, operate], connections: [acme], secret: file:guest-key }\n"
            .into(),
        neighbours: vec!["globex"],
        ..Options::default()
    };
    let app = TestApp::with(options).await;
    app.deliver(&created(1, "x")).await;
    eventually(async || (app.get("/ticketviews").await.status == 200).then_some(())).await;
    let at = |connection: &str, path: &str| format!("{}/v1/connections/{connection}{path}", app.url);
    for path in READ {
        let own = call(&app, Method::GET, &at("acme", path), Some(GUEST_KEY)).await;
        assert_eq!(own.status, 200, "{path}: {}", own.text);
        for other in ["globex", "nobody"] {
            let answer = call(&app, Method::GET, &at(other, path), Some(GUEST_KEY)).await;
            answer.assert_problem(403, "forbidden");
            assert!(!answer.text.contains("globex"), "{path}: {}", answer.text);
        }
    }
    for (method, path) in [&STREAM[..], &[(Method::GET, EXPLAIN)]].concat() {
        for other in ["globex", "nobody"] {
            let answer = call(&app, method.clone(), &at(other, path), Some(GUEST_KEY)).await;
            answer.assert_problem(403, "forbidden");
        }
    }
    for path in COMPATIBLE {
        assert_eq!(call(&app, Method::GET, &at("acme", path), Some(GUEST_KEY)).await.status, 200, "{path}");
        for other in ["globex", "nobody"] {
            let answer = call(&app, Method::GET, &at(other, path), Some(GUEST_KEY)).await;
            assert_eq!((answer.status, answer.str("/errcode")), (403, "403"), "{path}");
            let basic = app.client.get(at(other, path)).basic_auth("x", Some(GUEST_KEY));
            assert_eq!(send(basic).await.status, 403, "{path}");
        }
    }
    for path in OPERATE.iter().chain(&SENT[1..]) {
        for other in ["globex", "nobody"] {
            let answer = call(&app, Method::POST, &at(other, path), Some(GUEST_KEY)).await;
            answer.assert_problem(403, "forbidden");
        }
    }
    let event = |connection: &str| {
        app.client.post(at(connection, "/events")).bearer_auth(GUEST_KEY).json(&created(2, "y"))
    };
    send(event("globex")).await.assert_problem(401, "unauthorized");
    assert_eq!(send(event("acme")).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_bangwo8s_shape_needs_a_key_with_the_scope_read() {
    let app = furnished().await;
    for path in COMPATIBLE {
        let url = app.path(path);
        for (key, status) in
            [(None, 401), (Some("no such key at all"), 401), (Some(FLOW_KEY), 403), (Some(WALL_KEY), 200)]
        {
            let answer = call(&app, Method::GET, &url, key).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
            let basic = key.map(|key| app.client.get(&url).basic_auth("li.na@acme.example", Some(key)));
            if let Some(basic) = basic {
                assert_eq!(send(basic).await.status, status, "{path} by Basic");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_needs_a_key_with_the_scope_operate() {
    let app = furnished().await;
    let url = app.path("/ticketviews/15/refresh");
    call(&app, Method::POST, &url, None).await.assert_problem(401, "unauthorized");
    for key in [FLOW_KEY, WALL_KEY] {
        call(&app, Method::POST, &url, Some(key)).await.assert_problem(403, "forbidden");
    }
    assert_eq!(call(&app, Method::POST, &url, Some(OPS_KEY)).await.status, 202);
}
