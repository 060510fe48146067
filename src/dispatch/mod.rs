//! Workers: each turns one stored event into vendor calls and exactly one recorded outcome. Events of one lane
//! go one after the other; lanes go side by side; each connection has its own number of workers, so that a slow
//! one keeps no other waiting. No transaction is open during a call: a claimed event is leased.

mod answers;
mod attempt;
pub mod breaker;
mod calls;
mod coalesce;
mod deliver;
mod desk;
pub mod drift;
mod failure;
mod flow;
mod kept;
mod lanes;
mod leases;
mod ledger;
mod plan;
mod prepare;
mod preview;
mod reread;
pub mod retry;
mod subscriber;
mod turn;
mod version;
mod work;
mod written;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use self::lanes::Lanes;
pub use self::{
    answers::{FieldLists, LookUpError, Lookups, Reading},
    kept::{KeptError, KeptMappings},
    plan::Skip,
    preview::{Call, Preview, Rehearsal, Traced},
    work::{Marker, OnUncertain},
};
use crate::{
    bangwo8::Client,
    event::Redaction,
    mapping::{Mapping, Parameters},
    store::Store,
    telemetry::Metrics,
    udesk,
    webhook::Subscriber,
};

/// Where the events of one connection go, and how.
pub struct Target {
    /// Name of the connection.
    pub connection: String,
    /// Where to.
    pub to: To,
    /// How long an event is tried.
    pub retry: retry::Policy,
    /// When the connection is held, and for how long.
    pub breaker: breaker::Policy,
    /// Deliveries at once.
    pub concurrency: usize,
    /// Whether a dead event holds its lane.
    pub hold_lane: bool,
    /// Where results are counted.
    pub metrics: Arc<Metrics>,
}

/// What an event is delivered to. Lanes, leases, pace, retries and records are the same for all.
pub enum To {
    /// A help desk, by its vendor's calls.
    Desk(Box<Desk>),
    /// Whoever wants to hear of it, by a signed message.
    Subscriber(Subscriber),
}

/// A help desk, and what its connection's events are turned into calls by.
pub struct Desk {
    /// The vendor.
    pub client: Client,
    /// The source's API, where hints are read again.
    pub source: Option<udesk::Client>,
    /// What its workers know of both vendors.
    pub lookups: Lookups,
    /// The mapping.
    pub mapping: Arc<Mapping>,
    /// Those before it, for events that are pinned to one.
    pub kept: Arc<KeptMappings>,
    /// Tenant values for it.
    pub parameters: Parameters,
    /// What is not sent.
    pub skip: Skip,
    /// Whether of several waiting updates of one entity only the newest is sent.
    pub coalesce: bool,
    /// Where new tickets carry whose they are, if anywhere.
    pub marker: Option<Marker>,
    /// What happens when it can't be told whether a call made something.
    pub on_uncertain: OnUncertain,
    /// What is taken out of what is read again.
    pub redaction: Redaction,
    /// Time between two looks at what fields the vendors have; zero for none.
    pub drift_check: Duration,
}

impl Target {
    /// True if what was found out about the vendors of one is so of the other.
    fn is_as_fast_as(&self, other: &Self) -> bool {
        self.to.is_same(&other.to) && self.breaker == other.breaker && self.concurrency == other.concurrency
    }
}

impl To {
    /// True if both are reached by the same clients.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Desk(one), Self::Desk(other)) => one.client == other.client && one.source == other.source,
            (Self::Subscriber(one), Self::Subscriber(other)) => one == other,
            (Self::Desk(_), Self::Subscriber(_)) | (Self::Subscriber(_), Self::Desk(_)) => false,
        }
    }
}

/// The targets of all connections, by name.
pub type Targets = HashMap<String, Arc<Target>>;

/// The workers of all connections.
pub struct Dispatcher {
    store: Store,
    targets: watch::Receiver<Targets>,
    lease: Duration,
}

impl Dispatcher {
    /// Workers for the targets of each moment: an attempt under way goes on with the one it began with, the next
    /// takes the new one. There is no number of workers in all: a target whose calls hang must not take them from
    /// another. An event is leased for `lease`, again and again while it is worked on: so long it rests after its
    /// process has died.
    pub fn new(store: Store, targets: watch::Receiver<Targets>, lease: Duration) -> Self {
        Self { store, targets, lease }
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
                connections.spawn(drift::run(connection.clone(), self.targets.clone(), stop.clone()));
                let lanes = Lanes::new(self.store.clone(), connection, self.targets.clone(), self.lease);
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
