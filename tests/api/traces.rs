//! Traces by OTLP, received by a server of the test's own.

use std::{process::Stdio, sync::Arc};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::mpsc;

use crate::harness::*;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A collector on a free port, and what it is sent: path and body.
fn collector() -> (String, mpsc::UnboundedReceiver<(String, web::Bytes)>) {
    let (sender, received) = mpsc::unbounded_channel();
    let take = move |request: HttpRequest, body: web::Bytes| {
        sender.send((request.path().to_owned(), body)).expect("the test listens");
        async { HttpResponse::Ok().finish() }
    };
    let take = Arc::new(take);
    let app = move || {
        let take = take.clone();
        App::new().default_service(web::to(move |request: HttpRequest, body: web::Bytes| take(request, body)))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
    (url, received)
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_exported_in_the_trace_of_the_request_that_brought_the_event() {
    let (collector, mut received) = collector();
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let mut command = serve_command(app.folder.path());
    let log = app.folder.path().join("traced.log");
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).expect("a log"));
    let mut serving = Serving::of(command, log).await;

    let request = app.client.post(format!("http://{}/v1/connections/acme/events", serving.address));
    let body = created(1, "带追踪的工单").to_string();
    let request = signed(request, SIGNING_KEY, now(), body.as_bytes())
        .header("content-type", "application/json")
        .header("traceparent", format!("00-{TRACE_ID}-00f067aa0ba902b7-01"))
        .header("prefer", "wait=10");
    let record = send(request).await;
    assert_eq!((record.str("/status"), record.str("/trace_id")), ("delivered", TRACE_ID), "{}", record.text);
    let create = &app.requests("POST", "/api/v1/tickets").await[0];
    let sent = create["traceparent"].as_str().expect("the call carries the trace");
    assert_eq!(&sent[3..35], TRACE_ID);
    assert_ne!(&sent[36..52], "00f067aa0ba902b7", "the call's parent is the delivery's own span");

    serving.terminate().await;
    assert!(serving.ended().await.success(), "{}", serving.log());
    let (path, spans) = received.recv().await.expect("spans were sent before the end");
    assert_eq!(path, "/v1/traces");
    let trace_id: Vec<u8> =
        (0..16).map(|i| u8::from_str_radix(&TRACE_ID[2 * i..2 * i + 2], 16).unwrap()).collect();
    assert!(contains(&spans, &trace_id) && contains(&spans, b"delivery"));
    assert!(!contains(&spans, "带追踪的工单".as_bytes()), "no text of a ticket is in a trace");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_the_callers_trace_is_passed_on_as_it_came() {
    let app = TestApp::start().await;
    let traceparent = format!("00-{TRACE_ID}-00f067aa0ba902b7-01");
    let body = created(1, "工单").to_string();
    let request = app.signed(body.as_bytes()).header("traceparent", &traceparent).header("prefer", "wait=10");
    assert_eq!(send(request).await.str("/trace_id"), TRACE_ID);
    assert_eq!(app.requests("POST", "/api/v1/tickets").await[0]["traceparent"], traceparent.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_without_a_usable_trace_gets_one_of_its_own() {
    let app = TestApp::start().await;
    let body = created(1, "工单").to_string();
    let request = app.signed(body.as_bytes()).header("traceparent", "nonsense").header("prefer", "wait=10");
    let record = send(request).await;
    assert_eq!(record.str("/trace_id").len(), 32, "{}", record.text);
}
