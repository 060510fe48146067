//! What was prepared, as an answer: in the encoding that the reader prefers, or 304 if it has it already. Nothing is
//! made here but headers: this runs for each of very many requests.

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderName, HeaderValue},
    web::Bytes,
};

use super::negotiate;
use crate::ticketview::{Encoding, Served};

/// Only whoever holds a key may keep a copy, and has to ask each time whether it is still good.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("private, no-cache");
/// What an answer depends on beside its address.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The code of the error for which an answer is older than it should be, where the body has no place for it.
const STALE: HeaderName = HeaderName::from_static("deskbridge-stale");

/// 200 with the body, or 304.
pub(super) fn answer(request: &HttpRequest, served: &Served) -> HttpResponse {
    if let Some(known) = known(request, served) {
        let mut answer = HttpResponse::NotModified();
        head(&mut answer, known, served.age_s, served.stale.as_deref());
        return answer.finish();
    }
    let body = served.body.in_encoding(accepted(request));
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, JSON));
    head(&mut answer, &body.etag, served.age_s, served.stale.as_deref());
    whole(&mut answer, body.encoding, &served.last_modified);
    answer.body(body.bytes.clone())
}

/// As `answer`, unless bytes had to be made for it that take a while.
pub(super) fn at_once(request: &HttpRequest, served: &Served) -> Option<HttpResponse> {
    let now = served.body.is_at_hand(accepted(request)) || known(request, served).is_some();
    now.then(|| answer(request, served))
}

/// As `answer`, of a body that may be large and in no encoding yet.
pub(super) async fn large(request: &HttpRequest, served: &Served) -> HttpResponse {
    if known(request, served).is_none() {
        served.body.make(accepted(request)).await;
    }
    answer(request, served)
}

/// What both a whole answer and a 304 say (RFC 9110, 15.4.5).
pub(super) fn head(answer: &mut HttpResponseBuilder, etag: &Bytes, age_s: Option<u64>, stale: Option<&str>) {
    answer
        .insert_header((header::ETAG, text(etag)))
        .insert_header((header::CACHE_CONTROL, CACHE_CONTROL))
        .insert_header((header::VARY, VARY));
    if let Some(age) = age_s {
        answer.insert_header((header::AGE, HeaderValue::from(age)));
    }
    if let Some(reason) = stale {
        answer.insert_header((STALE, reason));
    }
}

/// What only a whole answer says.
pub(super) fn whole(answer: &mut HttpResponseBuilder, encoding: Encoding, last_modified: &Bytes) {
    answer.insert_header((header::LAST_MODIFIED, text(last_modified)));
    match encoding {
        Encoding::Identity => {}
        Encoding::Gzip => drop(answer.insert_header((header::CONTENT_ENCODING, "gzip"))),
        Encoding::Zstd => drop(answer.insert_header((header::CONTENT_ENCODING, "zstd"))),
    }
}

/// The encoding that the reader prefers.
pub(super) fn accepted(request: &HttpRequest) -> Encoding {
    let sent = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    negotiate::encoding(sent)
}

/// The tag of what the reader has. It is as good in another encoding than it would get now.
fn known<'a>(request: &HttpRequest, served: &'a Served) -> Option<&'a Bytes> {
    let ours = served.body.etags();
    tags(request)?.find_map(|tag| ours.iter().find(|ours| tag == "*" || tag.as_bytes() == ours.as_ref()))
}

/// What `If-None-Match` lists: `*`, or tags, which are compared weakly (RFC 9110, 13.1.2).
pub(in crate::http) fn tags(request: &HttpRequest) -> Option<impl Iterator<Item = &str>> {
    let sent = request.headers().get(header::IF_NONE_MATCH)?.to_str().ok()?;
    Some(sent.split(',').map(str::trim).map(|tag| tag.strip_prefix("W/").unwrap_or(tag)))
}

/// A header of text that we wrote ourselves.
fn text(bytes: &Bytes) -> HeaderValue {
    HeaderValue::from_maybe_shared(bytes.clone()).unwrap_or_else(|_| HeaderValue::from_static(""))
}
