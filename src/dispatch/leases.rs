//! The leases of a connection's attempts: renewed together while any runs, and not at all when none does. An attempt
//! whose lease is lost, or may be, is told so that it stops: somebody else may have its event.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::store::{Claimed, Hold, Store};

/// Renewals that a lease lasts for: one may come late or fail, and another is made before it ends.
const RENEWALS: u32 = 3;

/// See the module.
pub(super) struct Leases {
    store: Store,
    connection: String,
    lasts: Duration,
    held: Mutex<HashMap<Key, Lease>>,
    taken: Notify,
}

/// Sequence and attempt.
type Key = (i64, u32);

struct Lease {
    /// By this process's own clock: from here on, a call that is under way may outlast the lease.
    safe_until: Instant,
    lost: CancellationToken,
}

/// An attempt's lease; let go when dropped.
pub(super) struct Held {
    leases: Arc<Leases>,
    key: Key,
    lost: CancellationToken,
}

impl Leases {
    /// None yet, each to last so long.
    pub(super) fn new(store: Store, connection: String, lasts: Duration) -> Self {
        Self { store, connection, lasts, held: Mutex::default(), taken: Notify::new() }
    }

    /// How long one lasts.
    pub(super) fn lasts(&self) -> Duration {
        self.lasts
    }

    /// Keeps the lease of an event that was claimed at `since`.
    pub(super) fn hold(self: &Arc<Self>, claimed: &Claimed, since: Timestamp) -> Held {
        let (key, lost) = ((claimed.sequence, claimed.attempt), CancellationToken::new());
        self.held().insert(key, Lease { safe_until: self.safe(since), lost: lost.clone() });
        self.taken.notify_one();
        Held { leases: self.clone(), key, lost }
    }

    /// Renews for ever. To be dropped with whoever claims.
    pub(super) async fn keep(&self) {
        loop {
            if self.held().is_empty() {
                self.taken.notified().await;
            }
            tokio::time::sleep(self.lasts / RENEWALS).await;
            self.renew(Timestamp::now()).await;
        }
    }

    /// Where the store doesn't answer, each attempt sees by itself when it has to end.
    async fn renew(&self, now: Timestamp) {
        let holds = self.holds();
        if holds.is_empty() {
            return;
        }
        let safe_until = self.safe(now);
        match self.store.renew(holds.clone(), self.end(now)).await {
            Ok(ours) => self.renewed(&holds, &ours, safe_until),
            Err(error) => {
                tracing::error!(connection = %self.connection, %error, "leases could not be renewed");
            }
        }
    }

    fn holds(&self) -> Vec<Hold> {
        let hold = |(sequence, attempt): &Key| Hold {
            connection: self.connection.clone(),
            sequence: *sequence,
            attempt: *attempt,
        };
        self.held().keys().map(hold).collect()
    }

    /// What was claimed meanwhile was not asked for.
    fn renewed(&self, asked: &[Hold], ours: &[Hold], safe_until: Instant) {
        let mut held = self.held();
        for hold in asked {
            match held.get_mut(&(hold.sequence, hold.attempt)) {
                Some(lease) if ours.contains(hold) => lease.safe_until = safe_until,
                Some(lease) => self.lose(hold.sequence, lease),
                None => {}
            }
        }
    }

    fn lose(&self, sequence: i64, lease: &Lease) {
        let connection = &self.connection;
        tracing::error!(connection, event.sequence = sequence, "a lease was lost: its attempt is given up");
        lease.lost.cancel();
    }

    fn end(&self, since: Timestamp) -> Timestamp {
        since.checked_add(self.lasts).unwrap_or(Timestamp::MAX)
    }

    /// A renewal's time before the end: what is sent until then has arrived when the lease ends.
    fn safe(&self, since: Timestamp) -> Instant {
        let gone = Duration::try_from(since.until(Timestamp::now()).unwrap_or_default()).unwrap_or_default();
        Instant::now() + (self.lasts - self.lasts / RENEWALS).saturating_sub(gone)
    }

    fn safe_until(&self, key: Key) -> Option<Instant> {
        self.held().get(&key).map(|lease| lease.safe_until)
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Lease>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Returns when the event is no longer this attempt's, or soon may not be: a store that doesn't answer renews nothing.
    pub(super) async fn lost(&self) {
        while let Some(end) = self.leases.safe_until(self.key).filter(|end| *end > Instant::now()) {
            tokio::select! {
                () = self.lost.cancelled() => return,
                () = tokio::time::sleep_until(end) => {}
            }
        }
        tracing::error!(
            event.sequence = self.key.0,
            "a lease could not be renewed in time: its attempt is given up"
        );
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.leases.held().remove(&self.key);
    }
}

#[cfg(test)]
mod tests;
