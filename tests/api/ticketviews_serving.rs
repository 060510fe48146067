//! How ticket views are sent: encodings, tags, methods, pages of other origins, and what is asked for at once.

use std::io::Read;

use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::{
    harness::*,
    ticketviews::{every_second, reading, until_read, until_stale},
};

/// Every address that tells of ticket views.
const ADDRESSES: [&str; 13] = [
    "/ticketviews",
    "/ticketviews?as_of=AGO",
    "/ticketviews/counts",
    "/ticketviews/counts?ids=2",
    "/ticketviews/2",
    "/ticketviews/2/tickets",
    "/ticketviews/2/tickets?per_page=5",
    "/ticketviews/2/count",
    "/ticketviews/2/trend",
    "/bangwo8/api/v1/ticketviews.json",
    "/bangwo8/api/v1/ticketviews/2/tickets.json",
    "/bangwo8/api/v1/ticketviews/2/count.json",
    "/bangwo8/api/v1/ticketviews/show_many.json?ids=2",
];

/// An answer before anything of it is decoded.
struct Sent {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Sent {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("headers are text"))
    }
}

async fn ask(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)]) -> Sent {
    let request = app.client.request(method, app.path(path)).bearer_auth(WALL_KEY);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Sent { status, headers, bytes: answer.bytes().await.expect("a body").to_vec() }
}

fn gunzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).expect("it is gzip");
    plain
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_comes_in_the_encoding_that_is_preferred_and_each_has_a_tag_that_is_as_good() {
    let app = reading().await;
    let path = "/ticketviews/2/tickets";
    let plain = ask(&app, Method::GET, path, &[]).await;
    assert_eq!((plain.status, plain.header("content-encoding")), (200, ""));
    let gzip = ask(&app, Method::GET, path, &[("accept-encoding", "gzip")]).await;
    assert_eq!((gzip.header("content-encoding"), gunzipped(&gzip.bytes)), ("gzip", plain.bytes.clone()));
    let zstd = ask(&app, Method::GET, path, &[("accept-encoding", "gzip, deflate, br, zstd")]).await;
    assert_eq!(zstd.header("content-encoding"), "zstd");
    assert_eq!(zstd::decode_all(&zstd.bytes[..]).unwrap(), plain.bytes);
    assert!(zstd.bytes.len() * 3 < plain.bytes.len(), "{} of {}", zstd.bytes.len(), plain.bytes.len());
    for sent in [&plain, &gzip, &zstd] {
        assert_eq!(sent.header("vary"), "Accept, Accept-Encoding");
        assert_eq!(sent.header("cache-control"), "private, no-cache");
        let etag = sent.header("etag");
        let known =
            ask(&app, Method::GET, path, &[("if-none-match", etag), ("accept-encoding", "gzip")]).await;
        assert_eq!((known.status, known.header("etag"), known.bytes.len()), (304, etag, 0));
    }
    assert_ne!(plain.header("etag"), gzip.header("etag"));
    assert_ne!(zstd.header("etag"), gzip.header("etag"));
    let any = ask(&app, Method::GET, path, &[("if-none-match", "*")]).await;
    assert_eq!(any.status, 304);
    let small = ask(&app, Method::GET, "/ticketviews/2/count", &[("accept-encoding", "gzip")]).await;
    assert_eq!(small.header("content-encoding"), "", "what fits one packet is not compressed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_before_the_router_is_what_the_router_answers() {
    let app = reading().await;
    for (asked, spelled_out) in [
        ("/ticketviews/2/tickets", "/ticketviews/2/tickets?page=1&per_page=100"),
        ("/ticketviews", "/%74icketviews"),
        ("/ticketviews/2", "/ticketviews/%32"),
        ("/ticketviews/2/count", "/ticketviews/%32/count"),
        ("/ticketviews/counts", "/ticketviews/counts?"),
    ] {
        let (one, other) =
            (ask(&app, Method::GET, asked, &[]).await, ask(&app, Method::GET, spelled_out, &[]).await);
        assert_eq!((one.status, &one.bytes), (200, &other.bytes), "{asked}");
        for header in ["etag", "last-modified", "vary", "content-type", "cache-control"] {
            assert_eq!(one.header(header), other.header(header), "{asked} {header}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_tells_what_get_would_without_the_body() {
    let app = reading().await;
    for path in ADDRESSES.iter().filter(|path| !path.contains("AGO") && !path.contains("trend")) {
        let (get, head) = (ask(&app, Method::GET, path, &[]).await, ask(&app, Method::HEAD, path, &[]).await);
        assert_eq!((get.status, head.status, head.bytes.len()), (200, 200, 0), "{path}");
        for header in ["etag", "content-type", "last-modified", "content-length"] {
            assert_eq!(get.header(header), head.header(header), "{path}: {header}");
        }
        assert_eq!(head.header("content-length"), get.bytes.len().to_string(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_means_nothing_is_told_which_there_are() {
    let app = reading().await;
    for path in ADDRESSES {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let answer = ask(&app, method, path, &[]).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD, OPTIONS"), "{path}");
        }
        let options = ask(&app, Method::OPTIONS, path, &[]).await;
        assert_eq!((options.status, options.header("allow")), (204, "GET, HEAD, OPTIONS"), "{path}");
    }
    let answer = ask(&app, Method::GET, "/ticketviews/2/refresh", &[]).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "POST, OPTIONS"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stale_is_marked_in_every_body_and_has_another_tag_until_it_is_fresh_again() {
    let app = reading().await;
    let paths = [
        "/ticketviews/2",
        "/ticketviews/2/tickets",
        "/ticketviews/2/tickets?per_page=5",
        "/ticketviews/2/count",
        "/ticketviews/counts",
    ];
    let mut fresh = Vec::new();
    for path in paths {
        fresh.push(app.get(path).await);
    }
    app.fault_at("/api/v1/ticketviews", 0, json!({ "status": 503 })).await;
    until_stale(&app, true).await;
    for (path, fresh) in paths.iter().zip(&fresh) {
        let marked = app.get(path).await;
        assert_eq!(marked.str("/stale/reason"), "unavailable", "{path}: {}", marked.text);
        assert_eq!(marked.header("deskbridge-stale"), "unavailable");
        assert_ne!(marked.header("etag"), fresh.header("etag"));
        let (mut unmarked, mut before) = (marked.json.clone(), fresh.json.clone());
        (unmarked["stale"], before["stale"]) = (Value::Null, Value::Null);
        assert_eq!(unmarked, before, "{path}");
        let again = app.get(path).await;
        assert_eq!(again.header("etag"), marked.header("etag"), "{path}: nothing new, no new tag");
    }
    app.mend().await;
    until_stale(&app, false).await;
    for (path, fresh) in paths.iter().zip(&fresh) {
        let mended =
            eventually(async || Some(app.get(path).await).filter(|it| it.json["stale"].is_null())).await;
        assert_eq!((mended.header("etag"), &mended.text), (fresh.header("etag"), &fresh.text), "{path}");
        assert_eq!(mended.header("deskbridge-stale"), "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_origin_that_is_set_may_read_and_any_other_may_not() {
    let ticketviews = "{ refresh_s: 1, cors_origins: [https://wall.example, 'http://127.0.0.1:3000'] }";
    let app = TestApp::with(Options { ticketviews: ticketviews.into(), ..Options::default() }).await;
    until_read(&app).await;
    for path in
        ["/ticketviews/2/tickets", "/ticketviews/2/tickets?page=2", "/bangwo8/api/v1/ticketviews.json"]
    {
        for origin in ["https://wall.example", "http://127.0.0.1:3000"] {
            let preflight = preflight(&app, path, origin).await;
            assert_eq!(
                (preflight.status, preflight.header("access-control-allow-origin")),
                (204, origin),
                "{path}"
            );
            assert!(preflight.header("access-control-allow-headers").contains("Authorization"));
            assert!(preflight.header("access-control-allow-methods").contains("GET"));
            let answer = ask(&app, Method::GET, path, &[("origin", origin)]).await;
            assert_eq!(
                (answer.status, answer.header("access-control-allow-origin")),
                (200, origin),
                "{path}"
            );
            assert!(answer.header("access-control-expose-headers").contains("ETag"));
            let vary: Vec<_> = answer.headers.get_all("vary").iter().collect();
            assert!(vary.iter().any(|value| *value == "Origin"), "{vary:?}");
        }
        let other = "https://wall.example.evil.example";
        assert_eq!(preflight(&app, path, other).await.header("access-control-allow-origin"), "");
        let answer = ask(&app, Method::GET, path, &[("origin", other)]).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""), "{path}");
    }
    let unknown = ask(&app, Method::GET, "/ticketviews/99", &[("origin", "https://wall.example")]).await;
    let seen = unknown.header("access-control-allow-origin");
    assert_eq!((unknown.status, seen), (404, "https://wall.example"), "errors are for pages, too");
    let keyless = app.client.get(app.path("/ticketviews")).header("origin", "https://wall.example");
    let keyless = send(keyless).await;
    assert_eq!(
        (keyless.status, keyless.header("access-control-allow-origin")),
        (401, "https://wall.example")
    );
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Sent {
    let asked = app
        .client
        .request(Method::OPTIONS, app.path(path))
        .header("origin", origin)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let answer = asked.send().await.expect("an answer");
    Sent { status: answer.status().as_u16(), headers: answer.headers().clone(), bytes: Vec::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_origin_may_read_where_the_setting_says_so_and_none_where_it_says_nothing() {
    let ticketviews = "{ refresh_s: 1, cors_origins: ['*'] }";
    let app = TestApp::with(Options { ticketviews: ticketviews.into(), ..Options::default() }).await;
    until_read(&app).await;
    let answer = ask(&app, Method::GET, "/ticketviews", &[("origin", "null")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let app = app.restart_with(every_second()).await;
    let answer = ask(&app, Method::GET, "/ticketviews", &[("origin", "https://wall.example")]).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ""));
    assert_eq!(
        preflight(&app, "/ticketviews", "https://wall.example").await.header("access-control-allow-origin"),
        ""
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_has_a_view_read_at_once_and_waits_for_it() {
    let hourly = Options { ticketviews: "{ refresh_s: 3600 }".into(), ..Options::default() };
    let app = TestApp::with(hourly).await;
    until_read(&app).await;
    let ticket = json!({ "ticketId": 6_000_001, "subject": "急件", "ticketStatus": 1 });
    assert_eq!(app.control(Method::POST, "tickets", &ticket).await.status, 201);
    assert_eq!(app.get("/ticketviews/2/count").await.json["count"], 23);
    let refresh = |path: &str, key: &str| app.client.post(app.path(path)).bearer_auth(key);
    let read = send(refresh("/ticketviews/2/refresh", OPS_KEY).header("prefer", "wait=20")).await;
    assert_eq!(read.status, 200, "{}", read.text);
    assert_eq!(read.json, json!({ "ticketview_id": 2, "status": "read", "changed": true }));
    assert_eq!(read.header("preference-applied"), "wait=20");
    assert_eq!(app.get("/ticketviews/2/count").await.json["count"], 24);
    let same = send(refresh("/ticketviews/2/refresh", OPS_KEY).header("prefer", "wait=20")).await;
    assert_eq!(same.json["changed"], false);
    let asked = send(refresh("/ticketviews/2/refresh", OPS_KEY)).await;
    assert_eq!((asked.status, asked.str("/status")), (202, "asked"));
    send(refresh("/ticketviews/99/refresh", OPS_KEY)).await.assert_problem(404, "unknown_ticketview");
    send(refresh("/ticketviews/2/refresh", WALL_KEY)).await.assert_problem(403, "forbidden");
}
