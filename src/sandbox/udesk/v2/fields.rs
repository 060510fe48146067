//! Custom field definitions (§5.6): the only source of a cascade's options.

use serde_json::{Value, json};

use super::{Answer, Rejection, Request, render};
use crate::sandbox::reply::Reply;
use crate::sandbox::udesk::desk::{Category, Desk};

/// Any category that isn't known is silently taken for that of tickets.
pub(crate) fn list(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let category = match request.call.param("category").as_deref() {
        Some("customer") => Category::Customer,
        Some("organization") => Category::Organization,
        _ => Category::Ticket,
    };
    let fields: Value = desk.fields_of(category).map(render::field).collect();
    Ok(Reply::ok(json!({"code": 1000, "fields": fields})))
}

pub(crate) fn one(desk: &mut Desk, request: &Request<'_>) -> Answer {
    let field = desk.fields.iter().find(|field| Some(field.id) == request.id());
    let field = field.ok_or_else(|| Rejection::invalid("未找到自定义字段"))?;
    Ok(Reply::ok(json!({"code": 1000, "field": render::field(field)})))
}
