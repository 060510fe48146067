//! Who waits for news of the store is woken, instead of asking again and again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Notify, broadcast};

use super::Settled;

/// Settlements that may wait for a slow listener before it has to look for itself.
const SETTLED_BACKLOG: usize = 4096;

/// One bell for work, of each connection, and one for settlements.
pub(super) struct Bells {
    settled: broadcast::Sender<Settled>,
    arrivals: Mutex<HashMap<String, Arc<Notify>>>,
}

impl Default for Bells {
    fn default() -> Self {
        Self { settled: broadcast::Sender::new(SETTLED_BACKLOG), arrivals: Mutex::default() }
    }
}

impl Bells {
    /// There may be work for the connection.
    pub(super) fn arrived(&self, connection: &str) {
        let arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = arrivals.get(connection) {
            waiting.notify_one();
        }
    }

    /// An event came to rest or to its next wait.
    pub(super) fn settled(&self, connection: String, sequence: i64) {
        // An error only says that nobody listens.
        self.settled.send(Settled { connection, sequence }).ok();
    }

    /// See [`super::Store::settlements`].
    pub(super) fn settlements(&self) -> broadcast::Receiver<Settled> {
        self.settled.subscribe()
    }

    /// See [`super::Store::arrivals`].
    pub(super) fn arrivals(&self, connection: &str) -> Arc<Notify> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.entry(connection.to_owned()).or_default().clone()
    }

    /// The connections that somebody has waited for.
    pub(super) fn awaited(&self) -> Vec<String> {
        let arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.keys().cloned().collect()
    }
}
