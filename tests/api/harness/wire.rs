//! Bare connections, for what no client does.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{CONNECTION, FLOW_KEY, PATIENCE, TestApp};

/// Where the service listens.
pub(crate) fn wire_address(app: &TestApp) -> SocketAddr {
    app.url.trim_start_matches("http://").parse().expect("an address")
}

/// A bare connection.
pub(crate) async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(wire_address(app)).await.expect("a connection")
}

/// Everything up to the end of the connection, which comes in time.
pub(crate) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // Whether the end comes as one or as a reset is the system's matter.
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the connection ends").ok();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Sends this, and reads up to the end.
pub(crate) async fn say(app: &TestApp, text: &str) -> String {
    let mut stream = connect(app).await;
    // Whoever refuses may close before it has read everything.
    stream.write_all(text.as_bytes()).await.ok();
    rest(&mut stream).await
}

/// The head of a POST of an event by a key, with these headers.
pub(crate) fn event_head(headers: &str) -> String {
    format!(
        "POST /v1/connections/{CONNECTION}/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {FLOW_KEY}\r\n\
         content-type: application/json\r\n{headers}\r\n\r\n"
    )
}

/// An answer as it stands on the wire: its status, its head, and the document in it.
pub(crate) fn parsed(answer: &str) -> (u16, String, Value) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, head.to_lowercase(), serde_json::from_str(body).unwrap_or_default())
}

/// The answer is this problem's document.
pub(crate) fn assert_wire_problem(answer: &str, status: u16, code: &str) {
    let (found, head, document) = parsed(answer);
    assert_eq!((found, document["code"].as_str()), (status, Some(code)), "{answer}");
    assert!(head.contains("content-type: application/problem+json"), "{answer}");
}

/// JSON whose innermost value stands in so many texts, each of them in a member by whose name a library takes it for JSON.
pub(crate) fn text_in_text(levels: usize) -> String {
    let arrays = |inner: &str| format!("{}{inner}{}", "[".repeat(120), "]".repeat(120));
    let around = |inner: String, _| arrays(&json!({ "$serde_json::private::RawValue": inner }).to_string());
    (0..levels).fold(arrays(""), around)
}
