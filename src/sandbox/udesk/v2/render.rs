//! How v2 writes what is stored (§5): ISO times, another word for one status, ids beside the names.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::sandbox::udesk::desk::{
    Agent, AuthorKind, Choice, Customer, Desk, Entry, Field, Group, Organization, Reply, Ticket,
};
use crate::sandbox::udesk::moment;

/// The SIP password that agents come with, which a client must not log.
const SIP_PASSWORD: &str = "sandbox-sip-password";

pub(crate) fn ticket(desk: &Desk, ticket: &Ticket) -> Value {
    let user = ticket.user.as_ref();
    let name_of = |id: Option<u64>| id.and_then(|id| desk.agent_name(id));
    let group = ticket.user_group_id.and_then(|id| desk.group(id)).map(|group| group.name.as_str());
    let replied = |kind| time(ticket.last_reply(kind).map(|reply| reply.created_at));
    let organization =
        user.and_then(|user| desk.customers.get(user.id)).and_then(|user| user.organization_id);
    json!({
        "id": ticket.id,
        "field_num": ticket.field_num(),
        "subject": ticket.subject,
        "content": ticket.content,
        "content_type": ticket.content_type.name(),
        "user_id": user.map(|user| user.id),
        "user_name": user.map(|user| user.name.as_str()),
        "user_email": user.and_then(|user| user.email.as_deref()),
        "user_cellphone": user.and_then(|user| user.cellphone.as_deref()),
        "organization_id": organization,
        "assignee_id": ticket.assignee_id,
        "assignee_name": name_of(ticket.assignee_id),
        "assignee_avatar": Value::Null,
        "user_group_id": ticket.user_group_id,
        "user_group_name": group,
        "template_id": ticket.template_id,
        "priority": ticket.priority.chinese(),
        "status": ticket.status.chinese_v2(),
        "status_en": ticket.status.english(),
        "platform": ticket.platform.chinese(),
        "satisfaction": ticket.satisfaction.as_ref().map(|vote| vote.vote_number),
        "custom_fields": ticket.custom_fields,
        "tags": ticket.tags.join(","),
        "creator_id": ticket.creator_id,
        "created_at": moment::v2(ticket.created_at),
        "updated_at": moment::v2(ticket.updated_at),
        "solving_at": time(ticket.solving_at),
        "resolved_at": time(ticket.resolved_at),
        "closed_at": time(ticket.closed_at),
        "replied_at": replied(None),
        "agent_replied_at": replied(Some(AuthorKind::Agent)),
        "customer_replied_at": replied(Some(AuthorKind::Customer)),
        "replied_by": ticket.replied_by,
    })
}

fn time(at: Option<Timestamp>) -> Value {
    at.map(moment::v2).map_or(Value::Null, Value::String)
}

pub(crate) fn reply(reply: &Reply) -> Value {
    let author = &reply.author;
    json!({
        "id": reply.id,
        "content": reply.content,
        "created_at": moment::v2(reply.created_at),
        "author": {
            "id": author.id,
            "user_type": author.kind.name(),
            "email": author.email,
            "nick_name": author.nick_name,
        },
    })
}

pub(crate) fn customer(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "nick_name": customer.nick_name,
        "level": customer.level,
        "description": customer.description,
        "owner_id": customer.owner_id,
        "owner_group_id": customer.owner_group_id,
        "custom_fields": customer.custom_fields,
        "open_api_token": customer.open_api_token,
        "organization_id": customer.organization_id,
        "is_blocked": customer.is_blocked,
        "tags": customer.tags,
        "email": customer.email,
        "other_emails": entries(&customer.other_emails),
        "cellphones": entries(&customer.cellphones),
        "platform": customer.platform.chinese(),
    })
}

/// Objects, where a write has pairs.
fn entries(entries: &[Entry]) -> Value {
    entries.iter().map(|entry| json!({"id": entry.id, "content": entry.content})).collect()
}

pub(crate) fn organization(organization: &Organization) -> Value {
    json!({
        "id": organization.id,
        "name": organization.name,
        "domains": organization.domains,
        "level": organization.level,
        "custom_fields": organization.custom_fields,
        "updated_at": moment::v2(organization.updated_at),
        "description": organization.description,
        "token": organization.token,
        "cellphones": entries(&organization.cellphones),
    })
}

pub(crate) fn agent(agent: &Agent) -> Value {
    json!({
        "id": agent.id,
        "email": agent.email,
        "nick_name": agent.nick_name,
        "profile": agent.profile,
        "aliase": agent.aliase,
        "cellphone": agent.cellphone,
        "role_name": agent.role_name,
        "duty": agent.duty,
        "im_ability_value": agent.im_ability_value,
        "user_group_ids": agent.user_group_ids,
        "ucpapp_subaccount": {"number": (8_000 + agent.id).to_string(), "password": SIP_PASSWORD},
        "avatar": Value::Null,
        "work_id": Value::Null,
        "departments": [],
    })
}

/// A group with its members, in few words or in more.
pub(crate) fn group(desk: &Desk, group: &Group, member: fn(&Agent) -> Value) -> Value {
    let members =
        desk.agents.iter().filter(|agent| agent.user_group_ids.contains(&group.id) && !agent.disabled);
    json!({"id": group.id, "name": group.name, "agents": members.map(member).collect::<Value>()})
}

/// The members that a definition has depend on its category and type (§5.6). The values of the two permissions
/// aren't known.
pub(crate) fn field(field: &Field) -> Value {
    use crate::sandbox::udesk::desk::Category::{Customer, Organization, Ticket};
    let mut shown = json!({
        "id": field.id,
        "field_name": field.field_name,
        "field_label": field.field_label,
        "content_type": field.content_type,
        "comment": field.comment,
        "updated_at": moment::v2(field.updated_at),
    });
    if field.is_selection() {
        shown["options"] = options(&field.options, field.is_cascade());
    }
    if matches!(field.category, Customer | Ticket) {
        shown["customer_permission"] = json!(field.permission.to_string());
    }
    if matches!(field.category, Customer | Organization) {
        shown["agent_permission"] = json!("2");
    }
    if let Some(kind) = &field.calculate_result_type {
        shown["calculate_result_type"] = json!(kind);
    }
    shown
}

fn options(level: &[Choice], cascade: bool) -> Value {
    let option = |(index, choice): (usize, &Choice)| {
        let mut option = json!({
            "title": choice.title,
            "value": index.to_string(),
            "default": choice.default,
            "is_hide": choice.is_hide,
        });
        if cascade {
            option["subs"] = options(&choice.subs, cascade);
        }
        option
    };
    level.iter().enumerate().map(option).collect()
}
