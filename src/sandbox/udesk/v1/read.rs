//! Reading tickets and field definitions (§3.1, §3.2, §3.4, §3.9).

use serde_json::json;

use super::page::Page;
use super::{Answer, Rejection, Request, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Category, Desk, Found};
use crate::sandbox::udesk::endpoints::filled;

/// Types that only v2 knows.
const V2_TYPES: [&str; 2] = ["location", "calculate"];

/// `GET /tickets`: by id (§2.3 \[S\]).
pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::of(request.call)?;
    let tickets = desk.tickets.from(page.skip).map(|ticket| render::ticket(desk, &ticket));
    page.answer(desk.tickets.len(), tickets)
}

/// `GET /tickets/:id`: an object where a list has an array.
pub(crate) fn one(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let ticket = request.id().and_then(|id| desk.tickets.get(id)).ok_or_else(Rejection::no_ticket)?;
    Ok(Reply::ok(json!({"status": 0, "message": "成功", "contents": render::ticket(desk, &ticket)})))
}

/// `POST /tickets/get`: a read by e-mail.
pub(crate) fn of_customer(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let email = filled(&request.body, "email").ok_or_else(|| Rejection::missing("email"))?;
    let customer = desk.customer_with_email(&email).map(|customer| customer.id);
    let id = customer.ok_or_else(|| Rejection::business(1002, "未找到相应客户"))?;
    let page = Page::of(request.call)?;
    found(desk, &desk.tickets_of(id, page.positions()), &page)
}

/// One page of the tickets that were found.
pub(super) fn found(desk: &Desk, found: &Found<'_>, page: &Page) -> Answer {
    page.answer(found.total, found.tickets.iter().map(|ticket| render::ticket(desk, ticket)))
}

/// `GET /api/v2/ticket_fields`: all of them, without pages.
pub(crate) fn fields(desk: &mut Desk, _: &Request<'_>) -> Answer {
    let known =
        desk.fields_of(Category::Ticket).filter(|field| !V2_TYPES.contains(&field.content_type.as_str()));
    let fields: Vec<_> = known.map(render::field).collect();
    Ok(Reply::ok(json!({"status": 0, "message": "success", "ticket_fields": fields})))
}
