//! The replies to a ticket (§5.1); v1 cannot read them.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::V2;
use crate::udesk::{
    error::Error,
    redact::debug_only,
    request::{Endpoint, Operation, Request},
    scalar::Fields,
};

/// One reply. Whether the customer sees it, and what is attached to it, the answer is not known to tell.
#[derive(Clone, Serialize)]
pub struct Reply {
    /// The id.
    pub id: u64,
    /// The text; whether it is HTML is not told.
    pub content: Option<String>,
    /// When it was written.
    pub created_at: Option<Timestamp>,
    /// Who wrote it.
    pub author: Author,
    /// The reply byte for byte as the vendor sent it.
    #[serde(skip)]
    pub raw: Box<RawValue>,
}

/// Who wrote a reply.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct Author {
    /// The id, of an agent or of a customer.
    pub id: Option<u64>,
    /// `agent` for agents. Other values are not known.
    pub user_type: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
}

/// The body of a customer's reply.
#[derive(Serialize)]
struct CustomerReply<'a> {
    id: u64,
    content_type: &'static str,
    new_reply: &'a str,
    #[serde(skip_serializing_if = "<[u64]>::is_empty")]
    attachment_ids: &'a [u64],
}

impl Reply {
    fn read(raw: &RawValue) -> Option<Reply> {
        let fields = Fields::of(raw)?;
        Some(Reply {
            id: fields.id("id")?,
            content: fields.text("content"),
            created_at: fields.time("created_at"),
            author: fields.object("author").map(|author| Author::read(&author)).unwrap_or_default(),
            raw: raw.to_owned(),
        })
    }
}

impl Author {
    /// Whether it is an agent; everybody else counts as the customer.
    pub fn is_agent(&self) -> bool {
        self.user_type.as_deref() == Some("agent")
    }

    fn read(fields: &Fields<'_>) -> Author {
        Author {
            id: fields.id("id"),
            user_type: fields.text("user_type"),
            email: fields.text("email"),
            name: fields.text("nick_name"),
        }
    }
}

debug_only!(Reply { id, created_at, author });
debug_only!(Author { id, user_type });

impl V2 {
    /// The replies to a ticket, oldest first: `GET /open_api_v1/tickets/:id/replies` (§5.1). The vendor
    /// probably sends the newest first, so they are put in order here; those without a time come first. Pages
    /// of this list are not known.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn replies(&self, ticket_id: u64) -> Result<Vec<Reply>, Error> {
        let endpoint = Endpoint::v2("GET", format_args!("/tickets/{ticket_id}/replies"), Operation::Read);
        let request = Request::read(endpoint, vec![]);
        let mut replies = self.0.send(&request, |answer| answer.list("replies", Reply::read)).await?;
        replies.sort_by_key(|reply| (reply.created_at, reply.id));
        Ok(replies)
    }

    /// Adds a reply of plain text in the customer's name: `POST /open_api_v1/tickets/customer_reply` (§5.1).
    /// `attachment_ids` are those of [`upload_file_for_reply`](V2::upload_file_for_reply).
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn reply_as_customer(
        &self,
        ticket_id: u64,
        text: &str,
        attachment_ids: &[u64],
    ) -> Result<(), Error> {
        let endpoint = Endpoint::v2("POST", "/tickets/customer_reply", Operation::ReplyAsCustomer);
        let body = CustomerReply { id: ticket_id, content_type: "text", new_reply: text, attachment_ids };
        self.0.send(&Request::write(endpoint, &body)?, |_| Ok(())).await
    }
}
