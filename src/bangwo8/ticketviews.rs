//! Ticket views, the vendor's saved filters (§6.8).

use futures_util::Stream;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;

use super::{
    as_sent::AsSent,
    client::Client,
    error::Error,
    page::{self, PER_PAGE, Page},
    query::Query,
    request::{Endpoint, Request},
    scalar::{self, Fields},
    show_many::MAX_IDS,
    ticket::Ticket,
};

/// A saved filter over tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// All views with their ticket counts, disabled ones included, in the vendor's order, which is by id as text:
    /// `GET /ticketviews.json?fields=show_tickets_num` (§6.8). Any support agent may.
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

    /// [`list_ticketviews`](Client::list_ticketviews), each view also as the vendor sent it.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list_ticketviews_as_sent(&self) -> Result<Vec<AsSent<TicketView>>, Error> {
        let request = Request::read(&["ticketviews"], show_tickets_num());
        let read = AsSent::keeping(|view| TicketView::read(view, self.time_zone()));
        self.send(&request, |answer| answer.list("ticketviews", &read)).await
    }

    /// One view with its ticket count: `GET /ticketviews/{id}.json?fields=show_tickets_num` (§6.8). Any support
    /// agent may.
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

    /// One page of a view's tickets: `GET /ticketviews/{id}/tickets.json` (§6.8). Any support agent may. Pages count
    /// from 1, and more than 100 a page is against the vendor's advice; that the call takes them at all is inferred
    /// from its answer.
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
        self.send(&request, |answer| {
            answer.page("tickets", page, per_page, |ticket| Ticket::read(ticket, self.time_zone()))
        })
        .await
    }

    /// [`ticketview_tickets_page`](Client::ticketview_tickets_page), each ticket also as the vendor sent it.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticketview_tickets_page_as_sent(
        &self,
        id: &str,
        page: u32,
        per_page: u32,
    ) -> Result<Page<AsSent<Ticket>>, Error> {
        let request = Request::read(&["ticketviews", id, "tickets"], Query::new().page(page, per_page));
        let read = AsSent::keeping(|ticket| Ticket::read(ticket, self.time_zone()));
        self.send(&request, |answer| answer.page("tickets", page, per_page, &read)).await
    }

    /// A view's tickets, 100 at a time as they are asked for; the first error ends the stream. Any support agent
    /// may, which makes view 2, all tickets, the way around the administrators' list (§6.8).
    ///
    /// Tickets move between pages while they are read: what the page before had is dropped, and a ticket that moves
    /// to an earlier page is missed.
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn ticketview_tickets(&self, id: &str) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        let (client, view) = (self.clone(), id.to_owned());
        page::walk(
            Endpoint::get(&["ticketviews", id, "tickets"]),
            |ticket: &Ticket| ticket.id.as_str(),
            move |page| {
                let (client, view) = (client.clone(), view.clone());
                async move { client.ticketview_tickets_page(&view, page, PER_PAGE).await }
            },
        )
    }

    /// How many tickets a view has: `GET /ticketviews/{id}/count.json` (§6.8). Any support agent may.
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

    /// How many tickets each of several views has, in the vendor's order: `GET /ticketviews/show_many.json?ids=`,
    /// which returns counts in spite of its name (§6.8). Any support agent may. A view that the vendor does not know
    /// is missing from the result.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticketview_counts(&self, ids: &[&str]) -> Result<Vec<(String, u64)>, Error> {
        let mut counts = Vec::with_capacity(ids.len());
        for ids in ids.chunks(MAX_IDS) {
            let query = Query::new().ids(ids.iter().copied());
            let request = Request::read(&["ticketviews", "show_many"], query);
            counts
                .extend(self.send(&request, |answer| answer.list("ticketview_counts", count_of_view)).await?);
        }
        Ok(counts)
    }
}

fn count_of_view(item: &Value) -> Option<(String, u64)> {
    Some((scalar::id(item.get("ticketview_id"))?, scalar::count(item.get("count"))?))
}

fn show_tickets_num() -> Query {
    Query::new().with("fields", Some("show_tickets_num"))
}
