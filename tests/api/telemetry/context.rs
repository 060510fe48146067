//! The headers of W3C Trace Context, as callers may write them.

use super::{CALLER, Exporting, TRACE_ID, collector::Collector};
use crate::harness::*;

const ACCEPT: &str = "POST /v1/connections/{connection}/events";

#[tokio::test(flavor = "multi_thread")]
async fn a_traceparent_of_a_later_version_is_followed_as_far_as_it_is_known() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    let later = format!("cc-{TRACE_ID}-{CALLER}-01-what-the-future-brings");
    let body = created(1, "工单").to_string();
    let record = send(service.event_in(&later, "application/json", &body).header("prefer", "wait=20")).await;
    assert_eq!(record.str("/trace_id"), TRACE_ID, "{}", record.text);
    service.stop().await;
    let accept = collector.span(ACCEPT).await;
    assert_eq!((accept.trace.as_str(), accept.parent.as_str()), (TRACE_ID, CALLER));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_collector_a_later_version_is_passed_on_as_the_one_that_is_known() {
    let app = TestApp::start().await;
    let body = created(1, "工单").to_string();
    let later = format!("01-{TRACE_ID}-{CALLER}-ff-more");
    let request = app.signed(body.as_bytes()).header("traceparent", later).header("prefer", "wait=10");
    assert_eq!(send(request).await.str("/trace_id"), TRACE_ID);
    let passed_on = app.requests("POST", "/api/v1/tickets").await[0]["traceparent"].clone();
    assert_eq!(passed_on, format!("00-{TRACE_ID}-{CALLER}-01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_of_two_traces_or_of_a_forbidden_version_is_in_none() {
    let app = TestApp::start().await;
    let other = format!("00-{}-{CALLER}-01", TRACE_ID.replace('4', "5"));
    let caller = format!("00-{TRACE_ID}-{CALLER}-01");
    for (id, given) in [(1, vec![caller.clone(), other]), (2, vec![caller.replacen("00", "ff", 1)])] {
        let body = created(id, "工单").to_string();
        let request = app.signed(body.as_bytes()).header("prefer", "wait=10");
        let request = given.iter().fold(request, |request, it| request.header("traceparent", it));
        let record = send(request).await;
        assert_eq!(record.str("/trace_id").len(), 32, "{}", record.text);
        assert!(!given.iter().any(|it| it.contains(record.str("/trace_id"))), "{}", record.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracestate_in_several_headers_is_one_list() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    for (id, parts, kept) in [
        (1, &["acme=1,globex=2", "hooli=3"][..], "acme=1,globex=2,hooli=3"),
        (2, &[&*format!("acme={}", "1".repeat(260)), &*format!("hooli={}", "3".repeat(260))], ""),
    ] {
        let request = service.event(&created(id, "工单").to_string());
        let request = parts.iter().fold(request, |request, part| request.header("tracestate", *part));
        assert_eq!(send(request).await.status, 202);
        let of = |state: &str| {
            collector.spans().into_iter().any(|span| span.name == ACCEPT && span.state == state)
        };
        eventually(async || of(kept).then_some(())).await;
    }
    service.stop().await;
}
