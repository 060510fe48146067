//! A receiver of OTLP over HTTP that decodes what it is sent.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev::ServerHandle, web};
use opentelemetry_proto::tonic::{
    collector::{
        logs::v1::ExportLogsServiceRequest, metrics::v1::ExportMetricsServiceRequest,
        trace::v1::ExportTraceServiceRequest,
    },
    common::v1::{KeyValue, any_value::Value},
    logs::v1::LogRecord,
    metrics::v1::{Metric, metric::Data},
    trace::v1::{Span as Sent, span::SpanKind, status::StatusCode},
};
use prost::Message;

use crate::harness::eventually;

pub(super) type Attributes = BTreeMap<String, String>;

/// What was received so far.
#[derive(Default)]
struct Received {
    traces: Vec<ExportTraceServiceRequest>,
    metrics: Vec<ExportMetricsServiceRequest>,
    logs: Vec<ExportLogsServiceRequest>,
    /// Every request's path and headers.
    heads: Vec<(String, Attributes)>,
}

/// A collector on a free port. Dropped, it stops.
pub(super) struct Collector {
    pub(super) url: String,
    received: Arc<Mutex<Received>>,
    server: ServerHandle,
}

/// A span, with ids in hexadecimal digits.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) name: String,
    pub(super) kind: SpanKind,
    pub(super) trace: String,
    pub(super) id: String,
    pub(super) parent: String,
    pub(super) state: String,
    pub(super) attributes: Attributes,
    pub(super) failed: bool,
}

impl Collector {
    /// One that takes everything.
    pub(super) fn start() -> Self {
        Self::answering(200)
    }

    /// One that answers with this status.
    pub(super) fn answering(status: u16) -> Self {
        let received = Arc::new(Mutex::new(Received::default()));
        let taken = received.clone();
        let app = move || {
            let taken = taken.clone();
            let take = move |request: HttpRequest, body: web::Bytes| {
                take(&mut taken.lock().expect("nobody panicked"), &request, &body);
                async move { HttpResponse::build(status.try_into().expect("a status")).finish() }
            };
            App::new().app_data(web::PayloadConfig::new(64 << 20)).default_service(web::to(take))
        };
        let server =
            HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, received, server: handle }
    }

    fn read<T>(&self, read: impl FnOnce(&Received) -> T) -> T {
        read(&self.received.lock().expect("nobody panicked"))
    }

    /// Every span received.
    pub(super) fn spans(&self) -> Vec<Span> {
        self.read(|received| {
            let scopes = received.traces.iter().flat_map(|request| &request.resource_spans);
            scopes.flat_map(|of| &of.scope_spans).flat_map(|scope| &scope.spans).map(span).collect()
        })
    }

    /// How many spans and lines each of their exports had.
    pub(super) fn batches(&self) -> (Vec<usize>, Vec<usize>) {
        self.read(|received| {
            let spans = received.traces.iter().map(|request| {
                let scopes = request.resource_spans.iter().flat_map(|of| &of.scope_spans);
                scopes.map(|scope| scope.spans.len()).sum()
            });
            let lines = received.logs.iter().map(|request| {
                let scopes = request.resource_logs.iter().flat_map(|of| &of.scope_logs);
                scopes.map(|scope| scope.log_records.len()).sum()
            });
            (spans.collect(), lines.collect())
        })
    }

    /// The first span of this name, once it is here.
    pub(super) async fn span(&self, name: &str) -> Span {
        eventually(async || self.spans().into_iter().find(|span| span.name == name)).await
    }

    /// Every line received.
    pub(super) fn lines(&self) -> Vec<LogRecord> {
        self.read(|received| {
            let scopes = received.logs.iter().flat_map(|request| &request.resource_logs);
            scopes.flat_map(|of| &of.scope_logs).flat_map(|scope| scope.log_records.clone()).collect()
        })
    }

    /// The metrics of the last export; none before the first.
    pub(super) fn metrics(&self) -> Vec<Metric> {
        self.read(|received| {
            let last = received.metrics.last().into_iter().flat_map(|request| &request.resource_metrics);
            last.flat_map(|of| &of.scope_metrics).flat_map(|scope| scope.metrics.clone()).collect()
        })
    }

    /// The attributes of who sends, of each signal: traces, metrics, logs.
    pub(super) fn resources(&self) -> [Option<Attributes>; 3] {
        self.read(|received| {
            let traces =
                received.traces.first().and_then(|request| request.resource_spans[0].resource.as_ref());
            let metrics =
                received.metrics.first().and_then(|request| request.resource_metrics[0].resource.as_ref());
            let logs = received.logs.first().and_then(|request| request.resource_logs[0].resource.as_ref());
            [traces, metrics, logs].map(|resource| Some(attributes(&resource?.attributes)))
        })
    }

    /// The paths asked for and the headers that came along.
    pub(super) fn heads(&self) -> Vec<(String, Attributes)> {
        self.read(|received| received.heads.clone())
    }

    /// Everything received, as it prints.
    pub(super) fn everything(&self) -> String {
        self.read(|received| format!("{:?}{:?}{:?}", received.traces, received.metrics, received.logs))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

fn take(received: &mut Received, request: &HttpRequest, body: &[u8]) {
    match request.path() {
        "/v1/traces" => received.traces.push(ExportTraceServiceRequest::decode(body).expect("spans")),
        "/v1/metrics" => received.metrics.push(ExportMetricsServiceRequest::decode(body).expect("metrics")),
        "/v1/logs" => received.logs.push(ExportLogsServiceRequest::decode(body).expect("lines")),
        other => panic!("nothing is sent to {other}"),
    }
    let headers = request.headers().iter();
    let headers = headers
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    received.heads.push((request.path().to_owned(), headers));
}

fn span(sent: &Sent) -> Span {
    Span {
        name: sent.name.clone(),
        kind: sent.kind(),
        trace: hex::encode(&sent.trace_id),
        id: hex::encode(&sent.span_id),
        parent: hex::encode(&sent.parent_span_id),
        state: sent.trace_state.clone(),
        attributes: attributes(&sent.attributes),
        failed: sent.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error),
    }
}

/// Attributes as text.
pub(super) fn attributes(given: &[KeyValue]) -> Attributes {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(truth) => truth.to_string(),
        Value::DoubleValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let value = |given: &KeyValue| given.value.as_ref()?.value.as_ref().map(text);
    given.iter().map(|given| (given.key.clone(), value(given).unwrap_or_default())).collect()
}

/// Of a metric's points: attributes, and the value or the count.
pub(super) fn points(metric: &Metric) -> Vec<(Attributes, String)> {
    use opentelemetry_proto::tonic::metrics::v1::{NumberDataPoint, number_data_point};
    let number = |point: &NumberDataPoint| {
        let value = match point.value.expect("a value") {
            number_data_point::Value::AsInt(whole) => whole.to_string(),
            number_data_point::Value::AsDouble(number) => number.to_string(),
        };
        (attributes(&point.attributes), value)
    };
    match metric.data.as_ref().expect("data") {
        Data::Sum(sum) => sum.data_points.iter().map(number).collect(),
        Data::Gauge(gauge) => gauge.data_points.iter().map(number).collect(),
        Data::Histogram(histogram) => {
            let points = histogram.data_points.iter();
            points.map(|point| (attributes(&point.attributes), point.count.to_string())).collect()
        }
        other => panic!("no such data is sent: {other:?}"),
    }
}
