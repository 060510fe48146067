//! Tickets of family v2 (§5.1).

use futures_util::Stream;
use serde::Serialize;

use super::V2;
use crate::udesk::{
    draft::TicketDraft,
    error::Error,
    fields::FieldDefinitions,
    page::{List, Page, Style},
    request::{Endpoint, Operation, Request},
    ticket::Ticket,
    v1::created_id,
};

/// The envelope of a ticket write.
#[derive(Serialize)]
struct Envelope<T> {
    ticket: T,
}

impl V2 {
    /// One page of all tickets: `GET /open_api_v1/tickets` (§5.1). `page` counts from 1, `per_page` is 1 to
    /// 100.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn tickets_page(&self, page: u32, per_page: u32) -> Result<Page<Ticket>, Error> {
        self.0.page(&tickets(), page, per_page).await
    }

    /// All tickets, page after page as they are asked for. Repeats are possible (§2.3); the first error ends
    /// the stream.
    pub fn tickets(&self) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.0.walk(tickets())
    }

    /// One page of what a stored filter finds: `GET /open_api_v1/tickets/tickets_in_filter` (§5.1).
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn filter_tickets_page(
        &self,
        filter_id: u64,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        self.0.page(&in_filter(filter_id), page, per_page).await
    }

    /// All that a stored filter finds, page after page as they are asked for.
    pub fn filter_tickets(&self, filter_id: u64) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.0.walk(in_filter(filter_id))
    }

    /// One ticket: `GET /open_api_v1/tickets/detail?id=` (§5.1). Its replies are [`replies`](V2::replies).
    ///
    /// # Errors
    /// Any [`Error`] of a read. The code for a ticket that is gone is not documented, so that is
    /// [`Rejected`](Error::Rejected) unless the answer is a success without a ticket.
    pub async fn ticket(&self, id: u64) -> Result<Ticket, Error> {
        let endpoint = Endpoint::v2("GET", "/tickets/detail", Operation::Read);
        let request = Request::read(endpoint, vec![("id", id.to_string())]);
        self.0.send(&request, |answer| answer.one("ticket", |raw| Ticket::of_id(raw, id))).await
    }

    /// Creates a ticket and returns its id: `POST /open_api_v1/tickets` (§5.1). Unlike v1 it creates no
    /// customer.
    ///
    /// # Errors
    /// Any [`Error`]. Ask [`effect_unknown`](Error::effect_unknown) before repeating it: nothing stops a second
    /// ticket.
    pub async fn create_ticket(
        &self,
        draft: &TicketDraft,
        definitions: &FieldDefinitions,
    ) -> Result<u64, Error> {
        let endpoint = Endpoint::v2("POST", "/tickets", Operation::CreateTicket);
        let ticket = draft.v2_create(definitions);
        let ticket = ticket.map_err(|source| Error::Inexpressible { call: endpoint.clone(), source })?;
        self.0.send(&Request::write(endpoint, &Envelope { ticket })?, created_id).await
    }

    /// Changes subject, agent and custom fields of a ticket: `PUT /open_api_v1/tickets/:id` (§5.1). No other
    /// field of this call is known; [`V1::update_ticket`](crate::udesk::V1::update_ticket) can change more.
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation; [`Inexpressible`](Error::Inexpressible) for any other field.
    pub async fn update_ticket(
        &self,
        id: u64,
        draft: &TicketDraft,
        definitions: &FieldDefinitions,
    ) -> Result<(), Error> {
        let endpoint = Endpoint::v2("PUT", format_args!("/tickets/{id}"), Operation::UpdateTicket);
        let ticket = draft.v2_update(definitions);
        let ticket = ticket.map_err(|source| Error::Inexpressible { call: endpoint.clone(), source })?;
        self.0.send(&Request::write(endpoint, &Envelope { ticket })?, |_| Ok(())).await
    }
}

fn tickets() -> List<Ticket> {
    List::new(Endpoint::v2("GET", "/tickets", Operation::Read), Style::V2, "contents", Ticket::read)
}

fn in_filter(id: u64) -> List<Ticket> {
    let endpoint = Endpoint::v2("GET", "/tickets/tickets_in_filter", Operation::ReadByFilter);
    let query = vec![("filter_id", id.to_string())];
    List { query, ..List::new(endpoint, Style::V2, "contents", Ticket::read) }
}
