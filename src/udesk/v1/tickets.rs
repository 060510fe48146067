//! Tickets of family v1: reading, creating, changing, answering (§3.1 to §3.6), and their fields (§3.9).

use futures_util::Stream;
use serde::Serialize;
use serde_json::json;

use super::V1;
use crate::udesk::{
    answer::Answer,
    draft::TicketDraft,
    error::Error,
    fields::{FieldDefinition, FieldDefinitions},
    page::{List, Page, Style},
    request::{Body, Endpoint, Operation, Request},
    scalar,
    ticket::{Current, Ticket},
};

/// The envelope of a ticket write.
#[derive(Serialize)]
struct Envelope<T> {
    ticket: T,
}

/// The body of a customer's reply; it has no envelope.
#[derive(Serialize)]
struct CustomerReply<'a> {
    id: u64,
    reply_content: &'a str,
    email: &'a str,
}

impl V1 {
    /// One page of all tickets: `GET /api/v1/tickets.json` (§3.1). `page` counts from 1, `per_page` is 1 to
    /// 100.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn tickets_page(&self, page: u32, per_page: u32) -> Result<Page<Ticket>, Error> {
        self.0.page(&tickets(), page, per_page).await
    }

    /// All tickets, page after page as they are asked for (§3.1). Repeats are possible (§2.3); the first error
    /// ends the stream.
    pub fn tickets(&self) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.0.walk(tickets())
    }

    /// One page of a customer's tickets: `POST /api/v1/tickets/get.json`, a read in spite of its method (§3.2).
    ///
    /// # Errors
    /// Any [`Error`] of a read; [`CustomerUnknown`](Error::CustomerUnknown) if nobody has the e-mail.
    pub async fn customer_tickets_page(
        &self,
        email: &str,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        self.0.page(&of_customer(email), page, per_page).await
    }

    /// All of a customer's tickets, page after page as they are asked for (§3.2).
    pub fn customer_tickets(&self, email: &str) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.0.walk(of_customer(email))
    }

    /// One ticket: `GET /api/v1/tickets/:id.json` (§3.4). `id` is the integer id, not the number that agents
    /// see (§8.4). It carries no replies, attachments, tags or followers.
    ///
    /// # Errors
    /// Any [`Error`] of a read; [`NotFound`](Error::NotFound) for a ticket that is gone.
    pub async fn ticket(&self, id: u64) -> Result<Ticket, Error> {
        let endpoint = Endpoint::v1("GET", format!("/api/v1/tickets/{id}.json"), Operation::Read);
        let request = Request::read(endpoint, vec![]);
        self.0.send(&request, |answer| answer.one("contents", |raw| Ticket::of_id(raw, id))).await
    }

    /// Creates a ticket and returns its id: `POST /api/v1/tickets.json` (§3.3). A customer whom none of the
    /// keys finds is created, and one who is found may be given the other keys.
    ///
    /// # Errors
    /// Any [`Error`]. Ask [`effect_unknown`](Error::effect_unknown) before repeating it: nothing stops a second
    /// ticket.
    pub async fn create_ticket(
        &self,
        draft: &TicketDraft,
        definitions: &FieldDefinitions,
    ) -> Result<u64, Error> {
        let endpoint = Endpoint::v1("POST", "/api/v1/tickets.json", Operation::CreateTicket);
        let ticket = draft.v1_create(definitions);
        let ticket = ticket.map_err(|source| Error::Inexpressible { call: endpoint.clone(), source })?;
        self.0.send(&Request::write(endpoint, &Envelope { ticket })?, created_id).await
    }

    /// Changes a ticket and adds the draft's comment: `PUT /api/v1/tickets/:id.json` (§3.5). What the draft
    /// does not say stays as it is; `current` are status and priority as last read ([`Ticket::current`]), which
    /// are sent along so that leaving them out cannot reset them.
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn update_ticket(
        &self,
        id: u64,
        draft: &TicketDraft,
        current: &Current,
        definitions: &FieldDefinitions,
    ) -> Result<(), Error> {
        let adds = draft.comment.is_some();
        let operation = if adds { Operation::CommentTicket } else { Operation::UpdateTicket };
        let endpoint = Endpoint::v1("PUT", format!("/api/v1/tickets/{id}.json"), operation);
        let ticket = draft.v1_update(current, definitions);
        let ticket = ticket.map_err(|source| Error::Inexpressible { call: endpoint.clone(), source })?;
        self.0.send(&Request::write(endpoint, &Envelope { ticket })?, |_| Ok(())).await
    }

    /// Adds a reply in the customer's name: `POST /api/v1/tickets/reply.json` (§3.6). `email` is the
    /// customer's. Replies and notes of agents are comments of [`update_ticket`](V1::update_ticket).
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation; [`CustomerUnknown`](Error::CustomerUnknown) and
    /// [`NotFound`](Error::NotFound) tell the two apart.
    pub async fn reply_as_customer(&self, id: u64, email: &str, text: &str) -> Result<(), Error> {
        let endpoint = Endpoint::v1("POST", "/api/v1/tickets/reply.json", Operation::ReplyAsCustomer);
        let body = CustomerReply { id, reply_content: text, email };
        self.0.send(&Request::write(endpoint, &body)?, |_| Ok(())).await
    }

    /// The custom fields of tickets: `GET /api/v2/ticket_fields.json`, whose path is not a slip (§3.9). The
    /// options of cascades are left out, since this call has them wrong; those of v2 are right.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticket_fields(&self) -> Result<FieldDefinitions, Error> {
        let endpoint = Endpoint::v1("GET", "/api/v2/ticket_fields.json", Operation::Read);
        let request = Request::read(endpoint, vec![]);
        let fields =
            self.0.send(&request, |answer| answer.list("ticket_fields", FieldDefinition::read)).await?;
        Ok(FieldDefinitions::new(fields))
    }
}

fn tickets() -> List<Ticket> {
    let endpoint = Endpoint::v1("GET", "/api/v1/tickets.json", Operation::Read);
    List::new(endpoint, Style::V1, "contents", Ticket::bare)
}

fn of_customer(email: &str) -> List<Ticket> {
    let endpoint = Endpoint::v1("POST", "/api/v1/tickets/get.json", Operation::Read);
    let body = Some(Body::Json(json!({ "email": email }).to_string().into()));
    List { body, ..List::new(endpoint, Style::V1, "contents", Ticket::bare) }
}

/// Both families answer a creation with the id alone (§3.3, §5.1).
pub(in crate::udesk) fn created_id(answer: &Answer<'_>) -> Result<u64, Error> {
    let id = scalar::id(answer.value("ticket_id").as_ref());
    id.ok_or_else(|| Error::CreatedIdUnknown { call: answer.endpoint.clone() })
}
