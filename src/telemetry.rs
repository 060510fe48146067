//! Logs, metrics and traces. Every name that an operator's dashboard relies on stands here.

mod drift;
mod pace;
mod poll;
mod store;
mod ticketview;

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use opentelemetry::{propagation::TextMapPropagator, trace::TracerProvider as _};
use opentelemetry_sdk::{propagation::TraceContextPropagator, trace::SdkTracerProvider};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use self::{drift::Drifts, pace::Paces, poll::Polls, store::StoreMetrics, ticketview::TicketViewMetrics};
pub use self::{drift::Standing, pace::Pace, poll::Polled, store::StoreBytes};

/// Seconds that a delivery's histogram counts by.
const DELIVERY_BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];
/// The name of traces' service, unless `OTEL_SERVICE_NAME` says otherwise.
const SERVICE: &str = "deskbridge";
/// The variables that turn the export of traces on (OpenTelemetry, "OTLP exporter configuration").
const OTLP: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

/// Labels of a metric about a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfConnection {
    connection: String,
}

/// Labels of a metric that counts results of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithResult {
    connection: String,
    result: &'static str,
}

/// Labels of the metric that counts refusals. Not the connection: its name is the caller's word.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithCode {
    code: &'static str,
}

/// Labels of the metric that counts values without an arm. Not the value: it is somebody's data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithTable {
    connection: String,
    table: String,
}

/// Labels of the metric that counts how often the configuration was read again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OnlyResult {
    result: &'static str,
}

/// The service's metrics.
pub struct Metrics {
    registry: Registry,
    accepted: Family<WithResult, Counter>,
    refused: Family<WithCode, Counter>,
    deliveries: Family<WithResult, Counter>,
    delivery_seconds: Family<OfConnection, Histogram>,
    unmapped: Family<WithTable, Counter>,
    waiting: Family<WithResult, Gauge>,
    waiting_age_s: Gauge<f64, AtomicU64>,
    ticketviews: TicketViewMetrics,
    drifts: Drifts,
    polls: Polls,
    paces: Paces,
    reloads: Family<OnlyResult, Counter>,
    configured_s: Gauge,
    refused_files: Gauge,
    commits: Counter,
    statements: Counter,
    store: StoreMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics at zero.
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("deskbridge"),
            accepted: Family::default(),
            refused: Family::default(),
            deliveries: Family::default(),
            delivery_seconds: Family::new_with_constructor(|| Histogram::new(DELIVERY_BUCKETS)),
            unmapped: Family::default(),
            waiting: Family::default(),
            waiting_age_s: Gauge::default(),
            ticketviews: TicketViewMetrics::default(),
            drifts: Drifts::default(),
            polls: Polls::default(),
            paces: Paces::default(),
            reloads: Family::default(),
            configured_s: Gauge::default(),
            refused_files: Gauge::default(),
            commits: Counter::default(),
            statements: Counter::default(),
            store: StoreMetrics::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("events_accepted", "Events on disk, new or duplicate", self.accepted.clone());
        registry.register("events_refused", "Requests that stored nothing, by code", self.refused.clone());
        registry.register("deliveries", "Attempts ended, by the status they led to", self.deliveries.clone());
        let seconds = "From claim to settlement of an attempt, in seconds";
        registry.register("delivery_seconds", seconds, self.delivery_seconds.clone());
        let unmapped =
            "Events parked because of a value that the mapping doesn't know, by what has no arm for it";
        registry.register("unmapped_values", unmapped, self.unmapped.clone());
        registry.register("events_waiting", "Events that hold their lane, by status", self.waiting.clone());
        let age =
            "Seconds since the events that wait were counted: the more they are, the rarer that is done";
        registry.register("events_waiting_age_seconds", age, self.waiting_age_s.clone());
        self.ticketviews.register(registry);
        self.drifts.register(registry);
        self.polls.register(registry);
        self.paces.register(registry);
        let reloads = "Changed configurations, applied or refused";
        registry.register("configuration_reloads", reloads, self.reloads.clone());
        let since = "When the configuration in force was applied, in Unix seconds";
        registry.register("configuration_applied_timestamp_seconds", since, self.configured_s.clone());
        let refused = "1 while the files have changed and are refused, else 0";
        registry.register("configuration_refused", refused, self.refused_files.clone());
        registry.register("store_commits", "Transactions on disk", self.commits.clone());
        registry.register("store_statements", "SQL statements of the writer", self.statements.clone());
        self.store.register(registry);
    }

    /// An event was accepted.
    pub fn accepted(&self, connection: &str, duplicate: bool) {
        let result = if duplicate { "duplicate" } else { "new" };
        self.accepted.get_or_create(&WithResult { connection: connection.into(), result }).inc();
    }

    /// A request was refused with a problem's code.
    pub fn refused(&self, code: &'static str) {
        self.refused.get_or_create(&WithCode { code }).inc();
    }

    /// An attempt ended with this status after so many seconds.
    pub fn delivery(&self, connection: &str, result: &'static str, seconds: f64) {
        self.deliveries.get_or_create(&WithResult { connection: connection.into(), result }).inc();
        self.delivery_seconds.get_or_create(&OfConnection { connection: connection.into() }).observe(seconds);
    }

    /// An event was parked because this table has no arm for a value.
    pub fn unmapped(&self, connection: &str, table: &str) {
        let labels = WithTable { connection: connection.into(), table: table.into() };
        self.unmapped.get_or_create(&labels).inc();
    }

    /// The first configuration is in force.
    pub fn configured(&self, at: jiff::Timestamp) {
        self.configured_s.set(at.as_second());
        self.refused_files.set(0);
    }

    /// A changed configuration has taken the place of the one before.
    pub fn reconfigured(&self, at: jiff::Timestamp) {
        self.configured(at);
        self.reloads.get_or_create(&OnlyResult { result: "applied" }).inc();
    }

    /// A changed configuration is refused.
    pub fn configuration_refused(&self) {
        self.refused_files.set(1);
        self.reloads.get_or_create(&OnlyResult { result: "refused" }).inc();
    }

    /// The text of `/metrics`, with the figures that only the store knows: `waiting` was counted `age` ago.
    pub fn render(
        &self,
        (commits, statements): (u64, u64),
        waiting: &[(String, &'static str, u64)],
        age: Duration,
    ) -> Result<String, std::fmt::Error> {
        self.commits.inner().store(commits, Ordering::Relaxed);
        self.statements.inner().store(statements, Ordering::Relaxed);
        self.waiting_age_s.set(age.as_secs_f64());
        self.waiting.clear();
        for (connection, result, events) in waiting {
            let labels = WithResult { connection: connection.clone(), result };
            self.waiting.get_or_create(&labels).set(i64::try_from(*events).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Keeps traces flowing; `shutdown` sends what waits.
#[derive(Default)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
}

/// Starts logging by `filter`, as JSON lines if `json` says so or, unsaid, where standard error is no terminal;
/// and the export of traces where the environment names a collector.
///
/// Error: the filter or an `OTEL_` variable can't be read.
pub fn start(filter: &str, json: Option<bool>) -> Result<Telemetry, String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("the log filter {filter:?}: {error}"))?;
    let json = json.unwrap_or_else(|| !std::io::stderr().is_terminal());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if json { lines.json().flatten_event(true).boxed() } else { lines.boxed() };
    let traces =
        if OTLP.iter().any(|name| std::env::var_os(name).is_some()) { Some(exporter()?) } else { None };
    let spans = traces.as_ref().map(|provider| {
        tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE)).with_filter(filter.clone())
    });
    let started = tracing_subscriber::registry().with(spans).with(lines.with_filter(filter)).try_init();
    started.map_err(|error| error.to_string())?;
    Ok(Telemetry { traces })
}

fn exporter() -> Result<SdkTracerProvider, String> {
    let exporter =
        opentelemetry_otlp::SpanExporter::builder().with_http().build().map_err(|e| e.to_string())?;
    let resource = opentelemetry_sdk::Resource::builder();
    let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
    let resource = if named { resource } else { resource.with_service_name(SERVICE) };
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build())
}

impl Telemetry {
    /// Sends what waits. Blocks for as long as the exporter allows itself.
    pub fn shutdown(self) {
        if let Some(Err(error)) = self.traces.map(|provider| provider.shutdown()) {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// A traceparent for a request that came without one (W3C Trace Context, version 00), not sampled: no one
/// upstream asked for a trace.
pub fn new_traceparent() -> String {
    let (trace, parent): (u128, u64) = (rand::random(), rand::random());
    format!("00-{:032x}-{:016x}-00", trace.max(1), parent.max(1))
}

/// A traceparent if it is one.
pub fn valid_traceparent(text: &str) -> Option<&str> {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str, digits: usize| {
        part.len() == digits && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let fits = matches!(parts[..], [version, trace, parent, flags]
        if version == "00" && hex(trace, 32) && hex(parent, 16) && hex(flags, 2)
            && trace.contains(|c| c != '0') && parent.contains(|c| c != '0'));
    fits.then_some(text)
}

/// Lets `span` go on the trace that `traceparent` names.
pub fn continue_trace(span: &Span, traceparent: Option<&str>) {
    let Some(traceparent) = traceparent else { return };
    let carrier = std::collections::HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    // An error says that nobody collects traces, which is no fault.
    span.set_parent(TraceContextPropagator::new().extract(&carrier)).ok();
}

/// The traceparent to send from inside `span`: its own where traces are collected, else the one given.
pub fn traceparent_of(span: &Span, given: Option<&str>) -> Option<String> {
    let mut carrier = std::collections::HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    carrier.remove("traceparent").or_else(|| given.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_traceparent_is_a_valid_one() {
        assert!(valid_traceparent(&new_traceparent()).is_some());
        for bad in [
            "",
            "00-0-0-00",
            "00-00000000000000000000000000000000-0000000000000001-00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(valid_traceparent(bad).is_none(), "{bad}");
        }
    }
}
