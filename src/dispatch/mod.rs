//! Workers: each turns one stored event into vendor calls and exactly one recorded outcome. Events of one lane
//! go one after the other; lanes go side by side; each connection has its own number of workers, so that a slow
//! one keeps no other waiting. No transaction is open during a call: a claimed event is leased.

mod deliver;
mod plan;
pub mod retry;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    bangwo8::Client,
    mapping::{Mapping, Parameters},
    store::{Claimed, Store, StoreError},
    telemetry::Metrics,
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
    /// Where results are counted.
    pub metrics: Arc<Metrics>,
}

/// The workers of all connections.
pub struct Dispatcher {
    store: Store,
    targets: Vec<Arc<Target>>,
    workers: Arc<Semaphore>,
}

impl Dispatcher {
    /// Workers for the given targets, `workers` of them at once in all.
    pub fn new(store: Store, targets: Vec<Target>, workers: usize) -> Self {
        let targets = targets.into_iter().map(Arc::new).collect();
        Self { store, targets, workers: Arc::new(Semaphore::new(workers)) }
    }

    /// Claims what is due now, one event of a lane, delivers and settles it. Returns how many events it was.
    pub async fn step(&self) -> Result<usize, StoreError> {
        let mut running = JoinSet::new();
        for target in &self.targets {
            let lane =
                Lanes { store: self.store.clone(), target: target.clone(), workers: self.workers.clone() };
            lane.start_due(&mut running).await?;
        }
        Ok(running.join_all().await.len())
    }

    /// Works until `stop`, then finishes what is under way.
    pub async fn run(self, stop: CancellationToken) {
        let mut connections = JoinSet::new();
        for target in self.targets {
            let lanes = Lanes { store: self.store.clone(), target, workers: self.workers.clone() };
            connections.spawn(lanes.run(stop.clone()));
        }
        connections.join_all().await;
    }
}

/// The lanes of one connection.
struct Lanes {
    store: Store,
    target: Arc<Target>,
    workers: Arc<Semaphore>,
}

impl Lanes {
    async fn run(self, stop: CancellationToken) {
        let arrivals = self.store.arrivals(&self.target.connection);
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            let mut starved = false;
            let pause = match self.start_due(&mut running).await {
                // All workers have something: only one that ends makes room, one of another connection's if this
                // one may have more of them.
                Ok(true) => {
                    starved = running.len() < self.target.concurrency;
                    LONGEST_SLEEP
                }
                Ok(false) => self.until_next_due().await,
                Err(error) => {
                    tracing::error!(connection = %self.target.connection, %error, "no events could be claimed");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = arrivals.notified() => {}
                Some(_) = running.join_next() => {}
                _ = self.workers.acquire(), if starved => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        running.join_all().await;
    }

    /// Starts as many deliveries as are due and have a worker. True if there may be more due than workers.
    async fn start_due(&self, running: &mut JoinSet<()>) -> Result<bool, StoreError> {
        while running.try_join_next().is_some() {}
        let mut permits = self.permits(self.target.concurrency.saturating_sub(running.len()));
        if permits.is_empty() {
            return Ok(true);
        }
        let name = &self.target.connection;
        let claimed = self.store.claim(name, permits.len(), LEASE, Timestamp::now()).await?;
        let all_busy = claimed.len() == permits.len();
        for claimed in claimed {
            running.spawn(self.delivery(claimed, permits.pop()));
        }
        Ok(all_busy)
    }

    fn delivery(
        &self,
        claimed: Claimed,
        permit: Option<OwnedSemaphorePermit>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (target, store) = (self.target.clone(), self.store.clone());
        async move {
            deliver::deliver(&target, &store, claimed, ATTEMPT).await;
            drop(permit);
        }
    }

    fn permits(&self, most: usize) -> Vec<OwnedSemaphorePermit> {
        std::iter::from_fn(|| self.workers.clone().try_acquire_owned().ok()).take(most).collect()
    }

    async fn until_next_due(&self) -> Duration {
        match self.store.next_due(&self.target.connection).await {
            Ok(Some(due)) => {
                let wait = Timestamp::now().until(due).ok().and_then(|span| Duration::try_from(span).ok());
                wait.unwrap_or_default().min(LONGEST_SLEEP)
            }
            Ok(None) => LONGEST_SLEEP,
            Err(_) => STORE_PAUSE,
        }
    }
}
