//! Lists of tickets (§6.3): all of them, a company's and a contact's, with the same parameters.

use std::cmp::Ordering;
use std::ops::Range;

use super::desk::Desk;
use super::order::{descending, directed};
use super::page::{Page, window};
use super::render::{self, Shape};
use super::selection::{Compare, Selection, in_windows};
use super::ticket::Ticket;
use super::{Admitted, Answer, Rejection, Reply, generated};
use crate::sandbox::generate::PERIOD;
use crate::sandbox::generate::indices::{Indices, Sequence};

/// `GET /tickets.json`: for administrators.
pub(crate) fn tickets(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    Ok(page_of(desk, admitted, &select(desk, admitted, Owner::Anyone)))
}

/// `GET /users/{id}/tickets.json`.
pub(crate) fn of_contact(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let id = admitted.id.parse().ok().filter(|id| desk.has_contact(*id)).ok_or(Rejection::NotFound)?;
    Ok(page_of(desk, admitted, &select(desk, admitted, Owner::Contact(id))))
}

/// `GET /companies/{id}/tickets.json`: those of its contacts.
pub(crate) fn of_company(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let id = admitted.id.parse().ok().filter(|id| desk.has_company(*id)).ok_or(Rejection::NotFound)?;
    Ok(page_of(desk, admitted, &select(desk, admitted, Owner::Company(id))))
}

/// One page of tickets, in the list form.
pub(crate) fn page_of(desk: &Desk, admitted: &Admitted<'_>, all: &Selection<'_, Ticket>) -> Reply {
    let switches = &admitted.switches;
    let default_size = usize::try_from(switches.tickets_per_page.get()).unwrap_or(usize::MAX);
    let page = Page::of(admitted.call, default_size);
    let rows = all.page(&page);
    let shown = rows.iter().map(|ticket| render::ticket(ticket, desk, admitted, Shape::List)).collect();
    Reply::ok(page.envelope("tickets", shown, all.len(), admitted.call, switches))
}

#[derive(Debug, Clone, Copy)]
enum Owner {
    Anyone,
    Contact(u64),
    Company(u64),
}

impl Owner {
    fn has(self, ticket: &Ticket, desk: &Desk) -> bool {
        let contact = ticket.cust_user_id;
        match self {
            Self::Anyone => true,
            Self::Contact(id) => contact == id,
            Self::Company(id) => desk.company_of(contact) == Some(id),
        }
    }

    /// Generated tickets take turns among the contacts, and those among the companies.
    fn indices(self, desk: &Desk, range: Range<u64>) -> Indices {
        let counts = desk.generator.counts;
        let none = Indices::all(0..0);
        match self {
            Self::Anyone => Indices::all(range),
            Self::Contact(id) => generated::index(id, counts.contacts)
                .map_or(none, |contact| Indices::stepping(range, counts.contacts, contact, 0)),
            Self::Company(id) => generated::index(id, counts.companies)
                .map_or(none, |company| Indices::stepping(range, counts.contacts, company, counts.companies)),
        }
    }
}

fn select<'a>(desk: &'a Desk, admitted: &'a Admitted<'_>, owner: Owner) -> Selection<'a, Ticket> {
    let (call, order) = (admitted.call, Order::asked(admitted));
    let in_window = |ticket: &Ticket| {
        window(call, "created", &ticket.create_dt) && window(call, "updated", &ticket.update_dt)
    };
    let stored =
        desk.tickets.values().filter(|ticket| in_window(ticket) && owner.has(ticket, desk)).collect();
    let make = |index| desk.generated_ticket(index, &admitted.switches);
    let range = in_windows(call, desk.generator.counts.tickets, |index| {
        let ticket = make(index);
        (ticket.create_dt, ticket.update_dt)
    });
    let generated = order.of_generated(owner, owner.indices(desk, range.clone()), range, desk);
    Selection::new(stored, generated, order.compare(), make)
}

/// By ascending id unless something is asked for; of several the first one here decides first. `true` descends.
#[derive(Debug, Clone, Copy)]
struct Order {
    created: Option<bool>,
    updated: Option<bool>,
    status: Option<bool>,
}

impl Order {
    fn asked(admitted: &Admitted<'_>) -> Self {
        Self {
            created: descending(admitted, "created_order"),
            updated: descending(admitted, "updated_order"),
            status: descending(admitted, "status_order"),
        }
    }

    fn compare(self) -> Compare<'static, Ticket> {
        let by = |asked: Option<bool>, ordering: Ordering| {
            asked.map_or(Ordering::Equal, |descending| directed(ordering, descending))
        };
        Box::new(move |one, other| {
            by(self.created, one.create_dt.cmp(&other.create_dt))
                .then_with(|| by(self.updated, one.update_dt.cmp(&other.update_dt)))
                .then_with(|| by(self.status, one.ticket_status.cmp(&other.ticket_status)))
                .then_with(|| one.ticket_id.cmp(&other.ticket_id))
        })
    }

    /// Generated rows stand in the order of both times already.
    fn of_generated(self, owner: Owner, indices: Indices, range: Range<u64>, desk: &Desk) -> Sequence {
        let changed = desk.changed_tickets();
        match (self.created.or(self.updated), self.status) {
            (Some(true), _) => Sequence::of(vec![indices], &changed).backwards(),
            (None, Some(descending)) => {
                Sequence::of(by_status(owner, &indices, &range, descending), &changed)
            }
            _ => Sequence::of(vec![indices], &changed),
        }
    }
}

/// A part for each status. A status repeats in another rhythm than an owner, so an owner's tickets are looked at
/// one by one.
fn by_status(owner: Owner, indices: &Indices, range: &Range<u64>, descending: bool) -> Vec<Indices> {
    let mut statuses: Vec<u8> = generated::statuses().into_iter().collect();
    if descending {
        statuses.reverse();
    }
    let part = |status: u8| {
        let has_status = |index: u64| generated::status(index) == status;
        match owner {
            Owner::Anyone => Indices::repeating(range.clone(), PERIOD, has_status),
            _ => indices.only(has_status),
        }
    };
    statuses.into_iter().map(part).collect()
}
