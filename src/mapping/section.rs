//! The sections of a compiled mapping: what serves which events.

use super::{
    Unseen, entity::Entity, field_options::FieldOptionsRule, known::Known, pointer::Pointer,
    reply::ReplyRule, rule::Policy,
};
use crate::event::EventType;

#[derive(Debug)]
pub(super) struct TicketSection {
    pub(super) events: Vec<EventType>,
    pub(super) version: Option<Version>,
    pub(super) entity: Entity,
    pub(super) reply: Option<ReplyRule>,
    pub(super) company: Option<TicketCompany>,
    pub(super) unseen: Unseen,
    pub(super) known: Known,
}

/// The company of a ticket, in the ticket's own events.
#[derive(Debug)]
pub(super) struct TicketCompany {
    /// The source's id of it.
    pub(super) lane: Pointer,
    pub(super) entity: Entity,
}

#[derive(Debug)]
pub(super) struct CompanySection {
    pub(super) events: Vec<EventType>,
    pub(super) version: Option<Version>,
    pub(super) entity: Entity,
    pub(super) known: Known,
}

#[derive(Debug)]
pub(super) struct OptionsSection {
    pub(super) events: Vec<EventType>,
    pub(super) version: Option<Version>,
    pub(super) rule: FieldOptionsRule,
    pub(super) known: Known,
}

/// Where the source's version of an entity stands: its update time.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) at: Pointer,
    pub(super) unreadable: Option<Policy>,
}
