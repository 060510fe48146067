//! `PUT /tickets/:id` (§3.5): English names, selections by name, and agents' replies. What is left out stays.

use serde_json::{Map, Value, json};

use super::{Answer, Rejection, Request};
use crate::sandbox::udesk::desk::{Author, By, Desk, Edit, NewReply, Priority, Status, TextKind};
use crate::sandbox::udesk::endpoints::{filled, given, number, parts, text};

/// All is checked before anything is changed.
pub(crate) fn ticket(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let members = given(&request.body, "ticket").and_then(Value::as_object);
    let members = members.ok_or_else(|| Rejection::missing("ticket"))?;
    refuse_exclusive(members)?;
    let id = request.id().filter(|id| desk.tickets.get(*id).is_some()).ok_or_else(Rejection::no_ticket)?;
    let edit = edit(desk, members)?;
    let comment = given(members, "comment").and_then(Value::as_object);
    let comment = comment.map(|comment| comment_of(desk, comment)).transpose()?;
    if members.keys().any(|name| name != "comment") {
        desk.update(id, edit, request.now);
    }
    if let Some(comment) = comment {
        desk.reply(id, comment, request.now);
    }
    Ok(request.written(json!({"status": 0, "message": "成功"})))
}

fn refuse_exclusive(ticket: &Map<String, Value>) -> Result<(), Rejection> {
    let pairs = [
        ("agent_email", "agent_id"),
        ("agent_group_name", "agent_group_id"),
        ("follower_emails", "follower_ids"),
    ];
    let both = |(one, other): &(&str, &str)| given(ticket, one).is_some() && given(ticket, other).is_some();
    match pairs.into_iter().find(both) {
        Some((one, other)) => Err(Rejection::exclusive(one, other)),
        None => Ok(()),
    }
}

fn edit(desk: &Desk, ticket: &Map<String, Value>) -> Result<Edit, Rejection> {
    let (assignee_id, user_group_id) = (agent(desk, ticket)?, group(desk, ticket)?);
    refuse_stranger(desk, assignee_id, user_group_id)?;
    let fields = given(ticket, "custom_fields").and_then(Value::as_object);
    Ok(Edit {
        subject: text(ticket, "subject"),
        content: text(ticket, "content"),
        status: named(ticket, "status", "参数'状态'传递有误", Status::of_english)?,
        priority: named(ticket, "priority", "参数'优先级'传递有误", Priority::of_english)?,
        assignee_id,
        user_group_id,
        tags: text(ticket, "tags").map(|tags| parts(&tags)),
        follower_ids: followers(desk, ticket)?,
        custom_fields: fields.map(|fields| desk.values(fields, By::Name)).transpose()?.unwrap_or_default(),
    })
}

fn named<T>(
    ticket: &Map<String, Value>,
    member: &str,
    error: &str,
    find: fn(&str) -> Option<T>,
) -> Result<Option<T>, Rejection> {
    let found = |name: String| find(&name).ok_or_else(|| Rejection::business(1006, error));
    filled(ticket, member).map(found).transpose()
}

fn agent(desk: &Desk, ticket: &Map<String, Value>) -> Result<Option<u64>, Rejection> {
    if let Some(email) = filled(ticket, "agent_email") {
        return agent_with_email(desk, &email).map(Some);
    }
    let found = |id: &Value| by_id(id).and_then(|id| desk.agent(id)).map(|agent| agent.id);
    given(ticket, "agent_id").map(|id| found(id).ok_or_else(Rejection::no_agent)).transpose()
}

fn group(desk: &Desk, ticket: &Map<String, Value>) -> Result<Option<u64>, Rejection> {
    let found = match (filled(ticket, "agent_group_name"), given(ticket, "agent_group_id")) {
        (Some(name), _) => desk.group_with_name(&name),
        (None, Some(_)) => number(ticket, "agent_group_id").and_then(|id| desk.group(id)),
        (None, None) => return Ok(None),
    };
    found.map(|group| Some(group.id)).ok_or_else(Rejection::no_group)
}

/// An agent and a group that are given together must belong together.
fn refuse_stranger(desk: &Desk, agent: Option<u64>, group: Option<u64>) -> Result<(), Rejection> {
    let agent = agent.and_then(|id| desk.agent(id));
    match (agent, group) {
        (Some(agent), Some(group)) if !agent.user_group_ids.contains(&group) => {
            Err(Rejection::business(1010, "指定的客服不属于给定的员工组"))
        }
        _ => Ok(()),
    }
}

/// They replace the ones that are there (§3.5 \[S\]).
fn followers(desk: &Desk, ticket: &Map<String, Value>) -> Result<Option<Vec<u64>>, Rejection> {
    if let Some(emails) = text(ticket, "follower_emails") {
        let ids = parts(&emails).into_iter().map(|email| agent_with_email(desk, &email));
        return ids.collect::<Result<_, _>>().map(Some);
    }
    let found = |id: &String| id.parse().ok().and_then(|id| desk.agent(id)).map(|agent| agent.id);
    let all = |ids: String| parts(&ids).iter().map(|id| found(id).ok_or_else(Rejection::no_agent)).collect();
    text(ticket, "follower_ids").map(all).transpose()
}

fn agent_with_email(desk: &Desk, email: &str) -> Result<u64, Rejection> {
    let agent = desk.agent_with_email(email);
    agent.map(|agent| agent.id).ok_or_else(|| Rejection::no_agent_with_email(email))
}

fn by_id(value: &Value) -> Option<u64> {
    crate::sandbox::udesk::desk::text(value).parse().ok()
}

/// A public reply or an internal note of an agent.
fn comment_of(desk: &Desk, comment: &Map<String, Value>) -> Result<NewReply, Rejection> {
    let required = |name: &str| {
        text(comment, name).ok_or_else(|| Rejection::missing(&format!("ticket[comment][{name}]")))
    };
    let (function, email, body) = (required("function")?, required("author_email")?, required("body")?);
    let internal = match function.as_str() {
        "internal" => true,
        "external" => false,
        _ => return Err(Rejection::business(1013, "回复类型非法")),
    };
    let author = desk.agent_with_email(&email).ok_or_else(|| Rejection::business(1013, "回复人不存在"))?;
    Ok(NewReply {
        content: body,
        content_type: TextKind::Text,
        internal,
        author: Author::agent(author),
        attachment_ids: Vec::new(),
    })
}
