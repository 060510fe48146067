//! What every request meets before a route is looked for: what can't be taken whatever it asks is refused here, and its
//! body is read within bounds.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::{
        StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
    web,
};
use arc_swap::ArcSwap;

use super::{
    Api,
    body::{self, Bodies},
    problem::Problem,
    socket::{Answering, Socket},
};

/// Longest path and query: room for hundreds of ids, as much as common proxies let through.
const MAX_URI_BYTES: usize = 16 * 1024;
/// Most bytes of all headers, by name and value: what common proxies let through. Of HTTP/1.1, more than 96 headers or
/// 128 KiB are refused before it comes to this, and without a document.
const MAX_HEADERS_BYTES: usize = 32 * 1024;
/// Wait that is asked of whoever asks too much at once, in seconds.
const RETRY_S: &str = "1";
/// Headers that prove who sends, or say what is sent. Of two that differ, a proxy may have judged by the other one
/// (RFC 9110, 5.3). Of two `traceparent` neither is taken, and a CloudEvent's attribute that stands twice is a violation of its
/// schema.
const ONCE: [&str; 5] =
    ["authorization", "content-type", "webhook-id", "webhook-timestamp", "webhook-signature"];

/// Lets a request pass to what is `within`, if it may.
pub(super) async fn pass(
    mut request: ServiceRequest,
    within: impl AsyncFnOnce(ServiceRequest) -> Result<ServiceResponse, Error>,
) -> Result<ServiceResponse, Error> {
    let Some(answering) = begin(&request) else { return Ok(request.into_response(too_many())) };
    let version = request.version();
    let answer = match refusal(&request) {
        Some(problem) => request.into_response(problem.error_response()),
        None => {
            bound(&mut request);
            tell_body(within(request).await?)
        }
    };
    Ok(match answering {
        Answered::Counted(answering) => answer.map_body(|_, body| answering.until_sent(version, body)),
        Answered::Uncounted => answer,
    })
}

enum Answered {
    Counted(Answering),
    /// Of a connection that there was no file for.
    Uncounted,
}

/// None if the connection asks too much at once.
fn begin(request: &ServiceRequest) -> Option<Answered> {
    match request.conn_data::<Arc<Socket>>() {
        Some(socket) => socket.begin().map(Answered::Counted),
        None => Some(Answered::Uncounted),
    }
}

/// Without a document: it would wait for the caller to make room for it, as the answers before do.
fn too_many() -> HttpResponse {
    HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, RETRY_S)).finish()
}

fn refusal(request: &ServiceRequest) -> Option<Problem> {
    let path = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if path > MAX_URI_BYTES {
        let detail = format!("the path and query have {path} bytes; there is room for {MAX_URI_BYTES}");
        return Some(Problem::new("uri_too_long", detail));
    }
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers > MAX_HEADERS_BYTES {
        let detail = format!("the headers have {headers} bytes; there is room for {MAX_HEADERS_BYTES}");
        return Some(Problem::new("headers_too_large", detail));
    }
    if let Some(name) = repeated(request.headers()) {
        return Some(Problem::repeated_header(name));
    }
    let coded = |value: &HeaderValue| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    request.headers().get_all(header::CONTENT_ENCODING).any(coded).then(Problem::content_encoding)
}

/// The header that has to come once and came with two values.
fn repeated(headers: &HeaderMap) -> Option<&'static str> {
    ONCE.into_iter().find(|name| {
        let mut given = headers.get_all(*name);
        let first = given.next();
        given.any(|value| Some(value) != first)
    })
}

/// The room that the body takes is kept as long as the request, or until it is given back.
fn bound(request: &mut ServiceRequest) {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return;
    }
    let Some(bodies) = request.app_data::<web::Data<Bodies>>().cloned() else {
        return request.set_payload(payload);
    };
    let room = bodies.room();
    let held = match key_shown(request) {
        Some(name) => room.of_known(name),
        None => room.of_stranger(request.peer_addr().map(|address| address.ip())),
    };
    let (payload, held) = bodies.bounded(payload, held);
    request.set_payload(payload);
    request.extensions_mut().insert(held);
}

/// The name of the key that is shown, if it may do more than read: those that only read are given to pages. Whether it may
/// do what is asked is seen to where it is done.
fn key_shown(request: &ServiceRequest) -> Option<Arc<str>> {
    let api = request.app_data::<web::Data<ArcSwap<Api>>>()?.load();
    let key = api.keys.shown(request.request()).ok()?;
    key.may_change().then(|| key.name().into())
}

/// Says what was wrong with a body that a handler could not have, and ends the connection of who was too slow: the
/// rest of the body would be taken for its next request.
fn tell_body(answer: ServiceResponse) -> ServiceResponse {
    let error = answer.response().error().and_then(|error| error.as_error::<PayloadError>());
    let told = error.map(|error| body::problem(error).error_response());
    let mut answer = match told {
        Some(told) => ServiceResponse::new(answer.into_parts().0, told),
        None => answer,
    };
    if answer.status() == StatusCode::REQUEST_TIMEOUT {
        answer.response_mut().head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    }
    answer
}
