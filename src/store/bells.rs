//! Who waits for news of the store is woken, instead of asking again and again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Notify, broadcast};

use super::Settled;
use crate::event::TargetRef;

/// Settlements that may wait for a slow listener before it has to look for itself.
const SETTLED_BACKLOG: usize = 4096;

/// Deliveries that may wait for a slow listener before it misses some.
const DELIVERED_BACKLOG: usize = 4096;

/// Says that an event of this process took effect.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// Name of the connection.
    pub connection: String,
    /// What it took effect on.
    pub target: TargetRef,
}

/// One bell for work and one for ticket views, of each connection, and one for settlements.
pub(super) struct Bells {
    settled: broadcast::Sender<Settled>,
    delivered: broadcast::Sender<Delivered>,
    arrivals: OfConnections,
    views: OfConnections,
}

impl Default for Bells {
    fn default() -> Self {
        Self {
            settled: broadcast::Sender::new(SETTLED_BACKLOG),
            delivered: broadcast::Sender::new(DELIVERED_BACKLOG),
            arrivals: OfConnections::default(),
            views: OfConnections::default(),
        }
    }
}

impl Bells {
    /// There may be work for the connection.
    pub(super) fn arrived(&self, connection: &str) {
        self.arrivals.ring(connection);
    }

    /// There are new versions of the connection's ticket views.
    pub(super) fn viewed(&self, connection: &str) {
        self.views.ring(connection);
    }

    /// An event came to rest or to its next wait.
    pub(super) fn settled(&self, connection: String, sequence: i64) {
        // An error only says that nobody listens.
        self.settled.send(Settled { connection, sequence }).ok();
    }

    /// An event took effect.
    pub(super) fn delivered(&self, connection: String, target: TargetRef) {
        self.delivered.send(Delivered { connection, target }).ok();
    }

    /// See [`super::Store::deliveries`].
    pub(super) fn deliveries(&self) -> broadcast::Receiver<Delivered> {
        self.delivered.subscribe()
    }

    /// Anything may have happened.
    pub(super) fn all(&self) {
        self.arrivals.ring_all();
        self.views.ring_all();
    }

    /// See [`super::Store::settlements`].
    pub(super) fn settlements(&self) -> broadcast::Receiver<Settled> {
        self.settled.subscribe()
    }

    /// See [`super::Store::arrivals`].
    pub(super) fn arrivals(&self, connection: &str) -> Arc<Notify> {
        self.arrivals.of(connection)
    }

    /// See [`super::Store::view_news`].
    pub(super) fn view_news(&self, connection: &str) -> Arc<Notify> {
        self.views.of(connection)
    }

    /// The connections whose work somebody has waited for.
    pub(super) fn awaited(&self) -> Vec<String> {
        self.arrivals.bells().keys().cloned().collect()
    }
}

/// A bell for each connection that somebody has waited for.
#[derive(Default)]
struct OfConnections(Mutex<HashMap<String, Arc<Notify>>>);

impl OfConnections {
    fn of(&self, connection: &str) -> Arc<Notify> {
        self.bells().entry(connection.to_owned()).or_default().clone()
    }

    fn ring(&self, connection: &str) {
        if let Some(waiting) = self.bells().get(connection) {
            waiting.notify_one();
        }
    }

    fn ring_all(&self) {
        self.bells().values().for_each(|waiting| waiting.notify_one());
    }

    fn bells(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
