//! Workers: each turns one stored event into vendor calls and exactly one recorded outcome. Events of one lane
//! go one after the other; lanes go side by side; each connection has its own number of workers, so that a slow
//! one keeps no other waiting. No transaction is open during a call: a claimed event is leased.

mod answers;
mod attempt;
mod calls;
mod deliver;
pub mod drift;
mod failure;
mod ledger;
mod plan;
mod prepare;
mod preview;
mod reread;
pub mod retry;
mod work;
mod written;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

pub use self::{
    answers::{FieldLists, LookUpError, Lookups, Reading},
    preview::{Call, Preview, Rehearsal},
    work::{Marker, OnUncertain},
};
use crate::{
    bangwo8::Client,
    mapping::{Mapping, Parameters},
    store::{Store, StoreError},
    telemetry::Metrics,
    udesk,
};

/// How long a worker has an event for itself.
const LEASE: Duration = Duration::from_secs(300);
/// How long it works on it: the rest of the lease is for settling.
const ATTEMPT: Duration = Duration::from_secs(270);
/// Wait after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Longest sleep of a connection without work: a net below the wake-ups, not a poll.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Where the events of one connection go, and how.
pub struct Target {
    /// Name of the connection.
    pub connection: String,
    /// The vendor.
    pub client: Client,
    /// The source's API, where hints are read again.
    pub source: Option<udesk::Client>,
    /// What its workers know of both vendors.
    pub lookups: Lookups,
    /// The mapping.
    pub mapping: Arc<Mapping>,
    /// Tenant values for it.
    pub parameters: Parameters,
    /// How long an event is tried.
    pub retry: retry::Policy,
    /// Deliveries at once.
    pub concurrency: usize,
    /// Whether a dead event holds its lane.
    pub hold_lane: bool,
    /// Where new tickets carry whose they are, if anywhere.
    pub marker: Option<Marker>,
    /// What happens when it can't be told whether a call made something.
    pub on_uncertain: OnUncertain,
    /// Time between two looks at what fields the vendors have; zero for none.
    pub drift_check: Duration,
    /// Where results are counted.
    pub metrics: Arc<Metrics>,
}

/// The targets of all connections, by name.
pub type Targets = HashMap<String, Arc<Target>>;

/// The workers of all connections.
pub struct Dispatcher {
    store: Store,
    targets: watch::Receiver<Targets>,
}

impl Dispatcher {
    /// Workers for the targets of each moment: an attempt under way goes on with the one it began with, the next
    /// takes the new one. There is no number of workers in all: a target whose calls hang must not take them from
    /// another.
    pub fn new(store: Store, targets: watch::Receiver<Targets>) -> Self {
        Self { store, targets }
    }

    /// Works until `stop`, then finishes what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut connections = JoinSet::new();
        // One that is taken away keeps its loop, asleep: put back while its last attempts are under way, it must
        // not have a second one that knows nothing of them.
        let mut known = HashSet::new();
        while !stop.is_cancelled() {
            let named: Vec<String> = self.targets.borrow_and_update().keys().cloned().collect();
            for connection in named.into_iter().filter(|name| known.insert(name.clone())) {
                let lanes = Lanes { store: self.store.clone(), connection, targets: self.targets.clone() };
                connections.spawn(drift::run(lanes.connection.clone(), self.targets.clone(), stop.clone()));
                connections.spawn(lanes.run(stop.clone()));
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Ok(()) = self.targets.changed() => {}
            }
        }
        connections.join_all().await;
    }
}

/// The lanes of one connection.
struct Lanes {
    store: Store,
    connection: String,
    targets: watch::Receiver<Targets>,
}

impl Lanes {
    async fn run(mut self, stop: CancellationToken) {
        let arrivals = self.store.arrivals(&self.connection);
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            self.targets.mark_unchanged();
            let pause = match self.start_due(&mut running).await {
                // All workers have something: only one that ends makes room.
                Ok(true) => LONGEST_SLEEP,
                Ok(false) => self.until_next_due().await,
                Err(error) => {
                    tracing::error!(connection = %self.connection, %error, "no events could be claimed");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = arrivals.notified() => {}
                Ok(()) = self.targets.changed() => {}
                Some(_) = running.join_next() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        running.join_all().await;
    }

    /// Starts as many deliveries as are due and have a worker. True if only a change makes more of them: there may
    /// be more due than workers, or the connection is taken away.
    async fn start_due(&self, running: &mut JoinSet<()>) -> Result<bool, StoreError> {
        while running.try_join_next().is_some() {}
        let Some(before) = self.target() else { return Ok(true) };
        let free = before.concurrency.saturating_sub(running.len());
        if free == 0 {
            return Ok(true);
        }
        let claimed = self.store.claim(&self.connection, free, LEASE, Timestamp::now()).await?;
        let all_busy = claimed.len() == free;
        // What was accepted under a new configuration must not be mapped by the one before.
        let target = self.target().unwrap_or(before);
        for claimed in claimed {
            let (target, store) = (target.clone(), self.store.clone());
            running.spawn(async move { deliver::deliver(&target, &store, claimed, ATTEMPT).await });
        }
        Ok(all_busy)
    }

    fn target(&self) -> Option<Arc<Target>> {
        self.targets.borrow().get(&self.connection).cloned()
    }

    async fn until_next_due(&self) -> Duration {
        match self.store.next_due(&self.connection).await {
            Ok(Some(due)) => {
                let wait = Timestamp::now().until(due).ok().and_then(|span| Duration::try_from(span).ok());
                wait.unwrap_or_default().min(LONGEST_SLEEP)
            }
            Ok(None) => LONGEST_SLEEP,
            Err(_) => STORE_PAUSE,
        }
    }
}
