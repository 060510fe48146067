//! How v1 writes what is stored (§4): Chinese priorities and channels, English states, `""` for no date.

use serde_json::{Value, json};

use crate::sandbox::udesk::desk::{Choice, Contact, Customer, Desk, Field, Ticket};
use crate::sandbox::udesk::moment;

/// Neither replies nor tags nor followers: v1 has no way to read them (§3.4).
pub(crate) fn ticket(desk: &Desk, ticket: &Ticket) -> Value {
    let absent = if ticket.blanks { json!("") } else { Value::Null };
    let or_absent = |text: Option<&str>| text.map_or(absent.clone(), |text| json!(text));
    let user = |part: fn(&Contact) -> Option<&str>| or_absent(ticket.user.as_ref().and_then(part));
    let assignee = ticket.assignee_id.and_then(|id| desk.agent_name(id));
    let group = ticket.user_group_id.and_then(|id| desk.group(id));
    json!({
        "id": ticket.id,
        "subject": ticket.subject,
        "content": ticket.content,
        "content_type": ticket.content_type.name(),
        "platform": ticket.platform.chinese(),
        "priority": ticket.priority.chinese(),
        "status": ticket.status.english(),
        "user": user(|user| Some(&user.name)),
        "user_email": user(|user| user.email.as_deref()),
        "user_cellphone": user(|user| user.cellphone.as_deref()),
        "assignee": or_absent(assignee),
        "assignee_id": ticket.assignee_id,
        "user_group_id": ticket.user_group_id,
        "user_group_name": or_absent(group.map(|group| group.name.as_str())),
        "solving_at": ticket.solving_at.map(moment::v1).unwrap_or_default(),
        "replied_by": ticket.replied_by,
        "custom_fields": ticket.custom_fields,
        "created_at": moment::v1(ticket.created_at),
        "updated_at": moment::v1(ticket.updated_at),
    })
}

/// A definition, with the misspelled member that all of the vendor's samples have (§4.3).
pub(crate) fn field(field: &Field) -> Value {
    json!({
        "field_name": field.field_name,
        "field_label": field.field_label,
        "content_type": field.content_type,
        "comment": field.comment,
        "options": if field.is_selection() { options(field) } else { Value::Null },
        "permission": field.permission,
        "requirment": field.required,
    })
}

/// Objects of one key. Those of a cascade are wrong, as the vendor warns: all levels in one row, so that no
/// index but the first is that of a value (§3.9).
fn options(field: &Field) -> Value {
    let mut titles = Vec::new();
    list(&field.options, &mut titles);
    let numbered = titles.into_iter().enumerate();
    numbered.map(|(index, title)| json!({index.to_string(): title})).collect()
}

fn list<'a>(level: &'a [Choice], titles: &mut Vec<&'a str>) {
    for choice in level {
        titles.push(&choice.title);
        list(&choice.subs, titles);
    }
}

pub(crate) fn customer(customer: &Customer) -> Value {
    json!({
        "id": customer.id,
        "email": customer.email,
        "nick_name": customer.nick_name,
        "telephone": Value::Null,
        "cellphone": customer.cellphone(),
    })
}
