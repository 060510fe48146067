//! Answers, made of the desk of the moment.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    Served, TicketViews, Unavailable,
    desk::{Desk, Stale},
    entry::Id,
    keep,
    normalize::About,
    view::View,
};

/// Bytes of a content's hash that make its entity tag.
const ETAG_BYTES: usize = 16;

#[derive(Serialize)]
struct Count {
    ticketview_id: Id,
    count: usize,
}

impl Count {
    fn of(view: &View) -> Self {
        Self { ticketview_id: Id::new(&view.id), count: view.count }
    }
}

#[derive(Serialize)]
struct Counted<'a> {
    #[serde(flatten)]
    about: &'a About,
    ticket_count: Option<u64>,
}

impl<'a> Counted<'a> {
    fn of(view: &'a View) -> Self {
        Self { about: &view.card.about, ticket_count: view.ticket_count() }
    }
}

impl TicketViews {
    /// All views: `{"ticketviews":[…],"count","stale"}`.
    pub fn list(&self, connection: &str) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            ticketviews: Vec<Counted<'a>>,
            count: usize,
            stale: Option<&'a Stale>,
        }
        let desk = self.desk(connection)?;
        let ticketviews: Vec<Counted<'_>> =
            desk.views.values().map(|standing| Counted::of(&standing.view)).collect();
        let (count, stale) = (ticketviews.len(), desk.stale_at_all());
        serve(&Body { count, ticketviews, stale }, desk.changed_at(), desk.read_at)
    }

    /// One view: `{"ticketview":{…},"stale"}`.
    pub fn one(&self, connection: &str, id: &str) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            ticketview: Counted<'a>,
            stale: Option<&'a Stale>,
        }
        let desk = self.desk(connection)?;
        let standing = desk.view(id)?;
        let (view, stale) = (&standing.view, desk.stale_of(standing));
        serve(&Body { ticketview: Counted::of(view), stale }, view.changed_at, Some(standing.read_at))
    }

    /// A page of a view's tickets: `{"tickets":[…],"count","page","per_page","pages","cursor","stale"}`. A page past the
    /// last is empty.
    pub async fn tickets(
        &self,
        connection: &str,
        id: &str,
        page: usize,
        per_page: usize,
    ) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            tickets: Vec<Box<RawValue>>,
            count: usize,
            page: usize,
            per_page: usize,
            pages: usize,
            cursor: i64,
            stale: Option<&'a Stale>,
        }
        let desk = self.desk(connection)?;
        let standing = desk.enabled(id)?;
        let (view, stale) = (&standing.view, desk.stale_of(standing));
        let start = page.saturating_sub(1).saturating_mul(per_page);
        let entries = view.slice(start..start.saturating_add(per_page));
        let rows = keep::rows(&self.reading(connection)?.store, connection, &entries).await?;
        let tickets = rows.into_iter().map(|row| row.ticket).collect();
        let (count, cursor) = (view.count, view.version);
        let pages = count.div_ceil(per_page);
        let body = Body { tickets, count, page, per_page, pages, cursor, stale };
        serve(&body, view.changed_at, Some(standing.read_at))
    }

    /// How many tickets a view has: `{"ticketview_id","count","stale"}`.
    pub fn count(&self, connection: &str, id: &str) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(flatten)]
            count: Count,
            stale: Option<&'a Stale>,
        }
        let desk = self.desk(connection)?;
        let standing = desk.enabled(id)?;
        let (count, stale) = (Count::of(&standing.view), desk.stale_of(standing));
        serve(&Body { count, stale }, standing.view.changed_at, Some(standing.read_at))
    }

    /// How many tickets each of several views has, or each enabled one:
    /// `{"ticketview_counts":[{"ticketview_id","count"}],"stale"}`.
    pub fn counts(&self, connection: &str, ids: Option<&[&str]>) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Body<'a> {
            ticketview_counts: Vec<Count>,
            stale: Option<&'a Stale>,
        }
        let desk = self.desk(connection)?;
        let all: Vec<String> = desk.enabled_ids();
        let ids = ids.map_or_else(|| all.iter().map(String::as_str).collect(), <[&str]>::to_vec);
        let count = |id: &&str| desk.enabled(id).map(|standing| Count::of(&standing.view));
        let ticketview_counts = ids.iter().map(count).collect::<Result<_, _>>()?;
        serve(&Body { ticketview_counts, stale: desk.stale_at_all() }, desk.changed_at(), desk.read_at)
    }

    pub(super) fn desk(&self, connection: &str) -> Result<std::sync::Arc<Desk>, Unavailable> {
        let reading = self.reading(connection)?;
        let desk = reading.board.desk();
        if desk.read_at.is_some() {
            return Ok(desk);
        }
        let reason = desk.stale.as_ref().map(|stale| stale.reason.clone());
        Err(Unavailable::Pending { reason, retry_after_s: reading.source.every.as_secs().clamp(1, 5) })
    }
}

/// A body with what HTTP wants to know of it.
fn serve(
    body: &impl Serialize,
    last_modified: Timestamp,
    read_at: Option<Timestamp>,
) -> Result<Served, Unavailable> {
    let body = Bytes::from(serde_json::to_vec(body)?);
    let etag = format!("\"{}\"", hex::encode(&Sha256::digest(&body)[..ETAG_BYTES]));
    let age = read_at.map_or(0, |read| Timestamp::now().as_second() - read.as_second());
    Ok(Served { body, etag, last_modified, age_s: age.max(0).unsigned_abs() })
}
