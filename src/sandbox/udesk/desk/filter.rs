//! Stored ticket filters: the only way in v1 to narrow a list.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ticket::Ticket;
use super::vocabulary::Status;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) active: bool,
    /// `All`, or `Agent` for its owner's alone; other values are not documented.
    pub(crate) permission: String,
    /// The owner.
    pub(crate) agent_id: Option<u64>,
    pub(crate) condition: Condition,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What a ticket must be; without any member every ticket is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Condition {
    statuses: Vec<Status>,
    /// Assigned to whoever looks.
    of_viewer: bool,
    updated_within_minutes: Option<i64>,
}

impl Filter {
    pub(crate) fn may_be_used_by(&self, agent: u64) -> bool {
        self.permission == "All" || self.agent_id == Some(agent)
    }

    pub(crate) fn shows(&self, ticket: &Ticket, viewer: u64, now: Timestamp) -> bool {
        self.may_show(ticket.status, ticket.assignee_id, viewer) && self.is_recent(ticket.updated_at, now)
    }

    /// Whether all but the time is as wanted.
    pub(super) fn may_show(&self, status: Status, assignee: Option<u64>, viewer: u64) -> bool {
        let Condition { statuses, of_viewer, .. } = &self.condition;
        (statuses.is_empty() || statuses.contains(&status)) && (!of_viewer || assignee == Some(viewer))
    }

    /// Whether a ticket updated then is as wanted.
    pub(super) fn is_recent(&self, updated: Timestamp, now: Timestamp) -> bool {
        let within = self.condition.updated_within_minutes.map(SignedDuration::from_mins);
        within.is_none_or(|within| now.duration_since(updated) <= within)
    }
}
