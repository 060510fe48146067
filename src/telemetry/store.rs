//! How the store stands to its limits: for the metrics that show it and for the check that tells it.

use std::sync::{Mutex, PoisonError};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::metrics::Metrics;

/// What the store holds and may hold, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreBytes {
    /// In use.
    pub used: u64,
    /// Taken from the disk, with what is free for reuse.
    pub taken: u64,
    /// What it may take, if that is set.
    pub budget: Option<u64>,
    /// Free on its disk, where that can be seen.
    pub disk_free: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithKind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithReason {
    reason: &'static str,
}

#[derive(Default)]
pub(super) struct StoreMetrics {
    bytes: Family<WithKind, Gauge>,
    full: Gauge,
    pruned: Family<WithReason, Counter>,
    last: Mutex<Option<StoreBytes>>,
}

impl StoreMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Bytes of the store: used, taken from the disk, its budget, free on its disk";
        registry.register("store_bytes", help, self.bytes.clone());
        let help = "1 while events are refused for want of room, else 0";
        registry.register("store_full", help, self.full.clone());
        let help = "Settled events that were forgotten, because of their age or for want of room";
        registry.register("store_pruned_events", help, self.pruned.clone());
        // From the start, so that the first one is seen as an increase.
        for reason in ["age", "room"] {
            drop(self.pruned.get_or_create(&WithReason { reason }));
        }
    }
}

impl Metrics {
    /// The store was measured.
    pub fn store_measured(&self, bytes: StoreBytes, full: bool) {
        let StoreBytes { used, taken, budget, disk_free } = bytes;
        let kinds =
            [("used", Some(used)), ("taken", Some(taken)), ("budget", budget), ("disk_free", disk_free)];
        for (kind, bytes) in kinds {
            if let Some(bytes) = bytes {
                let gauge = self.store.bytes.get_or_create(&WithKind { kind });
                gauge.set(i64::try_from(bytes).unwrap_or(i64::MAX));
            }
        }
        self.store.full.set(full.into());
        *self.store.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
    }

    /// Events were forgotten: so many past their age, and so many for want of room.
    pub fn store_pruned(&self, aged: u64, evicted: u64) {
        for (reason, events) in [("age", aged), ("room", evicted)] {
            self.store.pruned.get_or_create(&WithReason { reason }).inc_by(events);
        }
    }

    /// What the store held when it was last measured.
    pub fn store_bytes(&self) -> Option<StoreBytes> {
        *self.store.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
