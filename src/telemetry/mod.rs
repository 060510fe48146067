//! Logs, metrics and traces: what an operator sees of the service, and how it leaves the process.
//!
//! It promises that nobody waits for a collector: what can't be sent is dropped from queues of a fixed length, a warning
//! says so now and then, and the end of the process waits for a moment only. It deliberately knows nothing of events:
//! whoever acts says what is to be counted, and never gives a value of an event.

mod audit;
mod certificate;
mod complaint;
mod drift;
mod export;
mod exposition;
mod http;
mod keys;
mod lines;
mod malformed;
mod metrics;
mod pace;
mod poll;
mod push;
mod store;
mod strange;
mod ticketview;
mod trace;
mod variables;

use std::collections::BTreeSet;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::{logs::SdkLoggerProvider, trace::SdkTracerProvider};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

pub use self::{
    certificate::CertificateShown,
    drift::Standing,
    http::{Called, Serving},
    keys::{KeyUse, LastUse},
    metrics::Metrics,
    pace::Pace,
    poll::Polled,
    push::MetricsPush,
    store::StoreBytes,
    strange::strange_variables,
    trace::{continue_trace, forget, new_traceparent, read_traceparent, traceparent_of},
};
use self::{
    export::FLUSH,
    variables::{Signal, Variables},
};

/// The name of what is instrumented, and of the service unless `OTEL_SERVICE_NAME` says otherwise.
const SERVICE: &str = "deskbridge";
/// Why a log filter is refused.
const NO_FILTER: &str = "a log filter is a level, or targets with levels and commas between them, e.g. \
                         info,deskbridge::dispatch=debug";
/// The levels of a log filter, from none to all.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
/// Whose lines are not exported as logs: a warning that nothing can be exported would only wait with the others. Nor are
/// those of libraries: what the exporter's own ones tell of an export would be the next export.
const OWN_LINES: &str = "deskbridge::telemetry";
/// Whose lines, all of the levels DEBUG and TRACE, tell the collector's address, which may hold a password: only who asks
/// for them by name has them.
const TELL_ADDRESSES: &str = "hyper_util::client::legacy::pool=off";

/// Keeps telemetry flowing; `shutdown` sends what waits.
#[derive(Default)]
pub struct Telemetry {
    traces: Option<SdkTracerProvider>,
    logs: Option<SdkLoggerProvider>,
    metrics: Option<MetricsPush>,
}

/// Starts logging by `filter`, as JSON lines if `json` says so or, unsaid, where standard error is no terminal;
/// and the export of each signal that the environment (`OTEL_…`) names a collector for. Call it inside a runtime.
///
/// Error: the filter or an `OTEL_` variable can't be followed; it says what to do.
pub fn start(filter: &str, json: Option<bool>) -> Result<Telemetry, String> {
    let filter = read(filter)?;
    let telemetry = exports(&Variables(&|name| std::env::var(name).ok()))?;
    let spans = telemetry.traces.as_ref().map(|provider| {
        trace::exported();
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(lines::is_own_span))
    });
    let records = telemetry.logs.as_ref().map(|provider| {
        let exported = filter_fn(|of| {
            of.is_event() && of.target().starts_with(SERVICE) && !of.target().starts_with(OWN_LINES)
        });
        OpenTelemetryTracingBridge::new(provider).with_filter(filter.clone().and(exported))
    });
    let lines = lines::layer(&filter, json);
    let started =
        tracing_subscriber::registry().with(spans).with(records).with(lines).with(malformed::layer());
    let started = started.try_init();
    started.map_err(|error| error.to_string())?;
    Ok(telemetry)
}

/// Looks at a log filter as `start` does.
///
/// Error: what it has to be. The filter isn't told.
pub fn check_filter(filter: &str) -> Result<(), String> {
    read(filter).map(drop)
}

/// What `start` would refuse of the environment (`OTEL_…`), each with what to do.
pub fn refused() -> Vec<String> {
    let get = |name: &str| std::env::var(name).ok();
    let signals = [Signal::Traces, Signal::Logs, Signal::Metrics].into_iter();
    let mut told: Vec<String> = signals.flat_map(|signal| Variables(&get).wrong(signal)).collect();
    // What is wrong for all of them is wrong once.
    let mut before = BTreeSet::new();
    told.retain(|wrong| before.insert(wrong.clone()));
    told
}

fn read(filter: &str) -> Result<EnvFilter, String> {
    // Taken for a target, it would silence all others.
    let slip = |word: &str| LEVELS.into_iter().find(|level| is_slip(&word.to_lowercase(), level));
    if let Some(meant) = filter.split(',').find_map(|word| slip(word.trim())) {
        return Err(format!("{NO_FILTER}; did you mean {meant}?"));
    }
    let filter = format!("{TELL_ADDRESSES},{}", malformed::quiet(filter));
    // The parser's own words quote it.
    EnvFilter::try_new(filter).map_err(|_| NO_FILTER.to_owned())
}

/// Whether a word was meant to be the level: other letters in one place, or more behind it (`warning`).
fn is_slip(word: &str, level: &str) -> bool {
    let lengthened = word.starts_with(level) && word != level && !word.contains(['=', ':', '_', '[']);
    strsim::damerau_levenshtein(word, level) == 1 || lengthened
}

fn exports(variables: &Variables<'_>) -> Result<Telemetry, String> {
    // The exporters' HTTP client is built without a TLS provider; an error means that one is installed already.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let resource = export::resource(variables);
    let on = |signal| variables.exports(signal);
    let traces = on(Signal::Traces)?.then(|| export::traces(resource.clone())).transpose()?;
    let logs = on(Signal::Logs)?.then(|| export::logs(resource.clone())).transpose()?;
    let metrics = on(Signal::Metrics)?.then(|| MetricsPush::new(variables, &resource)).transpose()?;
    Ok(Telemetry { traces, logs, metrics })
}

impl Telemetry {
    /// What sends the metrics, if they are exported; whoever can gather them has it [run](MetricsPush::run).
    pub fn metrics_push(&mut self) -> Option<MetricsPush> {
        self.metrics.take()
    }

    /// Sends what waits. Blocks for three seconds at most: a collector that doesn't answer must not hold up a stop.
    pub fn shutdown(self) {
        let Self { traces, logs, .. } = self;
        let logs = std::thread::spawn(move || logs.map(|provider| provider.shutdown_with_timeout(FLUSH)));
        let traces = traces.map(|provider| provider.shutdown_with_timeout(FLUSH));
        let ended = [("traces", traces), ("logs", logs.join().ok().flatten())];
        for (signal, error) in ended.into_iter().filter_map(|(signal, end)| Some((signal, end?.err()?))) {
            tracing::warn!(%error, signal, "the last telemetry could not be sent");
        }
    }
}
