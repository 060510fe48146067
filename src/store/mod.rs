//! What deskbridge keeps on disk: the journal of events with where each one stands, the links between source
//! and target entities, and the newest snapshot of each ticket view.
//!
//! Promises: an accepted event, its dedup key and its place in its lane are committed together before `accept`
//! returns; `claim` hands out at most one event of a lane; a settled event and what it changed are committed
//! together. The store knows no clock and no vendor: whoever calls says what time it is.

mod archive;
mod sqlite;
mod types;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast};

pub use self::{archive::Archive, types::*};
use crate::{
    event::{Event, EventId, Ignored},
    fault::{self, Point},
};

/// Settlements that may wait for a slow listener before it has to look for itself.
const SETTLED_BACKLOG: usize = 4096;

/// A cheap handle to the store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<sqlite::Sqlite>,
    settled: broadcast::Sender<Settled>,
    arrivals: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

impl Store {
    /// Opens `sqlite:PATH`, making the file, its folder and its tables where they are missing. Events that a
    /// worker of an earlier process had in hand are due again at `now`.
    ///
    /// Errors: `UnknownEngine`, `InUse` when another process has the file, or the engine's own.
    pub fn open(url: &str, now: Timestamp) -> Result<Self, StoreError> {
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(StoreError::UnknownEngine);
        };
        let engine = Arc::new(sqlite::Sqlite::open(path.as_ref(), now)?);
        Ok(Self { engine, settled: broadcast::Sender::new(SETTLED_BACKLOG), arrivals: Arc::default() })
    }

    /// Commits an event, or says that it is there already. The event is on disk when this returns.
    pub async fn accept(&self, event: Event, now: Timestamp) -> Result<Accepted, StoreError> {
        let connection = event.connection.clone();
        let accepted = self.engine.accept(event, now).await?;
        fault::here(Point::AcceptAfterCommit);
        self.arrived(&connection);
        Ok(accepted)
    }

    /// Up to `limit` events that are due, one of a lane at most, each leased to the caller for `lease`.
    pub async fn claim(
        &self,
        connection: &str,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let claimed = self.engine.claim(connection, limit, lease, now).await?;
        claimed.iter().for_each(|_| fault::here(Point::ClaimAfterCommit));
        Ok(claimed)
    }

    /// When the earliest event of the connection is due, if any is.
    pub async fn next_due(&self, connection: &str) -> Result<Option<Timestamp>, StoreError> {
        self.engine.next_due(connection).await
    }

    /// Records how an attempt ended, and lets the lane go on where it may.
    ///
    /// Error: `LeaseLost` when the event is no longer this attempt's.
    pub async fn settle(&self, settlement: Settlement) -> Result<(), StoreError> {
        let (connection, sequence) = (settlement.connection.clone(), settlement.sequence);
        self.engine.settle(settlement).await?;
        fault::here(Point::SettleAfterCommit);
        self.announce(connection, sequence);
        Ok(())
    }

    /// Lets a parked or dead event be tried again, its attempts counted from one, in its old place in the lane.
    ///
    /// Errors: `NotFound`; `WrongStatus` when it isn't parked or dead, or its lane has gone on without it.
    pub async fn replay(&self, connection: &str, id: &EventId, now: Timestamp) -> Result<(), StoreError> {
        self.engine.replay(connection, id, now).await?;
        self.arrived(connection);
        Ok(())
    }

    /// Gives up a parked or dead event; its lane goes on.
    ///
    /// Errors: as `replay`.
    pub async fn discard(&self, connection: &str, id: &EventId, now: Timestamp) -> Result<(), StoreError> {
        let sequence = self.engine.discard(connection, id, now).await?;
        self.arrived(connection);
        self.announce(connection.to_owned(), sequence);
        Ok(())
    }

    /// Everything known of one event.
    pub async fn event(&self, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError> {
        self.engine.event(connection, id).await
    }

    /// One page of a connection's events, newest first.
    pub async fn events(&self, connection: &str, filter: Filter) -> Result<Vec<Summary>, StoreError> {
        self.engine.events(connection, filter).await
    }

    /// Succeeds if the store takes transactions.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.engine.ping().await
    }

    /// How many events of each connection hold their lane, by status.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        self.engine.backlog().await
    }

    /// The target entity that stands for a source entity.
    pub async fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError> {
        self.engine.link(connection, key).await
    }

    /// True if a target entity of a kind stands for some source entity already, of whichever connection.
    pub async fn is_linked(&self, kind: &str, target_id: &str) -> Result<bool, StoreError> {
        self.engine.is_linked(kind, target_id).await
    }

    /// Remembers a link at once, before the event that made it is settled.
    pub async fn put_link(&self, connection: &str, link: Link, now: Timestamp) -> Result<(), StoreError> {
        self.engine.put_link(connection, link, now).await
    }

    /// Replaces the snapshots of `changed` views and forgets those of `gone`.
    pub async fn put_snapshots(
        &self,
        connection: &str,
        changed: Vec<Snapshot>,
        gone: Vec<String>,
    ) -> Result<(), StoreError> {
        self.engine.put_snapshots(connection, changed, gone).await
    }

    /// The newest snapshots of a connection.
    pub async fn snapshots(&self, connection: &str) -> Result<Vec<Snapshot>, StoreError> {
        self.engine.snapshots(connection).await
    }

    /// Hears of every settlement from now on. A listener that falls behind by thousands is told so and has to
    /// look for itself.
    pub fn settlements(&self) -> broadcast::Receiver<Settled> {
        self.settled.subscribe()
    }

    /// Wakes whoever waits for work of `connection`: after each accept, replay and discard.
    pub fn arrivals(&self, connection: &str) -> Arc<Notify> {
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.entry(connection.to_owned()).or_default().clone()
    }

    /// Transactions committed since the start.
    pub fn commits(&self) -> u64 {
        self.engine.commits()
    }

    /// Does what waits, then closes the files. Later calls answer `Closed`.
    pub fn close(&self) {
        self.engine.close();
    }

    fn arrived(&self, connection: &str) {
        let arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = arrivals.get(connection) {
            waiting.notify_one();
        }
    }

    fn announce(&self, connection: String, sequence: i64) {
        // An error only says that nobody listens.
        self.settled.send(Settled { connection, sequence }).ok();
    }
}

/// What did not reach the target, as it is kept on disk.
fn ignored_text(ignored: &[Ignored]) -> Option<String> {
    if ignored.is_empty() { None } else { serde_json::to_string(ignored).ok() }
}
