//! `POST /tickets/reply` (§3.6): what a customer writes. Any customer may, not only the ticket's own (§10).

use serde_json::json;

use super::{Answer, Rejection, Request};
use crate::sandbox::udesk::desk::{Contact, Desk, NewReply, TextKind};
use crate::sandbox::udesk::endpoints::{filled, number, text};

pub(crate) fn by_customer(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let body = &request.body;
    text(body, "id").ok_or_else(|| Rejection::missing("id"))?;
    let content = text(body, "reply_content").ok_or_else(|| Rejection::missing("reply_content"))?;
    let email = filled(body, "email").ok_or_else(|| Rejection::missing("email"))?;
    let id = number(body, "id").filter(|id| desk.tickets.get(*id).is_some());
    let id = id.ok_or_else(Rejection::no_ticket)?;
    let customer = desk.customer_with_email(&email);
    let customer = customer.ok_or_else(|| Rejection::business(1004, "未找到相应客户"))?;
    let reply = NewReply {
        content,
        content_type: TextKind::Text,
        internal: false,
        author: Contact::of(&customer).author(),
        attachment_ids: Vec::new(),
    };
    desk.reply(id, reply, request.now);
    Ok(request.written(json!({"status": 0, "message": "成功"})))
}
