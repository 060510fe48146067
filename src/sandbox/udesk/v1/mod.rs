//! The v1 family, `/api/v1` and one call of `/api/v2` (§2, §3): signed by MD5 over the query.

mod create;
mod customers;
mod filters;
mod page;
mod read;
mod rejection;
mod render;
mod reply;
mod sign;
mod update;

use jiff::Timestamp;
use serde_json::json;

use super::desk::Desk;
use super::endpoints::{self, Endpoint, Request};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;
use crate::sandbox::switches::Switches;
use rejection::Rejection;

/// A fixed word stands before the `:id` it would be taken for.
const ENDPOINTS: &[Endpoint<Rejection>] = &[
    on("GET", "/api/v1/tickets", read::list),
    on("POST", "/api/v1/tickets", create::ticket),
    on("POST", "/api/v1/tickets/get", read::of_customer),
    on("POST", "/api/v1/tickets/reply", reply::by_customer),
    on("GET", "/api/v1/tickets/:id", read::one),
    on("PUT", "/api/v1/tickets/:id", update::ticket),
    on("GET", "/api/v1/ticket_filters", filters::list),
    on("GET", "/api/v1/ticket_filters/:id/tickets", filters::tickets),
    on("GET", "/api/v2/ticket_fields", read::fields),
    on("GET", "/api/v1/customers", customers::list),
    on("GET", "/api/v1/customers/find_or_create_customer", customers::find_or_create),
];

type Answer = Result<Reply, Rejection>;

pub(crate) fn answer(desk: &mut Desk, call: &Call, switches: Switches, now: Timestamp) -> Reply {
    let Some((endpoint, id)) = endpoints::find(ENDPOINTS, call) else {
        return Reply::json(404, json!({"error": "404 Not Found"}));
    };
    if !sign::is_right(&call.query, switches.udesk_sign) {
        return Rejection::sign().reply();
    }
    let request = Request::new(call, id, switches, now);
    (endpoint.act)(desk, &request).unwrap_or_else(|rejection| rejection.reply())
}

const fn on(
    method: &'static str,
    pattern: &'static str,
    act: fn(&mut Desk, &Request<'_>) -> Answer,
) -> Endpoint<Rejection> {
    Endpoint { method, pattern, act }
}
