//! A ticket as it is read, the same for both families (§4.1, §5.1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Map, Value, value::RawValue};

use super::{
    redact::debug_only,
    scalar::Fields,
    vocabulary::{ContentType, Platform, Priority, Status},
};

use crate::json;

/// A ticket in the field's own terms. What a family does not tell is `None`; only the id is always there.
///
/// `Debug` shows no text that people wrote and nobody's address.
#[derive(Clone, Serialize)]
pub struct Ticket {
    /// `id`: what calls name a ticket by.
    pub id: u64,
    /// `field_num` (v2): the number that agents see, with or without `#` (§8.4).
    pub number: Option<String>,
    /// The title.
    pub subject: Option<String>,
    /// The text.
    pub content: Option<String>,
    /// How the text is written.
    pub content_type: Option<ContentType>,
    /// The channel.
    pub platform: Option<Platform>,
    /// The state. Of v2's two names the English one wins.
    pub status: Option<Status>,
    /// The priority.
    pub priority: Option<Priority>,
    /// The customer it is for.
    pub customer: TicketCustomer,
    /// The agent who handles it.
    pub assignee_id: Option<u64>,
    /// That agent's name.
    pub assignee_name: Option<String>,
    /// The group that handles it.
    pub group_id: Option<u64>,
    /// That group's name.
    pub group_name: Option<String>,
    /// The template (v2).
    pub template_id: Option<u64>,
    /// Who created it (v2).
    pub creator_id: Option<u64>,
    /// Tag names (v2).
    pub tags: Vec<String>,
    /// Values by identifier, as they came: selections are indexes.
    /// [`FieldDefinitions`](super::FieldDefinitions) tell what they mean.
    pub custom_fields: Map<String, Value>,
    /// The last replier; its format is not documented.
    pub replied_by: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// When solving began.
    pub solving_at: Option<Timestamp>,
    /// When it was resolved (v2).
    pub resolved_at: Option<Timestamp>,
    /// When it was closed (v2).
    pub closed_at: Option<Timestamp>,
    /// When it was last replied to (v2).
    pub replied_at: Option<Timestamp>,
    /// The ticket byte for byte as the vendor sent it, without a wrapper.
    #[serde(skip)]
    pub raw: Box<RawValue>,
}

/// What a ticket says of its customer.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
pub struct TicketCustomer {
    /// `user_id` (v2).
    pub id: Option<u64>,
    /// The name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub cellphone: Option<String>,
    /// The customer's organization (v2).
    pub organization_id: Option<u64>,
}

/// What an update has to repeat, so that it changes nothing by leaving it out (§3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Current {
    /// The status at the last reading.
    pub status: Option<Status>,
    /// The priority at the last reading.
    pub priority: Option<Priority>,
}

impl Ticket {
    /// Reads a ticket of either family, also one that is wrapped in a `ticket` key (§5.1). Nothing if it is not
    /// an object with an id.
    pub fn read(raw: &RawValue) -> Option<Ticket> {
        Ticket::bare(unwrapped(raw))
    }

    /// As [`read`](Ticket::read), for v1, where nothing is wrapped: looking for a wrapper takes time.
    pub(super) fn bare(raw: &RawValue) -> Option<Ticket> {
        let mut fields = Fields::of(raw)?;
        Some(Ticket {
            id: fields.id("id")?,
            number: fields.text("field_num"),
            subject: fields.text("subject"),
            content: fields.text("content"),
            content_type: fields.word("content_type").map(|name| ContentType::from_name(&name)),
            platform: fields.word("platform").map(|name| Platform::from_name(&name)),
            status: fields.word("status_en").or_else(|| fields.word("status")).map(|s| Status::from_name(&s)),
            priority: fields.word("priority").map(|name| Priority::from_name(&name)),
            customer: TicketCustomer::read(&fields),
            assignee_id: fields.id("assignee_id"),
            assignee_name: fields.text("assignee_name").or_else(|| fields.text("assignee")),
            group_id: fields.id("user_group_id"),
            group_name: fields.text("user_group_name"),
            template_id: fields.id("template_id"),
            creator_id: fields.id("creator_id"),
            tags: fields.names("tags"),
            custom_fields: fields.custom_fields(),
            replied_by: fields.text("replied_by"),
            created_at: fields.time("created_at"),
            updated_at: fields.time("updated_at"),
            solving_at: fields.time("solving_at"),
            resolved_at: fields.time("resolved_at"),
            closed_at: fields.time("closed_at"),
            replied_at: fields.time("replied_at"),
            raw: raw.to_owned(),
        })
    }

    /// The ticket that was asked for. Another one is nothing: it would be written in its place.
    pub(super) fn of_id(raw: &RawValue, id: u64) -> Option<Ticket> {
        Ticket::read(raw).filter(|ticket| ticket.id == id)
    }

    /// What an update of this ticket has to repeat.
    pub fn current(&self) -> Current {
        Current { status: self.status.clone(), priority: self.priority.clone() }
    }
}

impl TicketCustomer {
    fn read(fields: &Fields<'_>) -> TicketCustomer {
        TicketCustomer {
            id: fields.id("user_id"),
            name: fields.text("user_name").or_else(|| fields.text("user")),
            email: fields.text("user_email"),
            cellphone: fields.text("user_cellphone"),
            organization_id: fields.id("organization_id"),
        }
    }
}

/// The ticket itself. An id beside `ticket` makes it a ticket that happens to have such a key.
fn unwrapped(raw: &RawValue) -> &RawValue {
    #[derive(Deserialize)]
    struct Wrapper<'a> {
        id: Option<IgnoredAny>,
        #[serde(borrow)]
        ticket: Option<&'a RawValue>,
    }
    match json::from_str(raw.get()) {
        Ok(Wrapper { id: None, ticket: Some(ticket) }) => ticket,
        _ => raw,
    }
}

debug_only!(Ticket { id, status, updated_at });
debug_only!(TicketCustomer { id });

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Ticket> {
        Ticket::read(&RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn only_the_id_is_needed() {
        let ticket =
            read(r#"{"id":"7","assignee_id":"","tags":null,"custom_fields":"","solving_at":""}"#).unwrap();
        assert_eq!((ticket.id, ticket.assignee_id, ticket.solving_at), (7, None, None));
        assert!(ticket.tags.is_empty() && ticket.custom_fields.is_empty());
        for nothing in ["{}", r#"{"id":null}"#, r#"{"id":{}}"#, "[]", "7", r#"{"ticket":[]}"#] {
            assert!(read(nothing).is_none(), "{nothing}");
        }
    }

    #[test]
    fn a_wrapper_is_taken_off() {
        let ticket = read(r#"{"ticket": {"id":7,"status":"开启","status_en":"open"}}"#).unwrap();
        assert_eq!(ticket.raw.get(), r#"{"id":7,"status":"开启","status_en":"open"}"#);
        assert_eq!(ticket.status, Some(Status::Open));
    }

    #[test]
    fn debug_shows_no_content() {
        let ticket = read(r#"{"id":7,"subject":"机密","user_email":"li.na@example.com"}"#).unwrap();
        let told = format!("{ticket:?} {:?}", ticket.customer);
        assert!(told.contains('7') && !told.contains("机密") && !told.contains("li.na"), "{told}");
    }
}
