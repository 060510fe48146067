//! What deskbridge keeps on disk: the journal of events with where each one stands, the links between source
//! and target entities, the history of each ticket view, and what operators did.
//!
//! Promises: an accepted event, its dedup key and its place in its lane are committed together before `accept`
//! returns; `claim` hands out at most one event of a lane; a settled event and what it changed are committed
//! together. The store knows no clock and no vendor: whoever calls says what time it is.

mod archive;
mod audit;
mod backup;
mod bells;
mod census;
mod connections;
mod copy;
mod effect;
mod engine;
mod erase;
mod error;
mod gate;
mod journal;
mod keep;
mod link;
mod operate;
mod place;
mod postgres;
mod record;
mod reencrypt;
mod replay;
mod seal;
mod size;
mod sqlite;
mod tables;
mod upgrade;
mod upkeep;
mod views;
mod written;

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast};

pub use self::{
    archive::Archive,
    audit::{Act, Action, AuditEntry, AuditFilter, UnknownAction},
    backup::{BackedUp, BackingUp, backup},
    bells::Delivered,
    census::Census,
    copy::{Compared, Progress, Stage, Sum, Tell, is_same},
    effect::{Answered, Effect, Intent},
    erase::{Erased, Erasure, Waiting},
    error::StoreError,
    journal::{Accepted, Claimed, Former, Hold, Settled, Settlement},
    link::{Link, LinkKey, SEQUENCE},
    place::Place,
    record::{Attempt, Backlog, Filter, HeldLane, Record, Summary},
    reencrypt::UnderKeys,
    replay::{Replay, ReplayKey, ReplayMapping, UNCERTAIN},
    seal::{Keyring, KeyringError},
    size::{Size, Stats},
    upgrade::Upgraded,
    upkeep::{DISK_RESERVE, LEAST_BUDGET, Limits, Look, Room, Tidied},
    views::{AsOf, ContentId, NewVersion, Piece, Version},
};
use self::{bells::Bells, census::Counting, engine::Engine, gate::Gate, place::file};
use crate::{
    event::{Event, EventId, Ignored, Lane, Outcome},
    fault::{self, Point},
};

/// A cheap handle to the store.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    bells: Arc<Bells>,
    gate: Arc<Gate>,
    counting: Arc<Counting>,
    keys: Keyring,
    /// Before when nothing is left to forget of what was written to entities, in unix milliseconds.
    forgotten_until: Arc<AtomicI64>,
}

impl Store {
    /// Opens `sqlite:PATH`, making the file, its folder and its tables where they are missing. Events that a
    /// worker of an earlier process had in hand are due again at `now`.
    ///
    /// Opens `postgres://…`, making the tables where they are missing, and waits for its server for half a minute.
    /// Events that another process has in hand are due again when their leases end.
    ///
    /// Errors: `UnknownEngine`; `InUse` when another process has the file; `Address`, `Unreachable`, `Refused` of a
    /// server; `KeyMissing`, `KeyWrong`; `Unfinished`; or the engine's own.
    pub async fn open(place: impl Into<Place>, now: Timestamp) -> Result<Self, StoreError> {
        Self::open_any(place.into(), Some(now)).await?.finished().await
    }

    /// As `open`, for one who doesn't deliver: makes no file, and leaves leases as they are.
    ///
    /// Errors: `File` where there is none, or those of `open`.
    pub async fn open_existing(place: impl Into<Place>) -> Result<Self, StoreError> {
        let place = place.into();
        if let Some(path) = file(&place.url) {
            sqlite::must_be_there(path.as_ref())?;
        }
        Self::open_any(place, None).await?.finished().await
    }

    /// Looks at a store's URL alone.
    ///
    /// Errors: `UnknownEngine`, or `Address` of a PostgreSQL.
    pub fn check(url: &str) -> Result<(), StoreError> {
        match file(url) {
            Some(_) => Ok(()),
            None if postgres::is_address(url) => postgres::check(url),
            None => Err(StoreError::UnknownEngine),
        }
    }

    /// Opens whatever is there. Without `now`, leases stay as they are.
    async fn open_any(place: Place, now: Option<Timestamp>) -> Result<Self, StoreError> {
        let (Place { url, keys }, bells) = (place, Arc::default());
        let engine: Arc<dyn Engine> = if let Some(path) = file(&url) {
            Arc::new(sqlite::Sqlite::open(path.as_ref(), now)?)
        } else if postgres::is_address(&url) {
            Arc::new(postgres::Postgres::open(&url, now, Arc::clone(&bells)).await?)
        } else {
            return Err(StoreError::UnknownEngine);
        };
        if let Err(error) = keys.meet(&*engine, now.unwrap_or(Timestamp::UNIX_EPOCH)).await {
            engine.close();
            return Err(error);
        }
        let forgotten_until = Arc::new(AtomicI64::new(i64::MIN));
        Ok(Self { engine, bells, gate: Arc::default(), counting: Arc::default(), keys, forgotten_until })
    }

    /// Commits an event, or says that it is there already. The event is on disk when this returns.
    ///
    /// Errors: `Full`, `Overloaded`, or the engine's own: nothing was stored then, but after `Unreachable` nobody knows.
    /// Who offers the same bytes again is told.
    pub async fn accept(&self, event: Event, now: Timestamp) -> Result<Accepted, StoreError> {
        self.gate.take(event.body.len())?;
        let connection = event.connection.clone();
        let event = self.keys.sealed_event(event)?;
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
        let events = events.into_iter().map(|event| self.keys.sealed_event(event));
        let events = events.collect::<Result<_, _>>()?;
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
        claimed.into_iter().map(|claimed| self.keys.opened_claim(claimed)).collect()
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
        let next = self.engine.next_in_lane(connection, lane, after).await?;
        next.map(|(sequence, event)| Ok((sequence, self.keys.opened_event(event)?))).transpose()
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
        let effects = self.engine.open_effects(connection, lane, step, except).await?;
        self.keys.opened_effects(connection, effects)
    }

    /// Writes down what a call is about to make at the target. On disk when this returns.
    ///
    /// Error: `LeaseLost` when the event is no longer this attempt's: then the call must not be made.
    pub async fn intend(&self, intent: Intent) -> Result<(), StoreError> {
        self.engine.intend(self.keys.sealed_intent(intent)?).await?;
        fault::here(Point::IntentAfterCommit);
        Ok(())
    }

    /// Records how an attempt ended, and lets the lane go on where it may.
    ///
    /// Error: `LeaseLost` when the event is no longer this attempt's.
    pub async fn settle(&self, settlement: Settlement) -> Result<(), StoreError> {
        let (connection, sequence) = (settlement.connection.clone(), settlement.sequence);
        let outcome = settlement.outcome.clone();
        self.engine.settle(self.keys.sealed_settlement(settlement)?).await?;
        fault::here(Point::SettleAfterCommit);
        if let Outcome::Delivered(target) = outcome {
            self.bells.delivered(connection.clone(), target);
        }
        self.bells.settled(connection, sequence);
        Ok(())
    }

    /// Everything known of one event.
    pub async fn event(&self, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError> {
        let record = self.engine.event(connection, id).await?;
        record.map(|record| self.keys.opened_record(record)).transpose()
    }

    /// One page of a connection's events, newest first.
    pub async fn events(&self, connection: &str, filter: Filter) -> Result<Vec<Summary>, StoreError> {
        let events = self.engine.events(connection, filter).await?;
        events.into_iter().map(|summary| self.keys.opened_summary(connection, summary)).collect()
    }

    /// One page of the lanes that a parked or dead event holds, by what that event meets of a filter, the newest such
    /// event first.
    pub async fn held_lanes(&self, connection: &str, filter: Filter) -> Result<Vec<HeldLane>, StoreError> {
        let lanes = self.engine.held_lanes(connection, filter).await?;
        lanes.into_iter().map(|lane| self.keys.opened_lane(connection, lane)).collect()
    }

    /// Succeeds if the store takes transactions.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.engine.ping().await
    }

    /// How many events of each connection hold their lane, by status.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        self.engine.backlog().await
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
