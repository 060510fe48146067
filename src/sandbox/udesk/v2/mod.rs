//! The v2 family, whose path says `/open_api_v1` (§5): signed by SHA-256 over five values.
//!
//! Only the openings of the vendor's v2 pages are known. What is pieced together from running clients is
//! answered as they read it; the codes and texts of refusals beyond 2059 are this simulator's.

mod customer_write;
mod customers;
mod fields;
mod log_in;
mod nonces;
mod organizations;
mod page;
mod rejection;
mod render;
mod replies;
mod sign;
mod staff;
mod surveys;
mod tickets;
mod uploads;
mod write;

use jiff::Timestamp;
use serde_json::json;

use super::desk::Desk;
use super::endpoints::{self, Endpoint, Request};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;
use crate::sandbox::switches::Switches;
pub(crate) use nonces::Nonces;
use rejection::Rejection;

/// The only call that isn't signed.
const LOG_IN: &str = "/open_api_v1/log_in";

/// A fixed word stands before the `:id` it would be taken for.
const ENDPOINTS: &[Endpoint<Rejection>] = &[
    on("POST", LOG_IN, log_in::token),
    on("GET", "/open_api_v1/tickets", tickets::list),
    on("POST", "/open_api_v1/tickets", write::create),
    on("GET", "/open_api_v1/tickets/detail", tickets::detail),
    on("GET", "/open_api_v1/tickets/tickets_in_filter", tickets::in_filter),
    on("POST", "/open_api_v1/tickets/customer_reply", replies::by_customer),
    on("POST", "/open_api_v1/tickets/upload_file", uploads::for_ticket),
    on("POST", "/open_api_v1/tickets/upload_file_for_reply", uploads::for_reply),
    on("GET", "/open_api_v1/tickets/surveys", surveys::read),
    on("PUT", "/open_api_v1/tickets/take_survey", surveys::take),
    on("PUT", "/open_api_v1/tickets/:id", write::update),
    on("GET", "/open_api_v1/tickets/:id/replies", replies::list),
    on("GET", "/open_api_v1/customers", customers::list),
    on("POST", "/open_api_v1/customers", customer_write::create),
    on("GET", "/open_api_v1/customers/get_customer", customers::one),
    on("PUT", "/open_api_v1/customers/update_customer", customer_write::update),
    on("GET", "/open_api_v1/organizations", organizations::list),
    on("GET", "/open_api_v1/organizations/show_org", organizations::one),
    on("GET", "/open_api_v1/agents", staff::agents),
    on("GET", "/open_api_v1/user_groups", staff::groups),
    on("GET", "/open_api_v1/user_groups/:id/agents", staff::group),
    on("GET", "/open_api_v1/custom_fields", fields::list),
    on("GET", "/open_api_v1/custom_fields/:id", fields::one),
];

type Answer = Result<Reply, Rejection>;

pub(crate) fn answer(
    desk: &mut Desk,
    nonces: &mut Nonces,
    call: &Call,
    switches: Switches,
    now: Timestamp,
) -> Reply {
    let Some((endpoint, id)) = endpoints::find(ENDPOINTS, call) else {
        return Reply::json(404, json!({"error": "404 Not Found"}));
    };
    if endpoint.pattern != LOG_IN && !sign::is_right(call, switches.udesk_v2_sign, nonces, now) {
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
