//! Ticket views, the vendor's saved filters (§6.8).

use std::collections::{HashSet, VecDeque};

use futures_util::{Stream, stream};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{
    answer::Answer,
    client::Client,
    error::Error,
    page::Page,
    query::Query,
    request::{Endpoint, Request},
    scalar::{self, Fields},
    ticket::{Ticket, TicketId},
};

/// The vendor advises no more (§2.2).
const PER_PAGE: u32 = 100;
/// An end for a vendor whose pages never end: a million tickets.
const MAX_PAGES: u32 = 10_000;

/// A saved filter over tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketView {
    /// The id that the vendor assigned.
    pub id: String,
    /// Its name.
    pub title: Option<String>,
    /// Whether it is enabled.
    pub active: Option<bool>,
    /// How many tickets it has.
    pub ticket_count: Option<u64>,
    /// `createDT`.
    pub created_at: Option<Timestamp>,
    /// `updateDT`; nothing if it was never changed.
    pub updated_at: Option<Timestamp>,
}

impl TicketView {
    fn read(value: &Value, time_zone: &TimeZone) -> Option<TicketView> {
        let fields = Fields::of(value, time_zone)?;
        Some(TicketView {
            id: fields.id("id")?,
            title: fields.text("title"),
            active: fields.flag("active"),
            ticket_count: fields.count("ticket_count"),
            created_at: fields.time("createDT"),
            updated_at: fields.time("updateDT"),
        })
    }
}

impl Client {
    /// All views with their ticket counts, disabled ones included, in the vendor's order.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list_ticketviews(&self) -> Result<Vec<TicketView>, Error> {
        let request = Request::read(&["ticketviews"], show_tickets_num());
        self.send(&request, |answer| {
            answer.list("ticketviews", |view| TicketView::read(view, self.time_zone()))
        })
        .await
    }

    /// One view with its ticket count.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success without a view; any other [`Error`] of a read.
    pub async fn ticketview(&self, id: &str) -> Result<TicketView, Error> {
        let request = Request::read(&["ticketviews", id], show_tickets_num());
        self.send(&request, |answer| {
            answer.one("ticketview", |view| TicketView::read(view, self.time_zone()))
        })
        .await
    }

    /// One page of a view's tickets; pages count from 1, and more than 100 a page is against the vendor's advice.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticketview_tickets_page(
        &self,
        id: &str,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        let request = Request::read(&["ticketviews", id, "tickets"], Query::new().page(page, per_page));
        self.send(&request, |answer| self.read_tickets(answer, page, per_page)).await
    }

    /// A view's tickets, page after page as they are asked for. The first error ends the stream.
    ///
    /// Tickets move between pages while they are read, so repeats are dropped, and a ticket that moves to an
    /// earlier page is missed.
    pub fn ticketview_tickets(&self, id: &str) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        let walk = Walk {
            client: self.clone(),
            view: id.to_owned(),
            page: 1,
            ready: VecDeque::new(),
            seen: HashSet::new(),
            done: false,
        };
        stream::unfold(walk, |mut walk| async move { walk.next().await.map(|ticket| (ticket, walk)) })
    }

    /// How many tickets a view has.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success without a count; any other [`Error`] of a read.
    pub async fn ticketview_count(&self, id: &str) -> Result<u64, Error> {
        let request = Request::read(&["ticketviews", id, "count"], Query::new());
        self.send(&request, |answer| {
            let count = scalar::one_or_many(answer.body.get("ticketview_count")).first();
            let count = count.ok_or_else(|| Error::NotFound { call: answer.endpoint.clone() })?;
            scalar::count(count.get("count"))
                .ok_or_else(|| answer.endpoint.bad_answer("its count is no number"))
        })
        .await
    }

    /// How many tickets each of several views has, in the vendor's order. A view that the vendor does not know
    /// is missing from the result.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticketview_counts(&self, ids: &[&str]) -> Result<Vec<(String, u64)>, Error> {
        let request = Request::read(&["ticketviews", "show_many"], Query::new().ids(ids.iter().copied()));
        self.send(&request, |answer| {
            answer.list("ticketview_counts", |item| {
                Some((scalar::id(item.get("ticketview_id"))?, scalar::count(item.get("count"))?))
            })
        })
        .await
    }

    fn read_tickets(&self, answer: &Answer, page: u32, per_page: u32) -> Result<Page<Ticket>, Error> {
        answer.page("tickets", page, per_page, |ticket| Ticket::read(ticket, self.time_zone()))
    }
}

fn show_tickets_num() -> Query {
    Query::new().with("fields", Some("show_tickets_num"))
}

/// A walk over the pages of one view.
struct Walk {
    client: Client,
    view: String,
    page: u32,
    ready: VecDeque<Ticket>,
    seen: HashSet<TicketId>,
    done: bool,
}

impl Walk {
    async fn next(&mut self) -> Option<Result<Ticket, Error>> {
        while self.ready.is_empty() && !self.done {
            if let Err(error) = self.fetch().await {
                self.done = true;
                return Some(Err(error));
            }
        }
        self.ready.pop_front().map(Ok)
    }

    async fn fetch(&mut self) -> Result<(), Error> {
        if self.page > MAX_PAGES {
            // An error, because a list that was cut short would look complete.
            return Err(
                Endpoint::get(&["ticketviews", &self.view, "tickets"]).bad_answer("its pages do not end")
            );
        }
        let page = self.client.ticketview_tickets_page(&self.view, self.page, PER_PAGE).await?;
        let seen = &mut self.seen;
        self.ready.extend(page.items.into_iter().filter(|ticket| seen.insert(ticket.id.clone())));
        // A vendor with smaller pages than asked for is noticed by its count, one that ignores the page number
        // by a page without news.
        let missing = page.count.is_some_and(|count| (self.seen.len() as u64) < count);
        self.done = self.ready.is_empty() || !(page.more || missing);
        self.page += 1;
        Ok(())
    }
}
