//! Errors as problem documents (RFC 9457). The one place where an error becomes an answer, and the table of
//! every code.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use serde::Serialize;

use crate::{
    intake::{Refusal, Violation},
    store::StoreError,
    ticketview::Unavailable,
};

/// Wait that is asked of a caller when the store can't keep up, in seconds.
const OVERLOADED_RETRY_S: u64 = 1;
/// Wait that is asked of a caller when the store is full, in seconds: room comes by what is delivered and forgotten, or by
/// a person.
const FULL_RETRY_S: u64 = 10;

/// An answer that says what is wrong and what to do.
#[derive(Debug)]
pub(super) struct Problem {
    code: &'static str,
    detail: String,
    violations: Vec<Violation>,
    retry_after_s: Option<u64>,
    /// What `Allow` says.
    allow: Option<String>,
    /// What `Accept-Encoding` says.
    accept_encoding: Option<&'static str>,
}

/// The document as it is sent.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    /// Stable: what a program looks at.
    code: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    violations: &'a [Violation],
}

/// Every code with its status and title.
pub(super) const CODES: &[(&str, u16, &str)] = &[
    ("malformed_json", 400, "The body is not JSON"),
    ("repeated_header", 400, "A header that has to come once came with two values"),
    ("invalid_query", 400, "A query parameter can't be read"),
    ("unknown_cursor", 400, "The cursor was never given out"),
    ("invalid_body", 400, "The body could not be read"),
    ("unauthorized", 401, "No proof of who is calling"),
    ("invalid_signature", 401, "The signature is wrong"),
    ("timestamp_out_of_tolerance", 401, "The signature is too old or from the future"),
    ("forbidden", 403, "The key may not do this"),
    ("not_found", 404, "There is nothing here"),
    ("unknown_connection", 404, "There is no such connection"),
    ("unknown_event", 404, "There is no such event"),
    ("unknown_link", 404, "There is no such link"),
    ("unknown_ticketview", 404, "There is no such ticket view"),
    ("ticketviews_off", 404, "Ticket views are not read"),
    ("method_not_allowed", 405, "The address knows no such method"),
    ("not_acceptable", 406, "There is no such form of it"),
    ("request_timeout", 408, "The body came too slowly"),
    ("idempotency_conflict", 409, "The id was used for other content"),
    ("wrong_status", 409, "The event's status does not allow it"),
    ("not_configured", 409, "Nobody works on it any more"),
    ("still_configured", 409, "It is being worked on"),
    ("erased", 410, "What the event said was erased"),
    ("history_gone", 410, "So long ago is no longer known"),
    ("cursor_expired", 410, "What changed since then is no longer known"),
    ("payload_too_large", 413, "The body is too large"),
    ("uri_too_long", 414, "The address is too long"),
    ("unsupported_media_type", 415, "The media type is not understood"),
    ("invalid_options", 422, "The body asks for what there is not"),
    ("push_not_taken", 422, "The connection takes no such push"),
    ("schema_violation", 422, "The event does not have the shape of its schema"),
    ("rate_limited", 429, "Too many requests"),
    ("headers_too_large", 431, "The headers are too large"),
    ("internal", 500, "Something failed inside"),
    ("refresh_failed", 502, "Bangwo8 could not be read"),
    ("overloaded", 503, "Too much at once"),
    ("audit_unavailable", 503, "What is done can't be written down"),
    ("snapshot_pending", 503, "Nothing was read yet"),
    ("store_full", 503, "There is no room for events"),
];

impl Problem {
    /// A problem of a code in the table; one that isn't in it is a fault inside.
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            violations: Vec::new(),
            retry_after_s: None,
            allow: None,
            accept_encoding: None,
        }
    }

    fn row(&self) -> (&'static str, u16, &'static str) {
        let known = CODES.iter().find(|(code, ..)| *code == self.code);
        *known.unwrap_or(&("internal", 500, "Something failed inside"))
    }

    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    pub(super) fn unauthorized(detail: &str) -> Self {
        Self::new("unauthorized", detail)
    }

    pub(super) fn forbidden(scope: &str) -> Self {
        Self::new("forbidden", format!("the key lacks the scope {scope}"))
    }

    pub(super) fn not_for_connection() -> Self {
        Self::new("forbidden", "the key is not for this connection")
    }

    pub(super) fn not_for_all_connections() -> Self {
        Self::new("forbidden", "the key is for some connections only, and this is about all of them")
    }

    pub(super) fn key_rate_limited(seconds: u64) -> Self {
        let detail = "the key's limit is reached and nothing was done: send the same again after Retry-After";
        Self::new("rate_limited", detail).retry_after(seconds)
    }

    pub(super) fn no_route(method: &str, path: &str) -> Self {
        Self::new("not_found", format!("there is no {method} {path}"))
    }

    pub(super) fn method_not_allowed(method: &str, allow: &str) -> Self {
        let detail = format!("{method} means nothing here; there is {allow}");
        Self { allow: Some(allow.to_owned()), ..Self::new("method_not_allowed", detail) }
    }

    /// Told to strangers, too: it names none that there are.
    pub(super) fn unknown_connection() -> Self {
        let detail = "there is no such connection: compare the name in the address, /v1/connections/NAME, with those \
                      in the connections file";
        Self::new("unknown_connection", detail)
    }

    /// Nothing is kept of what was forgotten by which it could be told from what never was.
    pub(super) fn unknown_event(retention_days: u32) -> Self {
        let age = match retention_days {
            0 => String::new(),
            days => format!("{days} days after that (DESKBRIDGE_RETENTION_DAYS), or sooner "),
        };
        let detail = format!(
            "there is no such event, or no longer: one that was delivered, skipped or discarded, or a subscriber's message that \
             is dead, is forgotten {age}where room runs short"
        );
        Self::new("unknown_event", detail)
    }

    /// What is signed, hashed and kept are the bytes that were sent: compressed ones would be told apart by how they
    /// were compressed, and would have to be bounded twice.
    pub(super) fn content_encoding() -> Self {
        let detail = "bodies are taken as they are: send it without Content-Encoding";
        Self { accept_encoding: Some("identity"), ..Self::new("unsupported_media_type", detail) }
    }

    /// JSON between systems is UTF-8 (RFC 8259, 8.1): read as such, text of another encoding would be other text.
    pub(super) fn charset() -> Self {
        let detail = "JSON is UTF-8, and the body is read as such: send it in UTF-8, and as Content-Type the media type \
                      without charset, or with charset=utf-8";
        Self::new("unsupported_media_type", detail)
    }

    /// The first one may be what somebody before us judged by, or the last.
    pub(super) fn repeated_header(name: &str) -> Self {
        let detail = format!("{name} came more than once with different values: send it once");
        Self::new("repeated_header", detail)
    }

    pub(super) fn too_many_streams() -> Self {
        let detail = "as many streams are open as this process serves; try again later, or elsewhere";
        Self::new("overloaded", detail).retry_after(FULL_RETRY_S)
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }
}

/// The problem as an answer.
pub(super) fn refuse(problem: Problem) -> HttpResponse {
    problem.error_response()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.row().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (code, status, title) = self.row();
        let mut answer = HttpResponse::build(self.status_code());
        // Whatever is short of something now is worth another try.
        let wait = self.retry_after_s.or((status == 503).then_some(OVERLOADED_RETRY_S));
        if let Some(seconds) = wait {
            answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(methods) = &self.allow {
            answer.insert_header((header::ALLOW, methods.as_str()));
        }
        if let Some(codings) = self.accept_encoding {
            answer.insert_header((header::ACCEPT_ENCODING, codings));
        }
        if status == 401 {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        let r#type = format!("urn:deskbridge:problem:{code}");
        let document =
            Document { r#type, title, status, code, detail: &self.detail, violations: &self.violations };
        answer
            .content_type("application/problem+json")
            .body(serde_json::to_vec(&document).unwrap_or_default())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            Refusal::UnknownConnection => Self::unknown_connection(),
            Refusal::UnsupportedMediaType(_) => Self::new("unsupported_media_type", detail),
            Refusal::PushNotTaken(_) => Self::new("push_not_taken", detail),
            Refusal::Unauthorized { .. } => Self::new("unauthorized", detail),
            Refusal::AttributesNotSigned => Self::new("unauthorized", detail),
            Refusal::RateLimited { retry_after_s } => {
                Self::new("rate_limited", detail).retry_after(retry_after_s)
            }
            Refusal::InvalidSignature => Self::new("invalid_signature", detail),
            Refusal::TimestampOutOfTolerance => Self::new("timestamp_out_of_tolerance", detail),
            Refusal::MalformedJson { .. } => Self::new("malformed_json", detail),
            Refusal::IdempotencyConflict { .. } => Self::new("idempotency_conflict", detail),
            Refusal::SchemaViolation(violations) => {
                Self { violations, ..Self::new("schema_violation", detail) }
            }
            Refusal::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Overloaded | StoreError::Closed => {
                Self::new("overloaded", "nothing was stored; try again later").retry_after(OVERLOADED_RETRY_S)
            }
            // The store logs by itself that it has lost its way; nobody needs it once a request.
            StoreError::Unreachable(_) => {
                Self::new("overloaded", "the store can't be reached; send the same again later")
                    .retry_after(OVERLOADED_RETRY_S)
            }
            StoreError::Unstorable(_) => Self::new("schema_violation", error.to_string()),
            StoreError::Full => {
                let detail =
                    "the store is full and nothing was stored; try again later, as it delivers what it has";
                Self::new("store_full", detail).retry_after(FULL_RETRY_S)
            }
            StoreError::NotFound => Self::new("unknown_event", error.to_string()),
            StoreError::Erased => Self::new("erased", error.to_string()),
            StoreError::WrongStatus { .. } => Self::new("wrong_status", error.to_string()),
            other => {
                tracing::error!(error = %other, "the store failed");
                Self::new("internal", "the store failed; the log says why")
            }
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        let detail = error.to_string();
        match error {
            Unavailable::Off => Self::new("ticketviews_off", detail),
            Unavailable::UnknownView { .. } => Self::new("unknown_ticketview", detail),
            Unavailable::Pending { retry_after_s, .. } => {
                Self::new("snapshot_pending", detail).retry_after(retry_after_s)
            }
            Unavailable::HistoryGone { .. } => Self::new("history_gone", detail),
            Unavailable::Unwritable(_) => Self::new("internal", detail),
            Unavailable::Store(error) => error.into(),
        }
    }
}
