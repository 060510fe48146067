//! One request: its name in errors and records, and what it carries.

use std::fmt;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{error::Error, query::Query};

/// Everything that RFC 3986 does not call unreserved is encoded in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The name of a call in errors and records, shown as `POST /api/v1/tickets.json`; never a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The HTTP method.
    pub method: Method,
    /// The encoded path without the base URL's own prefix.
    pub path: String,
    /// Whether something may change by it; asking for a token is a POST, but changes nothing.
    pub(super) writes: bool,
}

/// The methods that the vendor's API knows; shown in capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A read.
    Get,
    /// A creation, and the asking for a token.
    Post,
    /// A change.
    Put,
    /// A removal.
    Delete,
}

impl Method {
    /// The name in capitals.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

impl Endpoint {
    /// A read of `/api/v1/{segments}.json`.
    pub fn get(segments: &[&str]) -> Endpoint {
        Endpoint { method: Method::Get, path: resource(segments), writes: false }
    }

    /// A creation at `/api/v1/{segments}.json`.
    pub fn post(segments: &[&str]) -> Endpoint {
        Endpoint { method: Method::Post, path: resource(segments), writes: true }
    }

    /// A change of `/api/v1/{segments}.json`.
    pub fn put(segments: &[&str]) -> Endpoint {
        Endpoint { method: Method::Put, path: resource(segments), writes: true }
    }

    /// A removal at `/api/v1/{segments}.json`.
    pub fn delete(segments: &[&str]) -> Endpoint {
        Endpoint { method: Method::Delete, path: resource(segments), writes: true }
    }

    /// The token endpoint, which lies outside `/api/v1` (§3.2; the page's heading says otherwise, its samples
    /// agree on this one).
    pub(super) fn token() -> Endpoint {
        Endpoint { method: Method::Post, path: "/api/token.php".to_owned(), writes: false }
    }

    /// The path with `{id}` for every segment that isn't fixed.
    pub(super) fn template(&self) -> String {
        let (path, ending) =
            self.path.strip_suffix(".json").map_or((self.path.as_str(), ""), |path| (path, ".json"));
        let segments =
            path.split('/').skip(1).map(|segment| if FIXED.contains(&segment) { segment } else { "{id}" });
        segments.fold(String::new(), |template, segment| template + "/" + segment) + ending
    }

    /// Whether an id in the path was empty or dots only. No encoding protects such a segment: it would name
    /// another resource.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | ".." | ".json"))
    }

    /// A success status with an answer that cannot be used.
    pub(super) fn bad_answer(&self, why: &'static str) -> Error {
        Error::BadAnswer { call: self.clone(), why, source: None }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method.as_str(), self.path)
    }
}

fn resource(segments: &[&str]) -> String {
    let encoded = segments.iter().map(|segment| utf8_percent_encode(segment, SEGMENT).to_string());
    format!("/api/v1/{}.json", encoded.collect::<Vec<_>>().join("/"))
}

/// Every fixed segment of an address. Whatever isn't here is an id, and so no part of a template: those are labels of
/// metrics, of which there must be few.
const FIXED: &[&str] = &[
    "allOptions",
    "api",
    "asset_form",
    "attachments",
    "cid",
    "companies",
    "company_fields",
    "count",
    "customergroups",
    "forms",
    "options",
    "relationship",
    "search",
    "show_many",
    "supports",
    "ticket_fields",
    "ticket_fields2",
    "tickets",
    "tickettemplates",
    "ticketviews",
    "token.php",
    "uploads",
    "user",
    "users",
    "v1",
];

/// A request without its authorization, which changes when it is repeated with a new token.
pub(super) struct Request<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) query: Query,
    pub(super) body: Body,
    pub(super) request_id: Option<&'a RequestId>,
}

/// What a request carries.
pub(super) enum Body {
    Empty,
    Json(Bytes),
    /// Bytes as they are under a media type: an attachment's content (§6.7), the empty form of a removal (§7.4).
    Raw {
        media_type: &'static str,
        bytes: Bytes,
    },
    /// The multipart form of the token endpoint (§3.2).
    TokenForm,
}

impl<'a> Request<'a> {
    /// A read with the given query.
    pub(super) fn read(segments: &[&str], query: Query) -> Request<'a> {
        Request { endpoint: Endpoint::get(segments), query, body: Body::Empty, request_id: None }
    }

    /// A write of `body` as JSON under the operation's id.
    pub(super) fn write(
        endpoint: Endpoint,
        body: &impl Serialize,
        request_id: &'a RequestId,
    ) -> Result<Request<'a>, Error> {
        let json = serde_json::to_vec(body).map_err(|_| Error::Configuration {
            why: "the request cannot be written as JSON",
            source: None,
        })?;
        let body = Body::Json(json.into());
        Ok(Request { endpoint, query: Query::new(), body, request_id: Some(request_id) })
    }

    /// A write of bytes as they are, with its parameters in the query.
    pub(super) fn write_raw(
        endpoint: Endpoint,
        query: Query,
        media_type: &'static str,
        bytes: Bytes,
        request_id: &'a RequestId,
    ) -> Request<'a> {
        Request { endpoint, query, body: Body::Raw { media_type, bytes }, request_id: Some(request_id) }
    }
}

/// The `Requestid` of one logical operation (§2.3): visible ASCII, 1 to 64 characters.
///
/// The vendor stops duplicates by it, so one operation keeps its id through every retry. The allowed characters
/// are not documented; these are the ones that any header and any log can take.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

/// A text that cannot be a [`RequestId`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a request id is 1 to 64 visible ASCII characters")]
pub struct InvalidRequestId;

impl RequestId {
    /// The longest id.
    pub const MAX_LENGTH: usize = 64;

    /// Takes the text as it is.
    ///
    /// # Errors
    /// [`InvalidRequestId`] if it is empty, too long or has other than visible ASCII characters.
    pub fn new(text: impl Into<String>) -> Result<RequestId, InvalidRequestId> {
        let text = text.into();
        let fits = (1..=RequestId::MAX_LENGTH).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(RequestId(text))
        } else {
            Err(InvalidRequestId)
        }
    }

    /// The id as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_segments_are_encoded() {
        assert_eq!(Endpoint::get(&["tickets", "1/../2 ?#"]).path, "/api/v1/tickets/1%2F..%2F2%20%3F%23.json");
    }

    #[test]
    fn a_template_has_no_id() {
        let template = |segments: &[&str]| Endpoint::get(segments).template();
        assert_eq!(template(&["tickets", "42"]), "/api/v1/tickets/{id}.json");
        assert_eq!(template(&["ticketviews", "mine", "tickets"]), "/api/v1/ticketviews/{id}/tickets.json");
        assert_eq!(template(&["tickets", "张三@例.cn"]), "/api/v1/tickets/{id}.json");
        assert_eq!(Endpoint::token().template(), "/api/token.php");
    }

    #[test]
    fn an_id_of_dots_or_of_nothing_is_noticed() {
        for id in ["", ".", ".."] {
            assert!(Endpoint::get(&["ticketviews", id, "tickets"]).is_ambiguous());
        }
        assert!(Endpoint::get(&["tickets", ""]).is_ambiguous());
        assert!(!Endpoint::get(&["tickets", "%2e%2e"]).is_ambiguous());
        assert!(!Endpoint::token().is_ambiguous());
    }

    #[test]
    fn a_request_id_is_short_visible_ascii() {
        assert!(RequestId::new("evt_01J9-8:1").is_ok());
        assert!(RequestId::new("x".repeat(64)).is_ok());
        for bad in [String::new(), "x".repeat(65), "a b".into(), "a\nb".into(), "工单".into()] {
            assert_eq!(RequestId::new(bad), Err(InvalidRequestId));
        }
    }
}
