//! How the readings of a source's list of tickets stand: for the metrics and for the check that tells it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::metrics::{Metrics, OfConnection, WithResult};

/// What is known of a connection's readings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Polled {
    /// When the last one that came to its end began.
    pub read_at: Option<Timestamp>,
    /// Why the last one came to none, if it did.
    pub failure: Option<String>,
}

#[derive(Default)]
pub(super) struct Polls {
    ended: Family<WithResult, Counter>,
    read_at_s: Family<OfConnection, Gauge>,
    lag_s: Family<OfConnection, Gauge>,
    polled: Mutex<BTreeMap<String, Polled>>,
}

impl Polls {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("polls", "Readings of a source's list of tickets", self.ended.clone());
        let read_at = "When the last whole reading of a source's list of tickets began, in Unix seconds";
        registry.register("poll_last_success_timestamp_seconds", read_at, self.read_at_s.clone());
        let lag = "Age of the oldest change that the last whole reading found, when it was on disk; 0 if it found none";
        registry.register("poll_lag_seconds", lag, self.lag_s.clone());
    }

    fn polled(&self) -> MutexGuard<'_, BTreeMap<String, Polled>> {
        self.polled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Metrics {
    /// A source's list was read to its end, in a reading that began at `read_at`; `lag_s` is the age of the oldest change
    /// that it found.
    pub fn polled(&self, connection: &str, read_at: Timestamp, lag_s: i64) {
        let of = OfConnection { connection: connection.into() };
        self.polls.ended.get_or_create(&WithResult { connection: connection.into(), result: "ok" }).inc();
        self.polls.lag_s.get_or_create(&of).set(lag_s);
        self.polled_before(connection, read_at);
    }

    /// It was so by an earlier process or by another one.
    pub fn polled_before(&self, connection: &str, read_at: Timestamp) {
        let of = OfConnection { connection: connection.into() };
        self.polls.read_at_s.get_or_create(&of).set(read_at.as_second());
        let polled = Polled { read_at: Some(read_at), failure: None };
        self.polls.polled().insert(connection.to_owned(), polled);
    }

    /// A reading ended before its end.
    pub fn poll_failed(&self, connection: &str, result: &'static str, failure: String) {
        self.polls.ended.get_or_create(&WithResult { connection: connection.into(), result }).inc();
        self.polls.polled().entry(connection.to_owned()).or_default().failure = Some(failure);
    }

    /// A source's list is not read any more.
    pub fn unpolled(&self, connection: &str) {
        let of = OfConnection { connection: connection.into() };
        self.polls.read_at_s.remove(&of);
        self.polls.lag_s.remove(&of);
        self.polls.polled().remove(connection);
    }

    /// How the readings stand, by connection; none whose first is still under way.
    pub fn polls(&self) -> BTreeMap<String, Polled> {
        self.polls.polled().clone()
    }
}
