//! Traces and logs on their way to a collector, by OTLP over HTTP. Each has a queue of a fixed length
//! (`OTEL_BSP_MAX_QUEUE_SIZE`, `OTEL_BLRP_MAX_QUEUE_SIZE`: 2048 unless told otherwise) and a thread that empties it; what
//! doesn't fit is dropped.

use std::time::Duration;

use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    logs::{LogBatch, LogExporter, SdkLoggerProvider},
    resource::{EnvResourceDetector, TelemetryResourceDetector},
    trace::{BatchSpanProcessor, SdkTracerProvider, Span, SpanData, SpanExporter, SpanProcessor},
};
use opentelemetry_semantic_conventions::resource::{SERVICE_INSTANCE_ID, SERVICE_NAME, SERVICE_VERSION};

use super::{SERVICE, complaint::Complaint, trace, variables::Variables};

/// Longest wait for a collector at the end of the process.
pub(super) const FLUSH: Duration = Duration::from_secs(3);

/// Who sends: what the environment says of it wins over what is known here.
pub(super) fn resource(variables: &Variables<'_>) -> Resource {
    let known = [
        KeyValue::new(SERVICE_NAME, SERVICE),
        KeyValue::new(SERVICE_VERSION, env!("CARGO_PKG_VERSION")),
        KeyValue::new(SERVICE_INSTANCE_ID, instance()),
    ];
    let resource = Resource::builder_empty()
        .with_attributes(known)
        .with_detectors(&[Box::new(TelemetryResourceDetector), Box::new(EnvResourceDetector::new())]);
    match variables.service() {
        Some(name) => resource.with_service_name(name).build(),
        None => resource.build(),
    }
}

/// A random UUID (RFC 9562, version 4): each start is another instance.
fn instance() -> String {
    let [a, b, c, d]: [u16; 4] = rand::random();
    let (first, last): (u32, u32) = rand::random();
    format!("{first:08x}-{a:04x}-4{:03x}-{:04x}-{last:08x}{d:04x}", b & 0xfff, 0x8000 | (c & 0x3fff))
}

/// Spans as they end.
pub(super) fn traces(resource: Resource) -> Result<SdkTracerProvider, String> {
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_http().build();
    let told = Told::new("traces", exporter.map_err(|_| unstarted("traces"))?);
    let kept = Remembered(BatchSpanProcessor::builder(told).build());
    Ok(SdkTracerProvider::builder().with_span_processor(kept).with_resource(resource).build())
}

/// Lets no span wait that is not to be collected.
#[derive(Debug)]
struct Remembered(BatchSpanProcessor);

impl SpanProcessor for Remembered {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if !trace::is_forgotten(&span) {
            self.0.on_end(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// The lines of the log.
pub(super) fn logs(resource: Resource) -> Result<SdkLoggerProvider, String> {
    let exporter = opentelemetry_otlp::LogExporter::builder().with_http().build();
    let told = Told::new("logs", exporter.map_err(|_| unstarted("logs"))?);
    Ok(SdkLoggerProvider::builder().with_batch_exporter(told).with_resource(resource).build())
}

/// The SDK's own words quote the collector's address, which may hold a password.
fn unstarted(signal: &str) -> String {
    format!("the exporter of {signal} can't start; look at the variables OTEL_EXPORTER_OTLP_…")
}

/// An exporter whose failures are told in the log.
#[derive(Debug)]
struct Told<E> {
    exporter: E,
    complaint: Complaint,
}

impl<E> Told<E> {
    fn new(signal: &'static str, exporter: E) -> Self {
        Self { exporter, complaint: Complaint::new(signal) }
    }
}

impl<E: SpanExporter> SpanExporter for Told<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.complaint.about(self.exporter.export(batch).await)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for Told<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        self.complaint.about(self.exporter.export(batch).await)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
