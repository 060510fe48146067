//! What a push says: the administrator's own keys, and texts in which placeholders stand for values. Values
//! are what people read on the screen: Chinese names, not ids (§7.2).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Empty, Trigger};
use crate::sandbox::udesk::desk::{AuthorKind, Category, Contact, Desk, Reply, Ticket};
use crate::sandbox::udesk::moment;

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// What a placeholder stands for; `None` if the ticket has no such thing.
type ValueOf = fn(&Desk, &Ticket) -> Option<String>;

/// The placeholders. The vendor's own list isn't published.
const PLACEHOLDERS: &[(&str, ValueOf)] = &[
    ("ticket.id", |_, ticket| Some(ticket.id.to_string())),
    ("ticket.field_num", |_, ticket| Some(ticket.field_num())),
    ("ticket.subject", |_, ticket| Some(ticket.subject.clone())),
    ("ticket.content", |_, ticket| Some(ticket.content.clone())),
    ("ticket.status", |_, ticket| Some(ticket.status.chinese_v2().to_owned())),
    ("ticket.priority", |_, ticket| Some(ticket.priority.chinese().to_owned())),
    ("ticket.platform", |_, ticket| Some(ticket.platform.chinese().to_owned())),
    ("ticket.url", |_, ticket| Some(format!("https://demo.udesk.cn/entry/ticket/list/{}", ticket.id))),
    ("ticket.tags", |_, ticket| Some(ticket.tags.join(","))),
    ("ticket.created_at", |_, ticket| Some(moment::v1(ticket.created_at))),
    ("ticket.updated_at", |_, ticket| Some(moment::v1(ticket.updated_at))),
    ("ticket.assignee", |desk, ticket| desk.agent_name(ticket.assignee_id?).map(str::to_owned)),
    ("ticket.assignee.id", |_, ticket| ticket.assignee_id.map(|id| id.to_string())),
    ("ticket.user_group", |desk, ticket| desk.group(ticket.user_group_id?).map(|group| group.name.clone())),
    ("ticket.user", |_, ticket| user(ticket, |user| Some(user.name.clone()))),
    ("ticket.user.id", |_, ticket| user(ticket, |user| Some(user.id.to_string()))),
    ("ticket.user.email", |_, ticket| user(ticket, |user| user.email.clone())),
    ("ticket.user.cellphone", |_, ticket| user(ticket, |user| user.cellphone.clone())),
    ("ticket.reply.content", |_, ticket| last(ticket, None, |reply| reply.content.clone())),
    ("ticket.reply.author", |_, ticket| last(ticket, None, |reply| reply.author.nick_name.clone())),
    ("ticket.replied_at", |_, ticket| last(ticket, None, |reply| moment::v1(reply.created_at))),
    ("ticket.agent_replied_at", |_, ticket| {
        last(ticket, Some(AuthorKind::Agent), |reply| moment::v1(reply.created_at))
    }),
    ("ticket.customer_replied_at", |_, ticket| {
        last(ticket, Some(AuthorKind::Customer), |reply| moment::v1(reply.created_at))
    }),
];

/// A placeholder of a custom field is this and the field's name.
const CUSTOM_FIELD: &str = "ticket.custom_fields.";

/// One part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Words(&'a str),
    Placeholder(&'a str),
}

/// Refuses values that are no texts, and placeholders that don't exist.
pub(super) fn check(template: &Map<String, Value>) -> Result<(), String> {
    for (key, text) in template {
        let text = text.as_str().ok_or_else(|| format!("template.{key}: must be a text"))?;
        let unknown = parts(text).into_iter().find_map(|part| match part {
            Part::Placeholder(name) if !is_known(name) => Some(name),
            _ => None,
        });
        if let Some(name) = unknown {
            let known: Vec<&str> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
            let known = known.join(", ");
            return Err(format!("template.{key}: there is no {name:?}; there are {known}, {CUSTOM_FIELD}…"));
        }
    }
    Ok(())
}

/// The object that is sent.
pub(super) fn filled(trigger: &Trigger, desk: &Desk, ticket: &Ticket) -> Map<String, Value> {
    let member = |(key, text): (&String, &Value)| {
        let text = text.as_str().unwrap_or_default();
        let said: String = parts(text).iter().map(|part| said(part, desk, ticket)).collect();
        let value = match trigger.empty {
            _ if !said.is_empty() || text.is_empty() => Value::String(said),
            Empty::Text => Value::String(said),
            Empty::Null => Value::Null,
            Empty::Absent => return None,
        };
        Some((key.clone(), value))
    };
    trigger.template.iter().filter_map(member).collect()
}

fn said<'a>(part: &Part<'a>, desk: &Desk, ticket: &Ticket) -> Cow<'a, str> {
    match part {
        Part::Words(words) => Cow::Borrowed(words),
        Part::Placeholder(name) => Cow::Owned(value(name, desk, ticket).unwrap_or_default()),
    }
}

fn value(name: &str, desk: &Desk, ticket: &Ticket) -> Option<String> {
    if let Some(field) = name.strip_prefix(CUSTOM_FIELD) {
        let value = ticket.custom_fields.get(field)?.as_str()?;
        let definition = desk.fields_of(Category::Ticket).find(|known| known.field_name == field)?;
        return Some(definition.shown(value));
    }
    let (_, value) = PLACEHOLDERS.iter().find(|(known, _)| *known == name)?;
    value(desk, ticket)
}

fn is_known(name: &str) -> bool {
    name.starts_with(CUSTOM_FIELD) || PLACEHOLDERS.iter().any(|(known, _)| *known == name)
}

/// An opening without its closing is words.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once(OPEN)
        && let Some((name, behind)) = after.split_once(CLOSE)
    {
        parts.push(Part::Words(words));
        parts.push(Part::Placeholder(name.trim()));
        rest = behind;
    }
    parts.push(Part::Words(rest));
    parts
}

fn user(ticket: &Ticket, part: fn(&Contact) -> Option<String>) -> Option<String> {
    part(ticket.user.as_ref()?)
}

fn last(ticket: &Ticket, kind: Option<AuthorKind>, part: fn(&Reply) -> String) -> Option<String> {
    ticket.last_reply(kind).map(part)
}
