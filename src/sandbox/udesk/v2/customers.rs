//! Reading customers (§5.2). Their page size is `page_size`, unlike everywhere else.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::page::Page;
use super::{Answer, Rejection, Request, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Customer, Desk, Level};

const DEFAULT_SIZE: usize = 20;

pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let page = Page::sized_by(request.call, "page_size", DEFAULT_SIZE)?.within_reach()?;
    let (filter, query) = (filter(request.call.param("filter_id"))?, request.call.param("query"));
    let mut reply = if filter.is_none() && query.is_none() {
        let customers = desk.customers.from(page.skip()).map(|customer| render::customer(&customer));
        page.answer("customers", desk.customers.len(), customers)?
    } else {
        let wanted = |customer: &Customer| {
            filter.is_none_or(|level| customer.level == level)
                && query.as_ref().is_none_or(|query| mentions(customer, query))
        };
        let found: Vec<u64> =
            desk.customers.from(0).filter(|customer| wanted(customer)).map(|customer| customer.id).collect();
        let shown = found.iter().skip(page.skip()).filter_map(|id| desk.customers.get(*id));
        page.answer("customers", found.len(), shown.map(|customer| render::customer(&customer)))?
    };
    if let Some(body) = &mut reply.body {
        body["wechat"] = json!([]);
        body["weibo"] = json!([]);
    }
    Ok(reply)
}

/// `GET /customers/get_customer?type=&content=`.
pub(crate) fn one(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let (kind, content) = sought(request)?;
    let customer = by(desk, &kind, &content)?;
    Ok(Reply::ok(json!({"code": 1000, "customer": render::customer(&customer)})))
}

pub(super) fn sought(request: &Request<'_>) -> Result<(String, String), Rejection> {
    let required = |name: &str| request.call.param(name).ok_or_else(|| Rejection::missing(name));
    Ok((required("type")?, required("content")?))
}

/// A customer by what is known of them. The vendor's list of types isn't known; these have been seen or follow.
pub(super) fn by<'a>(desk: &'a Desk, kind: &str, content: &str) -> Result<Cow<'a, Customer>, Rejection> {
    let found = match kind {
        "id" | "customer_id" => content.parse().ok().and_then(|id| desk.customers.get(id)),
        "email" => desk.customer_with_email(content),
        "cellphone" => desk.customer_with_cellphone(content),
        "token" | "customer_token" => desk.customer_with_token(content),
        _ => return Err(Rejection::invalid("type 错误")),
    };
    found.ok_or_else(Rejection::no_customer)
}

/// Filters are made in the console; here there is one, of the important customers.
fn filter(id: Option<String>) -> Result<Option<Level>, Rejection> {
    match id.as_deref() {
        None => Ok(None),
        Some("1") => Ok(Some(Level::Vip)),
        Some(_) => Err(Rejection::invalid("未找到指定过滤器")),
    }
}

fn mentions(customer: &Customer, query: &str) -> bool {
    let phones = customer.cellphones.iter().map(|entry| entry.content.as_str());
    let texts = [customer.nick_name.as_str()].into_iter().chain(customer.email.as_deref()).chain(phones);
    texts.into_iter().any(|text: &str| text.contains(query))
}

/// The answer to a write.
pub(super) fn written(desk: &Desk, request: &Request<'_>, id: u64) -> Answer {
    let customer = desk.customers.get(id).ok_or_else(Rejection::no_customer)?;
    let shown: Value = render::customer(&customer);
    Ok(request.written(json!({"code": 1000, "message": "success", "customer": shown})))
}
