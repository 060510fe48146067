//! Pages of other origins, for which a browser asks: which may read a connection's ticket views is set in its
//! `ticketviews.cors_origins` (Fetch standard, "CORS protocol"). Keys go in `Authorization`, never in cookies, so that
//! credentials are not allowed and every origin can be.

use std::collections::HashMap;

use actix_web::{
    HttpResponse,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

/// What a page may send beside what it always may.
const ALLOW_HEADERS: &str = "Authorization, If-None-Match, Last-Event-ID, Prefer, Content-Type";
/// What a page may read beside what it always may.
const EXPOSE_HEADERS: &str = "ETag, Age, Retry-After, Content-Disposition, Preference-Applied, Allow, \
                              Deskbridge-Cursor, Deskbridge-Stale";
const ALLOW_METHODS: &str = "GET, HEAD, POST";
/// Seconds for which a browser need not ask again, of which Chromium takes 7,200 at most.
const MAX_AGE: &str = "7200";

/// The origins that may read a connection's views, by connection.
#[derive(Default)]
pub struct Origins(HashMap<String, Vec<String>>);

impl Origins {
    /// Origins as browsers send them, or `*`.
    pub fn new(origins: HashMap<String, Vec<String>>) -> Self {
        Self(origins)
    }

    /// What to allow whoever sent this origin: itself, `*`, or nothing.
    fn allowed(&self, connection: &str, origin: &HeaderValue) -> Option<HeaderValue> {
        let origins = self.0.get(connection)?;
        if origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }

    /// Lets the page that asks read this answer, if it may.
    pub(super) fn open(&self, connection: &str, origin: &HeaderValue, answer: &mut HeaderMap) {
        if !self.0.contains_key(connection) {
            return;
        }
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(allowed) = self.allowed(connection, origin) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSE_HEADERS));
        }
    }
}

/// True of the question that a browser asks before a request with a key: it comes without one.
pub(super) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// What may be sent; whether to this origin is said by [`Origins::open`].
pub(super) fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, ALLOW_METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOW_HEADERS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}
