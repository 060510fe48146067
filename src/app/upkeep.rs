//! Keeps the store within its limits while the service runs: looks how it stands, and has events forgotten that are long
//! done, or done at all where room is short; then old states of ticket views go first.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    http::Api,
    store::{Limits, Look, Room, Store, StoreError},
    telemetry::{Metrics, StoreBytes},
    ticketview,
};

/// Time between two looks while there is work. What is accepted in between is counted, and may ask for a look at once.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Looks that are left out while nothing is written: the disk may fill by another hand.
const IDLE_LOOKS: u32 = 15;
/// Time between two searches for events past their age.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Time between two searches of ticket views that nobody reads any more for states past their age.
const VIEWS_EVERY: Duration = Duration::from_secs(60 * 60);
/// States of one connection's ticket views that are forgotten before each look, where room is short.
const SOME_STATES: usize = 64;
/// For how long a state is kept even then once another has followed it: who listens is about to read it.
const JUST_FOLLOWED: Duration = Duration::from_secs(60);
/// Pause between two pieces of tidying, for others to get ahead.
const BREATH: Duration = Duration::from_millis(20);
/// Wait after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(10);
/// What only one of several processes does at a time, and for how long it does unless it says so again.
const TIDYING: &str = "tidying";
const TENURE: Duration = Duration::from_secs(120);

pub(super) struct Upkeep {
    store: Store,
    metrics: Arc<Metrics>,
    limits: Limits,
    /// Whose connections' ticket views are read, and so kept in order by who reads them.
    api: Arc<ArcSwap<Api>>,
    /// This process among others.
    holder: String,
    room: Room,
    /// Settled events are going before their age, until there is plenty of room again.
    evicting: bool,
    tidy_at: Instant,
    views_at: Instant,
}

impl Upkeep {
    /// Measures the store for the first time: it may be full from the start.
    pub(super) async fn start(
        store: Store,
        metrics: Arc<Metrics>,
        limits: Limits,
        api: Arc<ArcSwap<Api>>,
    ) -> Result<Self, StoreError> {
        let (holder, tidy_at) = (format!("{:016x}", rand::random::<u64>()), Instant::now());
        let (room, evicting) = (Room::Ample, false);
        let mut upkeep =
            Self { store, metrics, limits, api, holder, room, evicting, tidy_at, views_at: tidy_at };
        upkeep.look().await?;
        Ok(upkeep)
    }

    /// Works until `stop`.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        tokio::select! { () = stop.cancelled() => {}, () = self.keep() => {} }
    }

    async fn keep(&mut self) {
        loop {
            match self.round().await {
                Ok(true) => tokio::time::sleep(BREATH).await,
                Ok(false) => self.rest().await,
                Err(error) => {
                    tracing::error!(%error, "the store can't be kept in order");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Until there may be something to do.
    async fn rest(&self) {
        let (strained, commits) = (self.store.strained(), self.store.commits());
        for _ in 0..IDLE_LOOKS {
            tokio::select! {
                () = strained.notified() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if self.store.commits() != commits || self.room != Room::Ample {
                return;
            }
        }
    }

    /// Looks, and tidies a piece if it is time. True if there is more to tidy.
    async fn round(&mut self) -> Result<bool, StoreError> {
        let look = self.look().await?;
        if !(self.evicting || self.tidy_at <= Instant::now()) || !self.leads().await? {
            return Ok(false);
        }
        // What was may go sooner than what was done, by which an event that is sent again is known.
        if self.evicting && self.thin().await? {
            return Ok(true);
        }
        let tidied = self.store.tidy(&self.limits, self.evicting, &look.size, Timestamp::now()).await?;
        self.metrics.store_pruned(tidied.aged, tidied.evicted);
        if !tidied.more {
            self.prune_unread().await?;
            self.tidy_at = Instant::now() + TIDY_EVERY;
        }
        Ok(tidied.more)
    }

    /// Forgets what was in ticket views that nobody reads any more as events are forgotten.
    async fn prune_unread(&mut self) -> Result<(), StoreError> {
        let Some(age) = self.limits.retention else { return Ok(()) };
        if self.views_at > Instant::now() {
            return Ok(());
        }
        self.views_at = Instant::now() + VIEWS_EVERY;
        let api = self.api.load_full();
        for connection in self.store.connections().await? {
            if !api.views.reads(&connection) {
                ticketview::prune_unread(&self.store, &connection, age, Timestamp::now()).await?;
            }
        }
        Ok(())
    }

    /// Forgets a piece of the history of each connection's ticket views, read or not, the oldest first; false if none is
    /// left.
    async fn thin(&self) -> Result<bool, StoreError> {
        let before = Timestamp::now().checked_sub(JUST_FOLLOWED).unwrap_or(Timestamp::MIN);
        let mut forgotten = 0;
        for connection in self.store.connections().await? {
            forgotten += self.store.prune_versions(&connection, before, SOME_STATES).await?;
        }
        Ok(forgotten > 0)
    }

    async fn leads(&self) -> Result<bool, StoreError> {
        let now = Timestamp::now();
        let until = now.checked_add(TENURE).unwrap_or(now);
        self.store.lead(TIDYING, &self.holder, until, now).await
    }

    async fn look(&mut self) -> Result<Look, StoreError> {
        let look = self.store.look(&self.limits).await?;
        let (size, budget) = (look.size, self.limits.budget);
        let bytes = StoreBytes { used: size.used, taken: size.taken, budget, disk_free: size.free };
        self.metrics.store_measured(bytes, look.room == Room::Full);
        tell_turn(self.room, &look, budget);
        self.room = look.room;
        self.evict(look.room);
        Ok(look)
    }

    /// What has begun to go goes on until there is plenty of room.
    fn evict(&mut self, room: Room) {
        let evicting = room <= Room::Tight || (self.evicting && room == Room::Fair);
        if evicting && !self.evicting {
            tracing::warn!(
                "the store is short of room: old states of ticket views, and then the oldest settled events, are forgotten \
                 before their age, and with these that their ids were used; raise DESKBRIDGE_DISK_BUDGET_BYTES or make room on the disk to keep them longer"
            );
        }
        self.evicting = evicting;
    }
}

/// Says once that intake was shut, and once that it is open again.
fn tell_turn(before: Room, look: &Look, budget: Option<u64>) {
    let (used, free) = (look.size.used, look.size.free);
    match (before == Room::Full, look.room == Room::Full) {
        (false, true) => tracing::error!(
            used,
            budget,
            free,
            "the store is full: events are refused with 503 until there is room; deliveries go on"
        ),
        (true, false) => tracing::info!(used, budget, free, "the store has room again: events are accepted"),
        _ => {}
    }
}
