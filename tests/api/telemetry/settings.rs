//! The standard variables, as the program takes them.

use super::{CALLER, TRACE_ID};
use super::{
    Exporting,
    collector::{Attributes, Collector},
};
use crate::harness::*;

#[tokio::test(flavor = "multi_thread")]
async fn every_signal_says_who_sends_it_and_carries_the_headers_it_was_given() {
    let collector = Collector::start();
    let mut service = Exporting::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=%E5%AE%A2%E6%9C%8D,x-key=k3y"),
        ("OTEL_SERVICE_NAME", "bridge-1"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.name=unused"),
    ])
    .await;
    service.deliver(&created(1, "工单").to_string()).await;
    service.stop().await;
    let resources = collector.resources().map(|resource| resource.expect("every signal came"));
    let [of_traces, of_metrics, of_logs] = &resources;
    assert_eq!((of_traces, of_traces), (of_metrics, of_logs), "all are of one instance");
    let of = |name: &str| of_traces.get(name).map(String::as_str);
    assert_eq!(
        (of("service.name"), of("service.version")),
        (Some("bridge-1"), Some(env!("CARGO_PKG_VERSION")))
    );
    assert_eq!(of("deployment.environment.name"), Some("test"));
    assert_eq!(of("service.instance.id").map(str::len), Some(36));
    let heads: Vec<(String, Attributes)> = collector.heads();
    assert!(
        heads.iter().all(|(_, headers)| headers["x-key"] == "k3y" && headers["x-tenant"] == "客服"),
        "{heads:?}"
    );
    for path in ["/v1/traces", "/v1/metrics", "/v1/logs"] {
        assert!(heads.iter().any(|(asked, _)| asked == path), "{path}: {heads:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_is_turned_off_by_itself_or_with_all_others() {
    for (variables, expected) in [
        (&[("OTEL_TRACES_EXPORTER", "none"), ("OTEL_LOGS_EXPORTER", "none")][..], [false, true, false]),
        (&[("OTEL_METRICS_EXPORTER", "none")][..], [true, false, true]),
        (&[("OTEL_SDK_DISABLED", "true")][..], [false, false, false]),
    ] {
        let collector = Collector::start();
        let all = [variables, &[("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str())]].concat();
        let mut service = Exporting::start(&all).await;
        assert_eq!(service.deliver(&created(1, "工单").to_string()).await.str("/status"), "delivered");
        let page = send(service.app.client.get(service.url("/metrics"))).await.text;
        assert!(page.contains("deskbridge_deliveries_total{"), "the page is there: {variables:?}");
        service.stop().await;
        assert_eq!(collector.resources().map(|resource| resource.is_some()), expected, "{variables:?}");
    }
}

/// The sampler, its argument, and whether the spans of a caller who asks for a trace, and of one who doesn't, are sent.
const SAMPLERS: [(&str, &str, bool, bool); 8] = [
    ("always_on", "", true, true),
    ("always_off", "", false, false),
    ("traceidratio", "1", true, true),
    ("traceidratio", "0", false, false),
    ("parentbased_always_on", "", true, false),
    ("parentbased_always_off", "", true, false),
    ("parentbased_traceidratio", "0", true, false),
    ("parentbased_traceidratio", "1", true, false),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_sampler_does_what_it_is_called() {
    for (sampler, argument, sampled, unsampled) in SAMPLERS {
        let collector = Collector::start();
        let mut service = Exporting::start(&[
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &format!("{}/v1/traces", collector.url)),
            ("OTEL_TRACES_SAMPLER", sampler),
            ("OTEL_TRACES_SAMPLER_ARG", argument),
        ])
        .await;
        let unasked = TRACE_ID.replace('4', "5");
        for (trace, flags) in [(TRACE_ID, "01"), (&unasked, "00")] {
            let request = service.app.client.get(service.url("/livez"));
            send(request.header("traceparent", format!("00-{trace}-{CALLER}-{flags}"))).await;
        }
        service.stop().await;
        let sent = [TRACE_ID, &unasked].map(|trace| collector.spans().iter().any(|span| span.trace == trace));
        assert_eq!(sent, [sampled, unsampled], "{sampler} {argument}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_goes_to_its_own_address_with_its_own_headers() {
    let (common, own) = (Collector::start(), Collector::start());
    let mut service = Exporting::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &common.url),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", &format!("{}/v1/logs", own.url)),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", &format!("{}/v1/metrics", own.url)),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=common"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "x-key=logs"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "x-key=metrics"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "none"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Cumulative"),
        ("OTEL_PROPAGATORS", "tracecontext,baggage"),
    ])
    .await;
    service.deliver(&created(1, "工单").to_string()).await;
    service.stop().await;
    let sent = |collector: &Collector| {
        let heads = collector.heads().into_iter();
        let mut sent: Vec<_> = heads.map(|(path, headers)| (path, headers["x-key"].clone())).collect();
        sent.sort();
        sent.dedup();
        sent
    };
    let is = |path: &str, key: &str| (path.to_owned(), key.to_owned());
    assert_eq!(sent(&common), [is("/v1/traces", "common")]);
    assert_eq!(sent(&own), [is("/v1/logs", "logs"), is("/v1/metrics", "metrics")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_export_and_no_span_is_larger_than_it_may_be() {
    let collector = Collector::start();
    let mut service = Exporting::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "1"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "3"),
    ])
    .await;
    service.deliver(&created(1, "工单").to_string()).await;
    service.stop().await;
    let (spans, lines) = collector.batches();
    assert!(spans.len() > 1 && spans.iter().all(|batch| *batch <= 2), "{spans:?}");
    assert!(lines.len() > 1 && lines.iter().all(|batch| *batch == 1), "{lines:?}");
    let spans = collector.spans();
    assert!(spans.iter().all(|span| span.attributes.len() <= 3), "{spans:?}");
}

#[tokio::test]
async fn a_variable_that_cannot_be_followed_ends_the_start_with_what_to_do() {
    for (name, value, advice) in [
        ("OTEL_SDK_DISABLED", "perhaps", "true or false"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/json", "http/protobuf"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip", "none"),
        ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "k3y", "name=value"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "at least 1"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem", "trust"),
        ("OTEL_METRICS_EXPORTER", "prometheus", "otlp or none"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "0", "at least 1"),
        ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "delta", "cumulative"),
        ("OTEL_TRACES_SAMPLER", "xray", "parentbased_always_on"),
        ("OTEL_TRACES_SAMPLER_ARG", "2", "from 0 to 1"),
        ("OTEL_PROPAGATORS", "b3", "tracecontext"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "-1", "at least 1"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "soon", "at least 1"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "none", "at least 1"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "http://HOST:4318"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = serve_command(folder.path());
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9").env(name, value);
        let output = run_to_end(command).await;
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(name) && told.contains(advice), "{told}");
    }
}
