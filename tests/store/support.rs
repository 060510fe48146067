//! A store of its own for each test, and events and settlements to fill it with.

use std::time::Duration;

use bytes::Bytes;
use deskbridge::{
    event::{Event, EventId, EventType, Lane, Outcome, Reason, Status, TargetRef},
    store::{Accepted, Claimed, Record, Settlement, Store, StoreError},
};
use jiff::Timestamp;

pub(crate) use super::place::*;

pub(crate) const CONNECTION: &str = "acme";
pub(crate) const LEASE: Duration = Duration::from_millis(100);

/// So many milliseconds after the moment at which every test begins.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + ms).expect("a time")
}

/// A store in a place of its own.
pub(crate) struct Desk {
    pub(crate) store: Store,
    pub(crate) place: Place,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let place = Place::new().await;
        let store = Store::open(&place.url(), at(0)).await.expect("a new store");
        Self { store, place }
    }

    /// Another process in the same place after this one has ended, or the error that it meets.
    pub(crate) async fn reopen(self, now: Timestamp) -> Result<Self, StoreError> {
        let Self { store, place } = self;
        store.close();
        drop(store);
        let store = Store::open(&place.url(), now).await?;
        Ok(Self { store, place })
    }

    pub(crate) fn url(&self) -> String {
        self.place.url()
    }

    /// Accepts a new event at `at(0)` and returns its sequence.
    pub(crate) async fn accept(&self, lane: &str, id: &str) -> i64 {
        match self.store.accept(event(lane, id), at(0)).await.expect("the store works") {
            Accepted::New { sequence } => sequence,
            other => panic!("{id} is not new: {other:?}"),
        }
    }

    /// Claims for `LEASE`.
    pub(crate) async fn claim(&self, limit: usize, ms: i64) -> Vec<Claimed> {
        self.store.claim(CONNECTION, limit, LEASE, at(ms)).await.expect("the store works")
    }

    /// The ids of what is claimed.
    pub(crate) async fn claim_ids(&self, limit: usize, ms: i64) -> Vec<String> {
        self.claim(limit, ms).await.iter().map(|claimed| claimed.event.id.to_string()).collect()
    }

    /// Claims the one event that is due.
    pub(crate) async fn claim_one(&self, ms: i64) -> Claimed {
        let mut claimed = self.claim(10, ms).await;
        assert_eq!(claimed.len(), 1, "{claimed:?}");
        claimed.remove(0)
    }

    pub(crate) async fn record(&self, id: &str) -> Record {
        let record = self.store.event(CONNECTION, &EventId::stored(id.into())).await;
        record.expect("the store works").expect("the event is there")
    }

    pub(crate) async fn status(&self, id: &str) -> Status {
        self.record(id).await.summary.status
    }
}

/// An event of the lane `ticket:{lane}` whose bytes are its id.
pub(crate) fn event(lane: &str, id: &str) -> Event {
    event_with(lane, id, id)
}

/// An event with the given bytes.
pub(crate) fn event_with(lane: &str, id: &str, body: &str) -> Event {
    Event {
        connection: CONNECTION.into(),
        id: EventId::plain(id).expect("an id"),
        event_type: EventType::TicketUpdated,
        lane: Lane::new("ticket", lane).expect("a lane"),
        time: None,
        traceparent: None,
        body: Bytes::copy_from_slice(body.as_bytes()),
        digest: None,
        data: 0..body.len(),
        hint: false,
        version: None,
        verified_by: None,
    }
}

/// The end of an attempt; a dead event holds its lane.
pub(crate) fn settlement(claimed: &Claimed, outcome: Outcome, ms: i64) -> Settlement {
    Settlement {
        connection: claimed.event.connection.clone(),
        sequence: claimed.sequence,
        attempt: claimed.attempt,
        at: at(ms),
        outcome,
        hold_lane: true,
        links: Vec::new(),
        ignored: Vec::new(),
        calls: "[]".into(),
        answered: Vec::new(),
        mapping: None,
    }
}

pub(crate) fn delivered() -> Outcome {
    Outcome::Delivered(TargetRef { kind: "ticket".into(), id: "5237431".into() })
}

pub(crate) fn reason() -> Reason {
    Reason::new("unavailable", "Bangwo8 is not there")
}
