//! Reading tickets (§5.1). In lists every ticket is wrapped in an object of its own.

use serde_json::{Value, json};

use super::page::Page;
use super::{Answer, Rejection, Request, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{ADMINISTRATOR, Desk, Ticket};

pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::of(request.call)?;
    let tickets = desk.tickets.from(page.skip()).map(|ticket| wrapped(desk, &ticket));
    page.answer("contents", desk.tickets.len(), tickets)
}

/// As the administrator sees the filter.
pub(crate) fn in_filter(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::of(request.call)?;
    let id = request.call.param("filter_id").ok_or_else(|| Rejection::missing("filter_id"))?;
    let filter = desk.filters.iter().find(|filter| filter.active && filter.id.to_string() == id);
    let filter = filter.ok_or_else(|| Rejection::invalid("未找到指定过滤器"))?;
    let found = desk.filtered(filter, ADMINISTRATOR, request.now, page.positions());
    page.answer("contents", found.total, found.tickets.iter().map(|ticket| wrapped(desk, ticket)))
}

/// By `id`, or by the number that agents see as `num`.
pub(crate) fn detail(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let (id, number) = (request.call.param("id"), request.call.param("num"));
    let id = match (id, number) {
        (Some(id), _) => id.parse().ok(),
        (None, Some(number)) => Ticket::id_of_number(&number),
        (None, None) => return Err(Rejection::missing("id")),
    };
    let ticket = id.and_then(|id| desk.tickets.get(id)).ok_or_else(Rejection::no_ticket)?;
    Ok(Reply::ok(json!({"code": 1000, "ticket": render::ticket(desk, &ticket)})))
}

fn wrapped(desk: &Desk, ticket: &Ticket) -> Value {
    json!({"ticket": render::ticket(desk, ticket)})
}
