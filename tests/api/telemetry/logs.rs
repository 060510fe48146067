//! The log: each line leads to its trace, on standard error and at the collector.

use serde_json::{Value, json};

use super::{CALLER, Exporting, TRACE_ID, collector::Collector};
use crate::harness::*;

/// The lines of standard error that say this.
fn lines(log: &str, message: &str) -> Vec<Value> {
    let lines = log.lines().map(|line| serde_json::from_str(line).expect("every line is JSON"));
    lines.filter(|line: &Value| line["message"] == message).collect()
}

/// An event that can't be delivered, so that there is something to tell.
async fn refused(service: &Exporting) -> Answer {
    service.app.fault_on("POST", 0, json!({ "status": 400 })).await;
    let record = service.deliver(&created(1, "工单").to_string()).await;
    assert_eq!(record.status, 200, "{}", record.text);
    record
}

const TOLD: &str = "needs an operator: see the event's record";

#[tokio::test(flavor = "multi_thread")]
async fn a_line_has_the_trace_it_stands_in_without_any_collector() {
    let mut service = Exporting::start(&[("DESKBRIDGE_LOG", "warn,deskbridge::app=info")]).await;
    refused(&service).await;
    service.stop().await;
    let told = lines(&service.serving.log(), TOLD);
    let [line] = &told[..] else { panic!("{told:?}") };
    assert_eq!(line["trace_id"], TRACE_ID);
    let span = line["span_id"].as_str().expect("a span");
    assert!(span.len() == 16 && span != CALLER, "{line}");
    assert!(lines(&service.serving.log(), "listening")[0].get("trace_id").is_none(), "there is no trace yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_on_standard_error_and_at_the_collector_leads_to_the_span_it_stands_in() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    refused(&service).await;
    service.stop().await;
    let attempt = collector.span("deliver acme").await;
    let line = &lines(&service.serving.log(), TOLD)[0];
    assert_eq!(
        (line["trace_id"].as_str(), line["span_id"].as_str()),
        (Some(TRACE_ID), Some(attempt.id.as_str()))
    );
    let exported = collector.lines();
    let exported = exported.iter().find(|line| format!("{:?}", line.body).contains(TOLD)).expect("the line");
    assert_eq!(
        (hex::encode(&exported.trace_id), hex::encode(&exported.span_id)),
        (attempt.trace, attempt.id)
    );
    assert_eq!(exported.severity_text, "WARN");
}
