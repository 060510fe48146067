//! Reading, creating, changing and answering tickets (§6.4 to §6.6).

use serde::Serialize;

use super::{
    answer::Answer,
    client::Client,
    created,
    error::Error,
    query::Query,
    request::{Endpoint, Request, RequestId},
    ticket::{Ticket, TicketId},
    ticket_write::TicketWrite,
};

/// The envelope of every ticket write.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    ticket: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReplyOnly<'a> {
    ticket_reply: Reply<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    reply_msg: &'a str,
}

impl Client {
    /// Creates a ticket and returns its id: `POST /tickets.json` (§6.5). Keep `request_id` for every retry of the same creation.
    ///
    /// # Errors
    /// Any [`Error`]. [`CreatedIdUnknown`](Error::CreatedIdUnknown) means that the ticket is there all the same.
    pub async fn create_ticket(
        &self,
        ticket: &TicketWrite,
        request_id: &RequestId,
    ) -> Result<TicketId, Error> {
        let (endpoint, body) = creation(ticket);
        self.send(&Request::write(endpoint, &body, request_id)?, created_id).await
    }

    /// Changes the given fields of a ticket: `PUT /tickets/{id}.json`. That the others stay as they are is likely,
    /// but not documented (§6.6).
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn update_ticket(
        &self,
        id: &TicketId,
        ticket: &TicketWrite,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        self.put_ticket(change(id, ticket), request_id).await
    }

    /// Adds a reply to a ticket, which is an update that has nothing else: `PUT /tickets/{id}.json` (§6.6).
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn reply_ticket(&self, id: &TicketId, text: &str, request_id: &RequestId) -> Result<(), Error> {
        self.put_ticket(reply(id, text), request_id).await
    }

    /// Reads one ticket: `GET /tickets/{id}.json` (§6.4).
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success whose answer holds no ticket (§6.4); any other
    /// [`Error`] of a read.
    pub async fn ticket(&self, id: &TicketId) -> Result<Ticket, Error> {
        let request = Request::read(&["tickets", id.as_str()], Query::new());
        self.send(&request, |answer| self.read_ticket(answer)).await
    }

    /// Reads one ticket in the new style: `GET /tickets/{id}_v2.json` (§6.4). Table-type custom fields are arrays of
    /// rows then, and dropdowns hold option ids where the old style may have option texts (§4.6). What permission it
    /// needs is not documented.
    ///
    /// # Errors
    /// As of [`ticket`](Client::ticket).
    pub async fn ticket_v2(&self, id: &TicketId) -> Result<Ticket, Error> {
        let request = Request::read(&["tickets", &format!("{id}_v2")], Query::new());
        self.send(&request, |answer| self.read_ticket(answer)).await
    }

    async fn put_ticket(
        &self,
        (endpoint, body): (Endpoint, Envelope<impl Serialize>),
        request_id: &RequestId,
    ) -> Result<(), Error> {
        self.send(&Request::write(endpoint, &body, request_id)?, |_| Ok(())).await
    }

    fn read_ticket(&self, answer: &Answer) -> Result<Ticket, Error> {
        answer.one("ticket", |ticket| Ticket::read(ticket, self.time_zone()))
    }
}

/// What a creation sends.
pub(super) fn creation(ticket: &TicketWrite) -> (Endpoint, Envelope<&TicketWrite>) {
    (Endpoint::post(&["tickets"]), Envelope { ticket })
}

/// What a change sends.
pub(super) fn change<'a>(id: &TicketId, ticket: &'a TicketWrite) -> (Endpoint, Envelope<&'a TicketWrite>) {
    (Endpoint::put(&["tickets", id.as_str()]), Envelope { ticket })
}

/// What a reply sends.
pub(super) fn reply<'a>(id: &TicketId, text: &'a str) -> (Endpoint, Envelope<ReplyOnly<'a>>) {
    let ticket = ReplyOnly { ticket_reply: Reply { reply_msg: text } };
    (Endpoint::put(&["tickets", id.as_str()]), Envelope { ticket })
}

fn created_id(answer: &Answer) -> Result<TicketId, Error> {
    created::id(answer, &["ticket"], &["ticketId"]).map(TicketId::new)
}
