//! `POST /tickets` (§3.3): Chinese names, selections by index, and a customer made if none is found.

use serde_json::{Map, Value, json};

use super::{Answer, Rejection, Request};
use crate::sandbox::udesk::desk::{Agent, By, Contact, Desk, Draft, Known, Priority, Status};
use crate::sandbox::udesk::endpoints::{filled, given, text};

/// All is checked before the customer is looked for, so that a refusal changes nothing.
pub(crate) fn ticket(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let given = given(&request.body, "ticket").and_then(Value::as_object);
    let ticket = given.ok_or_else(|| Rejection::missing("ticket"))?;
    let mut draft = draft(desk, ticket)?;
    let known = Known {
        token: filled(ticket, "customer_token"),
        email: filled(ticket, "email"),
        cellphone: filled(ticket, "cellphone"),
    };
    let customer = desk.resolve(&known, request.now).and_then(|id| desk.customers.get(id));
    draft.user = customer.map(|customer| Contact::of(&customer));
    let id = desk.create(draft, request.now);
    Ok(request.written(json!({"status": 0, "message": "工单创建成功", "ticket_id": id})))
}

fn draft(desk: &Desk, ticket: &Map<String, Value>) -> Result<Draft, Rejection> {
    let required =
        |name: &str| text(ticket, name).ok_or_else(|| Rejection::missing(&format!("ticket[{name}]")));
    let fields = given(ticket, "ticket_field").and_then(Value::as_object);
    let default = Draft::default();
    Ok(Draft {
        subject: required("subject")?,
        content: required("content")?,
        status: named(ticket, "status", "状态错误", Status::of_chinese)?.unwrap_or(default.status),
        priority: named(ticket, "priority", "优先级错误", Priority::of_chinese)?.unwrap_or(default.priority),
        assignee_id: assignee(desk, ticket)?,
        user_group_id: group(desk, ticket)?,
        custom_fields: fields.map(|fields| desk.values(fields, By::Index)).transpose()?.unwrap_or_default(),
        ..default
    })
}

fn named<T>(
    ticket: &Map<String, Value>,
    member: &str,
    error: &str,
    find: fn(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    let found = |name: String| find(&name).ok_or_else(|| Rejection::business(1001, error));
    filled(ticket, member).map(found).transpose()
}

/// By e-mail, by name or by both, which must then be one agent's.
fn assignee(desk: &Desk, ticket: &Map<String, Value>) -> Result<Option<u64>, Rejection> {
    let Some(assignee) = given(ticket, "assignee").and_then(Value::as_object) else {
        return Ok(None);
    };
    let (found, error): (Option<&Agent>, _) = match (filled(assignee, "email"), filled(assignee, "name")) {
        (None, None) => return Ok(None),
        (Some(email), None) => (desk.agent_with_email(&email), "客服邮箱错误"),
        (None, Some(name)) => (desk.agent_with_name(&name), "客服姓名错误"),
        (Some(email), Some(name)) => {
            (desk.agent_with_email(&email).filter(|agent| agent.nick_name == name), "客服信息错误")
        }
    };
    found.map(|agent| Some(agent.id)).ok_or_else(|| Rejection::business(1001, error))
}

fn group(desk: &Desk, ticket: &Map<String, Value>) -> Result<Option<u64>, Rejection> {
    let found =
        |name: String| desk.group_with_name(&name).map(|group| group.id).ok_or_else(Rejection::no_group);
    filled(ticket, "agent_group_name").map(found).transpose()
}
