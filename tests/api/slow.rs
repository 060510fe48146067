//! Callers who send or read slowly, or more than there is room for, or what two readers would understand differently:
//! by bare connections, since no client does so.

use std::time::Duration;

use deskbridge::config::Patience;
use tokio::{io::AsyncWriteExt, net::TcpSocket, time::timeout};

use crate::harness::*;

/// Time enough for a test's own connection, and little for anybody to wait.
const SHORT: Patience = Patience {
    head: Duration::from_secs(3),
    body: Duration::from_secs(60),
    body_step: Duration::from_millis(500),
    idle: Duration::from_secs(1),
    unread: Duration::from_millis(500),
};

async fn impatient(patience: Patience) -> TestApp {
    TestApp::with(Options { patience, ..Options::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_coming_is_given_up_and_nothing_is_stored() {
    for patience in [SHORT, Patience { body: SHORT.body_step, body_step: Duration::from_secs(60), ..SHORT }] {
        let app = impatient(patience).await;
        let answer = say(&app, &(event_head("content-length: 5000") + r#"{"id":"one","#)).await;
        assert_wire_problem(&answer, 408, "request_timeout");
        assert!(parsed(&answer).1.contains("connection: close"), "{answer}");
        app.assert_untouched().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_gets_past_its_head_is_given_up_the_first_and_every_later_one() {
    let app = impatient(SHORT).await;
    assert_eq!(parsed(&say(&app, "GET /livez HT").await).0, 408);
    // Who says nothing at all is not answered either.
    say(&app, "").await;
    let answer = say(&app, "GET /livez HTTP/1.1\r\nhost: a\r\n\r\nGET /livez HT").await;
    let (status, _, document) = parsed(&answer);
    assert_eq!((status, &document["status"]), (200, &serde_json::json!("live")), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_on_which_nothing_is_asked_is_closed() {
    let app = impatient(SHORT).await;
    let answer = say(&app, "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!(parsed(&answer).0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_wants_holds_no_connection() {
    let app = impatient(SHORT).await;
    let answer =
        say(&app, "POST /nowhere HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc").await;
    assert_wire_problem(&answer, 404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_again_and_again_and_never_reads_is_cut_off() {
    let app = impatient(SHORT).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let mut stream = socket.connect(wire_address(&app)).await.expect("a connection");
    let asking =
        async { while stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n").await.is_ok() {} };
    timeout(PATIENCE, asking).await.expect("the connection ends");
    assert_eq!(app.get("/events").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_or_headers_without_end_are_refused() {
    let app = impatient(SHORT).await;
    let get = |path: &str, headers: &str| {
        format!("GET /livez{path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n")
    };
    let long = |length: usize| "长".repeat(length / 3);
    assert_wire_problem(
        &say(&app, &get(&format!("?a={}", "a".repeat(20_000)), "")).await,
        414,
        "uri_too_long",
    );
    assert_wire_problem(
        &say(&app, &get("", &format!("a: {}\r\n", "a".repeat(40_000)))).await,
        431,
        "headers_too_large",
    );
    assert_wire_problem(
        &say(&app, &get("", &format!("a: {}\r\n", long(40_000)))).await,
        431,
        "headers_too_large",
    );
    assert_eq!(parsed(&say(&app, &get("", &"a: b\r\n".repeat(90))).await).0, 200);
    // Beyond what the server parses there is a status alone.
    assert_eq!(parsed(&say(&app, &get("", &"a: b\r\n".repeat(200))).await).0, 431);
    assert_eq!(parsed(&say(&app, &get("", &format!("a: {}\r\n", "a".repeat(200_000)))).await).0, 431);
    assert_eq!(parsed(&say(&app, &get(&format!("?{}", "a".repeat(70_000)), "")).await).0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_could_understand_otherwise_is_refused_with_all_that_follows() {
    let app = impatient(SHORT).await;
    let smuggled = "GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n";
    let long = smuggled.len();
    for headers in [
        format!("content-length: {long}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("content-length: 0\r\ncontent-length: {long}\r\n\r\n{smuggled}"),
        format!("content-length: 0, {long}\r\n\r\n{smuggled}"),
        format!("content-length: +{long}\r\n\r\n{smuggled}"),
        format!("content-length: 0x10\r\n\r\n{smuggled}"),
        format!("transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("transfer-encoding: xchunked\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("transfer-encoding : chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        format!(" transfer-encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        format!("transfer-encoding: chunked\r\n\r\nzz\r\n\r\n{smuggled}"),
        format!("transfer-encoding: chunked\r\n\r\n-1\r\n\r\n{smuggled}"),
        format!("transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n\r\n{smuggled}"),
        format!("transfer-encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n{smuggled}"),
        format!("host: b\r\ncontent-length: 0\r\n\r\n{smuggled}"),
    ] {
        let text = event_head(&headers);
        let answer = say(&app, text.strip_suffix("\r\n\r\n").expect("its own end")).await;
        let statuses: Vec<&str> =
            answer.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect();
        assert!(
            !statuses.is_empty() && statuses.iter().all(|status| *status == "400"),
            "{headers:?}: {answer}"
        );
    }
    app.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_body_is_refused_unread_and_the_sender_told_what_is_taken() {
    let app = TestApp::start().await;
    for coding in ["gzip", "zstd", "identity, gzip", "br"] {
        // Zeros enough to fill the memory, were they unpacked.
        let bomb =
            zstd::encode_all(std::io::Read::take(std::io::repeat(0), 64 << 20), 1).expect("compressed");
        let request = app.client.post(app.path("/events")).bearer_auth(FLOW_KEY);
        let answer = send(request.header("content-encoding", coding).body(bomb)).await;
        app.assert_refused(&answer, 415, "unsupported_media_type").await;
        assert_eq!(answer.header("accept-encoding"), "identity");
    }
    let event = created(1, "打印机离线").to_string();
    let answer = send(app.signed(event.as_bytes()).header("content-encoding", "Identity")).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}
