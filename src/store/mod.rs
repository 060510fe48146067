//! What deskbridge keeps on disk: the journal of events with where each one stands, the links between source
//! and target entities, and the history of each ticket view.
//!
//! Promises: an accepted event, its dedup key and its place in its lane are committed together before `accept`
//! returns; `claim` hands out at most one event of a lane; a settled event and what it changed are committed
//! together. The store knows no clock and no vendor: whoever calls says what time it is.

mod archive;
mod bells;
mod census;
mod copy;
mod effect;
mod engine;
mod error;
mod gate;
mod journal;
mod link;
mod postgres;
mod record;
mod replay;
mod size;
mod sqlite;
mod tables;
mod upgrade;
mod upkeep;
mod views;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast};

pub use self::{
    archive::Archive,
    bells::Delivered,
    census::Census,
    copy::{Compared, Progress, Stage, Sum, Tell, is_same},
    effect::{Answered, Effect, Intent},
    error::StoreError,
    journal::{Accepted, Claimed, Former, Hold, Settled, Settlement},
    link::{Link, LinkKey},
    record::{Attempt, Backlog, Filter, HeldLane, Record, Summary},
    replay::{Replay, ReplayKey, ReplayMapping, UNCERTAIN},
    size::{Size, Stats},
    upgrade::Upgraded,
    upkeep::{DISK_RESERVE, LEAST_BUDGET, Limits, Look, Room, Tidied},
    views::{AsOf, ContentId, NewVersion, Piece, Version},
};
use self::{bells::Bells, census::Counting, engine::Engine, gate::Gate};
use crate::{
    event::{Event, EventId, Ignored, Lane, Outcome},
    fault::{self, Point},
};

/// Events replayed or discarded in one transaction: others wait for it.
const SOME: usize = 500;

/// A cheap handle to the store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    bells: Arc<Bells>,
    gate: Arc<Gate>,
    counting: Arc<Counting>,
}

impl Store {
    /// Opens `sqlite:PATH`, making the file, its folder and its tables where they are missing. Events that a
    /// worker of an earlier process had in hand are due again at `now`.
    ///
    /// Opens `postgres://…`, making the tables where they are missing, and waits for its server for half a minute.
    /// Events that another process has in hand are due again when their leases end.
    ///
    /// Errors: `UnknownEngine`; `InUse` when another process has the file; `Address`, `Unreachable`, `Refused` of a
    /// server; `Unfinished`; or the engine's own.
    pub async fn open(url: &str, now: Timestamp) -> Result<Self, StoreError> {
        Self::open_any(url, Some(now)).await?.finished().await
    }

    /// As `open`, for one who doesn't deliver: makes no file, and leaves leases as they are.
    ///
    /// Errors: `File` where there is none, or those of `open`.
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let found = std::fs::metadata(path);
            found.map_err(|source| StoreError::File { path: path.to_owned(), source })?;
        }
        Self::open_any(url, None).await?.finished().await
    }

    /// Opens whatever is there. Without `now`, leases stay as they are.
    async fn open_any(url: &str, now: Option<Timestamp>) -> Result<Self, StoreError> {
        let bells = Arc::default();
        let engine: Arc<dyn Engine> = if let Some(path) = url.strip_prefix("sqlite:") {
            Arc::new(sqlite::Sqlite::open(path.as_ref(), now)?)
        } else if postgres::is_address(url) {
            Arc::new(postgres::Postgres::open(url, now, Arc::clone(&bells)).await?)
        } else {
            return Err(StoreError::UnknownEngine);
        };
        Ok(Self { engine, bells, gate: Arc::default(), counting: Arc::default() })
    }

    /// Commits an event, or says that it is there already. The event is on disk when this returns.
    ///
    /// Errors: `Full`, `Overloaded`, or the engine's own: nothing was stored then, but after `Unreachable` nobody knows.
    /// Who offers the same bytes again is told.
    pub async fn accept(&self, event: Event, now: Timestamp) -> Result<Accepted, StoreError> {
        self.gate.take(event.body.len())?;
        let connection = event.connection.clone();
        let accepted = self.engine.accept(event, now).await.inspect_err(|error| self.gate.failed(error))?;
        fault::here(Point::AcceptAfterCommit);
        self.bells.arrived(&connection);
        Ok(accepted)
    }

    /// Commits several events of one connection in their order: all of them, or none where one of them is a
    /// `Conflict`. What each came to, or would have come to. On disk when this returns.
    ///
    /// Errors: as `accept`.
    pub async fn accept_all(
        &self,
        connection: &str,
        events: Vec<Event>,
        now: Timestamp,
    ) -> Result<Vec<Accepted>, StoreError> {
        self.gate.take(events.iter().map(|event| event.body.len()).sum())?;
        let accepted = self.engine.accept_all(connection, events, now).await;
        let accepted = accepted.inspect_err(|error| self.gate.failed(error))?;
        fault::here(Point::AcceptAfterCommit);
        self.bells.arrived(connection);
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

    /// Extends the leases that are still held, to `until`; those that are not any more are missing from the answer.
    pub async fn renew(&self, holds: Vec<Hold>, until: Timestamp) -> Result<Vec<Hold>, StoreError> {
        self.engine.renew(holds, until).await
    }

    /// The event of a lane that comes after the one of the sequence `after`, with its own sequence, if it waits for its turn:
    /// one that is parked or dead may never have it.
    pub async fn next_in_lane(
        &self,
        connection: &str,
        lane: &Lane,
        after: i64,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        self.engine.next_in_lane(connection, lane, after).await
    }

    /// What the other events of a lane than the one of the sequence `except` meant to make in a step, and of which
    /// nobody knows what came, oldest first: they may be dead or discarded since.
    pub async fn open_effects(
        &self,
        connection: &str,
        lane: &Lane,
        step: &str,
        except: i64,
    ) -> Result<Vec<Effect>, StoreError> {
        self.engine.open_effects(connection, lane, step, except).await
    }

    /// Writes down what a call is about to make at the target. On disk when this returns.
    ///
    /// Error: `LeaseLost` when the event is no longer this attempt's: then the call must not be made.
    pub async fn intend(&self, intent: Intent) -> Result<(), StoreError> {
        self.engine.intend(intent).await?;
        fault::here(Point::IntentAfterCommit);
        Ok(())
    }

    /// Records how an attempt ended, and lets the lane go on where it may.
    ///
    /// Error: `LeaseLost` when the event is no longer this attempt's.
    pub async fn settle(&self, settlement: Settlement) -> Result<(), StoreError> {
        let (connection, sequence) = (settlement.connection.clone(), settlement.sequence);
        let outcome = settlement.outcome.clone();
        self.engine.settle(settlement).await?;
        fault::here(Point::SettleAfterCommit);
        if let Outcome::Delivered(target) = outcome {
            self.bells.delivered(connection.clone(), target);
        }
        self.bells.settled(connection, sequence);
        Ok(())
    }

    /// Lets a parked or dead event be tried again, its attempts counted from one, in its old place in the lane: before
    /// all that were accepted later, and after one that is being delivered already.
    ///
    /// Errors: `NotFound`; `WrongStatus` when it is neither parked nor dead.
    pub async fn replay(
        &self,
        connection: &str,
        id: &EventId,
        how: Replay,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.engine.replay(connection, id, how, now).await?;
        self.bells.arrived(connection);
        Ok(())
    }

    /// Replays all parked and dead events that a filter meets, in the order of their acceptance; how many. The
    /// filter's limit doesn't count. What was replayed before an error stays replayed.
    pub async fn replay_all(
        &self,
        connection: &str,
        filter: Filter,
        how: Replay,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let filter = Filter { limit: SOME, ..filter };
        let (mut after, mut done) = (0, 0);
        loop {
            let some = self.engine.replay_some(connection, filter.clone(), after, how, now).await?;
            let Some(last) = some.last() else { return Ok(done) };
            (after, done) = (*last, done + some.len() as u64);
            self.bells.arrived(connection);
        }
    }

    /// Gives up a parked or dead event; its lane goes on.
    ///
    /// Errors: as `replay`.
    pub async fn discard(&self, connection: &str, id: &EventId, now: Timestamp) -> Result<(), StoreError> {
        let sequence = self.engine.discard(connection, id, now).await?;
        self.bells.arrived(connection);
        self.bells.settled(connection.to_owned(), sequence);
        Ok(())
    }

    /// Discards all parked and dead events that a filter meets; how many. As `replay_all`.
    pub async fn discard_all(
        &self,
        connection: &str,
        filter: Filter,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let filter = Filter { limit: SOME, ..filter };
        let (mut after, mut done) = (0, 0);
        loop {
            let some = self.engine.discard_some(connection, filter.clone(), after, now).await?;
            let Some(last) = some.last() else { return Ok(done) };
            (after, done) = (*last, done + some.len() as u64);
            self.bells.arrived(connection);
            some.into_iter().for_each(|sequence| self.bells.settled(connection.to_owned(), sequence));
        }
    }

    /// How many parked and dead events a filter meets.
    pub async fn count_held(&self, connection: &str, filter: Filter) -> Result<u64, StoreError> {
        self.engine.count_held(connection, filter).await
    }

    /// Everything known of one event.
    pub async fn event(&self, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError> {
        self.engine.event(connection, id).await
    }

    /// One page of a connection's events, newest first.
    pub async fn events(&self, connection: &str, filter: Filter) -> Result<Vec<Summary>, StoreError> {
        self.engine.events(connection, filter).await
    }

    /// One page of the lanes that a parked or dead event holds, by what that event meets of a filter, the newest such
    /// event first.
    pub async fn held_lanes(&self, connection: &str, filter: Filter) -> Result<Vec<HeldLane>, StoreError> {
        self.engine.held_lanes(connection, filter).await
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

    /// As `put_link`, by an attempt that must still have its event: what came after it is not written over.
    ///
    /// Error: `LeaseLost` when it hasn't.
    pub async fn put_link_of(&self, hold: &Hold, link: Link, now: Timestamp) -> Result<(), StoreError> {
        self.engine.put_link_of(hold, link, now).await
    }

    /// Keeps a mapping's content by its digest, for events that are to be delivered by it later.
    pub async fn keep_mapping(&self, digest: &str, content: &str, now: Timestamp) -> Result<(), StoreError> {
        self.engine.keep_mapping(digest, content, now).await
    }

    /// The content of the mapping of a digest.
    pub async fn mapping(&self, digest: &str) -> Result<Option<String>, StoreError> {
        self.engine.mapping(digest).await
    }

    /// How far a reader of a source's list has come, in its own words.
    pub async fn cursor(&self, connection: &str, name: &str) -> Result<Option<String>, StoreError> {
        self.engine.cursor(connection, name).await
    }

    /// Remembers how far a reader has come.
    pub async fn put_cursor(
        &self,
        connection: &str,
        name: &str,
        at: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.engine.put_cursor(connection, name, at, now).await
    }

    /// All cursors whose names begin so, in the order of their names: each with how far it is.
    pub async fn cursors(&self, connection: &str, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        self.engine.cursors(connection, prefix).await
    }

    /// Forgets how far a reader has come, if that is known.
    pub async fn forget_cursor(&self, connection: &str, name: &str) -> Result<(), StoreError> {
        self.engine.forget_cursor(connection, name).await
    }

    /// True if `holder` may do, until `until`, what only one process does at a time: nobody else does, or it did
    /// before.
    pub async fn lead(
        &self,
        name: &str,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.engine.lead(name, holder, until, now).await
    }

    /// What the store holds and may hold.
    pub async fn size(&self) -> Result<Size, StoreError> {
        self.engine.size().await
    }

    /// Hears of every settlement from now on. A listener that falls behind by thousands is told so and has to
    /// look for itself.
    pub fn settlements(&self) -> broadcast::Receiver<Settled> {
        self.bells.settlements()
    }

    /// Hears of every event that this process settles as delivered from now on. A listener that falls behind by thousands
    /// is told how many it missed.
    pub fn deliveries(&self) -> broadcast::Receiver<Delivered> {
        self.bells.deliveries()
    }

    /// Wakes whoever waits for work of `connection`: after each accept, replay and discard.
    pub fn arrivals(&self, connection: &str) -> Arc<Notify> {
        self.bells.arrivals(connection)
    }

    /// Transactions committed since the start.
    pub fn commits(&self) -> u64 {
        self.engine.commits()
    }

    /// SQL statements that the writer has run since the start, with those that begin and end its transactions.
    pub fn statements(&self) -> u64 {
        self.engine.statements()
    }

    /// Does what waits, then closes the files. Later calls answer `Closed`.
    pub fn close(&self) {
        self.engine.close();
    }
}

/// What did not reach the target, as it is kept on disk.
fn ignored_text(ignored: &[Ignored]) -> Option<String> {
    if ignored.is_empty() { None } else { serde_json::to_string(ignored).ok() }
}

/// A store's URL as it may be shown: without a password.
pub fn shown(url: &str) -> String {
    if postgres::is_address(url) { postgres::shown(url) } else { url.to_owned() }
}
