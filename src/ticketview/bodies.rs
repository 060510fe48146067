//! The shapes of what is served, of any state of a view, be it of now or of before. Pure.
//!
//! Every body ends with `"stale":null}`, over which a mark can be written; see [`Body::marked`].

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    normalize::{About, Id},
    prepared::Body,
    view::{Card, View},
};

/// Tickets on one page at most.
pub const MAX_PER_PAGE: usize = 1000;
/// Tickets on one page unless asked otherwise.
pub const PER_PAGE: usize = 100;

/// Some of a view's tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Page {
    /// From 1.
    pub number: usize,
    /// Tickets on each page but the last; not 0.
    pub size: usize,
}

impl Page {
    /// The one that is asked for most.
    pub const FIRST: Self = Self { number: 1, size: PER_PAGE };

    /// The tickets' places in the view; past its end there are none.
    pub(super) fn range(self, count: usize) -> std::ops::Range<usize> {
        let start = self.number.saturating_sub(1).saturating_mul(self.size).min(count);
        start..start.saturating_add(self.size).min(count)
    }

    /// How many pages there are of so many tickets.
    pub(super) fn of(self, count: usize) -> usize {
        count.div_ceil(self.size)
    }
}

/// What a body says of how fresh it is, until it is marked.
type Fresh = ();

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a Id,
    title: &'a Option<String>,
    active: Option<bool>,
    ticket_count: Option<u64>,
    created_at: &'a Option<String>,
    updated_at: &'a Option<String>,
}

impl<'a> Shown<'a> {
    fn of(card: &'a Card, count: u64) -> Self {
        let About { id, title, active, created_at, updated_at } = &card.about;
        let ticket_count = if card.enabled { Some(count) } else { card.listed };
        Self { id, title, active: *active, ticket_count, created_at, updated_at }
    }
}

/// `{"ticketviews":[…],"count","stale"}` of views with how many tickets each has.
pub(super) fn list<'a>(views: impl Iterator<Item = (&'a Card, u64)>) -> serde_json::Result<Body> {
    #[derive(Serialize)]
    struct List<'a> {
        ticketviews: Vec<Shown<'a>>,
        count: usize,
        stale: Fresh,
    }
    let ticketviews: Vec<Shown<'_>> = views.map(|(card, count)| Shown::of(card, count)).collect();
    Body::json(&List { count: ticketviews.len(), ticketviews, stale: () })
}

/// `{"ticketview":{…},"stale"}`.
pub(super) fn one(card: &Card, count: u64) -> serde_json::Result<Body> {
    #[derive(Serialize)]
    struct One<'a> {
        ticketview: Shown<'a>,
        stale: Fresh,
    }
    Body::json(&One { ticketview: Shown::of(card, count), stale: () })
}

/// `{"tickets":[…],"count","page","per_page","pages","cursor","stale"}` of a page's tickets.
pub(super) fn tickets(
    tickets: &[&RawValue],
    page: Page,
    count: usize,
    cursor: i64,
) -> serde_json::Result<Body> {
    #[derive(Serialize)]
    struct Tickets<'a> {
        tickets: &'a [&'a RawValue],
        count: usize,
        page: usize,
        per_page: usize,
        pages: usize,
        cursor: i64,
        stale: Fresh,
    }
    let (pages, Page { number: page, size: per_page }) = (page.of(count), page);
    Body::json(&Tickets { tickets, count, page, per_page, pages, cursor, stale: () })
}

/// How many tickets a view has.
#[derive(Serialize)]
pub(super) struct Count<'a> {
    ticketview_id: &'a Id,
    count: u64,
}

impl<'a> Count<'a> {
    pub(super) fn new(card: &'a Card, count: u64) -> Self {
        Self { ticketview_id: &card.about.id, count }
    }

    pub(super) fn of(view: &'a View) -> Self {
        Self::new(&view.card, view.count as u64)
    }
}

/// `{"ticketview_id","count","stale"}`.
pub(super) fn count(count: Count<'_>) -> serde_json::Result<Body> {
    #[derive(Serialize)]
    struct One<'a> {
        #[serde(flatten)]
        count: Count<'a>,
        stale: Fresh,
    }
    Body::json(&One { count, stale: () })
}

/// `{"ticketview_counts":[{"ticketview_id","count"}],"stale"}`.
pub(super) fn counts(counts: Vec<Count<'_>>) -> serde_json::Result<Body> {
    #[derive(Serialize)]
    struct Several<'a> {
        ticketview_counts: Vec<Count<'a>>,
        stale: Fresh,
    }
    Body::json(&Several { ticketview_counts: counts, stale: () })
}
