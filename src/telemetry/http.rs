//! HTTP, served and called: a span and a duration for each, by OpenTelemetry's semantic conventions (HTTP spans and HTTP
//! metrics, stable since 1.23).
//!
//! No label and no attribute is the caller's word: a route is the pattern of an address, never the address; a method that
//! nobody knows is `_OTHER`; addresses and templates of calls are those of configured vendors.

use std::time::{Duration, Instant};

use opentelemetry::trace::{Status, TraceContextExt};
use opentelemetry_semantic_conventions::attribute::{
    ERROR_TYPE, HTTP_REQUEST_METHOD, HTTP_RESPONSE_STATUS_CODE, HTTP_ROUTE, URL_PATH, URL_SCHEME,
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{metrics::Metrics, trace};

/// Seconds that both histograms count by: those of the conventions.
const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// The methods that the conventions know.
const METHODS: [&str; 10] =
    ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY"];
/// Any other method.
const OTHER: &str = "_OTHER";
/// Why a request has no status: its caller went, or was cut off, before the answer began.
const ABORTED: &str = "aborted";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Served {
    http_request_method: &'static str,
    /// Empty for an address that is none of ours.
    http_route: String,
    /// Empty if no answer began.
    http_response_status_code: Option<u16>,
    url_scheme: &'static str,
    /// The status once more where it is a failure of ours, [`ABORTED`] where there is none, else empty.
    error_type: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    http_request_method: &'static str,
    server_address: String,
    server_port: u16,
    url_template: String,
    /// Empty if no answer began.
    http_response_status_code: String,
    /// Empty if nothing went wrong.
    error_type: &'static str,
}

/// What is counted of HTTP.
pub(super) struct HttpMetrics {
    served: Family<Served, Histogram>,
    called: Family<Call, Histogram>,
}

impl Default for HttpMetrics {
    fn default() -> Self {
        let histogram = || Histogram::new(BUCKETS);
        Self {
            served: Family::new_with_constructor(histogram),
            called: Family::new_with_constructor(histogram),
        }
    }
}

impl HttpMetrics {
    /// Under the conventions' own names, without a prefix.
    pub(super) fn register(&self, registry: &mut Registry) {
        let served = "How long requests took until their answer began";
        registry.register_with_unit(
            "http_server_request_duration",
            served,
            Unit::Seconds,
            self.served.clone(),
        );
        let called = "How long calls of vendors and subscribers took, their answers included";
        registry.register_with_unit(
            "http_client_request_duration",
            called,
            Unit::Seconds,
            self.called.clone(),
        );
    }
}

/// A request that is being served.
pub struct Serving {
    span: Span,
    started: Instant,
    method: &'static str,
    scheme: &'static str,
}

impl Serving {
    /// A request has come, in the trace that its caller names (as [`read`](super::read_traceparent)). Where traces are not exported, only a request that is in
    /// one gets a span: its lines in the log lead to it.
    pub fn begin(method: &str, secure: bool, traceparent: Option<&str>, tracestate: Option<&str>) -> Self {
        let method = METHODS.into_iter().find(|known| *known == method).unwrap_or(OTHER);
        let wanted = trace::is_exported() || traceparent.is_some();
        let span = if wanted { server_span(traceparent, tracestate) } else { Span::none() };
        let scheme = if secure { "https" } else { "http" };
        Self { span, started: Instant::now(), method, scheme }
    }

    /// What its handling is to run in.
    pub fn span(&self) -> Span {
        self.span.clone()
    }

    /// Its answer begins with `status`, or nobody is there any more to be answered. `route` is the pattern of its
    /// address, if it is one of ours; `path` what may be shown of the address itself.
    pub fn end(self, metrics: &Metrics, status: Option<u16>, route: Option<String>, path: Option<String>) {
        let Self { span, started, method, scheme } = self;
        let error_type = match status {
            None => ABORTED.to_owned(),
            Some(status @ 500..) => status.to_string(),
            Some(_) => String::new(),
        };
        if !span.is_none() {
            let name = if method == OTHER { "HTTP" } else { method };
            let name = route.as_ref().map_or_else(|| name.to_owned(), |route| format!("{name} {route}"));
            // A field of the tracing span would be too late: the other one has begun.
            span.context().span().update_name(name);
            span.set_attribute(HTTP_REQUEST_METHOD, method);
            status
                .iter()
                .for_each(|status| span.set_attribute(HTTP_RESPONSE_STATUS_CODE, i64::from(*status)));
            span.set_attribute(URL_SCHEME, scheme);
            route.iter().for_each(|route| span.set_attribute(HTTP_ROUTE, route.clone()));
            path.into_iter().for_each(|path| span.set_attribute(URL_PATH, path));
            if !error_type.is_empty() {
                span.set_attribute(ERROR_TYPE, error_type.clone());
                span.set_status(Status::error(""));
            }
        }
        let labels = Served {
            http_request_method: method,
            http_route: route.unwrap_or_default(),
            http_response_status_code: status,
            url_scheme: scheme,
            error_type,
        };
        metrics.http.served.get_or_create(&labels).observe(started.elapsed().as_secs_f64());
    }
}

fn server_span(traceparent: Option<&str>, tracestate: Option<&str>) -> Span {
    let span = tracing::info_span!("request", otel.kind = "server");
    trace::follow(&span, traceparent, tracestate);
    span
}

/// An HTTP call of a vendor or a subscriber that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Called<'a> {
    /// In capitals.
    pub method: &'static str,
    /// Host of the configured address.
    pub server: &'a str,
    /// Its port.
    pub port: u16,
    /// The path with `{id}` for whatever is variable in it; empty if it is not to be shown.
    pub template: &'a str,
    /// If an answer began.
    pub status: Option<u16>,
    /// `ok`, or what went wrong, in one of few words.
    pub code: &'static str,
    /// From sending to the last byte of the answer.
    pub duration: Duration,
}

impl Metrics {
    /// A call has ended.
    pub fn called(&self, call: Called<'_>) {
        let labels = Call {
            http_request_method: call.method,
            server_address: call.server.to_owned(),
            server_port: call.port,
            url_template: call.template.to_owned(),
            http_response_status_code: call.status.map(|status| status.to_string()).unwrap_or_default(),
            error_type: if call.code == "ok" { "" } else { call.code },
        };
        self.http.called.get_or_create(&labels).observe(call.duration.as_secs_f64());
    }
}
