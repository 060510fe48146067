//! What the vendors have otherwise than a mapping counts on, as it stands at the moment: for the metric that counts it
//! and for the check that tells it, so that the two say the same.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::metrics::Metrics;

/// Something that is so until it is mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The metric's label: one of a few.
    pub kind: &'static str,
    /// It wants somebody to mend it.
    pub is_error: bool,
    /// What it is and what to do. Names of fields and options, never values of events.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithKind {
    connection: String,
    kind: &'static str,
}

/// What stands, by connection.
#[derive(Default)]
pub(super) struct Drifts {
    counts: Family<WithKind, Gauge>,
    standing: Mutex<BTreeMap<String, Vec<Standing>>>,
}

impl Drifts {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "What a mapping counts on and its vendors' fields don't have, by kind";
        registry.register("drift", help, self.counts.clone());
    }

    fn standing(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Standing>>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Metrics {
    /// A connection's vendors were looked at: this stands now, each of one of `kinds`, and nothing else does.
    pub fn drifted(&self, connection: &str, kinds: &[&'static str], standing: Vec<Standing>) {
        for kind in kinds {
            let labels = WithKind { connection: connection.into(), kind };
            let count = standing.iter().filter(|it| it.kind == *kind).count();
            self.drifts.counts.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        self.drifts.standing().insert(connection.to_owned(), standing);
    }

    /// A connection's vendors are not looked at any more: nothing of any kind is known to stand.
    pub fn unwatched(&self, connection: &str, kinds: &[&'static str]) {
        self.drifts.standing().remove(connection);
        for kind in kinds {
            self.drifts.counts.remove(&WithKind { connection: connection.into(), kind });
        }
    }

    /// What stands of each connection that was looked at.
    pub fn drift(&self) -> BTreeMap<String, Vec<Standing>> {
        self.drifts.standing().clone()
    }
}
