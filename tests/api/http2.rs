//! Callers of HTTP/2 who make no room for answers, or send what costs more to read than to send: by the frames themselves where
//! no client sends such.

use std::time::Duration;

use bytes::Bytes;
use deskbridge::config::Patience;
use h2::{RecvStream, client::SendRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

use crate::harness::*;

/// How long an answer may lie unread here; it is looked once a second.
const UNREAD: Duration = Duration::from_millis(500);
/// How long it may where the reader pauses: several pauses on a machine that is busy with other things.
const STEADY: Duration = Duration::from_secs(4);
/// A reader's pause: several make up far more than it may wait.
const PAUSE: Duration = Duration::from_millis(500);
/// Bytes that it makes room for after each: what an answer is handed out by.
const PIECE: u32 = 16 * 1024;

async fn serving(patience: Patience) -> (TestApp, Pair) {
    let pair = Authority::new().pair();
    let app = TestApp::with(Options { tls: Some(pair.clone()), patience, ..Options::default() }).await;
    (app, pair)
}

fn unread() -> Patience {
    Patience { unread: UNREAD, ..Patience::default() }
}

/// A connection with room for so many bytes of each answer.
async fn with_room(
    app: &TestApp,
    pair: &Pair,
    bytes: u32,
) -> (SendRequest<Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let stream = pair.connect(app, b"h2").await;
    let handshake = h2::client::Builder::new().initial_window_size(bytes).handshake(stream);
    let (requests, connection) = handshake.await.expect("HTTP/2");
    (requests, tokio::spawn(connection))
}

/// The head of an answer, with its body to come.
async fn ask(requests: &mut SendRequest<Bytes>, path: &str) -> http::Response<RecvStream> {
    let mut ready = requests.clone().ready().await.expect("the connection stands");
    let request = http::Request::get(format!("https://localhost{path}")).body(()).expect("a request");
    let (answer, _) = ready.send_request(request, true).expect("sent");
    timeout(PATIENCE, answer).await.expect("in time").expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_no_room_for_an_answer_is_cut_off_and_others_are_served() {
    let (app, pair) = serving(unread()).await;
    let (mut requests, connection) = with_room(&app, &pair, 0).await;
    let held = ask(&mut requests, "/openapi.json").await;
    assert_eq!(held.status(), 200);
    let ended = timeout(PATIENCE, connection).await.expect("the connection ends").expect("no panic");
    assert!(ended.is_err(), "it was cut off");
    assert_eq!(app.get("/events").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_room_piece_by_piece_reads_an_answer_to_its_end() {
    let (app, pair) = serving(Patience { unread: STEADY, ..Patience::default() }).await;
    let (mut requests, connection) = with_room(&app, &pair, PIECE).await;
    let mut body = ask(&mut requests, "/openapi.json").await.into_body();
    let whole = send(app.client.get(format!("{}/openapi.json", app.url))).await.text;
    let (mut read, begun) = (Vec::new(), std::time::Instant::now());
    // polls: a reader that is slow and steady
    while let Some(chunk) = timeout(PATIENCE, body.data()).await.expect("in time") {
        let chunk = chunk.expect("the connection stands");
        read.extend_from_slice(&chunk);
        tokio::time::sleep(PAUSE).await;
        body.flow_control().release_capacity(chunk.len()).expect("it was taken");
    }
    assert_eq!(read, whole.as_bytes());
    assert!(begun.elapsed() > STEADY, "it took longer than one piece may");
    connection.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_of_http_2_has_only_so_many_answers_waiting_for_it() {
    let (app, pair) = serving(Patience::default()).await;
    let (mut requests, connection) = with_room(&app, &pair, 0).await;
    let mut held = Vec::new();
    let mut sent_back = 0;
    for _ in 0..300 {
        let answer = ask(&mut requests, "/livez").await;
        match answer.status().as_u16() {
            200 => held.push(answer),
            status => {
                assert_eq!(status, 503);
                assert_eq!(answer.headers()["retry-after"], "1");
                assert!(answer.into_body().is_end_stream());
                sent_back += 1;
            }
        }
    }
    assert_eq!((held.len(), sent_back), (128, 172));
    assert_eq!(app.get("/events").await.status, 200);
    // Room for an answer, and it is no longer waiting.
    drop(held);
    eventually(async || (ask(&mut requests, "/livez").await.status() == 200).then_some(())).await;
    connection.abort();
}

/// A frame as it stands on the wire (RFC 9113, section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short payload").to_be_bytes();
    let head = [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat();
    [head, payload.to_vec()].concat()
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The error of who asks for too much (RFC 9113, section 7).
const ENHANCE_YOUR_CALM: u32 = 11;

/// `GET /livez` to `localhost`, by the static table (RFC 7541, appendix A).
fn livez() -> Vec<u8> {
    [&[0x82, 0x87, 0x01, 9][..], b"localhost", &[0x04, 6], b"/livez"].concat()
}

/// A connection on which its preface was sent.
async fn bare(app: &TestApp, pair: &Pair) -> TlsStream<TcpStream> {
    let mut stream = pair.connect(app, b"h2").await;
    let preface = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(SETTINGS, 0, 0, &[])].concat();
    stream.write_all(&preface).await.expect("sent");
    stream
}

/// Sends frames, each time others, until the connection ends; the error in its last word, if it had one.
async fn flood(stream: TlsStream<TcpStream>, mut frames: impl FnMut() -> Vec<u8> + Send) -> Option<u32> {
    let (mut read, mut write) = tokio::io::split(stream);
    let sending = async { while write.write_all(&frames()).await.is_ok() {} };
    let mut said = Vec::new();
    let reading = read.read_to_end(&mut said);
    let both = async { tokio::join!(sending, reading).1.ok() };
    timeout(PATIENCE, both).await.expect("the connection ends");
    goaway(&said)
}

fn goaway(mut said: &[u8]) -> Option<u32> {
    while let Some((head, rest)) = said.split_first_chunk::<9>() {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let payload = rest.get(..length)?;
        if head[3] == GOAWAY {
            return Some(u32::from_be_bytes(payload.get(4..8)?.try_into().ok()?));
        }
        said = &rest[length..];
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_taken_back_at_once_end_the_connection() {
    let (app, pair) = serving(Patience::default()).await;
    let mut streams = (1u32..).step_by(2);
    let said = flood(bare(&app, &pair).await, || {
        let each = streams.by_ref().take(200).map(|stream| {
            let request = frame(HEADERS, END_STREAM | END_HEADERS, stream, &livez());
            [request, frame(RST_STREAM, 0, stream, &8u32.to_be_bytes())].concat()
        });
        each.collect::<Vec<_>>().concat()
    })
    .await;
    assert_eq!(said, Some(ENHANCE_YOUR_CALM));
    assert_eq!(app.get("/events").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_end_ends_the_connection() {
    let (app, pair) = serving(Patience::default()).await;
    let mut first = true;
    flood(bare(&app, &pair).await, || match std::mem::take(&mut first) {
        true => frame(HEADERS, END_STREAM, 1, &livez()),
        false => frame(CONTINUATION, 0, 1, &[]).repeat(100),
    })
    .await;
    assert_eq!(app.get("/events").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_nothing_but_pings_and_settings_is_cut_off() {
    let short = Duration::from_secs(1);
    let (app, pair) = serving(Patience { idle: short, head: short, ..Patience::default() }).await;
    for noise in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, 0, 0, &[])] {
        flood(bare(&app, &pair).await, || noise.repeat(100)).await;
    }
    assert_eq!(app.get("/events").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_no_connection_on_which_nothing_is_asked() {
    let (mut app, pair) = serving(Patience::default()).await;
    let (mut requests, connection) = with_room(&app, &pair, PIECE).await;
    assert_eq!(ask(&mut requests, "/livez").await.status(), 200);
    let stopped = timeout(PATIENCE, app.stop()).await;
    assert!(stopped.is_ok(), "shorter than the time that work under way is given");
    let ended = timeout(PATIENCE, connection).await;
    assert!(ended.is_ok(), "the other end is told");
}
