//! A ticket to write, in the field's own terms, and why some of it cannot be written in some calls.
//!
//! Each of the four calls that write a ticket spells the same thing differently (§4.4); [`v1`] and [`v2`] are
//! the spellings. What a call has no spelling for is an error, never left out in silence; only what a creation
//! decides for good (customer, template, creator) means nothing in a change.

mod selection;
pub(super) mod v1;
pub(super) mod v2;

use std::collections::BTreeMap;

use super::{
    fields::{FieldDefinitions, FieldValue},
    redact::debug_only,
    ticket::Ticket,
    vocabulary::{Priority, Status},
};

/// What a ticket should be; what is `None` or empty is not said.
///
/// `Debug` shows no text that people wrote and nobody's address.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct TicketDraft {
    /// The title; at most 255 characters in v2. Every creation needs one.
    pub subject: Option<String>,
    /// The text. Every creation needs one; a v2 change has no field for it.
    pub content: Option<String>,
    /// The status; a v2 change has no field for it.
    pub status: Option<Status>,
    /// The priority; a v2 change has no field for it.
    pub priority: Option<Priority>,
    /// Whom it is for; only a creation says that.
    pub customer: CustomerKey,
    /// Who is to handle it.
    pub assignee: Assignee,
    /// The group that is to handle it.
    pub group: Group,
    /// Tag names; only a v1 change and a v2 creation say them. Whether they replace or add is not documented.
    pub tags: Vec<String>,
    /// Who follows it; only a v1 change and a v2 creation say that.
    pub followers: Option<Followers>,
    /// Custom fields by identifier.
    pub fields: BTreeMap<String, FieldValue>,
    /// A reply or note of an agent to add; only a v1 change can.
    pub comment: Option<Comment>,
    /// The template; only a v2 creation says it, and a wrong one means the default one.
    pub template_id: Option<u64>,
    /// The e-mail of the creator; only a v2 creation says it.
    pub creator_email: Option<String>,
}

/// How to find the customer of a new ticket.
///
/// v1 looks by token, e-mail and telephone in this order, and creates a customer if none of them finds one
/// (§3.3). v2 looks by one of them and creates nobody (§5.1).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CustomerKey {
    /// The vendor's id of the customer; v2 only.
    pub id: Option<u64>,
    /// The customer's id in another system; v1 only.
    pub token: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub cellphone: Option<String>,
}

/// An agent by all that is known of them. Each call is told the one thing that it understands.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Assignee {
    /// The vendor's id; what changes understand.
    pub id: Option<u64>,
    /// The name; what a v1 creation understands.
    pub name: Option<String>,
    /// The e-mail address; what all but a v2 change understand.
    pub email: Option<String>,
}

/// A group by all that is known of it. Each call is told the one thing that it understands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The vendor's id; what a v1 change understands.
    pub id: Option<u64>,
    /// The name; what all but a v2 change understand.
    pub name: Option<String>,
}

/// The agents who follow a ticket: by id or by e-mail, never by both (§3.5).
#[derive(Clone, PartialEq, Eq)]
pub enum Followers {
    /// By the vendor's ids.
    Ids(Vec<u64>),
    /// By e-mail; a v1 change only.
    Emails(Vec<String>),
}

/// What an agent adds to a ticket (§3.5).
#[derive(Clone, PartialEq, Eq)]
pub struct Comment {
    /// Whether the customer sees it.
    pub visibility: Visibility,
    /// The agent's e-mail.
    pub author_email: String,
    /// The text.
    pub body: String,
}

/// Who sees a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Agents only: 内部备注.
    Internal,
    /// The customer too: 公开回复.
    Public,
}

/// A part of a draft that a call has no spelling for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct Inexpressible {
    /// The part: a field of [`TicketDraft`] or the identifier of a custom field.
    pub what: String,
    /// Why it cannot be written.
    pub why: &'static str,
}

impl Inexpressible {
    fn new(what: impl Into<String>, why: &'static str) -> Inexpressible {
        Inexpressible { what: what.into(), why }
    }
}

impl TicketDraft {
    /// A draft that says what a read ticket says. Written back to it as a change it alters nothing; written as
    /// a creation it makes a ticket like it.
    pub fn of(ticket: &Ticket, definitions: &FieldDefinitions) -> TicketDraft {
        let customer = &ticket.customer;
        TicketDraft {
            subject: ticket.subject.clone(),
            content: ticket.content.clone(),
            status: ticket.status.clone(),
            priority: ticket.priority.clone(),
            customer: CustomerKey {
                id: customer.id,
                token: None,
                email: customer.email.clone(),
                cellphone: customer.cellphone.clone(),
            },
            assignee: Assignee { id: ticket.assignee_id, name: ticket.assignee_name.clone(), email: None },
            group: Group { id: ticket.group_id, name: ticket.group_name.clone() },
            tags: ticket.tags.clone(),
            fields: definitions.values(&ticket.custom_fields),
            template_id: ticket.template_id,
            ..TicketDraft::default()
        }
    }
}

/// Something that a call cannot say must not be there.
fn refuse(present: bool, what: &str, why: &'static str) -> Result<(), Inexpressible> {
    if present { Err(Inexpressible::new(what, why)) } else { Ok(()) }
}

/// What a creation cannot do without.
fn required<'a>(text: &'a Option<String>, what: &str) -> Result<&'a str, Inexpressible> {
    text.as_deref().ok_or_else(|| Inexpressible::new(what, "a creation needs it"))
}

/// Several values in one text. A comma in one of them would make two of it.
pub(super) fn joined(values: &[String], what: &str) -> Result<Option<String>, Inexpressible> {
    refuse(values.iter().any(|value| value.contains(',')), what, "one of them has a comma in it")?;
    Ok((!values.is_empty()).then(|| values.join(",")))
}

debug_only!(TicketDraft { status, priority, group, template_id });
debug_only!(CustomerKey { id });
debug_only!(Assignee { id });
debug_only!(Comment { visibility });

impl std::fmt::Debug for Followers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Followers::Ids(ids) => formatter.debug_tuple("Ids").field(ids).finish(),
            Followers::Emails(emails) => write!(formatter, "Emails({} of them)", emails.len()),
        }
    }
}

#[cfg(test)]
mod tests;
