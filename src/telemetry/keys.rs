//! How API keys are used: whether one that was replaced still is, and what is refused to whom. Labels are names of the
//! configuration in force, never what a caller sent.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};

use super::metrics::Metrics;

/// When a secret was last shown, in Unix seconds; 0 if it was not since the process began.
#[derive(Debug, Default)]
pub struct LastUse(AtomicI64);

impl LastUse {
    /// It is shown now.
    pub fn shown(&self, at: Timestamp) {
        self.0.fetch_max(at.as_second(), Ordering::Relaxed);
    }
}

/// What became of the requests of a key.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct KeyResults {
    pub allowed: KeyCount,
    pub forbidden: KeyCount,
    pub rate_limited: KeyCount,
}

/// Requests since the process began.
#[derive(Debug, Default)]
pub struct KeyCount(AtomicU64);

impl KeyCount {
    /// One more.
    pub fn inc(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// One key, counted where it is shown and told at each scrape.
#[derive(Debug, Clone, Default)]
pub struct KeyUse {
    /// Its name in the configuration.
    pub key: String,
    /// Of its secret.
    pub current: Arc<LastUse>,
    /// Of the secret that it had before, where that still opens it.
    pub before: Option<Arc<LastUse>>,
    /// Of both.
    pub results: Arc<KeyResults>,
}

/// The keys of the configuration in force.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(Arc<ArcSwap<Vec<KeyUse>>>);

impl Keys {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register_collector(Box::new(self.clone()));
    }
}

impl Metrics {
    /// These keys are in force from now on.
    pub fn keys(&self, keys: Vec<KeyUse>) {
        self.keys.0.store(Arc::new(keys));
    }
}

impl Collector for Keys {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let keys = self.0.load();
        let help =
            "When an API key's secret was last shown to this process, in Unix seconds; 0 if it was not";
        let name = "api_key_last_used_timestamp_seconds";
        let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for of in keys.iter() {
            let secrets = [("current", Some(&of.current)), ("before", of.before.as_ref())];
            for (secret, last) in secrets.into_iter().filter_map(|(secret, last)| Some((secret, last?))) {
                let labels = [("key", of.key.as_str()), ("secret", secret)];
                ConstGauge::new(last.0.load(Ordering::Relaxed)).encode(metric.encode_family(&labels)?)?;
            }
        }
        let help = "Requests that showed an API key, by what became of them";
        let mut metric = encoder.encode_descriptor("api_key_requests", help, None, MetricType::Counter)?;
        for of in keys.iter() {
            let KeyResults { allowed, forbidden, rate_limited } = &*of.results;
            let results = [("allowed", allowed), ("forbidden", forbidden), ("rate_limited", rate_limited)];
            for (result, count) in results {
                let labels = [("key", of.key.as_str()), ("result", result)];
                let count = ConstCounter::new(count.0.load(Ordering::Relaxed));
                count.encode(metric.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}
