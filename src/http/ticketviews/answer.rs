//! What was prepared, as an answer: in the encoding that the reader prefers, or 304 if it has it already. Nothing is
//! made here but headers: this runs for each of very many requests.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
    web::Bytes,
};

use super::negotiate;
use crate::ticketview::{Encoding, Representation, Served};

/// Only whoever holds a key may keep a copy, and has to ask each time whether it is still good.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("private, no-cache");
/// What an answer depends on beside its address.
const VARY: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// 200 with the body, or 304.
pub(super) fn answer(request: &HttpRequest, served: &Served) -> HttpResponse {
    match known(request, served) {
        Some(known) => not_modified(known, served),
        None => whole(request, served),
    }
}

fn whole(request: &HttpRequest, served: &Served) -> HttpResponse {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let body = served.body.in_encoding(negotiate::encoding(accepted));
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_TYPE, JSON));
    if let Some(coding) = coding(body.encoding) {
        answer.insert_header((header::CONTENT_ENCODING, coding));
    }
    answer
        .insert_header((header::LAST_MODIFIED, text(&served.last_modified)))
        .insert_header((header::ETAG, text(&body.etag)))
        .insert_header((header::CACHE_CONTROL, CACHE_CONTROL))
        .insert_header((header::VARY, VARY));
    if let Some(age) = served.age_s {
        answer.insert_header((header::AGE, HeaderValue::from(age)));
    }
    answer.body(body.bytes.clone())
}

/// With the headers that the whole answer would have and a cache may need anew (RFC 9110, 15.4.5).
fn not_modified(known: &Representation, served: &Served) -> HttpResponse {
    let mut answer = HttpResponse::NotModified();
    answer
        .insert_header((header::ETAG, text(&known.etag)))
        .insert_header((header::CACHE_CONTROL, CACHE_CONTROL))
        .insert_header((header::VARY, VARY));
    if let Some(age) = served.age_s {
        answer.insert_header((header::AGE, HeaderValue::from(age)));
    }
    answer.finish()
}

/// The representation that the reader has, by `If-None-Match`: `*`, or a list of tags, compared weakly (RFC 9110,
/// 13.1.2). One in another encoding than it would get now is as good.
fn known<'a>(request: &HttpRequest, served: &'a Served) -> Option<&'a Representation> {
    let sent = request.headers().get(header::IF_NONE_MATCH)?.to_str().ok()?;
    sent.split(',').map(str::trim).find_map(|tag| match tag {
        "*" => Some(served.body.in_encoding(Encoding::Identity)),
        tag => served.body.tagged(tag.strip_prefix("W/").unwrap_or(tag)),
    })
}

fn coding(encoding: Encoding) -> Option<HeaderValue> {
    match encoding {
        Encoding::Identity => None,
        Encoding::Gzip => Some(HeaderValue::from_static("gzip")),
        Encoding::Zstd => Some(HeaderValue::from_static("zstd")),
    }
}

/// A header of text that we wrote ourselves.
fn text(bytes: &Bytes) -> HeaderValue {
    HeaderValue::from_maybe_shared(bytes.clone()).unwrap_or_else(|_| HeaderValue::from_static(""))
}
