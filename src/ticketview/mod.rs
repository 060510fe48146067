//! Bangwo8's ticket views as snapshots: read in the background, served from memory. A reader never waits for
//! Bangwo8 and never sees a half-read view; when a reading fails, the last good one is served and marked.

mod normalize;
mod refresh;
mod run;
mod snapshot;
mod wire;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use self::snapshot::{Desk, Stale, View};
use crate::{
    bangwo8::Client,
    store::{Store, StoreError},
    telemetry::Metrics,
};

/// Tickets on one page at most.
pub const MAX_PER_PAGE: usize = 1000;
/// Tickets on one page unless asked otherwise.
pub const PER_PAGE: usize = 100;

/// A connection whose views are read.
#[derive(PartialEq)]
pub struct Source {
    /// Name of the connection.
    pub connection: String,
    /// The vendor.
    pub client: Client,
    /// Zone of the times that are shown.
    pub time_zone: jiff::tz::TimeZone,
    /// Time between two readings.
    pub every: Duration,
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
    desk: Arc<ArcSwap<Desk>>,
}

/// An answer that is ready to be sent.
#[derive(Debug)]
pub struct Served {
    /// JSON.
    pub body: Bytes,
    /// Strong entity tag of the body, in its quotes.
    pub etag: String,
    /// When the content last changed.
    pub last_modified: Timestamp,
    /// Seconds since the vendor was last read successfully.
    pub age_s: u64,
}

/// Why there is nothing to serve.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The connection's views are not read.
    #[error("the connection doesn't read ticket views: set ticketviews.refresh_s")]
    Off,
    /// Nothing was read yet.
    #[error("the views were not read yet{}", .reason.map(|r| format!("; the last try failed: {r}")).unwrap_or_default())]
    Pending {
        /// The code of the error that the last try ended in.
        reason: Option<&'static str>,
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
    /// The answer could not be written as JSON.
    #[error("the answer could not be written: {0}")]
    Unwritable(#[from] serde_json::Error),
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
            let desk = match before.desks.get(&name) {
                Some(reading) if reading.source == source => {
                    desks.insert(name, reading.clone());
                    continue;
                }
                Some(reading) => reading.desk.clone(),
                None => Arc::new(ArcSwap::from_pointee(Desk::restore(store.snapshots(&name).await?))),
            };
            let (store, metrics) = (store.clone(), metrics.clone());
            desks.insert(name, Arc::new(Reading { source, store, metrics, desk }));
        }
        Ok(Self { desks })
    }

    /// All views: `{"ticketviews":[…],"count","stale"}`.
    pub fn list(&self, connection: &str) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            ticketviews: Vec<&'a RawValue>,
            count: usize,
            stale: &'a Option<Stale>,
        }
        let desk = self.desk(connection)?;
        let ticketviews: Vec<&RawValue> = desk.views.values().map(|view| &*view.about).collect();
        desk.serve(&Body { count: ticketviews.len(), ticketviews, stale: &desk.stale }, desk.changed_at())
    }

    /// One view: `{"ticketview":{…},"stale"}`.
    pub fn one(&self, connection: &str, id: &str) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            ticketview: &'a RawValue,
            stale: &'a Option<Stale>,
        }
        let desk = self.desk(connection)?;
        let view = desk.views.get(&key(id)).ok_or_else(|| desk.unknown(id))?;
        desk.serve(&Body { ticketview: &view.about, stale: &desk.stale }, view.changed_at)
    }

    /// A page of a view's tickets: `{"tickets":[…],"count","page","per_page","pages","stale"}`. A page past the
    /// last is empty.
    pub fn tickets(
        &self,
        connection: &str,
        id: &str,
        page: usize,
        per_page: usize,
    ) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            tickets: &'a [Box<RawValue>],
            count: usize,
            page: usize,
            per_page: usize,
            pages: usize,
            stale: &'a Option<Stale>,
        }
        let desk = self.desk(connection)?;
        let view = desk.enabled(id)?;
        let count = view.tickets.len();
        let start = page.saturating_sub(1).saturating_mul(per_page).min(count);
        let tickets = &view.tickets[start..start.saturating_add(per_page).min(count)];
        let pages = count.div_ceil(per_page);
        desk.serve(&Body { tickets, count, page, per_page, pages, stale: &desk.stale }, view.changed_at)
    }

    /// How many tickets a view has: `{"ticketview_id","count","stale"}`.
    pub fn count(&self, connection: &str, id: &str) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(flatten)]
            count: Count,
            stale: &'a Option<Stale>,
        }
        let desk = self.desk(connection)?;
        let view = desk.enabled(id)?;
        desk.serve(&Body { count: Count::of(id, view), stale: &desk.stale }, view.changed_at)
    }

    /// How many tickets each of several views has, or each enabled one:
    /// `{"ticketview_counts":[{"ticketview_id","count"}],"stale"}`.
    pub fn counts(&self, connection: &str, ids: Option<&[&str]>) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            ticketview_counts: Vec<Count>,
            stale: &'a Option<Stale>,
        }
        let desk = self.desk(connection)?;
        let all: Vec<String> = desk.enabled_ids();
        let ids = ids.map_or_else(|| all.iter().map(String::as_str).collect(), <[&str]>::to_vec);
        let count = |id: &&str| desk.enabled(id).map(|view| Count::of(id, view));
        let ticketview_counts = ids.iter().map(count).collect::<Result<_, _>>()?;
        desk.serve(&Body { ticketview_counts, stale: &desk.stale }, desk.changed_at())
    }

    fn desk(&self, connection: &str) -> Result<Arc<Desk>, Unavailable> {
        let reading = self.desks.get(connection).ok_or(Unavailable::Off)?;
        let desk = reading.desk.load_full();
        if desk.read_at.is_some() {
            return Ok(desk);
        }
        let reason = desk.stale.as_ref().map(|stale| stale.reason);
        Err(Unavailable::Pending { reason, retry_after_s: reading.source.every.as_secs().clamp(1, 5) })
    }
}

#[derive(Serialize)]
struct Count {
    ticketview_id: normalize::Id,
    count: usize,
}

impl Count {
    fn of(id: &str, view: &View) -> Self {
        Self { ticketview_id: normalize::Id::new(id), count: view.tickets.len() }
    }
}

/// Views by id. Ids are numbers in text; shorter ones first puts them in the order of the numbers.
type Views = BTreeMap<(usize, String), View>;

fn key(id: &str) -> (usize, String) {
    (id.len(), id.to_owned())
}
