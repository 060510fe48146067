//! Traces: from the caller's request through journal, retries and restarts to the vendor's call.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde_json::{Value, json};

use super::{
    CALLER, Exporting, TRACE_ID,
    collector::{Collector, Span},
    serve,
};
use crate::harness::*;

const ACCEPT: &str = "POST /v1/connections/{connection}/events";
const DELIVER: &str = "deliver acme";
const CREATE: &str = "POST /api/v1/tickets.json";

fn is(span: &Span, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(span.attributes.get(*name).map(String::as_str), Some(*value), "{name} of {span:?}");
    }
}

/// The span that the request, as the simulator saw it, names as its parent.
fn sender(request: &Value) -> String {
    request["traceparent"].as_str().expect("the call carries the trace")[36..52].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_one_trace_from_the_callers_span_to_the_vendors_call() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    let request = service.event(&created(1, "带追踪的工单").to_string()).header("tracestate", "acme=1");
    let record = send(request.header("prefer", "wait=20")).await;
    assert_eq!((record.str("/status"), record.str("/trace_id")), ("delivered", TRACE_ID), "{}", record.text);
    service.stop().await;

    let (accept, deliver, call) =
        (collector.span(ACCEPT).await, collector.span(DELIVER).await, collector.span(CREATE).await);
    assert_eq!(
        (accept.kind, accept.parent.as_str(), accept.state.as_str()),
        (SpanKind::Server, CALLER, "acme=1")
    );
    is(
        &accept,
        &[
            ("http.request.method", "POST"),
            ("http.route", "/v1/connections/{connection}/events"),
            ("url.path", "/v1/connections/acme/events"),
            ("url.scheme", "http"),
            ("http.response.status_code", "200"),
        ],
    );
    assert_eq!((deliver.kind, &deliver.parent), (SpanKind::Consumer, &accept.id));
    is(
        &deliver,
        &[
            ("messaging.system", "deskbridge"),
            ("messaging.operation.type", "process"),
            ("connection", "acme"),
            ("delivery.attempt", "1"),
            ("delivery.result", "delivered"),
        ],
    );
    assert_eq!((call.kind, &call.parent), (SpanKind::Client, &deliver.id));
    let port = service.app.sandbox.bangwo8_url().rsplit(':').next().unwrap().to_owned();
    is(
        &call,
        &[
            ("http.request.method", "POST"),
            ("url.template", "/api/v1/tickets.json"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("http.response.status_code", "200"),
        ],
    );
    let seen = &service.app.requests("POST", "/api/v1/tickets").await[0];
    assert_eq!(sender(seen), call.id, "the call names its own span");
    for span in [&accept, &deliver, &call] {
        assert_eq!((span.trace.as_str(), span.failed), (TRACE_ID, false), "{span:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_and_every_call_of_a_retried_event_is_a_span_of_the_one_trace() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    service.app.fault_on("POST", 1, json!({ "status": 503 })).await;
    let record = service.deliver(&created(1, "工单").to_string()).await;
    assert_eq!(record.str("/status"), "delivered", "{}", record.text);
    service.stop().await;

    let spans = collector.spans();
    let attempts: Vec<&Span> = spans.iter().filter(|span| span.name == DELIVER).collect();
    let results: Vec<_> =
        attempts.iter().map(|it| (it.attributes["delivery.result"].as_str(), it.failed)).collect();
    assert_eq!(results, [("retrying", true), ("delivered", false)], "{attempts:?}");
    let calls: Vec<&Span> = spans.iter().filter(|span| span.name == CREATE).collect();
    let seen = service.app.requests("POST", "/api/v1/tickets").await;
    let senders: Vec<String> = seen.iter().map(sender).collect();
    assert_eq!(senders, calls.iter().map(|call| call.id.clone()).collect::<Vec<_>>());
    assert!(calls[0].failed && calls[0].attributes["http.response.status_code"] == "503", "{:?}", calls[0]);
    assert!(attempts.iter().chain(&calls).all(|span| span.trace == TRACE_ID), "{spans:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_in_the_process_that_follows_a_killed_one() {
    let collector = Collector::start();
    let app = TestApp::with(Options { workers: 0, ..Options::default() }).await;
    let to = [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str())];
    // The first process only accepts.
    let only_accepts = [to[0], ("DESKBRIDGE_WORKERS", "0")];
    let first = Exporting { serving: serve(&app, &only_accepts).await, app };
    assert_eq!(send(first.event(&created(1, "工单").to_string())).await.status, 202);
    let accept = collector.span(ACCEPT).await;
    let Exporting { app, mut serving } = first;
    serving.kill().await;

    let _second = serve(&app, &to).await;
    let deliver = collector.span(DELIVER).await;
    assert_eq!((deliver.trace.as_str(), &deliver.parent), (TRACE_ID, &accept.id));
    let call = collector.span(CREATE).await;
    assert_eq!((call.trace.as_str(), &call.parent), (TRACE_ID, &deliver.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_a_batch_is_delivered_in_the_trace_of_the_batch() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    let event = |n: u64| {
        json!({ "specversion": "1.0", "id": format!("evt_{n}"), "source": "/desk", "type": "ticket.created",
            "subject": n.to_string(), "datacontenttype": "application/json", "data": created(n, "工单")["data"] })
    };
    let batch = json!([event(1), event(2), event(3)]).to_string();
    let caller = format!("00-{TRACE_ID}-{CALLER}-01");
    let answer = send(service.event_in(&caller, "application/cloudevents-batch+json", &batch)).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let delivered = async || {
        let spans = collector.spans();
        let attempts: Vec<Span> = spans.into_iter().filter(|span| span.name == DELIVER).collect();
        (attempts.len() == 3).then_some(attempts)
    };
    let attempts = eventually(delivered).await;
    let accept = collector.span(ACCEPT).await;
    assert!(attempts.iter().all(|span| span.trace == TRACE_ID && span.parent == accept.id), "{attempts:?}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_flag_and_the_sampler_say_what_is_exported() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    let caller = format!("00-{TRACE_ID}-{CALLER}-00");
    let unsampled = service.event_in(&caller, "application/json", &created(1, "工单").to_string());
    assert_eq!(send(unsampled.header("prefer", "wait=20")).await.str("/status"), "delivered");
    let seen = &service.app.requests("POST", "/api/v1/tickets").await[0];
    assert!(seen["traceparent"].as_str().unwrap().ends_with("-00"), "the flag is passed on: {seen}");
    service.stop().await;
    assert!(collector.spans().iter().all(|span| span.trace != TRACE_ID), "{:?}", collector.spans());

    let never =
        [("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()), ("OTEL_TRACES_SAMPLER", "always_off")];
    let mut service = Exporting::start(&never).await;
    assert_eq!(service.deliver(&created(1, "工单").to_string()).await.str("/status"), "delivered");
    service.stop().await;
    assert!(collector.spans().iter().all(|span| span.trace != TRACE_ID), "{:?}", collector.spans());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_caller_without_a_trace_begins_one() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    let request = service.event_in("nonsense", "application/json", &created(1, "工单").to_string());
    let record = send(request.header("prefer", "wait=20")).await;
    service.stop().await;
    let (accept, deliver) = (collector.span(ACCEPT).await, collector.span(DELIVER).await);
    assert_eq!((accept.parent.as_str(), &deliver.parent), ("", &accept.id));
    assert_eq!((record.str("/trace_id"), &deliver.trace), (accept.trace.as_str(), &accept.trace));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_ticket_nor_of_an_address_is_in_any_signal() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    let record = service.deliver(&created(1, "张三的秘密工单").to_string()).await;
    assert_eq!(record.str("/status"), "delivered", "{}", record.text);
    for path in ["/wang@example.cn?token=s3cret-query", "/v1/connections/acme/links/ticket/wang@example.cn"] {
        send(service.app.client.get(service.url(path)).bearer_auth(OPS_KEY)).await;
    }
    service.stop().await;
    let everything = collector.everything();
    for private in ["张三的秘密工单", "wang@example.cn", "s3cret-query", OPS_KEY] {
        assert!(!everything.contains(private), "{private}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_the_callers_trace_is_passed_on_as_it_came() {
    let app = TestApp::start().await;
    let traceparent = format!("00-{TRACE_ID}-{CALLER}-01");
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
