//! What an answer means: HTTP status and body are independent signals, judged in the order of §5.

use std::time::Duration;

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, LOCATION, RETRY_AFTER},
};
use serde_json::Value;

use super::{
    error::Error,
    message::masked,
    page::Page,
    refusal,
    request::{Endpoint, Method},
    scalar,
};

use crate::json;

/// Longest wait that a `Retry-After` is taken to ask for: a mistyped one must not stop a connection for years.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);
/// The vendor's code for a name that is taken (§5).
const ALREADY_EXISTS: &str = "110026";

/// A successful answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) endpoint: Endpoint,
    pub(super) body: Value,
    pub(super) location: Option<String>,
}

impl Answer {
    /// The elements of the list under `key`, each read by `read`.
    pub(super) fn list<T>(&self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Vec<T>, Error> {
        let items = self.body.get(key).and_then(Value::as_array);
        let items = items.ok_or_else(|| self.endpoint.bad_answer("it has not the documented list"))?;
        self.items(items, read)
    }

    /// One page of the list under `key`, with its count and next page where the answer has them (§4.2).
    pub(super) fn page<T>(
        &self,
        key: &str,
        page: u32,
        per_page: u32,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Page<T>, Error> {
        let items = self.list(key, read)?;
        let count = scalar::count(self.body.get("count"));
        let next_page = scalar::text(self.body.get("next_page")).is_some();
        Ok(Page::new(items, count, next_page, page, per_page))
    }

    /// The one element under `key`, bare or as an array of one (§4.2). None there is nothing found.
    pub(super) fn one<T>(&self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Result<T, Error> {
        let item = scalar::one_or_many(self.body.get(key)).first();
        let item = item.ok_or_else(|| Error::NotFound { call: self.endpoint.clone() })?;
        read(item).ok_or_else(|| self.endpoint.bad_answer("what it holds has no id"))
    }

    /// The elements of a list. One that cannot be read spoils the answer: a list with a hole looks complete.
    pub(super) fn items<T>(
        &self,
        items: &[Value],
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let read: Option<Vec<T>> = items.iter().map(read).collect();
        read.ok_or_else(|| self.endpoint.bad_answer("an element of its list has no id"))
    }
}

/// The part of an answer that comes before its body.
pub(super) struct Head {
    pub(super) endpoint: Endpoint,
    pub(super) status: StatusCode,
    /// How many seconds the vendor's clock is ahead of ours, by the `Date` of the answer.
    pub(super) clock_ahead_s: Option<i64>,
    retry_after: Option<Duration>,
    location: Option<String>,
}

impl Head {
    /// Keeps what is needed of the headers; `now` is for a `Retry-After` that names a date.
    pub(super) fn new(endpoint: &Endpoint, status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Head {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let date = header(DATE).and_then(|text| rfc2822::parse(text).ok());
        Head {
            clock_ahead_s: date.map(|date| date.timestamp().as_second() - now.as_second()),
            endpoint: endpoint.clone(),
            status,
            retry_after: header(RETRY_AFTER).and_then(|text| retry_after(text, now)),
            location: header(LOCATION).map(str::to_owned),
        }
    }

    /// The error of a status that needs no body to be understood.
    pub(super) fn refusal(&self) -> Option<Error> {
        let (call, retry_after) = (self.endpoint.clone(), self.retry_after);
        Some(match self.status.as_u16() {
            401 => Error::Unauthorized { call },
            404 => Error::NotFound { call },
            429 => Error::RateLimited { call, retry_after },
            // 408 and 425 are the server's own troubles with time (RFC 9110, 15.5.9; RFC 8470, 5.2).
            status @ (408 | 425 | 500..) => Error::Unavailable { call, status, retry_after },
            _ => return None,
        })
    }

    /// Reads the body of any other status.
    pub(super) fn answer(self, body: &[u8]) -> Result<Answer, Error> {
        // What an update answers is not documented (§6.6): success without a word is one. A creation has to name
        // what it made.
        if body.is_empty() && self.status.is_success() && self.endpoint.method == Method::Put {
            return self.judge(Value::Null);
        }
        match json::from_slice(body) {
            Ok(body) => self.judge(body),
            Err(source) if self.is_success() => Err(Error::BadAnswer {
                call: self.endpoint,
                why: if self.status.is_redirection() { "it is a redirect" } else { "it is not JSON" },
                source: Some(source),
            }),
            Err(_) => Err(self.client_error()),
        }
    }

    fn judge(self, body: Value) -> Result<Answer, Error> {
        if let Some(complaint) = Complaint::of(&body) {
            return Err(complaint.into_error(&self, &body));
        }
        if !self.is_success() {
            return Err(self.client_error());
        }
        Ok(Answer { endpoint: self.endpoint, body, location: self.location })
    }

    /// The guide calls 3xx a success too (§2.1).
    fn is_success(&self) -> bool {
        self.status.is_success() || self.status.is_redirection()
    }

    /// A 4xx whose body explains nothing.
    fn client_error(&self) -> Error {
        let call = self.endpoint.clone();
        if self.status == StatusCode::FORBIDDEN {
            return Error::Forbidden { call };
        }
        Error::Rejected { call, code: format!("http_{}", self.status.as_u16()), message: String::new() }
    }
}

/// The error shapes of §5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// E5: `error`.
    OAuth,
    /// E2: `errcode`.
    Errcode,
    /// E1: `state`.
    State,
    /// E4: `errorMsg`.
    ErrorMsg,
    /// E3: `status`.
    Status,
}

/// An error that the top level of a body states.
struct Complaint {
    shape: Shape,
    code: String,
    message: String,
}

impl Complaint {
    /// Only the top level is looked at: a company, for one, has a `status` of its own.
    fn of(body: &Value) -> Option<Complaint> {
        let text = |key| scalar::text(body.get(key));
        let nonzero = |key| text(key).filter(|code| code != "0");
        let states =
            |key| body.get(key).is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)));
        let (shape, code, message) = if states("error") {
            (Shape::OAuth, text("error"), text("error_description"))
        } else if let Some(code) = nonzero("errcode") {
            (Shape::Errcode, Some(code), text("errmsg"))
        } else if let Some(code) = text("state") {
            (Shape::State, Some(code), text("message"))
        } else if let Some(message) = text("errorMsg") {
            (Shape::ErrorMsg, text("status"), Some(message))
        } else if let Some(code) = nonzero("status") {
            (Shape::Status, Some(code), text("message"))
        } else {
            return None;
        };
        Some(Complaint {
            shape,
            code: masked(&code.unwrap_or_default()),
            message: masked(&message.unwrap_or_default()),
        })
    }

    fn into_error(self, head: &Head, body: &Value) -> Error {
        let call = head.endpoint.clone();
        if let Some(error) = self.documented(&call, body) {
            return error;
        }
        match self.shape {
            // `state` and `errorMsg` are complaints about the content whatever the status (§5), so a 403 with
            // them is not about permissions. With the other shapes it is (§2.1).
            Shape::OAuth | Shape::Errcode | Shape::Status if head.status == StatusCode::FORBIDDEN => {
                Error::Forbidden { call }
            }
            _ => Error::Rejected { call, code: self.code, message: self.message },
        }
    }

    /// The error of a complaint that the documents explain.
    fn documented(&self, call: &Endpoint, body: &Value) -> Option<Error> {
        match self.shape {
            Shape::OAuth => {
                is_credential_error(&self.code).then(|| Error::Unauthorized { call: call.clone() })
            }
            Shape::State => refusal::by_state(call, &self.code, &self.message),
            Shape::Errcode => refusal::by_errcode(call, &self.code),
            Shape::ErrorMsg | Shape::Status => (self.code == ALREADY_EXISTS)
                .then(|| Error::AlreadyExists { call: call.clone(), id: existing_id(body) }),
        }
    }
}

/// The codes of RFC 6749 and RFC 6750 that new credentials or a new token can cure.
fn is_credential_error(code: &str) -> bool {
    matches!(
        code,
        "invalid_client" | "invalid_grant" | "invalid_token" | "expired_token" | "unauthorized_client"
    )
}

fn existing_id(body: &Value) -> Option<String> {
    let data = body.get("data")?;
    ["companyId", "ticketId", "id"].iter().find_map(|key| scalar::id(data.get(key)))
}

/// `Retry-After` in seconds or as an HTTP date; a date that has passed means now, and none is taken to mean more
/// than a day.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds).min(MAX_RETRY_AFTER));
    }
    let date = rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default().min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests;
