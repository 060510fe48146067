//! The control endpoints that only this vendor has: triggers, and what agents and customers do on screens of
//! their own, of which the API tells nothing but the result.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::desk::{Author, By, Contact, Desk, Draft, Edit, NewReply, Platform, Priority, Status, TextKind};
use super::triggers::{Trigger, Triggers};
use crate::sandbox::call::Call;
use crate::sandbox::control::{read, refused};
use crate::sandbox::reply::Reply;

pub(crate) const INDEX: &[(&str, &str)] = &[
    ("POST /_sandbox/triggers", "register a trigger: url, events, template, perhaps empty and content_type"),
    ("GET /_sandbox/triggers", "the triggers"),
    ("DELETE /_sandbox/triggers", "remove the triggers"),
    ("POST /_sandbox/triggers/release", "send the push that is held back to be overtaken"),
    ("GET /_sandbox/deliveries", "what was pushed, and how it was answered"),
    ("POST /_sandbox/tickets", "make a ticket as a customer does, on any channel"),
    ("POST /_sandbox/tickets/{id}", "change a ticket as an agent does"),
    (
        "POST /_sandbox/tickets/{id}/replies",
        "reply as an agent (agent_id, perhaps internal) or as the customer",
    ),
];

pub(crate) fn answer(desk: &mut Desk, triggers: &mut Triggers, call: &Call, now: Timestamp) -> Option<Reply> {
    let path = call.path.strip_prefix("/_sandbox/")?;
    let segments: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["triggers"]) => Some(register(triggers, call).unwrap_or_else(refused)),
        ("GET", ["triggers"]) => Some(Reply::ok(json!(triggers.all()))),
        ("DELETE", ["triggers"]) => Some(Reply::ok(json!({"cleared": triggers.clear()}))),
        ("POST", ["triggers", "release"]) => Some(Reply::ok(json!({"released": triggers.release()}))),
        ("GET", ["deliveries"]) => Some(Reply::ok(triggers.deliveries())),
        ("POST", ["tickets"]) => Some(make(desk, call, now).unwrap_or_else(refused)),
        ("POST", ["tickets", id]) => Some(change(desk, call, id, now).unwrap_or_else(refused)),
        ("POST", ["tickets", id, "replies"]) => Some(reply(desk, call, id, now).unwrap_or_else(refused)),
        _ => None,
    }
}

fn register(triggers: &mut Triggers, call: &Call) -> Result<Reply, String> {
    let trigger: Trigger = read(call)?;
    Ok(Reply::json(201, json!(triggers.add(trigger)?)))
}

/// Members of a ticket in the state's words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    subject: Option<String>,
    content: Option<String>,
    content_type: Option<TextKind>,
    platform: Option<Platform>,
    status: Option<Status>,
    priority: Option<Priority>,
    user_id: Option<u64>,
    assignee_id: Option<u64>,
    user_group_id: Option<u64>,
    tags: Option<Vec<String>>,
    follower_ids: Option<Vec<u64>>,
    #[serde(default)]
    custom_fields: Map<String, Value>,
}

fn make(desk: &mut Desk, call: &Call, now: Timestamp) -> Result<Reply, String> {
    let members: Members = read(call)?;
    let user = members.user_id.map(|id| desk.customers.get(id).ok_or("user_id: no such customer"));
    let default = Draft::default();
    let draft = Draft {
        user: user.transpose()?.map(|customer| Contact::of(&customer)),
        subject: members.subject.ok_or("subject: is missing")?,
        content: members.content.unwrap_or_default(),
        content_type: members.content_type.unwrap_or_default(),
        platform: members.platform.unwrap_or(Platform::ManualInput),
        status: members.status.unwrap_or(default.status),
        priority: members.priority.unwrap_or(default.priority),
        assignee_id: members.assignee_id,
        user_group_id: members.user_group_id,
        tags: members.tags.unwrap_or_default(),
        follower_ids: members.follower_ids.unwrap_or_default(),
        custom_fields: values(desk, &members.custom_fields)?,
        ..default
    };
    let id = desk.create(draft, now);
    Ok(Reply::json(201, json!({"ticket": desk.tickets.get(id)})))
}

/// Customer, channel and type of content stay.
fn change(desk: &mut Desk, call: &Call, id: &str, now: Timestamp) -> Result<Reply, String> {
    let Some(id) = known(desk, id) else { return Ok(no_ticket()) };
    let members: Members = read(call)?;
    let edit = Edit {
        subject: members.subject,
        content: members.content,
        status: members.status,
        priority: members.priority,
        assignee_id: members.assignee_id,
        user_group_id: members.user_group_id,
        tags: members.tags,
        follower_ids: members.follower_ids,
        custom_fields: values(desk, &members.custom_fields)?,
    };
    desk.update(id, edit, now);
    Ok(Reply::ok(json!({"ticket": desk.tickets.get(id)})))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    content: String,
    #[serde(default)]
    content_type: TextKind,
    /// The customer replies if there is none.
    agent_id: Option<u64>,
    #[serde(default)]
    internal: bool,
}

fn reply(desk: &mut Desk, call: &Call, id: &str, now: Timestamp) -> Result<Reply, String> {
    let Some(id) = known(desk, id) else { return Ok(no_ticket()) };
    let said: Said = read(call)?;
    let author = match said.agent_id {
        Some(agent) => desk.agent(agent).map(Author::agent).ok_or("agent_id: no such agent")?,
        None if said.internal => return Err("internal: only an agent writes notes".to_owned()),
        None => {
            let user = desk.tickets.get(id).and_then(|ticket| ticket.user.as_ref().map(Contact::author));
            user.ok_or("agent_id: the ticket has no customer who could reply")?
        }
    };
    let Said { content, content_type, internal, .. } = said;
    desk.reply(id, NewReply { content, content_type, internal, author, attachment_ids: Vec::new() }, now);
    Ok(Reply::json(201, json!({"ticket": desk.tickets.get(id)})))
}

fn values(desk: &Desk, written: &Map<String, Value>) -> Result<Map<String, Value>, String> {
    desk.values(written, By::Index).map_err(|bad| format!("custom_fields: {bad}"))
}

fn known(desk: &Desk, id: &str) -> Option<u64> {
    id.parse().ok().filter(|id| desk.tickets.get(*id).is_some())
}

fn no_ticket() -> Reply {
    Reply::json(404, json!({"error": "no such ticket"}))
}
