//! The service's metrics, and every name of them that an operator's dashboard relies on. What is counted in one place for
//! one part of the service stands in a file of its own beside this one.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{
    audit::AuditMetrics, certificate::CertificateMetrics, drift::Drifts, http::HttpMetrics, keys::Keys,
    malformed, pace::Paces, poll::Polls, store::StoreMetrics, ticketview::TicketViewMetrics,
};

/// Seconds that a delivery's histogram counts by.
const DELIVERY_BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

/// Labels of a metric about a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfConnection {
    pub(super) connection: String,
}

/// Labels of a metric that counts results of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct WithResult {
    pub(super) connection: String,
    pub(super) result: &'static str,
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

/// The service's metrics. Whatever is a label has few values: names of configured connections, or words of this program.
pub struct Metrics {
    registry: Registry,
    /// Held while the text is made: a scrape and an export may ask at once.
    rendering: Mutex<()>,
    pub(super) http: HttpMetrics,
    accepted: Family<WithResult, Counter>,
    refused: Family<WithCode, Counter>,
    deliveries: Family<WithResult, Counter>,
    delivery_seconds: Family<OfConnection, Histogram>,
    unmapped: Family<WithTable, Counter>,
    waiting: Family<WithResult, Gauge>,
    waiting_age_s: Gauge<f64, AtomicU64>,
    pub(super) ticketviews: TicketViewMetrics,
    pub(super) drifts: Drifts,
    pub(super) keys: Keys,
    pub(super) polls: Polls,
    pub(super) paces: Paces,
    reloads: Family<OnlyResult, Counter>,
    pub(super) certificate: CertificateMetrics,
    configured_s: Gauge,
    refused_files: Gauge,
    commits: Counter,
    statements: Counter,
    pub(super) store: StoreMetrics,
    pub(super) audit: AuditMetrics,
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
            registry: Registry::default(),
            rendering: Mutex::new(()),
            http: HttpMetrics::default(),
            accepted: Family::default(),
            refused: Family::default(),
            deliveries: Family::default(),
            delivery_seconds: Family::new_with_constructor(|| Histogram::new(DELIVERY_BUCKETS)),
            unmapped: Family::default(),
            waiting: Family::default(),
            waiting_age_s: Gauge::default(),
            ticketviews: TicketViewMetrics::default(),
            drifts: Drifts::default(),
            keys: Keys::default(),
            polls: Polls::default(),
            paces: Paces::default(),
            reloads: Family::default(),
            certificate: CertificateMetrics::default(),
            configured_s: Gauge::default(),
            refused_files: Gauge::default(),
            commits: Counter::default(),
            statements: Counter::default(),
            store: StoreMetrics::default(),
            audit: AuditMetrics::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        self.http.register(&mut self.registry);
        let registry = self.registry.sub_registry_with_prefix("deskbridge");
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
        let malformed = "HTTP/1.1 connections ended by the server library: no HTTP, a head too long, an answer that broke off";
        registry.register("http_malformed_requests", malformed, malformed::counted());
        self.ticketviews.register(registry);
        self.drifts.register(registry);
        self.audit.register(registry);
        self.keys.register(registry);
        self.polls.register(registry);
        self.paces.register(registry);
        let reloads = "Changed configurations, applied or refused";
        registry.register("configuration_reloads", reloads, self.reloads.clone());
        self.certificate.register(registry);
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
        // One at a time, or one would tell what another has just cleared.
        let _alone = self.rendering.lock().unwrap_or_else(PoisonError::into_inner);
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
