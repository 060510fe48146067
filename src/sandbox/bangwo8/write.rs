//! Creating and updating a ticket. A write that is refused changes nothing.

use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::enums::{self, Enumeration};
use super::render::{self, Shape};
use super::sent::{filled, reference, text};
use super::ticket::{Ticket, TicketReply};
use super::{Admitted, Answer, Rejection, custom_fields, sent, written};
use crate::sandbox::clock;

/// `POST /tickets.json`.
pub(crate) fn create(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let members = sent::envelope(admitted, "ticket")?;
    for required in ["subject", "ticketStatus"] {
        if members.get(required).is_none_or(Value::is_null) {
            return Err(Rejection::empty(required));
        }
    }
    let now = clock::vendor_now(&admitted.switches);
    let mut ticket = Ticket {
        creater_id: admitted.caller.support_id,
        create_dt: now.clone(),
        ticket_source: enums::API,
        ..Ticket::default()
    };
    assign(&mut ticket, &members, desk)?;
    custom_fields::require(&ticket, desk, admitted.switches.required_fields)?;
    ticket.update_dt.clone_from(&now);
    ticket.stamp_status(&now);
    add_reply(&mut ticket, &members, desk, &now)?;
    let id = desk.add(ticket);
    let reply = written::created(admitted, "tickets", id, wire(desk, admitted, id)?);
    Ok(reply.with_effect(json!({"kind": "ticket_created", "ticketId": id})))
}

/// `PUT /tickets/{id}.json`: members not sent stay as they are.
pub(crate) fn update(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let mut ticket = desk.ticket(admitted.id, &admitted.switches).ok_or(Rejection::NotFound)?.into_owned();
    let members = sent::envelope(admitted, "ticket")?;
    let (id, old_status) = (ticket.ticket_id, ticket.ticket_status);
    let now = clock::vendor_now(&admitted.switches);
    assign(&mut ticket, &members, desk)?;
    ticket.update_dt.clone_from(&now);
    if ticket.ticket_status != old_status {
        ticket.stamp_status(&now);
    }
    let reply_id = add_reply(&mut ticket, &members, desk, &now)?;
    desk.add(ticket);
    let effect = match reply_id {
        Some(reply_id) => json!({"kind": "reply_added", "ticketId": id, "ticketReplyId": reply_id}),
        None => json!({"kind": "ticket_updated", "ticketId": id}),
    };
    Ok(written::updated(admitted, wire(desk, admitted, id)?).with_effect(effect))
}

fn wire(desk: &Desk, admitted: &Admitted<'_>, id: u64) -> Result<Value, Rejection> {
    let ticket = desk.tickets.get(&id).ok_or(Rejection::NotFound)?;
    Ok(json!({"ticket": render::ticket(ticket, desk, admitted, Shape::Single)}))
}

/// Sets what was sent. `null` counts as not sent; members that are read-only or unknown are ignored.
fn assign(ticket: &mut Ticket, members: &Map<String, Value>, desk: &Desk) -> Result<(), Rejection> {
    let member = |name: &str| members.get(name).filter(|value| !value.is_null());
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        match name.as_str() {
            "subject" => ticket.subject = filled(name, value)?,
            "descript" => ticket.descript = text(name, value)?,
            "tagList" => ticket.tag_list = text(name, value)?,
            "ccUserIdList" => ticket.cc_user_id_list = text(name, value)?,
            "ccGroupIdList" => ticket.cc_group_id_list = text(name, value)?,
            "ticketStatus" => ticket.ticket_status = code(&enums::STATUS, value)?,
            "ticketType" => ticket.ticket_type = optional_code(&enums::TYPE, value)?,
            "priorityLevel" => ticket.priority_level = optional_code(&enums::PRIORITY, value)?,
            "ticketSource" => ticket.ticket_source = code(&enums::SOURCE, value)?,
            "custUserId" => ticket.cust_user_id = reference(name, value, |id| desk.has_contact(id))?,
            "servicerUserId" => {
                ticket.servicer_user_id = reference(name, value, |id| desk.support(id).is_some())?;
            }
            "servicerGroupId" => ticket.servicer_group_id = reference(name, value, |id| desk.has_group(id))?,
            "customTemplateId" => ticket.custom_template_id = reference(name, value, |_| true)?,
            "ticketTemplateId" => {
                ticket.ticket_template_id = reference(name, value, |id| desk.template(id).is_some())?;
            }
            _ => {}
        }
    }
    let names_template = member("ticketTemplateId").is_some() && ticket.ticket_template_id != 0;
    member("custom_fields")
        .map_or(Ok(()), |values| custom_fields::write(ticket, values, desk, names_template))
}

/// Adds `ticketReply.replyMsg` as a reply, if it was sent.
fn add_reply(
    ticket: &mut Ticket,
    members: &Map<String, Value>,
    desk: &mut Desk,
    now: &str,
) -> Result<Option<u64>, Rejection> {
    let Some(sent) = members.get("ticketReply").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let reply_msg = filled("replyMsg", sent.get("replyMsg").unwrap_or(&Value::Null))?;
    let ticket_reply_id = desk.new_reply_id();
    ticket.replies.push(TicketReply { ticket_reply_id, reply_msg, create_dt: now.to_owned() });
    Ok(Some(ticket_reply_id))
}

/// A code as a number or as its text.
fn code(enumeration: &Enumeration, value: &Value) -> Result<u8, Rejection> {
    let text = filled(enumeration.name, value)?;
    let code = text.parse().ok().filter(|code| enumeration.contains(*code));
    code.ok_or_else(|| Rejection::invalid(enumeration.name))
}

fn optional_code(enumeration: &Enumeration, value: &Value) -> Result<u8, Rejection> {
    if value.as_str() == Some("") { Ok(0) } else { code(enumeration, value) }
}
