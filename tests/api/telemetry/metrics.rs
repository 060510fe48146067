//! Metrics by OTLP: the same that `/metrics` says.

use super::{
    Exporting,
    collector::{Attributes, Collector, points},
};
use crate::harness::*;

fn has(given: &Attributes, expected: &[(&str, &str)]) -> bool {
    expected.iter().all(|(name, value)| given.get(*name).is_some_and(|given| given == value))
}

/// The value of the point with these attributes, once there is one.
async fn value(collector: &Collector, name: &str, expected: &[(&str, &str)]) -> String {
    eventually(async || {
        let metric = collector.metrics().into_iter().find(|metric| metric.name == name)?;
        points(&metric).into_iter().find(|(given, _)| has(given, expected)).map(|(_, value)| value)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_arrives_with_its_name_type_and_labels() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    assert_eq!(service.deliver(&created(1, "工单").to_string()).await.str("/status"), "delivered");
    service.stop().await;

    let of = [("connection", "acme")];
    assert_eq!(value(&collector, "deskbridge_events_accepted", &[of[0], ("result", "new")]).await, "1");
    assert_eq!(value(&collector, "deskbridge_deliveries", &[of[0], ("result", "delivered")]).await, "1");
    assert_eq!(value(&collector, "deskbridge_delivery_seconds", &of).await, "1");
    assert_eq!(value(&collector, "deskbridge_connection_state", &[of[0], ("state", "closed")]).await, "1");
    let route = ("http.route", "/v1/connections/{connection}/events");
    let request = [
        ("http.request.method", "POST"),
        route,
        ("http.response.status_code", "200"),
        ("url.scheme", "http"),
    ];
    assert_eq!(value(&collector, "http.server.request.duration", &request).await, "1");
    let call = [
        ("url.template", "/api/v1/tickets.json"),
        ("http.request.method", "POST"),
        ("server.address", "127.0.0.1"),
    ];
    assert_eq!(value(&collector, "http.client.request.duration", &call).await, "1");
    let metrics = collector.metrics();
    let duration =
        metrics.iter().find(|metric| metric.name == "http.server.request.duration").expect("it is sent");
    assert_eq!(duration.unit, "s");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_of_the_page_is_exported_and_no_other() {
    let collector = Collector::start();
    let mut service = Exporting::to(&collector.url).await;
    service.deliver(&created(1, "工单").to_string()).await;
    let page = send(service.app.client.get(service.url("/metrics"))).await.text;
    service.stop().await;
    // A family without a series has a type and nothing else.
    let samples = |name: &str| page.lines().any(|line| line.starts_with(name));
    let typed = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let mut shown: Vec<String> = typed.filter(|name| samples(name)).map(str::to_owned).collect();
    let spoken = |name: String| match name.strip_prefix("http.") {
        Some(rest) => format!("http_{}_seconds", rest.replace('.', "_")),
        None => name,
    };
    let mut sent: Vec<String> = collector.metrics().into_iter().map(|metric| spoken(metric.name)).collect();
    shown.sort();
    sent.sort();
    assert_eq!(sent, shown);
}
