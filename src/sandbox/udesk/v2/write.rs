//! Making and changing tickets (§5.1): selections by index, and no customer is made on the way.

use serde_json::{Map, Value, json};

use super::{Answer, Rejection, Request, customers};
use crate::sandbox::udesk::desk::{
    By, Contact, DEFAULT_TEMPLATE, Desk, Draft, Edit, Priority, Status, TEMPLATES, text as text_of,
};
use crate::sandbox::udesk::endpoints::{filled, given, number, parts, text};

/// Characters of a subject.
const MAX_SUBJECT: usize = 255;

pub(crate) fn create(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let draft = draft(desk, members(request)?)?;
    let id = desk.create(draft, request.now);
    Ok(request.written(json!({"code": 1000, "message": "工单创建成功", "ticket_id": id})))
}

/// What is left out stays.
pub(crate) fn update(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let edit = edit(desk, members(request)?)?;
    let id = request.id().filter(|id| desk.tickets.get(*id).is_some()).ok_or_else(Rejection::no_ticket)?;
    desk.update(id, edit, request.now);
    Ok(request.written(json!({"code": 1000, "ticket": {"id": id}})))
}

fn members<'a>(request: &'a Request<'_>) -> Result<&'a Map<String, Value>, Rejection> {
    let ticket = given(&request.body, "ticket").and_then(Value::as_object);
    ticket.ok_or_else(|| Rejection::missing("ticket"))
}

fn draft(desk: &Desk, ticket: &Map<String, Value>) -> Result<Draft, Rejection> {
    let required =
        |name: &str| filled(ticket, name).ok_or_else(|| Rejection::missing(&format!("ticket[{name}]")));
    let group = |name: String| desk.group_with_name(&name).map(|group| group.id);
    let group = |name| group(name).ok_or_else(|| Rejection::invalid("客服组错误"));
    let default = Draft::default();
    Ok(Draft {
        subject: short(required("subject")?)?,
        content: required("content")?,
        status: status(ticket)?.unwrap_or(default.status),
        priority: priority(ticket)?.unwrap_or(default.priority),
        user: user(desk, ticket)?,
        assignee_id: agent_with_email(desk, filled(ticket, "assignee_email"))?,
        user_group_id: filled(ticket, "agent_group_name").map(group).transpose()?,
        template_id: template(ticket),
        creator_id: agent_with_email(desk, filled(ticket, "creator_email"))?,
        tags: text(ticket, "tags").map(|tags| parts(&tags)).unwrap_or_default(),
        follower_ids: followers(desk, ticket)?.unwrap_or_default(),
        custom_fields: fields(desk, ticket, "ticket_field")?,
        ..default
    })
}

fn edit(desk: &Desk, ticket: &Map<String, Value>) -> Result<Edit, Rejection> {
    let agent = given(ticket, "agent_id").map(|id| agent(desk, id)).transpose()?;
    Ok(Edit {
        subject: text(ticket, "subject").map(short).transpose()?,
        content: text(ticket, "content"),
        status: status(ticket)?,
        priority: priority(ticket)?,
        assignee_id: agent,
        user_group_id: None,
        tags: text(ticket, "tags").map(|tags| parts(&tags)),
        follower_ids: followers(desk, ticket)?,
        custom_fields: fields(desk, ticket, "custom_fields")?,
    })
}

fn short(subject: String) -> Result<String, Rejection> {
    if subject.chars().count() > MAX_SUBJECT {
        return Err(Rejection::invalid("subject is too long (maximum is 255 characters)"));
    }
    Ok(subject)
}

fn status(ticket: &Map<String, Value>) -> Result<Option<Status>, Rejection> {
    let found = |_: &Value| number(ticket, "status_id").and_then(Status::of_id);
    let found = |id| found(id).ok_or_else(|| Rejection::invalid("状态错误"));
    given(ticket, "status_id").map(found).transpose()
}

fn priority(ticket: &Map<String, Value>) -> Result<Option<Priority>, Rejection> {
    let found = |name: String| Priority::of_chinese(&name).ok_or_else(|| Rejection::invalid("优先级错误"));
    filled(ticket, "priority").map(found).transpose()
}

/// Where v1 makes a customer who isn't found, this family refuses.
fn user(desk: &Desk, ticket: &Map<String, Value>) -> Result<Option<Contact>, Rejection> {
    let Some(kind) = filled(ticket, "type") else { return Ok(None) };
    let content = filled(ticket, "type_content").ok_or_else(|| Rejection::missing("ticket[type_content]"))?;
    customers::by(desk, &kind, &content).map(|customer| Some(Contact::of(&customer)))
}

/// A template that is missing or wrong is the default one.
fn template(ticket: &Map<String, Value>) -> u64 {
    number(ticket, "template_id").filter(|id| TEMPLATES.contains(id)).unwrap_or(DEFAULT_TEMPLATE)
}

fn agent(desk: &Desk, id: &Value) -> Result<u64, Rejection> {
    let agent = text_of(id).parse().ok().and_then(|id| desk.agent(id));
    agent.map(|agent| agent.id).ok_or_else(Rejection::no_agent)
}

fn agent_with_email(desk: &Desk, email: Option<String>) -> Result<Option<u64>, Rejection> {
    let found = |email: String| desk.agent_with_email(&email).map(|agent| agent.id);
    email.map(|email| found(email).ok_or_else(|| Rejection::invalid("客服邮箱错误"))).transpose()
}

fn followers(desk: &Desk, ticket: &Map<String, Value>) -> Result<Option<Vec<u64>>, Rejection> {
    let ids = given(ticket, "follower_ids").and_then(Value::as_array);
    ids.map(|ids| ids.iter().map(|id| agent(desk, id)).collect()).transpose()
}

fn fields(desk: &Desk, ticket: &Map<String, Value>, member: &str) -> Result<Map<String, Value>, Rejection> {
    let written = given(ticket, member).and_then(Value::as_object);
    let stored = written.map(|written| desk.values(written, By::Index)).transpose()?;
    Ok(stored.unwrap_or_default())
}
