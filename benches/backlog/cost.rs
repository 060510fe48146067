//! What an accept, a claim and a settlement take on a journal, each over all events of a round.

use std::time::{Duration, Instant};

use deskbridge::{
    event::{Event, EventType, Outcome, TargetRef},
    store::{Claimed, Link, Settlement, Store},
};
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};
use jiff::Timestamp;

use crate::{
    Options, Result,
    place::Place,
    row::{CONNECTION, Row, Shape},
};

/// Accepts at once: senders of a busy connection.
const SENDERS: usize = 64;
/// Events claimed at once: workers of a busy connection.
const WORKERS: usize = 32;
/// Events of a lane in a round. Most settlements make another event due on both journals, then: without that the full one
/// would have more to do by what it is, and not by how long it is.
const DEPTH: u64 = 8;
/// Far from every multiple of the number of lanes, so that a round's lanes lie all over the index.
const STRIDE: u64 = 7919;
const LEASE: Duration = Duration::from_secs(30);

/// An open journal.
pub(crate) struct Journal {
    store: Store,
    /// How long it took to open.
    pub(crate) opened_in: Duration,
}

/// What a round took, an event.
pub(crate) struct Round {
    pub(crate) accept: Duration,
    pub(crate) claim: Duration,
    pub(crate) settle: Duration,
}

/// The events of a round: new ones, in lanes where others wait.
pub(crate) fn events(shape: &Shape, options: &Options, round: u64) -> Vec<Row> {
    let (count, lanes) = (options.round_events, (options.round_events / DEPTH).max(1));
    let row = |place: u64| {
        let lane = ((round * lanes + place % lanes) * STRIDE) % shape.lanes;
        shape.row(options.events + round * count + place, lane, EventType::TicketUpdated)
    };
    (0..count).map(row).collect()
}

impl Journal {
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let started = Instant::now();
        let store = Store::open(&place.url(), Timestamp::now()).await?;
        Ok(Self { store, opened_in: started.elapsed() })
    }

    /// Accepts the events, and claims and settles as many.
    pub(crate) async fn round(&self, events: &[Row]) -> Result<Round> {
        let count = u32::try_from(events.len())?;
        let accept = self.accept(events).await?;
        let (mut claim, mut settle, mut settled) = (Duration::ZERO, Duration::ZERO, 0);
        while settled < events.len() {
            let started = Instant::now();
            let limit = WORKERS.min(events.len() - settled);
            let claimed = self.store.claim(CONNECTION, limit, LEASE, Timestamp::now()).await?;
            let claimed_at = Instant::now();
            if claimed.is_empty() {
                return Err("nothing is due where something should be".into());
            }
            settled += claimed.len();
            try_join_all(claimed.iter().map(|claimed| self.store.settle(delivered(claimed)))).await?;
            claim += claimed_at - started;
            settle += claimed_at.elapsed();
        }
        Ok(Round { accept: accept / count, claim: claim / count, settle: settle / count })
    }

    async fn accept(&self, events: &[Row]) -> Result<Duration> {
        let events = events.iter().map(Row::event).collect::<Result<Vec<Event>>>()?;
        let started = Instant::now();
        let accepts = events.into_iter().map(|event| self.store.accept(event, Timestamp::now()));
        stream::iter(accepts).buffer_unordered(SENDERS).try_collect::<Vec<_>>().await?;
        Ok(started.elapsed())
    }

    /// How long it takes to count what waits.
    pub(crate) async fn count(&self) -> Result<Duration> {
        let started = Instant::now();
        self.store.backlog().await?;
        Ok(started.elapsed())
    }

    pub(crate) fn close(&self) {
        self.store.close();
    }
}

fn delivered(claimed: &Claimed) -> Settlement {
    let target_id = format!("52{}", claimed.sequence);
    let lane = &claimed.event.lane;
    let link = Link {
        key: lane.into(),
        target_id: target_id.clone(),
        version: Some(claimed.sequence),
        written: None,
    };
    Settlement {
        connection: CONNECTION.into(),
        sequence: claimed.sequence,
        attempt: claimed.attempt,
        at: Timestamp::now(),
        outcome: Outcome::Delivered(TargetRef { kind: lane.kind().to_owned(), id: target_id }),
        hold_lane: true,
        links: vec![link],
        ignored: Vec::new(),
        calls: r#"[{"method":"PUT","status":200,"ms":40}]"#.to_owned(),
        answered: Vec::new(),
        mapping: None,
    }
}
