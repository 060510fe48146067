//! Reading, creating, changing and answering tickets (§6.4 to §6.6).

use serde::Serialize;

use super::{
    answer::Answer,
    client::Client,
    error::Error,
    request::{Endpoint, Request, RequestId},
    scalar,
    ticket::{Ticket, TicketId},
    ticket_write::TicketWrite,
};

/// The envelope of every ticket write.
#[derive(Serialize)]
struct Envelope<T> {
    ticket: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReplyOnly<'a> {
    ticket_reply: Reply<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    reply_msg: &'a str,
}

impl Client {
    /// Creates a ticket and returns its id. Keep `request_id` for every retry of the same creation.
    ///
    /// # Errors
    /// Any [`Error`]. [`CreatedIdUnknown`](Error::CreatedIdUnknown) means that the ticket is there all the same.
    pub async fn create_ticket(
        &self,
        ticket: &TicketWrite,
        request_id: &RequestId,
    ) -> Result<TicketId, Error> {
        let request = Request::write(Endpoint::post(&["tickets"]), &Envelope { ticket }, request_id)?;
        self.send(&request, created_id).await
    }

    /// Changes the given fields of a ticket. That the others stay as they are is likely, but not documented
    /// (§6.6).
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn update_ticket(
        &self,
        id: &TicketId,
        ticket: &TicketWrite,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        self.put_ticket(id, ticket, request_id).await
    }

    /// Adds a reply to a ticket (§6.6).
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn reply_ticket(&self, id: &TicketId, text: &str, request_id: &RequestId) -> Result<(), Error> {
        self.put_ticket(id, ReplyOnly { ticket_reply: Reply { reply_msg: text } }, request_id).await
    }

    /// Reads one ticket.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success whose answer holds no ticket (§6.4); any other
    /// [`Error`] of a read.
    pub async fn ticket(&self, id: &TicketId) -> Result<Ticket, Error> {
        let request = Request::read(&["tickets", id.as_str()], vec![]);
        self.send(&request, |answer| self.read_ticket(answer)).await
    }

    async fn put_ticket(
        &self,
        id: &TicketId,
        ticket: impl Serialize,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        let endpoint = Endpoint::put(&["tickets", id.as_str()]);
        let request = Request::write(endpoint, &Envelope { ticket }, request_id)?;
        self.send(&request, |_| Ok(())).await
    }

    fn read_ticket(&self, answer: &Answer) -> Result<Ticket, Error> {
        let tickets = scalar::one_or_many(answer.body.get("ticket"));
        let first = tickets.first().ok_or_else(|| Error::NotFound { call: answer.endpoint.clone() })?;
        Ticket::read(first, self.time_zone())
            .ok_or_else(|| answer.endpoint.bad_answer("its ticket has no ticketId"))
    }
}

/// The answer to a creation is not documented, so the id is looked for where the vendor's other answers have it
/// (§6.5).
fn created_id(answer: &Answer) -> Result<TicketId, Error> {
    let body = &answer.body;
    let ticket = scalar::one_or_many(body.get("ticket")).first();
    ticket
        .and_then(|ticket| scalar::id(ticket.get("ticketId")))
        .or_else(|| scalar::id(body.get("data").and_then(|data| data.get("ticketId"))))
        .or_else(|| scalar::id(body.get("data")).filter(|id| is_numeric(id)))
        .or_else(|| answer.location.as_deref().and_then(id_in_location))
        .map(TicketId::new)
        .ok_or_else(|| Error::CreatedIdUnknown { call: answer.endpoint.clone() })
}

/// `…/api/v1/tickets/{id}.json`
fn id_in_location(location: &str) -> Option<String> {
    let (_, last) = location.rsplit_once('/')?;
    let id = last.strip_suffix(".json").unwrap_or(last);
    is_numeric(id).then(|| id.to_owned())
}

fn is_numeric(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn created(body: Value, location: Option<&str>) -> Result<String, &'static str> {
        let answer =
            Answer { endpoint: Endpoint::post(&["tickets"]), body, location: location.map(str::to_owned) };
        created_id(&answer).map(|id| id.to_string()).map_err(|error| error.code())
    }

    #[test]
    fn the_new_id_is_found_wherever_the_vendor_may_put_it() {
        let id = Ok("7".to_owned());
        assert_eq!(created(json!({"ticket": {"ticketId": 7}}), None), id);
        assert_eq!(created(json!({"ticket": [{"ticketId": "7"}]}), None), id);
        assert_eq!(created(json!({"status": "0", "data": {"ticketId": "7"}}), None), id);
        assert_eq!(created(json!({"status": "0", "data": 7}), None), id);
        assert_eq!(created(json!({"status": "0", "data": "7"}), None), id);
        let location = Some("https://www.bangwo8.com/api/v1/tickets/7.json");
        assert_eq!(created(json!({"status": "0", "message": "Insert ok", "data": false}), location), id);
    }

    #[test]
    fn the_ticket_itself_is_believed_before_data_and_location() {
        let body = json!({"ticket": {"ticketId": 7}, "data": 8});
        assert_eq!(created(body, Some("/api/v1/tickets/9.json")), Ok("7".to_owned()));
    }

    #[test]
    fn a_success_without_an_id_is_said_to_be_one() {
        for body in
            [json!({"status": "0", "data": false}), json!({"data": 0}), json!({"data": "ok"}), json!({})]
        {
            assert_eq!(created(body, None), Err("created_id_unknown"));
        }
        assert_eq!(created(json!({}), Some("/api/v1/tickets.json")), Err("created_id_unknown"));
    }
}
