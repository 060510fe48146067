//! Requests that no client sends: what is odd and right is served, what is wrong is refused, and neither is a fault inside.

use std::time::Duration;

use deskbridge::config::Patience;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::*;

/// A request whose connection ends with its answer.
fn get(line: &str, headers: &str) -> String {
    format!("{line}\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n")
}

/// Statuses of all the answers.
fn statuses(said: &str) -> Vec<&str> {
    said.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_understood_however_its_target_is_written() {
    let app = TestApp::start().await;
    for (line, status) in [
        ("GET http://localhost/livez HTTP/1.1", 200),
        ("GET http://elsewhere.example:81/livez HTTP/1.1", 200),
        ("GET /livez?a=%zz HTTP/1.1", 200),
        ("GET //livez HTTP/1.1", 404),
        ("GET /../livez HTTP/1.1", 404),
        ("OPTIONS * HTTP/1.1", 404),
        ("GET * HTTP/1.1", 404),
        ("CONNECT localhost:443 HTTP/1.1", 404),
        ("GET livez HTTP/1.1", 404),
        ("GET / livez HTTP/1.1", 400),
        ("GET /livez HTTP/3.0", 400),
        ("PRI * HTTP/2.0", 400),
        ("G\u{0}T /livez HTTP/1.1", 400),
        ("GET /\u{1} HTTP/1.1", 400),
    ] {
        let answer = say(&app, &get(line, "")).await;
        assert_eq!(parsed(&answer).0, status, "{line}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_are_none_are_refused_and_those_in_no_alphabet_are_passed_over() {
    let app = TestApp::start().await;
    for (header, status) in [
        ("a b: c\r\n", 400),
        ("a\u{0}: c\r\n", 400),
        ("名: c\r\n", 400),
        (": c\r\n", 400),
        ("a\r\n", 400),
        ("a: b\u{0}c\r\n", 400),
        ("a: b\r\n c\r\n", 400),
        ("a: 打印机\r\n", 200),
        ("a: \r\n", 200),
    ] {
        let answer = say(&app, &get("GET /livez HTTP/1.1", header)).await;
        assert_eq!(parsed(&answer).0, status, "{header:?}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_beyond_all_measure_is_refused_before_anything_is_read() {
    let app = TestApp::start().await;
    for (length, status) in [
        ("9223372036854775807", 413),
        ("9223372036854775808", 413),
        ("18446744073709551615", 413),
        ("18446744073709551616", 400),
        ("-1", 400),
        ("1e3", 400),
    ] {
        let answer = say(&app, &event_head(&format!("connection: close\r\ncontent-length: {length}"))).await;
        assert_eq!(parsed(&answer).0, status, "{length}: {answer}");
    }
    app.assert_untouched().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_sent_ahead_are_answered_in_their_order() {
    let app = TestApp::start().await;
    let event = |id: u64| {
        let event = created(id, "打印机离线").to_string();
        event_head(&format!("content-length: {}", event.len())) + &event
    };
    let asked = "GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n";
    let text: String = (1..=40).map(|id| event(id) + asked).collect();
    let said = say(&app, &(text + &get("GET /livez HTTP/1.1", ""))).await;
    let expected: Vec<&str> = ["202", "404"].repeat(40).into_iter().chain(["200"]).collect();
    assert_eq!(statuses(&said), expected);
    app.until("created-40", &["delivered"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_before_it_sends_a_body_is_told_to_go_on() {
    let app = TestApp::start().await;
    let event = created(1, "打印机离线").to_string();
    let mut stream = connect(&app).await;
    let head =
        event_head(&format!("connection: close\r\nexpect: 100-continue\r\ncontent-length: {}", event.len()));
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut told = [0; 25];
    timeout(PATIENCE, stream.read_exact(&mut told)).await.expect("in time").expect("an answer");
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(event.as_bytes()).await.expect("sent");
    assert_eq!(parsed(&rest(&mut stream).await).0, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_that_it_sends_no_more_is_answered_and_half_a_body_is_none() {
    let app = TestApp::start().await;
    let event = created(1, "打印机离线").to_string();
    let head = event_head(&format!("content-length: {}", event.len()));
    let mut half = connect(&app).await;
    half.write_all((head.clone() + &event[..40]).as_bytes()).await.expect("sent");
    half.shutdown().await.expect("half closed");
    let said = rest(&mut half).await;
    assert!(said.is_empty() || parsed(&said).0 == 400, "{said}");
    app.assert_untouched().await;
    let mut whole = connect(&app).await;
    whole.write_all((head + &event).as_bytes()).await.expect("sent");
    whole.shutdown().await.expect("half closed");
    assert_eq!(parsed(&rest(&mut whole).await).0, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_begins_no_handshake_of_tls_is_not_waited_for() {
    let pair = Authority::new().pair();
    let patience = Patience { head: Duration::from_millis(500), ..Patience::default() };
    let app = TestApp::with(Options { tls: Some(pair), patience, ..Options::default() }).await;
    let address = app.url.trim_start_matches("https://").to_owned();
    let mut silent = TcpStream::connect(&address).await.expect("a connection");
    let mut begun = TcpStream::connect(&address).await.expect("a connection");
    // The first bytes of a ClientHello (RFC 8446, section 5.1).
    begun.write_all(&[0x16, 3, 1, 2, 0, 1]).await.expect("sent");
    for stream in [&mut silent, &mut begun] {
        assert_eq!(rest(stream).await, "");
    }
    assert_eq!(app.get("/events").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_is_counted_and_does_not_fill_the_log() {
    let process = Process::start(Options::default()).await;
    let app = &process.app;
    for _ in 0..200 {
        assert_eq!(parsed(&say(app, "不是 HTTP\r\n\r\n").await).0, 400);
    }
    let counted = async || app.metrics().await.contains("deskbridge_http_malformed_requests_total 200\n");
    eventually(async || counted().await.then_some(())).await;
    let told: Vec<_> =
        process.log().lines().filter(|line| line.contains("actix_http")).map(str::to_owned).collect();
    assert_eq!(told, [""; 0]);
}
