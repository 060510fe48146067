//! What deliverers of CloudEvents ask before they deliver ("HTTP 1.1 Web Hooks for Event Delivery", section 4).

use reqwest::Method;
use tokio::net::TcpListener;

use crate::harness::*;

const ORIGIN: &str = "eventemitter.example.com";

async fn ask(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = app.client.request(Method::OPTIONS, app.path(path));
    send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deliverer_may_send_as_much_as_it_likes_to_a_connection_without_a_limit() {
    let app = TestApp::start().await;
    let plain = ask(&app, "/events", &[]).await;
    assert_eq!((plain.status, plain.header("webhook-allowed-origin")), (204, ""));
    for (rate, allowed) in [(None, "*"), (Some("120"), "120"), (Some("0"), "*"), (Some("很多"), "*")] {
        let rate = rate.map(|rate| ("webhook-request-rate", rate));
        let headers: Vec<_> = [("webhook-request-origin", ORIGIN)].into_iter().chain(rate).collect();
        let answer = ask(&app, "/events", &headers).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""));
        assert_eq!(answer.header("webhook-allowed-origin"), ORIGIN);
        assert_eq!(answer.header("webhook-allowed-rate"), allowed);
        assert_eq!(answer.header("allow"), plain.header("allow"));
        assert!(answer.header("allow").contains("POST"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_connection_with_a_limit_no_more_is_allowed_than_that() {
    let limit = "{ requests_per_second: 2, burst: 10 }".to_owned();
    let app = TestApp::with(Options { limit, ..Options::default() }).await;
    for (rate, allowed) in [("60", "60"), ("120", "120"), ("100000", "120"), ("99999999999999999999", "120")]
    {
        let headers = [("webhook-request-origin", ORIGIN), ("webhook-request-rate", rate)];
        assert_eq!(ask(&app, "/events", &headers).await.header("webhook-allowed-rate"), allowed, "{rate}");
    }
    let answer = ask(&app, "/events", &[("webhook-request-origin", ORIGIN)]).await;
    assert_eq!(answer.header("webhook-allowed-rate"), "120");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_allowed_where_no_events_are_taken() {
    let app = TestApp::start().await;
    let headers = [("webhook-request-origin", ORIGIN)];
    for path in ["/lanes", "/events/created-1", "/ticketviews"] {
        let answer = ask(&app, path, &headers).await;
        assert_eq!((answer.status, answer.header("webhook-allowed-origin")), (204, ""), "{path}");
    }
    let unknown = app.path("/events").replace(CONNECTION, "nobody");
    let request = app.client.request(Method::OPTIONS, unknown).header("webhook-request-origin", ORIGIN);
    let answer = send(request).await;
    answer.assert_problem(404, "unknown_connection");
    assert_eq!(answer.header("webhook-allowed-origin"), "");
    // Who is allowed to deliver has proved nothing.
    let event = created(1, "打印机离线").to_string();
    let request = app.client.post(app.path("/events")).header("origin", ORIGIN).body(event);
    let answer = send(request.header("content-type", "application/cloudevents+json")).await;
    app.assert_refused(&answer, 401, "unauthorized").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_asks_at_the_same_address_is_told_nothing_of_deliveries_nor_a_deliverer_of_origins() {
    let app = TestApp::start().await;
    let preflight = [("origin", "https://wall.example"), ("access-control-request-method", "POST")];
    let answer = ask(&app, "/events", &preflight).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (204, ""));
    assert_eq!(answer.header("webhook-allowed-origin"), "");
    let both = [&preflight[..], &[("webhook-request-origin", ORIGIN)]].concat();
    let answer = ask(&app, "/events", &both).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""));
    assert_eq!(answer.header("webhook-allowed-origin"), ORIGIN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_that_a_deliverer_wants_called_back_is_never_called() {
    let app = TestApp::start().await;
    let trap = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let callback = format!("http://{}/confirm?id=1", trap.local_addr().expect("an address"));
    let headers = [("webhook-request-origin", ORIGIN), ("webhook-request-callback", &callback)];
    assert_eq!(ask(&app, "/events", &headers).await.header("webhook-allowed-origin"), ORIGIN);
    app.accept(&created(1, "打印机离线")).await;
    app.until("created-1", &["delivered"]).await;
    let called = std::pin::pin!(trap.accept());
    assert!(futures_util::poll!(called).is_pending(), "nobody connected");
}
