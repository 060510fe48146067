//! How each connection stands, for the metrics that count it and for the check that tells it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::metrics::{Metrics, OfConnection};

/// Every state of a connection, as the metric names them.
const STATES: [&str; 4] = ["closed", "resting", "open", "half_open"];

/// How a connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// `closed`: it works; `resting`: its vendor has asked for a rest; `open`: it fails, and nothing is tried;
    /// `half_open`: one event finds out whether it still does.
    pub state: &'static str,
    /// Deliveries at once for now.
    pub width: usize,
    /// The same for people, with the reason's code and never a value of an event.
    pub detail: String,
}

impl Pace {
    /// True if events are delivered.
    pub fn works(&self) -> bool {
        self.state == "closed"
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WithState {
    connection: String,
    state: &'static str,
}

/// How all connections stand, by name.
#[derive(Default)]
pub(super) struct Paces {
    states: Family<WithState, Gauge>,
    widths: Family<OfConnection, Gauge>,
    standing: Mutex<BTreeMap<String, Pace>>,
}

impl Paces {
    pub(super) fn register(&self, registry: &mut Registry) {
        let states = "1 for the state that a connection is in, else 0";
        registry.register("connection_state", states, self.states.clone());
        let widths = "Deliveries that a connection may have under way for now";
        registry.register("connection_concurrency", widths, self.widths.clone());
    }

    fn standing(&self) -> MutexGuard<'_, BTreeMap<String, Pace>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Metrics {
    /// A connection stands so now.
    pub fn pace(&self, connection: &str, pace: Pace) {
        let mut standing = self.paces.standing();
        if standing.get(connection) == Some(&pace) {
            return;
        }
        for state in STATES {
            let labels = WithState { connection: connection.into(), state };
            self.paces.states.get_or_create(&labels).set(i64::from(state == pace.state));
        }
        let labels = OfConnection { connection: connection.into() };
        self.paces.widths.get_or_create(&labels).set(i64::try_from(pace.width).unwrap_or(i64::MAX));
        standing.insert(connection.to_owned(), pace);
    }

    /// Nothing is delivered for a connection any more.
    pub fn forget_pace(&self, connection: &str) {
        self.paces.standing().remove(connection);
        for state in STATES {
            self.paces.states.remove(&WithState { connection: connection.into(), state });
        }
        self.paces.widths.remove(&OfConnection { connection: connection.into() });
    }

    /// How each connection stands.
    pub fn paces(&self) -> BTreeMap<String, Pace> {
        self.paces.standing().clone()
    }
}
