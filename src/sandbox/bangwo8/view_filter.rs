//! Which tickets a view holds. Views are evaluated on every read, so a change to a ticket moves it at once.

use serde::{Deserialize, Serialize};

use super::auth::Caller;
use super::desk::Desk;
use super::enums;
use super::ticket::Ticket;

/// How many tickets "recently" takes in. The vendor does not say; a number keeps the seed data meaningful at
/// any date.
const RECENT: usize = 10;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ViewFilter {
    All,
    YourUnsolved,
    Unassigned,
    AllUnsolved,
    RecentlyUpdated,
    NewInYourGroups,
    Awaiting,
    UnsolvedInYourGroups,
    RecentlySolved,
    Tag(String),
}

impl ViewFilter {
    /// The tickets, newest id first as in the vendor's sample.
    pub(crate) fn select<'a>(&self, desk: &'a Desk, caller: &Caller) -> Vec<&'a Ticket> {
        let matching: Vec<&Ticket> =
            desk.tickets.values().rev().filter(|ticket| self.holds(ticket, caller)).collect();
        match self {
            Self::RecentlyUpdated => latest(matching, |ticket| &ticket.update_dt),
            Self::RecentlySolved => latest(matching, |ticket| &ticket.solve_dt),
            _ => matching,
        }
    }

    fn holds(&self, ticket: &Ticket, caller: &Caller) -> bool {
        let in_your_groups = caller.group_ids.contains(&ticket.servicer_group_id);
        match self {
            Self::All | Self::RecentlyUpdated => true,
            Self::YourUnsolved => ticket.is_unsolved() && ticket.servicer_user_id == caller.support_id,
            Self::Unassigned => ticket.servicer_user_id == 0,
            Self::AllUnsolved => ticket.is_unsolved(),
            Self::NewInYourGroups => ticket.ticket_status == enums::NEW && in_your_groups,
            Self::Awaiting => ticket.ticket_status == enums::AWAITING,
            Self::UnsolvedInYourGroups => ticket.is_unsolved() && in_your_groups,
            Self::RecentlySolved => ticket.ticket_status == enums::SOLVED,
            Self::Tag(tag) => ticket.has_tag(tag),
        }
    }
}

fn latest<'a>(mut tickets: Vec<&'a Ticket>, time: impl Fn(&'a Ticket) -> &'a String) -> Vec<&'a Ticket> {
    tickets.sort_by(|one, other| time(other).cmp(time(one)));
    tickets.truncate(RECENT);
    tickets
}
