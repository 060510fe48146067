//! Traces of what polling finds.

use serde_json::{Value, json};

use super::{collector::Collector, serve};
use crate::harness::*;

const API: &str = "{ base_url: UDESK, v1: { secret: file:udesk-secret }, requests_per_minute: 100000 }";

/// Readings of the source's list that have come to their end.
fn readings(collector: &Collector) -> usize {
    collector.spans().iter().filter(|span| span.name == "poll acme").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_found_before_begins_no_other_trace() {
    let collector = Collector::start();
    // Each reading looks at all that changed since 2026 again.
    let poll = "{ every_s: 1, since: 2026-01-01T00:00:00Z }";
    let options = Options { api: API.into(), poll: poll.into(), workers: 0, ..Options::default() };
    let app = TestApp::with(Options { poll: String::new(), ..options.clone() }).await;
    write_config(app.folder.path(), &app.sandbox, &options);
    let made = json!({ "subject": "轮询到的工单", "content": "三楼" });
    let address = format!("{}/_sandbox/tickets", app.sandbox.udesk_url());
    let made: Value = send(app.client.post(address).json(&made)).await.json;
    assert!(made["ticket"]["id"].is_u64(), "{made}");

    let mut serving = serve(&app, &[("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str())]).await;
    let deliver = collector.span("deliver acme").await;
    eventually(async || (readings(&collector) >= 3).then_some(())).await;
    serving.terminate().await;
    assert!(serving.ended().await.success(), "{}", serving.log());
    let spans = collector.spans();
    let found: Vec<_> = spans.iter().filter(|span| span.name == "find acme").collect();
    let [find] = found[..] else { panic!("{found:?}") };
    assert_eq!((&deliver.trace, &deliver.parent), (&find.trace, &find.id));
}
