//! The question that deliverers of CloudEvents ask before their first event, by `OPTIONS` (CloudEvents 1.0.2, "HTTP 1.1 Web
//! Hooks", section 4): whether deliveries are wanted here at all, and how many.
//!
//! Every deliverer is told yes for a connection that is there, without a key. The handshake "does not aim to establish an
//! authentication or authorization context": deliverers show none at it, and whatever they send then is verified, request by
//! request. The address in `WebHook-Request-Callback` is never called: the answer is given at once, and a server that calls
//! whatever address a stranger names can be sent to places that only it can reach.

use std::num::NonZeroU64;

use actix_web::{HttpRequest, HttpResponse, http::header, web};

use super::{InForce, problem::Problem};
use crate::intake::Limit;

/// Who asks: a name in the DNS. `OPTIONS` with it is the handshake.
pub(super) const ORIGIN: &str = "webhook-request-origin";
/// How many requests a minute are asked for.
const RATE: &str = "webhook-request-rate";
/// Requests of any number: nothing but the service's capacity bounds them.
const ANY: &str = "*";
/// What there is at the address, as every `OPTIONS` says.
const ALLOW: &str = "POST, GET, HEAD, OPTIONS";

/// Allows the deliverer to send, as often as the connection's `limit` lets through.
pub(super) async fn consent(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let origin = request.headers().get(ORIGIN).cloned();
    let origin = origin.filter(|_| api.connections.contains(connection.as_str()));
    let origin = origin.ok_or_else(Problem::unknown_connection)?;
    let wanted = request.headers().get(RATE).and_then(|rate| rate.to_str().ok()?.trim().parse().ok());
    // Deliverers in use go by 200, though the specification asks for no status.
    let answer = HttpResponse::Ok()
        .insert_header((header::ALLOW, ALLOW))
        .insert_header(("WebHook-Allowed-Origin", origin))
        .insert_header(("WebHook-Allowed-Rate", granted(wanted, api.intake.limit(&connection))))
        .finish();
    Ok(answer)
}

/// Requests a minute: what is wanted, or as much of it as there is.
fn granted(wanted: Option<NonZeroU64>, limit: Option<Limit>) -> String {
    let most = limit.map(|limit| u64::from(limit.requests_per_second.get()) * 60);
    let wanted = wanted.map(NonZeroU64::get);
    wanted.into_iter().chain(most).min().map_or_else(|| ANY.to_owned(), |rate| rate.to_string())
}
