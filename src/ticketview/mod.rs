//! Bangwo8's ticket views: read in the background by one of all processes, kept in versions, served by each of them.
//!
//! Promises: a reader never waits for Bangwo8 and never sees a half-read view; what is served was the view's state at
//! one moment, and when a reading fails the last good one is served and marked. A view that hasn't changed is written
//! nowhere. In memory a ticket is its id and the name of its content; the content is in the store.

mod announce;
mod asks;
mod board;
mod bodies;
mod changes;
mod chunk;
mod compare;
mod compatible;
mod desk;
mod diff;
mod entry;
mod erase;
mod export;
mod failure;
mod feed;
mod fields;
mod follow;
mod gather;
mod keep;
mod lead;
mod news;
mod normalize;
mod prune;
mod page_cache;
mod past;
mod prepared;
mod read;
mod row;
mod run;
mod schedule;
mod serve;
mod turns;
mod stream;
mod trend;
mod view;
mod wire;

use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;

use self::board::Board;
pub use self::{
    announce::Subscription,
    asks::Refreshed,
    bodies::{MAX_PER_PAGE, PER_PAGE, Page},
    changes::{CursorError, MAX_CHANGES, Since},
    erase::{Forgetting, Forgotten, forget},
    export::{Broken, Export, Lines},
    feed::Batch,
    news::News,
    normalize::Id,
    past::Past,
    prepared::{Body, Encoding, Representation},
    prune::prune_unread,
    serve::Served,
    stream::{Listener, Told},
    trend::{MAX_POINTS, Span},
};
use crate::{
    bangwo8::Client,
    store::{Store, StoreError},
    telemetry::Metrics,
};

/// A connection whose views are read.
#[derive(PartialEq)]
pub struct Source {
    /// Name of the connection.
    pub connection: String,
    /// The vendor.
    pub client: Client,
    /// Zone of the times that are shown.
    pub time_zone: jiff::tz::TimeZone,
    /// Longest time between two readings of a view, and time between two of the list of views.
    pub every: Duration,
    /// For how long a state of a view is kept once another has followed it.
    pub history: Duration,
    /// Who is told what changes.
    pub subscribers: Vec<Subscription>,
}

/// The snapshots of all connections of one configuration.
#[derive(Default)]
pub struct TicketViews {
    desks: HashMap<String, Arc<Reading>>,
}

struct Reading {
    source: Source,
    store: Store,
    metrics: Arc<Metrics>,
    /// Shared with the reading that this one follows, if its connection was configured otherwise before.
    board: Arc<Board>,
}

/// Why there is nothing to serve.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The connection's views are not read.
    #[error("the connection doesn't read ticket views: set ticketviews.refresh_s")]
    Off,
    /// Nothing was read yet, of the connection or of the view.
    #[error("the views were not read yet{}", .reason.as_ref().map(|r| format!("; the last try failed: {r}")).unwrap_or_default())]
    Pending {
        /// The code of the error that the last try ended in.
        reason: Option<Cow<'static, str>>,
        /// When it is tried again, in seconds.
        retry_after_s: u64,
    },
    /// There is no such view, or it is switched off at Bangwo8.
    #[error("there is no enabled ticket view {view}; there are {}", .known.join(", "))]
    UnknownView {
        /// What was asked for.
        view: String,
        /// The ids of the enabled views.
        known: Vec<String>,
    },
    /// What was asked for is from before what is kept.
    #[error("what was before {oldest} is not kept: ask for that time or a later one")]
    HistoryGone {
        /// The oldest time that can be answered for.
        oldest: Timestamp,
    },
    /// The answer could not be written as JSON.
    #[error("the answer could not be written: {0}")]
    Unwritable(#[from] serde_json::Error),
    /// The tickets could not be had from the store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TicketViews {
    /// The views of the given connections. One that was read already is what it was in `before`, and its reading
    /// goes on undisturbed if nothing of its source is new; any other is as it was when last kept.
    pub async fn load(
        store: &Store,
        metrics: &Arc<Metrics>,
        sources: Vec<Source>,
        before: &Self,
    ) -> Result<Self, StoreError> {
        let mut desks = HashMap::new();
        for source in sources {
            let name = source.connection.clone();
            let board = match before.desks.get(&name) {
                Some(reading) if reading.source == source => {
                    desks.insert(name, reading.clone());
                    continue;
                }
                Some(reading) => reading.board.clone(),
                None => Arc::new(Board::new(keep::restore(store, &name).await?)),
            };
            let (store, metrics) = (store.clone(), metrics.clone());
            desks.insert(name, Arc::new(Reading { source, store, metrics, board }));
        }
        Ok(Self { desks })
    }

    /// True if the connection's views are read.
    pub fn reads(&self, connection: &str) -> bool {
        self.desks.contains_key(connection)
    }

    fn reading(&self, connection: &str) -> Result<&Arc<Reading>, Unavailable> {
        self.desks.get(connection).ok_or(Unavailable::Off)
    }
}
