//! One request: its name in errors, and what it carries besides the signature.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;

use super::error::Error;

/// The two API families, which share a host and nothing else (§0.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `/api/…`, signed by MD5 over the query.
    V1,
    /// `/open_api_v1/…`, signed by SHA-256 over five values.
    V2,
}

/// What a call is for. The meaning of an error code depends on it (§6.1), and so does whether it may be
/// repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A read that no documented code is particular to.
    Read,
    /// Reading the filters, or the tickets of one (§3.7, §3.8).
    ReadByFilter,
    /// Creating a ticket (§3.3, §5.1).
    CreateTicket,
    /// Changing a ticket without adding a comment: doing it twice is doing it once (§3.5, §5.1).
    UpdateTicket,
    /// Changing a ticket and adding a comment (§3.5).
    CommentTicket,
    /// Adding a customer's reply (§3.6, §5.1).
    ReplyAsCustomer,
    /// Finding a customer, or creating one by the same values (§3.10).
    FindOrCreateCustomer,
    /// Creating a customer (§5.2).
    CreateCustomer,
    /// Changing a customer: numbers and addresses that come without an id are new ones (§5.2).
    UpdateCustomer,
    /// Attaching a file to a ticket or to a reply to come (§5.1).
    UploadFile,
    /// Asking for the API token, which alone is not signed (§1.2).
    LogIn,
}

impl Operation {
    /// Whether doing it again does it a second time. Nothing in either family takes an idempotency key (§6.3).
    pub fn adds(self) -> bool {
        matches!(
            self,
            Operation::CreateTicket
                | Operation::CommentTicket
                | Operation::ReplyAsCustomer
                | Operation::CreateCustomer
                | Operation::UpdateCustomer
                | Operation::UploadFile
        )
    }
}

/// The name of a call in errors, shown as `POST /api/v1/tickets.json`; never a query, which holds the
/// signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// The path without the base URL's own prefix. Whatever is variable in it is a number.
    pub path: String,
    /// Whose signature it carries.
    pub family: Family,
    /// What it is for.
    pub operation: Operation,
}

impl Endpoint {
    /// A call of family v1; `path` begins with `/api`.
    pub(super) fn v1(method: &'static str, path: impl Into<String>, operation: Operation) -> Endpoint {
        Endpoint { method, path: path.into(), family: Family::V1, operation }
    }

    /// A call of family v2; `path` follows `/open_api_v1`.
    pub(super) fn v2(method: &'static str, path: impl fmt::Display, operation: Operation) -> Endpoint {
        Endpoint { method, path: format!("/open_api_v1{path}"), family: Family::V2, operation }
    }

    /// The path with `{id}` for every number in it.
    pub(super) fn template(&self) -> String {
        let (path, ending) =
            self.path.strip_suffix(".json").map_or((self.path.as_str(), ""), |path| (path, ".json"));
        let is_number = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
        let segments =
            path.split('/').skip(1).map(|segment| if is_number(segment) { "{id}" } else { segment });
        segments.fold(String::new(), |template, segment| template + "/" + segment) + ending
    }

    /// A success with an answer that cannot be used.
    pub(super) fn bad_answer(&self, why: &'static str) -> Error {
        Error::BadAnswer { call: self.clone(), why }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// A request without its signature, which v2 makes anew for every attempt.
pub(super) struct Request {
    pub(super) endpoint: Endpoint,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Body>,
}

/// What a request carries.
#[derive(Clone)]
pub(super) enum Body {
    /// A JSON text.
    Json(Bytes),
    /// A file, as the one part of a form.
    File {
        /// Its name.
        name: String,
        /// Its bytes.
        content: Bytes,
    },
}

impl Request {
    /// A call without a body.
    pub(super) fn read(endpoint: Endpoint, query: Vec<(&'static str, String)>) -> Request {
        Request { endpoint, query, body: None }
    }

    /// A call with a JSON body.
    pub(super) fn write(endpoint: Endpoint, body: &impl Serialize) -> Result<Request, Error> {
        let json = serde_json::to_vec(body).map_err(|_| Error::Configuration {
            why: "the request cannot be written as JSON",
            source: None,
        })?;
        Ok(Request { endpoint, query: vec![], body: Some(Body::Json(json.into())) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_no_number() {
        let template = |path: &str| Endpoint::v1("GET", path, Operation::Read).template();
        assert_eq!(template("/api/v1/tickets/42.json"), "/api/v1/tickets/{id}.json");
        assert_eq!(template("/api/v2/ticket_fields.json"), "/api/v2/ticket_fields.json");
        let replies = Endpoint::v2("GET", "/tickets/42/replies", Operation::Read);
        assert_eq!(replies.template(), "/open_api_v1/tickets/{id}/replies");
    }
}
