//! The lanes of one connection: as many events at once as its pace allows, one of a lane. It asks the store when an
//! event arrives, when an attempt ends and when the next retry is due, and sleeps otherwise.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::{sync::watch, task::{JoinError, JoinSet}};
use tokio_util::sync::CancellationToken;

use super::{Target, Targets, breaker::Room, deliver, flow::Flow};
use crate::store::{Store, StoreError};

/// How long a worker has an event for itself.
const LEASE: Duration = Duration::from_secs(300);
/// How long it works on it: the rest of the lease is for settling.
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
    pace: Option<Pace>,
    /// Attempts under way; each ends with when its event is to be tried again, if it is.
    running: JoinSet<Option<Timestamp>>,
    next_due: NextDue,
}

/// What was found out about the vendors of a target.
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
    pub(super) fn new(store: Store, connection: String, targets: watch::Receiver<Targets>) -> Self {
        let (running, next_due) = (JoinSet::new(), NextDue::Unknown);
        Self { store, connection, targets, pace: None, running, next_due }
    }

    /// Works until `stop`, then finishes what is under way.
    pub(super) async fn run(mut self, stop: CancellationToken) {
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
        self.running.join_all().await;
    }

    /// Starts as many deliveries as are due and have room. Returns how long only a change can make more of them.
    async fn start_due(&mut self) -> Result<Duration, StoreError> {
        while let Some(ended) = self.running.try_join_next() {
            self.ended(ended);
        }
        let Some(flow) = self.flow() else { return Ok(LONGEST_SLEEP) };
        let free = match flow.room(self.running.len()) {
            // All workers have something, or the connection is taken away: only a change makes room.
            Room::For(0) => return Ok(LONGEST_SLEEP),
            Room::For(free) => free,
            Room::From(time) => return Ok(until(time)),
        };
        let claimed = self.store.claim(&self.connection, free, LEASE, Timestamp::now()).await?;
        let all_busy = claimed.len() == free;
        // What was accepted under a new configuration must not be mapped by the one before.
        let flow = self.flow().unwrap_or(flow);
        let Some(pace) = &self.pace else { return Ok(LONGEST_SLEEP) };
        for claimed in claimed {
            let (target, flow, store) = (pace.of.clone(), flow.clone(), self.store.clone());
            let attempt = async move { deliver::deliver(&target, &flow, &store, claimed, ATTEMPT).await };
            self.running.spawn(attempt);
        }
        if all_busy { Ok(LONGEST_SLEEP) } else { self.until_next_due().await }
    }

    /// The pace of the target of this moment. With other clients, nothing is known of it yet.
    fn flow(&mut self) -> Option<Arc<Flow>> {
        let target = self.targets.borrow().get(&self.connection).cloned();
        let Some(target) = target else {
            if let Some(gone) = self.pace.take() {
                gone.of.metrics.forget_pace(&self.connection);
            }
            return None;
        };
        let flow = match &self.pace {
            Some(pace) if pace.of.is_as_fast_as(&target) => pace.flow.clone(),
            _ => Arc::new(Flow::new(&target)),
        };
        self.pace = Some(Pace { of: target, flow: flow.clone() });
        Some(flow)
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

fn until(time: Timestamp) -> Duration {
    let wait = Timestamp::now().until(time).ok().and_then(|span| Duration::try_from(span).ok());
    wait.unwrap_or_default().min(LONGEST_SLEEP)
}
