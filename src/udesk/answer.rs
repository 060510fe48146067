//! What an answer means: the HTTP status, then the body, each family in its own order (§2.2, §5.0).

use std::{collections::BTreeMap, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{
    StatusCode,
    header::{DATE, HeaderMap, RETRY_AFTER},
};
use serde_json::{Value, value::RawValue};

use super::{
    code::Cause,
    error::Error,
    message::masked,
    request::{Endpoint, Family},
    scalar,
};

use crate::json;

/// Longest wait that a `Retry-After` is taken to ask for: a mistyped one must not stop a connection for years.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);
/// What v1 calls success.
const V1_SUCCESS: i64 = 0;
/// What v2 calls success.
const V2_SUCCESS: i64 = 1000;

/// A successful answer: its top level, with the payload still as the vendor wrote it.
pub(super) struct Answer<'a> {
    pub(super) endpoint: Endpoint,
    body: BTreeMap<String, &'a RawValue>,
}

impl<'a> Answer<'a> {
    /// The value under a key of the top level, byte for byte; null counts as absent.
    pub(super) fn raw(&self, key: &str) -> Option<&'a RawValue> {
        self.body.get(key).copied().filter(|raw| raw.get() != "null")
    }

    /// The value under a key of the top level.
    pub(super) fn value(&self, key: &str) -> Option<Value> {
        json::from_str(self.raw(key)?.get()).ok()
    }

    /// The one thing that the call is about.
    pub(super) fn one<T>(&self, key: &str, read: impl Fn(&RawValue) -> Option<T>) -> Result<T, Error> {
        let raw = self.raw(key).ok_or_else(|| match self.endpoint.family {
            // This family has a code for what is not there (§6.1), so an answer without it is no answer.
            Family::V1 => self.endpoint.bad_answer("it has not the documented payload"),
            Family::V2 => Error::NotFound { call: self.endpoint.clone() },
        })?;
        read(raw).ok_or_else(|| self.endpoint.bad_answer("it has not the documented payload"))
    }

    /// The elements of a list; null stands for none. One that cannot be read spoils the answer: a list with a
    /// hole looks complete.
    pub(super) fn list<T>(&self, key: &str, read: impl Fn(&RawValue) -> Option<T>) -> Result<Vec<T>, Error> {
        if !self.body.contains_key(key) {
            return Err(self.endpoint.bad_answer("it has not the documented list"));
        }
        let Some(raw) = self.raw(key) else { return Ok(vec![]) };
        let items: Vec<&RawValue> = json::from_str(raw.get())
            .map_err(|_| self.endpoint.bad_answer("it has something else in place of the list"))?;
        let items: Option<Vec<T>> = items.into_iter().map(read).collect();
        items.ok_or_else(|| self.endpoint.bad_answer("an element of its list has no id"))
    }
}

/// The part of an answer that comes before its body.
pub(super) struct Head {
    endpoint: Endpoint,
    status: StatusCode,
    retry_after: Option<Duration>,
    clock_behind_seconds: Option<i64>,
}

impl Head {
    /// Keeps what is needed of the headers.
    pub(super) fn new(endpoint: &Endpoint, status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Head {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let date = header(DATE).and_then(|text| rfc2822::parse(text).ok());
        Head {
            endpoint: endpoint.clone(),
            status,
            retry_after: header(RETRY_AFTER).and_then(|text| retry_after(text, now)),
            clock_behind_seconds: date.map(|date| date.timestamp().as_second() - now.as_second()),
        }
    }

    /// The error of a status that needs no body to be understood.
    pub(super) fn refusal(&self) -> Option<Error> {
        let (call, retry_after) = (self.endpoint.clone(), self.retry_after);
        match self.status.as_u16() {
            429 => Some(Error::RateLimited { call, retry_after }),
            // 408 and 425 are the server's own troubles with time (RFC 9110, 15.5.9; RFC 8470, 5.2).
            status @ (408 | 425 | 500..) => Some(Error::Unavailable { call, status, retry_after }),
            _ => None,
        }
    }

    /// Reads the body of any other status. The vendor documents no HTTP statuses, so the body decides.
    pub(super) fn answer(self, body: &[u8]) -> Result<Answer<'_>, Error> {
        let body: BTreeMap<String, &RawValue> = match json::from_slice(body) {
            Ok(body) => body,
            Err(error) if error.is_data() => {
                return Err(self.endpoint.bad_answer("it is not an object that can be read"));
            }
            Err(_) => {
                return Err(Error::NotJson { status: self.status.as_u16(), call: self.endpoint });
            }
        };
        let answer = Answer { endpoint: self.endpoint.clone(), body };
        match self.endpoint.family {
            Family::V1 => self.judge_v1(&answer)?,
            Family::V2 => self.judge_code(&answer, "code", V2_SUCCESS)?,
        }
        if !self.status.is_success() {
            return Err(self.endpoint.bad_answer("it claims success under an HTTP status of failure"));
        }
        Ok(answer)
    }

    /// An `error` text comes first: such an answer has no `status` (§2.2, §6.2).
    fn judge_v1(&self, answer: &Answer<'_>) -> Result<(), Error> {
        if let Some(Value::String(error)) = answer.value("error") {
            return Err(Error::Invalid { call: self.endpoint.clone(), message: masked(&error) });
        }
        self.judge_code(answer, "status", V1_SUCCESS)
    }

    fn judge_code(&self, answer: &Answer<'_>, key: &str, success: i64) -> Result<(), Error> {
        match scalar::integer(answer.value(key).as_ref()) {
            Some(number) if number == success => Ok(()),
            Some(number) => Err(self.business_error(number, scalar::text(answer.value("message").as_ref()))),
            None => Err(self.endpoint.bad_answer("it does not say whether it succeeded")),
        }
    }

    fn business_error(&self, number: i64, message: Option<String>) -> Error {
        let call = self.endpoint.clone();
        match Cause::of(number, &call) {
            Cause::Signature => {
                let clock_behind_seconds = self.clock_behind_seconds.filter(|_| call.family == Family::V2);
                Error::Unauthorized { call, clock_behind_seconds }
            }
            Cause::Tenant => Error::UnknownTenant { call },
            Cause::TicketUnknown => Error::NotFound { call },
            Cause::CustomerUnknown => Error::CustomerUnknown { call },
            cause => Error::Rejected { call, number, cause, message: masked(&message.unwrap_or_default()) },
        }
    }
}

/// `Retry-After` in seconds or as an HTTP date; a date that has passed means now, and none is taken to mean
/// more than a day.
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
