//! v1 customers (§3.10).

use serde_json::json;

use super::page::Page;
use super::{Answer, Rejection, Request, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Desk, Known};

pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::of(request.call)?;
    let customers = desk.customers.from(page.skip).map(|customer| render::customer(&customer));
    page.answer(desk.customers.len(), customers)
}

/// A read that writes: by id, else by e-mail, else the customer is made.
pub(crate) fn find_or_create(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let (id, email) = (request.call.param("id"), request.call.param("email"));
    if id.is_none() && email.is_none() {
        return Err(Rejection::missing("email"));
    }
    let by_id = id.and_then(|id| id.parse().ok()).filter(|id| desk.customers.get(*id).is_some());
    let id = by_id.or_else(|| desk.resolve(&Known { email, ..Known::default() }, request.now));
    let customer = id.and_then(|id| desk.customers.get(id));
    let customer = customer.ok_or_else(|| Rejection::business(1002, "未找到相应客户"))?;
    Ok(Reply::ok(json!({"status": 0, "message": "成功", "customer": render::customer(&customer)})))
}
