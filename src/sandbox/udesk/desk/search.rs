//! Lists of some tickets by id, stored and generated ones together. Of the generated only the page's are made:
//! which of them a list shows is arithmetic.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;

use super::generated::{REPEATS, assignee, status};
use super::{Desk, Filter, Ticket};
use crate::sandbox::generate::FIRST_ID;
use crate::sandbox::generate::indices::{Indices, Sequence};
use crate::sandbox::generate::merge;

/// One page of the tickets found, and how many were found in all.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) total: usize,
    pub(crate) tickets: Vec<Cow<'a, Ticket>>,
}

impl Desk {
    /// What a filter shows to an agent.
    pub(crate) fn filtered(
        &self,
        filter: &Filter,
        viewer: u64,
        now: Timestamp,
        positions: Range<usize>,
    ) -> Found<'_> {
        let generator = self.tickets.generator();
        let old = |index| !filter.is_recent(generator.ticket(index).updated, now);
        let recent = merge::first_not(generator.counts.tickets, old)..generator.counts.tickets;
        let alike = |index| filter.may_show(status(index), assignee(index), viewer);
        let generated = Indices::repeating(recent, REPEATS, alike);
        self.found(|ticket| filter.shows(ticket, viewer, now), generated, positions)
    }

    /// A customer's tickets. A generated ticket is a generated customer's.
    pub(crate) fn tickets_of(&self, customer: u64, positions: Range<usize>) -> Found<'_> {
        let counts = self.tickets.generator().counts;
        let (tickets, customers) = (0..counts.tickets, counts.contacts);
        let generated = match customer.checked_sub(FIRST_ID) {
            Some(index) => Indices::stepping(tickets, customers, index, customers),
            None => Indices::all(0..0),
        };
        let wanted = |ticket: &Ticket| ticket.user.as_ref().is_some_and(|user| user.id == customer);
        self.found(wanted, generated, positions)
    }

    fn found(&self, wanted: impl Fn(&Ticket) -> bool, generated: Indices, page: Range<usize>) -> Found<'_> {
        let stored: Vec<&Ticket> = self.tickets.stored().filter(|ticket| wanted(ticket)).collect();
        let changed = self.tickets.stored().filter_map(|ticket| ticket.id.checked_sub(FIRST_ID));
        let generated = Sequence::of(vec![generated], &changed.collect::<BTreeSet<u64>>());
        let made = |n| self.tickets.get(FIRST_ID + generated.nth(n)?).map(Cow::into_owned);
        let by_id = |one: &Ticket, other: &Ticket| one.id.cmp(&other.id);
        let total = stored.len() as u64 + generated.len();
        let positions = page.start as u64..(page.end as u64).min(total).max(page.start as u64);
        let tickets = merge::page(&stored, &made, generated.len(), &by_id, positions);
        Found { total: usize::try_from(total).unwrap_or(usize::MAX), tickets }
    }
}
