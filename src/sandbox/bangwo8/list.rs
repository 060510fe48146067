//! `GET /tickets.json`: the administrator's list of all tickets.

use super::desk::Desk;
use super::page::{Page, window};
use super::render::{self, Shape};
use super::ticket::Ticket;
use super::{Admitted, Answer, Call, Reply};

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
    Reply::ok(page.envelope(shown, all.len(), admitted.call, switches))
}

fn in_windows(call: &Call, ticket: &Ticket) -> bool {
    window(call, "created", &ticket.create_dt) && window(call, "updated", &ticket.update_dt)
}

/// By ascending id unless an order is asked for; the sort is stable, so equal times stay in id order.
fn sort(tickets: &mut [&Ticket], call: &Call) {
    if let Some(descending) = order(call, "status_order") {
        tickets.sort_by(|one, other| directed(one.ticket_status.cmp(&other.ticket_status), descending));
    }
    if let Some(descending) = order(call, "updated_order") {
        tickets.sort_by(|one, other| directed(one.update_dt.cmp(&other.update_dt), descending));
    }
    if let Some(descending) = order(call, "created_order") {
        tickets.sort_by(|one, other| directed(one.create_dt.cmp(&other.create_dt), descending));
    }
}

fn order(call: &Call, name: &str) -> Option<bool> {
    match call.param(name)?.to_ascii_lowercase().as_str() {
        "asc" => Some(false),
        "desc" => Some(true),
        _ => None,
    }
}

fn directed(ordering: std::cmp::Ordering, descending: bool) -> std::cmp::Ordering {
    if descending { ordering.reverse() } else { ordering }
}
