//! Bangwo8's values as other tools want them: numbers as numbers, nothing as `null`, times with an offset,
//! closed fields with code, name and label, custom fields by key with what the field list says of them.
//!
//! Nothing that was sent is dropped or guessed at: what can't be read as its field has it is passed on and marked.

mod custom_fields;
mod fields;
mod options;
mod value;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use self::custom_fields::ByKey;
pub(super) use self::fields::FieldBook;
use crate::bangwo8::{Code, Ticket, TicketView};

/// What is known of a view itself; how many tickets it has is told by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    pub(super) id: Id,
    pub(super) title: Option<String>,
    pub(super) active: Option<bool>,
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
}

/// A view in clean values.
pub(super) fn view(view: &TicketView, zone: &TimeZone) -> About {
    About {
        id: Id::new(&view.id),
        title: view.title.clone(),
        active: view.active,
        created_at: time(view.created_at, zone),
        updated_at: time(view.updated_at, zone),
    }
}

/// The JSON of a ticket.
pub(super) fn ticket(
    ticket: &Ticket,
    fields: &FieldBook,
    zone: &TimeZone,
) -> serde_json::Result<Box<RawValue>> {
    #[derive(Serialize)]
    struct Json<'a> {
        id: Id,
        subject: &'a Option<String>,
        description: &'a Option<String>,
        status: &'a Option<Code>,
        priority: &'a Option<Code>,
        r#type: &'a Option<Code>,
        source: &'a Option<Code>,
        contact_id: Option<Id>,
        agent_id: Option<Id>,
        group_id: Option<Id>,
        cc_agent_ids: Vec<Id>,
        cc_group_ids: Vec<Id>,
        creator: Creator<'a>,
        template_id: Option<Id>,
        tags: Vec<&'a str>,
        created_at: Option<String>,
        updated_at: Option<String>,
        opened_at: Option<String>,
        waiting_at: Option<String>,
        solved_at: Option<String>,
        closed_at: Option<String>,
        custom_fields: ByKey<'a>,
    }
    #[derive(Serialize)]
    struct Creator<'a> {
        id: Option<Id>,
        r#type: &'a Option<Code>,
    }
    serde_json::value::to_raw_value(&Json {
        id: Id::new(ticket.id.as_str()),
        subject: &ticket.subject,
        description: &ticket.descript,
        status: &ticket.ticket_status,
        priority: &ticket.priority_level,
        r#type: &ticket.ticket_type,
        source: &ticket.ticket_source,
        contact_id: id(&ticket.cust_user_id),
        agent_id: id(&ticket.servicer_user_id),
        group_id: id(&ticket.servicer_group_id),
        cc_agent_ids: parts(&ticket.cc_user_id_list).map(Id::new).collect(),
        cc_group_ids: parts(&ticket.cc_group_id_list).map(Id::new).collect(),
        creator: Creator { id: id(&ticket.creater_id), r#type: &ticket.creater_type },
        template_id: id(&ticket.ticket_template_id),
        tags: parts(&ticket.tag_list).collect(),
        created_at: time(ticket.created_at, zone),
        updated_at: time(ticket.updated_at, zone),
        opened_at: time(ticket.opened_at, zone),
        waiting_at: time(ticket.waiting_at, zone),
        solved_at: time(ticket.solved_at, zone),
        closed_at: time(ticket.closed_at, zone),
        custom_fields: ByKey { fields: &ticket.custom_fields, book: fields, zone },
    })
}

/// An id: a number where it is one, as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// Of a view, a ticket, a person: all that the documents print.
    Number(u64),
    /// Anything else.
    Text(Box<str>),
}

impl Id {
    /// Only what a number would be spelled as is one: `007` keeps its zeros.
    pub fn new(text: &str) -> Self {
        match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text.into()),
        }
    }
}

fn id(text: &Option<String>) -> Option<Id> {
    text.as_deref().map(Id::new)
}

fn parts(list: &Option<String>) -> impl Iterator<Item = &str> {
    list.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// RFC 3339 with the tenant's own offset.
fn time(at: Option<Timestamp>, zone: &TimeZone) -> Option<String> {
    at.map(|at| at.display_with_offset(zone.to_offset(at)).to_string())
}

#[cfg(test)]
mod tests;
