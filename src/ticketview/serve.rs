//! What is known now, as answers: a look into what is held in memory, but for pages that were not asked for before.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::value::RawValue;
use tokio::{sync::OnceCell, task::spawn_blocking};

use super::{
    Reading, TicketViews, Unavailable,
    bodies::{self, Count, Page},
    desk::{Desk, Stale, Standing},
    entry::Entry,
    keep,
    page_cache::Key,
    prepared::{Body, http_date},
    row::Row,
    view::View,
};
use crate::store::StoreError;

/// An answer that is ready to be sent.
#[derive(Debug)]
pub struct Served {
    /// JSON.
    pub body: Body,
    /// When the content last changed, as HTTP writes it.
    pub last_modified: Bytes,
    /// Seconds since the vendor was last read successfully; `None` of what was in force before.
    pub age_s: Option<u64>,
    /// The code of the error for which it is older than it should be.
    pub stale: Option<Cow<'static, str>>,
}

/// The bodies of a view that are asked for most, and when it changed.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    one: OnceLock<Body>,
    count: OnceLock<Body>,
    /// The page of tickets that is asked for most.
    first: OnceCell<Body>,
    last_modified: OnceLock<Bytes>,
}

impl TicketViews {
    /// All views: `{"ticketviews":[…],"count","stale"}`.
    pub fn list(&self, connection: &str) -> Result<Served, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        let views = desk.views.values().map(|standing| (&standing.view.card, standing.view.count as u64));
        let body = reading.board.pages.get(&Key::List(desk.version), || bodies::list(views))?;
        reading.of_all(body, &desk)
    }

    /// One view: `{"ticketview":{…},"stale"}`.
    pub fn one(&self, connection: &str, id: &str) -> Result<Served, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        let standing = desk.view(id)?;
        let view = &standing.view;
        reading.of_one(view.prepared.one(view)?, &desk, standing)
    }

    /// A page of a view's tickets: `{"tickets":[…],"count","page","per_page","pages","cursor","stale"}`. A page past
    /// the last is empty.
    pub async fn tickets(&self, connection: &str, id: &str, page: Page) -> Result<Served, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        let standing = desk.enabled(id)?;
        let body = reading.page(&standing.view, page).await?;
        reading.of_one(body, &desk, standing)
    }

    /// The first page as `tickets` would answer it, if it lies prepared.
    pub fn first_tickets(&self, connection: &str, id: &str) -> Option<Served> {
        let (reading, desk) = self.desk(connection).ok()?;
        let standing = desk.enabled(id).ok()?;
        let body = standing.view.prepared.first.get()?.clone();
        reading.of_one(body, &desk, standing).ok()
    }

    /// How many tickets a view has: `{"ticketview_id","count","stale"}`.
    pub fn count(&self, connection: &str, id: &str) -> Result<Served, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        let standing = desk.enabled(id)?;
        let view = &standing.view;
        reading.of_one(view.prepared.count(view)?, &desk, standing)
    }

    /// How many tickets each of several views has, or each enabled one:
    /// `{"ticketview_counts":[{"ticketview_id","count"}],"stale"}`.
    pub fn counts(&self, connection: &str, ids: Option<&[&str]>) -> Result<Served, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        let body = match ids {
            Some(ids) => {
                let counts = ids.iter().map(|id| desk.enabled(id).map(|standing| Count::of(&standing.view)));
                bodies::counts(counts.collect::<Result<_, _>>()?)?
            }
            None => {
                let enabled = desk.views.values().filter(|standing| standing.view.card.enabled);
                let counts = || bodies::counts(enabled.map(|standing| Count::of(&standing.view)).collect());
                reading.board.pages.get(&Key::Counts(desk.version), counts)?
            }
        };
        reading.of_all(body, &desk)
    }

    /// How a connection stands.
    pub(super) fn desk(&self, connection: &str) -> Result<(&Arc<Reading>, Arc<Desk>), Unavailable> {
        let reading = self.reading(connection)?;
        let desk = reading.board.desk();
        if desk.read_at.is_some() {
            return Ok((reading, desk));
        }
        let reason = desk.stale.as_ref().map(|stale| stale.reason.clone());
        Err(Unavailable::Pending { reason, retry_after_s: reading.source.every.as_secs().clamp(1, 5) })
    }
}

impl Reading {
    /// Puts out a desk, once what will be asked for of its new views is made. One that can't be made now is made for the
    /// first who asks.
    pub(super) async fn put(&self, desk: Desk) {
        let before = self.board.desk();
        for (key, Standing { view, .. }) in desk.views.iter().map(|(key, standing)| (key, &**standing)) {
            let known = before.views.get(key).is_some_and(|known| Arc::ptr_eq(&known.view, view));
            if !known && let Err(error) = self.prepare(view).await {
                let connection = &self.source.connection;
                tracing::warn!(connection, view = view.id, %error, "a view could not be prepared to be served");
            }
        }
        self.board.put(desk);
    }

    /// Makes what will be asked for of a view, before anybody asks.
    async fn prepare(&self, view: &Arc<View>) -> Result<(), Unavailable> {
        self.page(view, Page::FIRST).await?;
        let view = view.clone();
        let made = spawn_blocking(move || {
            let bodies = [view.prepared.one(&view), view.prepared.count(&view)];
            view.prepared.first.get().into_iter().for_each(Body::compress);
            bodies.into_iter().try_for_each(|body| body.map(|body| body.compress()))
        });
        Ok(made.await.map_err(|error| Unavailable::Unwritable(serde::ser::Error::custom(error)))??)
    }

    /// The page's tickets, from the store if nobody asked for them before.
    pub(super) async fn page(&self, view: &View, page: Page) -> Result<Body, Unavailable> {
        let made = async {
            let rows = self.rows(&view.slice(page.range(view.count))).await?;
            let tickets: Vec<&RawValue> = rows.iter().map(|row| &*row.ticket).collect();
            Ok(bodies::tickets(&tickets, page, view.count, view.version)?)
        };
        if page == Page::FIRST {
            return Ok(view.prepared.first.get_or_try_init(|| made).await?.clone());
        }
        // Of those there is no end, and each is made of nothing.
        if page.range(view.count).is_empty() {
            return made.await;
        }
        self.board.pages.fetch(&Key::Tickets(view.version, page), made).await
    }

    pub(super) async fn rows(&self, entries: &[Entry]) -> Result<Vec<Row>, StoreError> {
        keep::rows(&self.store, &self.source.connection, entries).await
    }

    /// A body about one view, marked if it is stale.
    pub(super) fn of_one(&self, body: Body, desk: &Desk, standing: &Standing) -> Result<Served, Unavailable> {
        let body = self.marked(body, desk.stale_of(standing))?;
        Ok(of_one(body, desk, standing))
    }

    /// A body about all of them, marked if any is stale.
    fn of_all(&self, body: Body, desk: &Desk) -> Result<Served, Unavailable> {
        let body = self.marked(body, desk.stale_at_all())?;
        Ok(of_all(body, desk))
    }

    /// The body with a mark, if it needs one.
    fn marked(&self, body: Body, stale: Option<&Stale>) -> serde_json::Result<Body> {
        let Some(stale) = stale else { return Ok(body) };
        let key = Key::Marked(body.tag().to_owned(), stale.clone());
        self.board.pages.get(&key, || body.marked(stale))
    }
}

impl Prepared {
    fn one(&self, view: &View) -> serde_json::Result<Body> {
        made(&self.one, || bodies::one(&view.card, view.count as u64))
    }

    fn count(&self, view: &View) -> serde_json::Result<Body> {
        made(&self.count, || bodies::count(Count::of(view)))
    }

    fn last_modified(&self, view: &View) -> Bytes {
        self.last_modified.get_or_init(|| http_date(view.changed_at)).clone()
    }
}

/// What is in the cell, or else what comes into it.
fn made(cell: &OnceLock<Body>, make: impl FnOnce() -> serde_json::Result<Body>) -> serde_json::Result<Body> {
    match cell.get() {
        Some(body) => Ok(body.clone()),
        None => make().map(|body| cell.get_or_init(|| body).clone()),
    }
}

pub(super) fn seconds_since(read_at: Timestamp) -> u64 {
    Timestamp::now().as_second().saturating_sub(read_at.as_second()).try_into().unwrap_or(0)
}

/// A body about one view, as it is.
pub(super) fn of_one(body: Body, desk: &Desk, standing: &Standing) -> Served {
    let last_modified = standing.view.prepared.last_modified(&standing.view);
    let stale = desk.stale_of(standing).map(|stale| stale.reason.clone());
    Served { body, last_modified, age_s: Some(seconds_since(standing.read_at)), stale }
}

/// A body about all views, as it is.
pub(super) fn of_all(body: Body, desk: &Desk) -> Served {
    let stale = desk.stale_at_all().map(|stale| stale.reason.clone());
    Served {
        body,
        last_modified: http_date(desk.changed_at()),
        age_s: desk.read_at.map(seconds_since),
        stale,
    }
}
