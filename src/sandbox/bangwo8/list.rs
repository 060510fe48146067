//! `GET /tickets.json`: the administrator's list of all tickets.

use super::desk::Desk;
use super::page::{Page, window};
use super::render::{self, Shape};
use super::ticket::Ticket;
use super::{Admitted, Answer, Call, Reply, order};

pub(crate) fn tickets(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    let mut matching: Vec<&Ticket> =
        desk.tickets.values().filter(|ticket| in_windows(call, ticket)).collect();
    sort(&mut matching, call);
    Ok(page_of(desk, admitted, &matching))
}

/// One page of tickets, in the list form.
pub(crate) fn page_of(desk: &Desk, admitted: &Admitted<'_>, all: &[&Ticket]) -> Reply {
    let switches = &admitted.switches;
    let default_size = usize::try_from(switches.tickets_per_page.get()).unwrap_or(usize::MAX);
    let page = Page::of(admitted.call, default_size);
    let shown =
        page.cut(all).iter().map(|ticket| render::ticket(ticket, desk, admitted, Shape::List)).collect();
    Reply::ok(page.envelope("tickets", shown, all.len(), admitted.call, switches))
}

fn in_windows(call: &Call, ticket: &Ticket) -> bool {
    window(call, "created", &ticket.create_dt) && window(call, "updated", &ticket.update_dt)
}

/// By ascending id unless an order is asked for; of several the last one here decides first.
fn sort(tickets: &mut [&Ticket], call: &Call) {
    order::sort(tickets, call, "status_order", |one, other| one.ticket_status.cmp(&other.ticket_status));
    order::sort(tickets, call, "updated_order", |one, other| one.update_dt.cmp(&other.update_dt));
    order::sort(tickets, call, "created_order", |one, other| one.create_dt.cmp(&other.create_dt));
}
