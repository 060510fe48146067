//! Answers that are none, from a server that speaks HTTP by hand: every call ends in an error that names it, and
//! takes no more memory than it may.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use deskbridge::bangwo8::{Client, Error};
use tokio::{io::AsyncWriteExt, net::TcpListener, time::timeout};

use crate::{
    calls::{Call, reads, walks, writes},
    vendor::{basic, options, raw, read_request},
};

/// The longest answer that the clients of these tests read, in bytes.
const LIMIT: usize = 100_000;
/// What the operating system may hold between the two ends on top of that, in bytes.
const SOCKET_BUFFERS: u64 = 32 * 1024 * 1024;

fn all_calls() -> Vec<Call> {
    reads().into_iter().map(|read| read.call).chain(walks()).chain(writes()).collect()
}

fn client(url: &url::Url) -> Client {
    let mut options = options(url, basic());
    options.max_response_bytes = LIMIT;
    Client::new(options).unwrap()
}

/// The code of the error that each call ends in when it is answered by these bytes.
async fn codes(answer: &'static [u8]) -> Vec<(&'static str, &'static str)> {
    let (url, _server) = raw(answer, true).await;
    let client = client(&url);
    let mut codes = Vec::new();
    for call in all_calls() {
        codes.push((call.endpoint, code(&call, (call.send)(&client).await.unwrap_err())));
    }
    codes
}

/// What is true of every error: it names its call, and an unusable answer to a write leaves the effect open.
fn code(call: &Call, error: Error) -> &'static str {
    assert!(error.to_string().starts_with(call.endpoint), "{error}");
    let open = matches!(error.code(), "bad_answer" | "unanswered" | "too_large");
    assert_eq!(error.effect_unknown(), open && !call.endpoint.starts_with("GET"), "{error}");
    error.code()
}

async fn every_call_ends_in(expected: &str, answer: &'static [u8]) {
    for (endpoint, code) in codes(answer).await {
        assert_eq!(code, expected, "{endpoint}");
    }
}

#[tokio::test]
async fn a_page_of_html_with_a_200_is_a_bad_answer() {
    let html = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/html\r\n\r\n<html><body>系统维护中</body></html>";
    every_call_ends_in("bad_answer", html.as_bytes()).await;
}

#[tokio::test]
async fn json_that_breaks_off_is_a_bad_answer() {
    let answer =
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"tickets\":[{\"ticketId\":\"1\",\"subject\":\"打印";
    every_call_ends_in("bad_answer", answer.as_bytes()).await;
}

#[tokio::test]
async fn an_answer_that_is_shorter_than_it_says_is_none() {
    every_call_ends_in("unanswered", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"data\":[").await;
}

#[tokio::test]
async fn an_error_in_a_200_is_an_error() {
    let answer =
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"status\":\"110001\",\"message\":\"no\",\"data\":[]}";
    every_call_ends_in("rejected", answer).await;
}

#[tokio::test]
async fn an_answer_that_says_it_is_of_ten_gigabytes_is_not_read() {
    every_call_ends_in("too_large", b"HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n{\"data\":[")
        .await;
}

#[tokio::test]
async fn wrong_types_are_no_value_of_a_read() {
    for body in
        ["7", "\"tickets\"", "{}", "{\"tickets\":\"x\",\"users\":7,\"data\":{\"a\":[]},\"asset_table\":[]}"]
    {
        let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}").leak();
        let (url, _server) = raw(answer.as_bytes(), true).await;
        let client = client(&url);
        for call in all_calls().into_iter().filter(|call| call.endpoint.starts_with("GET")) {
            let error = (call.send)(&client).await.unwrap_err();
            assert!(matches!(code(&call, error), "bad_answer" | "not_found"), "{} of {body}", call.endpoint);
        }
    }
}

/// Answers every request with chunks of blanks until the other end hangs up. The number is of the bytes that it got
/// rid of.
async fn endless() -> (url::Url, Arc<AtomicU64>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    tokio::spawn(async move {
        let chunk = [b"1000\r\n".as_slice(), &[b' '; 4096], b"\r\n"].concat();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
            while stream.write_all(&chunk).await.is_ok() {
                counter.fetch_add(chunk.len() as u64, SeqCst);
            }
        }
    });
    (url, sent)
}

#[tokio::test]
async fn an_answer_without_an_end_is_read_up_to_the_limit_by_every_call() {
    let (url, sent) = endless().await;
    let client = client(&url);
    for call in all_calls() {
        let before = sent.load(SeqCst);
        let outcome = timeout(Duration::from_secs(10), (call.send)(&client)).await;
        assert_eq!(code(&call, outcome.expect("an end").unwrap_err()), "too_large");
        let taken = sent.load(SeqCst) - before;
        assert!(taken < LIMIT as u64 + SOCKET_BUFFERS, "{taken} bytes for {}", call.endpoint);
    }
}
