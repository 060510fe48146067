//! The lanes of one connection: as many events at once as its pace allows, one of a lane. It asks the store when an
//! event arrives, when an attempt ends and when the next retry is due, and sleeps otherwise.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};
use tokio_util::sync::CancellationToken;

use super::{
    Target, Targets,
    breaker::Room,
    deliver,
    flow::Flow,
    leases::{Held, Leases},
};
use crate::store::{Claimed, Store, StoreError};

/// How long a worker works on an event: long enough for all of an event's calls where the rate limit makes them wait.
const ATTEMPT: Duration = Duration::from_secs(270);
/// Wait after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Longest sleep of a connection without work: a net below the wake-ups, not a poll.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// See the module.
pub(super) struct Lanes {
    store: Store,
    connection: String,
    targets: watch::Receiver<Targets>,
    leases: Arc<Leases>,
    pace: Option<Pace>,
    /// Attempts under way; each ends with when its event is to be tried again, if it is.
    running: JoinSet<Option<Timestamp>>,
    next_due: NextDue,
}

/// A target, and what was found out about its vendors.
#[derive(Clone)]
struct Pace {
    of: Arc<Target>,
    flow: Arc<Flow>,
}

/// When the next event is due that isn't yet.
#[derive(Clone, Copy)]
enum NextDue {
    /// The store has to be asked.
    Unknown,
    At(Timestamp),
    Never,
}

impl Lanes {
    /// The lanes of a connection, with leases that last so long.
    pub(super) fn new(
        store: Store,
        connection: String,
        targets: watch::Receiver<Targets>,
        lease: Duration,
    ) -> Self {
        let leases = Arc::new(Leases::new(store.clone(), connection.clone(), lease));
        let (running, next_due) = (JoinSet::new(), NextDue::Unknown);
        Self { store, connection, targets, leases, pace: None, running, next_due }
    }

    /// Works until `stop`, then finishes what is under way.
    pub(super) async fn run(self, stop: CancellationToken) {
        let leases = self.leases.clone();
        tokio::select! { () = leases.keep() => {}, () = self.work(stop) => {} }
    }

    async fn work(mut self, stop: CancellationToken) {
        let arrivals = self.store.arrivals(&self.connection);
        while !stop.is_cancelled() {
            self.targets.mark_unchanged();
            let pause = self.start_due().await.unwrap_or_else(|error| {
                tracing::error!(connection = %self.connection, %error, "no events could be claimed");
                STORE_PAUSE
            });
            tokio::select! {
                () = stop.cancelled() => {}
                () = arrivals.notified() => {}
                Ok(()) = self.targets.changed() => {}
                Some(ended) = self.running.join_next() => self.ended(ended),
                () = tokio::time::sleep(pause) => {}
            }
        }
        // One that panics is no reason to leave the others.
        while self.running.join_next().await.is_some() {}
    }

    /// Starts as many deliveries as are due and have room. Returns how long only a change can make more of them.
    async fn start_due(&mut self) -> Result<Duration, StoreError> {
        while let Some(ended) = self.running.try_join_next() {
            self.ended(ended);
        }
        let Some(before) = self.pace() else { return Ok(LONGEST_SLEEP) };
        let free = match before.flow.room(self.running.len()) {
            // All workers have something, or the connection is taken away: only a change makes room.
            Room::For(0) => return Ok(LONGEST_SLEEP),
            Room::For(free) => free,
            Room::From(time) => return Ok(until(time)),
        };
        let now = Timestamp::now();
        let claimed = self.store.claim(&self.connection, free, self.leases.lasts(), now).await?;
        let all_busy = claimed.len() == free;
        // What was accepted under a new configuration must not be mapped by the one before.
        let pace = self.pace().unwrap_or(before);
        for claimed in claimed {
            let held = self.leases.hold(&claimed, now);
            self.running.spawn(attempt(pace.clone(), self.store.clone(), claimed, held));
        }
        if all_busy { Ok(LONGEST_SLEEP) } else { self.until_next_due().await }
    }

    /// The target of this moment. With other clients, nothing is known of its vendors yet.
    fn pace(&mut self) -> Option<Pace> {
        let target = self.targets.borrow().get(&self.connection).cloned();
        self.pace = match (self.pace.take(), target) {
            (Some(pace), Some(of)) if pace.of.is_as_fast_as(&of) => Some(Pace { of, ..pace }),
            (_, Some(of)) => Some(Pace { flow: Arc::new(Flow::new(&of)), of }),
            (gone, None) => {
                gone.inspect(|pace| pace.of.metrics.forget_pace(&self.connection));
                None
            }
        };
        self.pace.clone()
    }

    /// An attempt has ended, and its event is to be tried again then. One that panicked is due when its lease ends.
    fn ended(&mut self, again: Result<Option<Timestamp>, JoinError>) {
        self.next_due = match (again, self.next_due) {
            (Ok(None), known) => known,
            (Ok(Some(again)), NextDue::At(at)) => NextDue::At(at.min(again)),
            (Ok(Some(again)), NextDue::Never) => NextDue::At(again),
            (Ok(Some(_)), NextDue::Unknown) => NextDue::Unknown,
            (Err(error), _) => {
                tracing::error!(connection = %self.connection, %error, "an attempt was broken off");
                NextDue::Unknown
            }
        };
    }

    /// The store is asked once for each retry that has come due, and not for each arrival.
    async fn until_next_due(&mut self) -> Result<Duration, StoreError> {
        let next = match self.next_due {
            NextDue::At(at) if at > Timestamp::now() => Some(at),
            NextDue::Never => None,
            NextDue::At(_) | NextDue::Unknown => self.store.next_due(&self.connection).await?,
        };
        self.next_due = next.map_or(NextDue::Never, NextDue::At);
        Ok(next.map_or(LONGEST_SLEEP, until))
    }
}

/// One attempt; it stops where it is when its lease is lost.
async fn attempt(pace: Pace, store: Store, claimed: Claimed, held: Held) -> Option<Timestamp> {
    tokio::select! {
        // If nobody else has taken it, it is due: the store knows.
        () = held.lost() => Some(Timestamp::now()),
        again = deliver::deliver(&pace.of, &pace.flow, &store, claimed, ATTEMPT) => again,
    }
}

fn until(time: Timestamp) -> Duration {
    let wait = Timestamp::now().until(time).ok().and_then(|span| Duration::try_from(span).ok());
    wait.unwrap_or_default().min(LONGEST_SLEEP)
}
