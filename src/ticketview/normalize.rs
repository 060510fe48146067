//! Bangwo8's values as other tools want them: numbers as numbers, nothing as `null`, times with an offset,
//! closed fields with code, name and label, custom fields by key.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, value::RawValue};

use crate::bangwo8::{Code, Ticket, TicketView};

/// The JSON of a view.
pub(super) fn view(
    view: &TicketView,
    zone: &TimeZone,
    ticket_count: Option<u64>,
) -> serde_json::Result<Box<RawValue>> {
    #[derive(Serialize)]
    struct Json<'a> {
        id: Id,
        title: &'a Option<String>,
        active: Option<bool>,
        ticket_count: Option<u64>,
        created_at: Option<String>,
        updated_at: Option<String>,
    }
    serde_json::value::to_raw_value(&Json {
        id: Id::new(&view.id),
        title: &view.title,
        active: view.active,
        ticket_count,
        created_at: time(view.created_at, zone),
        updated_at: time(view.updated_at, zone),
    })
}

/// The JSON of a ticket.
pub(super) fn ticket(ticket: &Ticket, zone: &TimeZone) -> serde_json::Result<Box<RawValue>> {
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
        custom_fields: ByKey(&ticket.custom_fields),
    })
}

/// An id: a number where it is one.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Id {
    Number(u64),
    Text(String),
}

impl Id {
    pub(super) fn new(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Text(text.to_owned()), Self::Number)
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

/// Custom fields as an object. The vendor's own sample has two fields of one key: the first value stays, unless
/// it is empty.
struct ByKey<'a>(&'a [(String, Value)]);

impl Serialize for ByKey<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields: Vec<(&str, &Value)> = Vec::with_capacity(self.0.len());
        for (key, value) in self.0 {
            match fields.iter_mut().find(|(known, _)| known == key) {
                Some(known) if is_empty(known.1) => known.1 = value,
                Some(_) => {}
                None => fields.push((key, value)),
            }
        }
        let mut object = serializer.serialize_map(Some(fields.len()))?;
        for (key, value) in fields {
            object.serialize_entry(key, if is_empty(value) { &Value::Null } else { value })?;
        }
        object.end()
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.is_empty() || text.starts_with("0000-00-00"))
}
