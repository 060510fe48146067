//! All tickets of a view as lines, streamed.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use futures_util::{TryStreamExt, stream};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::{accepted, head, tags, whole};
use crate::ticketview::{Broken, Encoding, Export, Lines};

/// Where changes go on from, once the lines were read.
const CURSOR: HeaderName = HeaderName::from_static("deskbridge-cursor");

/// 200 with the lines as they are made, or 304. Of a `HEAD`, no lines are made.
pub(super) fn answer(request: &HttpRequest, export: Export, lines: Lines) -> HttpResponse {
    let known = known(request, &export);
    let mut answer = if known.is_some() { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    let encoding = accepted(request);
    let etag = known.clone().unwrap_or_else(|| export.etag(encoding));
    head(&mut answer, &etag, export.age_s, export.stale.as_deref());
    answer.insert_header((CURSOR, HeaderValue::from(export.cursor())));
    if known.is_some() {
        return answer.finish();
    }
    let (media, ending) = match lines {
        Lines::Ndjson => ("application/x-ndjson", "ndjson"),
        Lines::Csv { .. } => ("text/csv; charset=utf-8; header=present", "csv"),
    };
    whole(&mut answer, encoding, &export.last_modified());
    answer.content_type(media).insert_header((header::CONTENT_DISPOSITION, file(export.view(), ending)));
    if *request.method() == Method::HEAD {
        return answer.streaming(stream::empty::<Result<Bytes, Broken>>());
    }
    let broken = |error: &_| tracing::error!(%error, "an export broke off");
    answer.streaming(export.stream(encoding).inspect_err(broken))
}

fn known(request: &HttpRequest, export: &Export) -> Option<Bytes> {
    let ours = Encoding::ALL.map(|encoding| export.etag(encoding));
    tags(request)?
        .find_map(|tag| ours.iter().find(|ours| tag == "*" || tag.as_bytes() == ours.as_ref()).cloned())
}

/// The name that a browser saves it by.
fn file(view: &str, ending: &str) -> String {
    let view = utf8_percent_encode(view, NON_ALPHANUMERIC);
    format!("attachment; filename=\"ticketview-{view}.{ending}\"")
}
