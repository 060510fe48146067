//! Replies (§5.1). Internal notes are not among them: no client has seen one there, nor a mark to know it by.

use serde_json::{Value, json};

use super::{Answer, Rejection, Request, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Desk, NewReply, TextKind, text as text_of};
use crate::sandbox::udesk::endpoints::{number, parts, text};

/// Newest first, without pages.
pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let ticket = request.id().and_then(|id| desk.tickets.get(id)).ok_or_else(Rejection::no_ticket)?;
    let public = ticket.replies.iter().rev().filter(|reply| !reply.internal);
    Ok(Reply::ok(json!({"code": 1000, "replies": public.map(render::reply).collect::<Value>()})))
}

/// `POST /tickets/customer_reply`: in the name of the ticket's own customer.
pub(crate) fn by_customer(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let body = &request.body;
    text(body, "id").ok_or_else(|| Rejection::missing("id"))?;
    let content = text(body, "new_reply").ok_or_else(|| Rejection::missing("new_reply"))?;
    let content_type = match text(body, "content_type").as_deref() {
        None | Some("text") => TextKind::Text,
        Some("html") => TextKind::Html,
        Some(_) => return Err(Rejection::invalid("content_type 错误")),
    };
    let ticket = number(body, "id").and_then(|id| desk.tickets.get(id)).ok_or_else(Rejection::no_ticket)?;
    let author = ticket.user.as_ref().ok_or_else(Rejection::no_customer)?.author();
    let attachment_ids = attachments(desk, body.get("attachment_ids"))?;
    let id = ticket.id;
    let reply = NewReply { content, content_type, internal: false, author, attachment_ids };
    desk.reply(id, reply, request.now);
    Ok(request.written(json!({"code": 1000, "message": "success"})))
}

/// The form isn't known: an array and a text with commas are both taken.
fn attachments(desk: &Desk, written: Option<&Value>) -> Result<Vec<u64>, Rejection> {
    let ids: Vec<String> = match written {
        Some(Value::Array(ids)) => ids.iter().map(text_of).collect(),
        Some(other) => parts(&text_of(other)),
        None => Vec::new(),
    };
    let found =
        |id: &String| desk.attachments.iter().find(|file| file.for_reply && file.id.to_string() == *id);
    let all = ids.iter().map(|id| found(id).map(|file| file.id));
    all.collect::<Option<_>>().ok_or_else(|| Rejection::invalid("附件不存在"))
}
