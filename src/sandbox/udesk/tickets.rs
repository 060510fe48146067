//! Reading tickets.

use serde_json::{Value, json};

use super::{failed, invalid};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;

const DEFAULT_PER_PAGE: usize = 20;
const MAX_PER_PAGE: usize = 100;

/// One page of tickets. Past the end it is empty; a page that is no number counts as the first.
pub(crate) fn page(all: &[&Value], call: &Call) -> Reply {
    let Some(per_page) = per_page(call) else {
        return invalid("per_page should be between 1 and 100");
    };
    let number = call.positive("page").unwrap_or(1);
    let shown: Vec<&&Value> = all.iter().skip((number - 1).saturating_mul(per_page)).take(per_page).collect();
    Reply::ok(json!({
        "status": 0,
        "message": "成功",
        "size": shown.len(),
        "total": all.len(),
        "total_pages": all.len().div_ceil(per_page),
        "contents": shown,
    }))
}

/// `GET /tickets/:id`.
pub(crate) fn read(all: &[Value], id: &str) -> Reply {
    let id: Option<u64> = id.parse().ok();
    match all.iter().find(|ticket| id.is_some() && ticket["id"].as_u64() == id) {
        Some(ticket) => Reply::ok(json!({"status": 0, "message": "成功", "contents": ticket})),
        None => failed(1003, "未找到相应工单"),
    }
}

/// `POST /tickets/get`: a read by e-mail.
pub(crate) fn of_customer(all: &[Value], call: &Call) -> Reply {
    let body = call.json().unwrap_or_default();
    let Some(email) = body.get("email").and_then(Value::as_str).filter(|email| !email.is_empty()) else {
        return invalid("email is missing");
    };
    let theirs: Vec<&Value> =
        all.iter().filter(|ticket| ticket["user_email"].as_str() == Some(email)).collect();
    if theirs.is_empty() { failed(1002, "未找到相应客户") } else { page(&theirs, call) }
}

fn per_page(call: &Call) -> Option<usize> {
    match call.param("per_page") {
        None => Some(DEFAULT_PER_PAGE),
        Some(text) => text.parse().ok().filter(|number| (1..=MAX_PER_PAGE).contains(number)),
    }
}
