//! Lists of tickets: the tenant's, a company's and a contact's (§6.3). A view's are in `ticketviews.rs`, for those
//! who are not administrators.

use futures_util::Stream;
use jiff::Timestamp;

use super::{
    client::Client,
    company::CompanyId,
    contact::ContactId,
    error::Error,
    page::{self, PER_PAGE, Page},
    query::{Order, Query, Window},
    request::{Endpoint, Request},
    ticket::Ticket,
};

/// Which tickets, and in what order. Status, support agent and template are not to be filtered by; ticket views
/// are the way to that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// When they were created. The document says both that the ends are seconds and that their days are included;
    /// taken to mean the second, included (§6.3).
    pub created: Window<Timestamp>,
    /// When they were updated last, read the same way.
    pub updated: Window<Timestamp>,
    /// By time of creation.
    pub created_order: Option<Order>,
    /// By time of the last update.
    pub updated_order: Option<Order>,
    /// By status.
    pub status_order: Option<Order>,
}

impl Client {
    /// One page of the tenant's tickets: `GET /tickets.json` (§6.3). Needs an administrator. Pages count from 1,
    /// and more than 100 a page is against the vendor's advice. Without an order they come by ascending id.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn tickets_page(
        &self,
        filter: &TicketFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        self.ticket_list_page(&["tickets"], filter, page, per_page).await
    }

    /// The tenant's tickets, 100 at a time as they are asked for; the first error ends the stream. Needs an
    /// administrator. See [`tickets_page`](Client::tickets_page).
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn tickets(&self, filter: &TicketFilter) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.ticket_list(&["tickets"], filter)
    }

    /// One page of a company's tickets: `GET /companies/{id}/tickets.json` (§6.3). Needs an administrator. That it
    /// takes the same filter as the tenant's list is inferred.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) if there is no such company; any other [`Error`] of a read.
    pub async fn company_tickets_page(
        &self,
        company_id: &CompanyId,
        filter: &TicketFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        self.ticket_list_page(&["companies", company_id.as_str(), "tickets"], filter, page, per_page).await
    }

    /// A company's tickets, 100 at a time as they are asked for; the first error ends the stream. Needs an
    /// administrator. See [`company_tickets_page`](Client::company_tickets_page).
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn company_tickets(
        &self,
        company_id: &CompanyId,
        filter: &TicketFilter,
    ) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.ticket_list(&["companies", company_id.as_str(), "tickets"], filter)
    }

    /// One page of a contact's tickets: `GET /users/{id}/tickets.json` (§6.3). Needs an administrator. That it
    /// takes the same filter as the tenant's list is inferred.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) if there is no such contact; any other [`Error`] of a read.
    pub async fn contact_tickets_page(
        &self,
        contact_id: &ContactId,
        filter: &TicketFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        self.ticket_list_page(&["users", contact_id.as_str(), "tickets"], filter, page, per_page).await
    }

    /// A contact's tickets, 100 at a time as they are asked for; the first error ends the stream. Needs an
    /// administrator. See [`contact_tickets_page`](Client::contact_tickets_page).
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn contact_tickets(
        &self,
        contact_id: &ContactId,
        filter: &TicketFilter,
    ) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.ticket_list(&["users", contact_id.as_str(), "tickets"], filter)
    }

    async fn ticket_list_page(
        &self,
        segments: &[&str],
        filter: &TicketFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        let query = self.ticket_query(filter).page(page, per_page);
        let request = Request::read(segments, query);
        self.send(&request, |answer| {
            answer.page("tickets", page, per_page, |ticket| Ticket::read(ticket, self.time_zone()))
        })
        .await
    }

    fn ticket_list(
        &self,
        segments: &[&str],
        filter: &TicketFilter,
    ) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        let (client, filter) = (self.clone(), filter.clone());
        let path: Vec<String> = segments.iter().map(|segment| (*segment).to_owned()).collect();
        page::walk(
            Endpoint::get(segments),
            |ticket: &Ticket| ticket.id.as_str(),
            move |page| {
                let (client, filter, path) = (client.clone(), filter.clone(), path.clone());
                async move {
                    let segments: Vec<&str> = path.iter().map(String::as_str).collect();
                    client.ticket_list_page(&segments, &filter, page, PER_PAGE).await
                }
            },
        )
    }

    fn ticket_query(&self, filter: &TicketFilter) -> Query {
        Query::new()
            .times(["created_start", "created_end"], &filter.created, self.time_zone())
            .times(["updated_start", "updated_end"], &filter.updated, self.time_zone())
            .with("created_order", filter.created_order)
            .with("updated_order", filter.updated_order)
            .with("status_order", filter.status_order)
    }
}
