//! What events are called: their ids, their types, and the lanes that order them. Each is checked where it is made.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Longest event id, in bytes, with the `source` of a CloudEvent counted in.
pub const MAX_EVENT_ID_BYTES: usize = 512;

/// A value that can't be what it should be. The text says what is allowed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Invalid(pub(super) &'static str);

/// What makes an event one of a kind within its connection: the sender's id, or for a CloudEvent its
/// `source` and `id` (CloudEvents 1.0, "id"), joined by a space, which neither a plain id nor a URI can hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct EventId(String);

impl EventId {
    /// The id of a plain envelope: visible characters, no white space, 1 to 512 bytes. Not `.` or `..`: as the
    /// last step of an address they mean another one.
    pub fn plain(id: &str) -> Result<Self, Invalid> {
        if id.chars().any(|c| c.is_whitespace() || is_hidden(c)) {
            return Err(Invalid(
                "must not contain white space, control characters or what turns the direction of text",
            ));
        }
        if matches!(id, "." | "..") {
            return Err(Invalid("must not be . or .."));
        }
        Self::sized(id.to_owned())
    }

    /// The identity of a CloudEvent: `source` is a non-empty URI reference, `id` any non-empty text.
    pub fn cloudevent(source: &str, id: &str) -> Result<Self, Invalid> {
        Self::source(source)?;
        if id.is_empty() || id.chars().any(is_hidden) {
            return Err(Invalid(
                "must be non-empty and without control characters or what turns the direction of text",
            ));
        }
        Self::sized(format!("{source} {id}"))
    }

    /// Checks the `source` of a CloudEvent.
    pub fn source(source: &str) -> Result<(), Invalid> {
        if source.is_empty() || source.chars().any(|c| c.is_whitespace() || is_hidden(c)) {
            return Err(Invalid("must be a non-empty URI reference without white space"));
        }
        Ok(())
    }

    fn sized(id: String) -> Result<Self, Invalid> {
        match id.len() {
            1..=MAX_EVENT_ID_BYTES => Ok(Self(id)),
            _ => Err(Invalid("must be 1 to 512 bytes long")),
        }
    }

    /// An id that was checked when it was stored.
    pub fn stored(id: String) -> Self {
        Self(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters that names are compared with and nobody sees: controls, of which PostgreSQL can't keep NUL, and the marks
/// of the bidirectional algorithm (Unicode, `Bidi_Control`), by which one id can look like another in a terminal.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What happened: at the source, or to a ticket view of the target's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum EventType {
    #[serde(rename = "ticket.created")]
    TicketCreated,
    #[serde(rename = "ticket.updated")]
    TicketUpdated,
    #[serde(rename = "ticket.replied")]
    TicketReplied,
    #[serde(rename = "company.created")]
    CompanyCreated,
    #[serde(rename = "company.updated")]
    CompanyUpdated,
    #[serde(rename = "field_options.replaced")]
    FieldOptionsReplaced,
    #[serde(rename = "field_options.changed")]
    FieldOptionsChanged,
    #[serde(rename = "field_options.deleted")]
    FieldOptionsDeleted,
    /// Made here, for subscribers; no sender can say it.
    #[serde(rename = "ticketview.changed", skip_deserializing)]
    TicketviewChanged,
}

impl EventType {
    /// Every type that a sender can say, in the order the documentation lists them.
    pub const ALL: [Self; 8] = [
        Self::TicketCreated,
        Self::TicketUpdated,
        Self::TicketReplied,
        Self::CompanyCreated,
        Self::CompanyUpdated,
        Self::FieldOptionsReplaced,
        Self::FieldOptionsChanged,
        Self::FieldOptionsDeleted,
    ];

    /// The kind of entity that such an event is about, as lanes name it.
    pub fn entity(self) -> &'static str {
        match self {
            Self::TicketCreated | Self::TicketUpdated | Self::TicketReplied => "ticket",
            Self::CompanyCreated | Self::CompanyUpdated => "company",
            Self::FieldOptionsReplaced | Self::FieldOptionsChanged | Self::FieldOptionsDeleted => "field",
            Self::TicketviewChanged => "ticketview",
        }
    }

    /// The type that a sender says.
    ///
    /// Error: it is none, or one that no sender can say.
    pub fn told(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|t| t.as_str() == text);
        known.ok_or(Invalid(
            "must be one of ticket.created, ticket.updated, ticket.replied, company.created, company.updated, \
             field_options.replaced, field_options.changed, field_options.deleted",
        ))
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketCreated => "ticket.created",
            Self::TicketUpdated => "ticket.updated",
            Self::TicketReplied => "ticket.replied",
            Self::CompanyCreated => "company.created",
            Self::CompanyUpdated => "company.updated",
            Self::FieldOptionsReplaced => "field_options.replaced",
            Self::FieldOptionsChanged => "field_options.changed",
            Self::FieldOptionsDeleted => "field_options.deleted",
            Self::TicketviewChanged => "ticketview.changed",
        }
    }
}

impl FromStr for EventType {
    type Err = Invalid;

    /// Any type of an event that is kept.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().chain([Self::TicketviewChanged]).find(|t| t.as_str() == text);
        known.ok_or(Invalid(
            "must be one of ticket.created, ticket.updated, ticket.replied, company.created, company.updated, \
             field_options.replaced, field_options.changed, field_options.deleted, ticketview.changed",
        ))
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The entity an event is about, within its connection: `ticket:1`. Events of one lane are applied one after
/// the other in the order of their acceptance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub struct Lane {
    kind: String,
    id: String,
}

impl Lane {
    /// `kind` is a word of ours (`ticket`), `id` the source's id of the entity.
    pub fn new(kind: &str, id: &str) -> Result<Self, Invalid> {
        if kind.is_empty() || kind.contains(':') {
            return Err(Invalid("the kind of an entity must be a word without a colon"));
        }
        if id.is_empty() || id.len() > MAX_EVENT_ID_BYTES {
            return Err(Invalid("the id of an entity must be 1 to 512 bytes long"));
        }
        if id.chars().any(is_hidden) {
            return Err(Invalid(
                "the id of an entity must not contain control characters or what turns the direction of text",
            ));
        }
        Ok(Self { kind: kind.to_owned(), id: id.to_owned() })
    }

    /// The kind of entity, e.g. `ticket`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The source's id of the entity.
    pub fn source_id(&self) -> &str {
        &self.id
    }
}

impl FromStr for Lane {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (kind, id) = text.split_once(':').ok_or(Invalid("a lane is written kind:id"))?;
        Self::new(kind, id)
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

impl From<Lane> for String {
    fn from(lane: Lane) -> Self {
        lane.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_id_can_not_look_like_the_identity_of_a_cloudevent() {
        assert!(EventId::plain("a b").is_err());
        assert_eq!(EventId::cloudevent("/a", "b").unwrap().as_str(), "/a b");
        assert!(EventId::cloudevent("/a b", "c").is_err());
    }

    #[test]
    fn an_id_has_one_to_512_bytes() {
        assert!(EventId::plain("").is_err());
        assert!(EventId::plain(&"x".repeat(512)).is_ok());
        assert!(EventId::plain(&"x".repeat(513)).is_err());
    }

    #[test]
    fn a_lane_reads_back_what_it_writes_even_with_a_colon_in_the_id() {
        let lane = Lane::new("ticket", "urn:x:1").unwrap();
        assert_eq!(lane.to_string().parse::<Lane>().unwrap(), lane);
        assert!("ticket".parse::<Lane>().is_err());
    }
}
