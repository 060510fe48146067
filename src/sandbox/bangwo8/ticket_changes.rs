//! Changes to tickets from outside the API, as people make them on the vendor's own screens. References are not
//! checked, so that a test can store what those screens would not allow.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Switches;
use super::desk::Desk;
use super::enums;
use super::ticket::Ticket;
use crate::sandbox::clock;

/// One change; members are those of the state.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Edit {
    Add(Box<Ticket>),
    /// `ticketId` and the members that are new.
    Change(Map<String, Value>),
    /// The `ticketId`.
    Delete(u64),
}

impl Edit {
    /// Tells a mistake that no ticket would make good.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self::Change(members) = self else { return Ok(()) };
        if !members.contains_key("ticketId") {
            return Err("change: needs a ticketId".to_owned());
        }
        merged(&Ticket::default(), members).map(drop)
    }

    /// A ticket that is not there can neither be changed nor deleted, and one that is there not added: that says
    /// nothing, since a change can come again and again.
    pub(crate) fn happen(&self, desk: &mut Desk, switches: &Switches) {
        let _may_be_there = match self {
            Self::Add(ticket) => add(desk, ticket.as_ref().clone(), switches).map(drop),
            Self::Change(members) => {
                let id = members.get("ticketId").map(Value::to_string).unwrap_or_default();
                change(desk, &id, members, switches).map(drop)
            }
            Self::Delete(id) => {
                desk.remove(*id, switches);
                Ok(())
            }
        };
    }
}

/// Adds a ticket and returns its id. It is new and from now unless it says something else.
pub(crate) fn add(desk: &mut Desk, mut ticket: Ticket, switches: &Switches) -> Result<u64, String> {
    if desk.ticket(&ticket.ticket_id.to_string(), switches).is_some() {
        return Err("ticketId: exists already".to_owned());
    }
    let now = clock::vendor_now(switches);
    if ticket.ticket_status == 0 {
        ticket.ticket_status = enums::NEW;
    }
    if ticket.create_dt.is_empty() {
        ticket.create_dt.clone_from(&now);
    }
    if ticket.update_dt.is_empty() {
        ticket.update_dt = now;
    }
    Ok(desk.add(ticket))
}

/// Changes the members sent and returns the ticket's id; nothing if there is no such ticket. It is updated now unless
/// `updateDT` is among them.
pub(crate) fn change(
    desk: &mut Desk,
    id: &str,
    members: &Map<String, Value>,
    switches: &Switches,
) -> Result<Option<u64>, String> {
    let Some(before) = desk.ticket(id, switches) else { return Ok(None) };
    let mut ticket = merged(&before, members)?;
    if ticket.ticket_id != before.ticket_id {
        return Err("ticketId: can't be changed".to_owned());
    }
    let (now, old_status) = (clock::vendor_now(switches), before.ticket_status);
    if !members.contains_key("updateDT") {
        ticket.update_dt.clone_from(&now);
    }
    if ticket.ticket_status != old_status {
        ticket.stamp_status(&now);
    }
    Ok(Some(desk.add(ticket)))
}

fn merged(ticket: &Ticket, members: &Map<String, Value>) -> Result<Ticket, String> {
    let mut state = json!(ticket);
    if let Some(state) = state.as_object_mut() {
        state.extend(members.clone());
    }
    serde_json::from_value(state).map_err(|error| error.to_string())
}
