//! Which tickets a view holds. Views are evaluated on every read, so a change to a ticket moves it at once.

use serde::{Deserialize, Serialize};

use super::auth::Caller;
use super::desk::Desk;
use super::enums;
use super::selection::{Compare, Selection};
use super::ticket::Ticket;
use super::{Admitted, generated};
use crate::sandbox::generate::PERIOD;
use crate::sandbox::generate::indices::{Indices, Sequence};

/// How many tickets "recently" takes in. The vendor does not say; a number keeps the seed data meaningful at
/// any date.
const RECENT: u64 = 10;

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
    /// Of the generated tickets, what the generated view of this index has.
    Share(u64),
}

impl ViewFilter {
    /// The tickets, newest id first as in the vendor's sample.
    pub(crate) fn select<'a>(&self, desk: &'a Desk, admitted: &'a Admitted<'_>) -> Selection<'a, Ticket> {
        let caller = &admitted.caller;
        let stored = desk.tickets.values().filter(|ticket| self.holds(ticket, desk, caller)).collect();
        let make = |index| desk.generated_ticket(index, &admitted.switches);
        let tickets = 0..desk.generator.counts.tickets;
        let generated = match self {
            Self::Share(view) => Indices::all(desk.generator.share_of(*view)),
            _ => Indices::repeating(tickets, PERIOD, |index| self.holds(&make(index), desk, caller)),
        };
        let generated = Sequence::of(vec![generated], &desk.changed_tickets()).backwards();
        let selection = Selection::new(stored, generated, self.compare(), make);
        match self {
            Self::RecentlyUpdated | Self::RecentlySolved => selection.first(RECENT),
            _ => selection,
        }
    }

    fn compare(&self) -> Compare<'static, Ticket> {
        let time = match self {
            Self::RecentlyUpdated => |ticket: &Ticket| ticket.update_dt.clone(),
            Self::RecentlySolved => |ticket: &Ticket| ticket.solve_dt.clone(),
            _ => |_: &Ticket| String::new(),
        };
        Box::new(move |one, other| {
            time(other).cmp(&time(one)).then_with(|| other.ticket_id.cmp(&one.ticket_id))
        })
    }

    fn holds(&self, ticket: &Ticket, desk: &Desk, caller: &Caller) -> bool {
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
            Self::Share(view) => generated::index(ticket.ticket_id, desk.generator.counts.tickets)
                .is_some_and(|index| desk.generator.share_of(*view).contains(&index)),
        }
    }
}
