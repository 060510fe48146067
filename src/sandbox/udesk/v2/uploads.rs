//! Attachments of tickets and of replies to come (§5.1). The shape of the answer is this simulator's; nothing
//! is known that would read one again.

use serde_json::json;

use super::{Answer, Rejection, Request};
use crate::sandbox::call::Call;
use crate::sandbox::udesk::desk::Desk;

pub(crate) fn for_ticket(desk: &mut Desk, request: &Request<'_>) -> Answer {
    upload(desk, request, false)
}

/// Its answer has the id that `attachment_ids` of a reply wants.
pub(crate) fn for_reply(desk: &mut Desk, request: &Request<'_>) -> Answer {
    upload(desk, request, true)
}

fn upload(desk: &mut Desk, request: &Request<'_>, for_reply: bool) -> Answer {
    let required = |name: &str| request.call.param(name).ok_or_else(|| Rejection::missing(name));
    let (ticket, name) = (required("ticket_id")?, required("file_name")?);
    let ticket = ticket.parse().ok().filter(|id| desk.tickets.get(*id).is_some());
    let ticket = ticket.ok_or_else(Rejection::no_ticket)?;
    let bytes = content(request.call).ok_or_else(|| Rejection::missing("file"))?.len();
    let id = desk.attach(ticket, (name.clone(), bytes), for_reply, request.now);
    let attachment = json!({"id": id, "file_name": name, "file_size": bytes});
    Ok(request.written(json!({"code": 1000, "message": "success", "attachment": attachment})))
}

/// The part called `file` of a form, or else the body itself.
fn content(call: &Call) -> Option<&[u8]> {
    if call.media_type().as_deref() != Some("multipart/form-data") {
        return Some(&call.body).map(|body| &body[..]).filter(|body| !body.is_empty());
    }
    let start = find(&call.body, b"name=\"file\"")?;
    let part = call.body.get(start..)?;
    let content = part.get(find(part, b"\r\n\r\n")? + 4..)?;
    content.get(..find(content, b"\r\n--")?)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
