//! Files for tickets and for replies to come (§5.1). Nothing is known that would read one again.

use bytes::Bytes;

use super::V2;
use crate::udesk::{
    answer::Answer,
    error::Error,
    request::{Body, Endpoint, Operation, Request},
    scalar,
};

impl V2 {
    /// Attaches a file to a ticket: `POST /open_api_v1/tickets/upload_file` (§5.1). How large it may be is not
    /// documented.
    ///
    /// # Errors
    /// Any [`Error`]. Ask [`effect_unknown`](Error::effect_unknown) before repeating it.
    pub async fn upload_file(&self, ticket_id: u64, name: &str, content: Bytes) -> Result<(), Error> {
        let request = upload("/tickets/upload_file", ticket_id, name, content);
        self.0.send(&request, |_| Ok(())).await
    }

    /// Uploads a file for a reply to come, and returns the id that
    /// [`reply_as_customer`](V2::reply_as_customer) attaches it by: `POST
    /// /open_api_v1/tickets/upload_file_for_reply` (§5.1). How large it may be is not documented.
    ///
    /// # Errors
    /// Any [`Error`]. Ask [`effect_unknown`](Error::effect_unknown) before repeating it.
    pub async fn upload_file_for_reply(
        &self,
        ticket_id: u64,
        name: &str,
        content: Bytes,
    ) -> Result<u64, Error> {
        let request = upload("/tickets/upload_file_for_reply", ticket_id, name, content);
        self.0.send(&request, attachment_id).await
    }
}

fn upload(path: &str, ticket_id: u64, name: &str, content: Bytes) -> Request {
    let endpoint = Endpoint::v2("POST", path, Operation::UploadFile);
    let query = vec![("ticket_id", ticket_id.to_string()), ("file_name", name.to_owned())];
    Request { endpoint, query, body: Some(Body::File { name: name.to_owned(), content }) }
}

/// What the answer holds is not documented: the attachment, as other answers hold what was made, or its id alone.
fn attachment_id(answer: &Answer<'_>) -> Result<u64, Error> {
    let attachment = answer.value("attachment");
    let id = scalar::id(attachment.as_ref().and_then(|attachment| attachment.get("id")))
        .or_else(|| scalar::id(answer.value("attachment_id").as_ref()))
        .or_else(|| scalar::id(answer.value("id").as_ref()));
    id.ok_or_else(|| Error::CreatedIdUnknown { call: answer.endpoint.clone() })
}
