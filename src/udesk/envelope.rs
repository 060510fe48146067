//! The v1 envelope and what it means (§2.2).

use std::fmt;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::error::Error;

const BAD_SIGNATURE: i64 = 2002;
const TICKET_NOT_FOUND: i64 = 1003;
/// As much of a vendor's message as is kept.
const MAX_MESSAGE_CHARS: usize = 300;

/// One page of a list; `Debug` shows only the numbers.
#[derive(Clone)]
pub struct Page {
    /// The elements, byte for byte as the vendor sent them.
    pub items: Vec<Box<RawValue>>,
    /// How many there are on all pages.
    pub total: Option<u64>,
    /// How many pages there are.
    pub total_pages: Option<u64>,
}

/// The top level of a v1 answer. Which of the payload keys is there depends on the call.
#[derive(Deserialize)]
pub(super) struct Envelope {
    error: Option<String>,
    status: Option<Value>,
    message: Option<Value>,
    pub(super) total: Option<u64>,
    pub(super) total_pages: Option<u64>,
    pub(super) contents: Option<Box<RawValue>>,
    pub(super) ticket_fields: Option<Box<RawValue>>,
}

impl Envelope {
    /// Reads a body in the decoder order of §2.2; the HTTP status is only told in the error of a body that is
    /// not JSON.
    pub(super) fn read(call: &str, http_status: u16, body: &[u8]) -> Result<Envelope, Error> {
        let call = call.to_owned();
        let envelope: Envelope = match serde_json::from_slice(body) {
            Ok(envelope) => envelope,
            Err(error) if error.is_data() => {
                return Err(Error::BadAnswer { call, why: "it is not the v1 envelope" });
            }
            Err(_) => {
                return Err(Error::Unavailable { call, status: Some(http_status), source: None });
            }
        };
        if let Some(error) = &envelope.error {
            return Err(Error::Rejected { call, code: None, message: shorten(error) });
        }
        match envelope.status.as_ref().and_then(Value::as_i64) {
            Some(0) => Ok(envelope),
            Some(code) => Err(envelope.business_error(call, code)),
            None => Err(Error::BadAnswer { call, why: "it has no status" }),
        }
    }

    fn business_error(&self, call: String, code: i64) -> Error {
        match code {
            BAD_SIGNATURE => Error::Unauthorized { call },
            TICKET_NOT_FOUND => Error::NotFound { call },
            _ => {
                let message = self.message.as_ref().and_then(Value::as_str).unwrap_or_default();
                Error::Rejected { call, code: Some(code), message: shorten(message) }
            }
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Page")
            .field("items", &self.items.len())
            .field("total", &self.total)
            .field("total_pages", &self.total_pages)
            .finish()
    }
}

/// One line of bounded length, whatever the vendor wrote.
fn shorten(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(MAX_MESSAGE_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> &'static str {
        Envelope::read("GET /api/v1/tickets.json", 200, body.as_bytes())
            .map_or_else(|error| error.code(), |_| "ok")
    }

    #[test]
    fn answers_are_judged_in_the_documented_order() {
        assert_eq!(code("<html>"), "unavailable");
        assert_eq!(code(r#"{"error":"per_page should be between 1 and 100"}"#), "rejected");
        assert_eq!(code(r#"{"status":2002,"message":"签名错,请升级版本后使用!"}"#), "unauthorized");
        assert_eq!(code(r#"{"status":1003,"message":"未找到相应工单"}"#), "not_found");
        assert_eq!(code(r#"{"status":1001,"message":"未找到客服"}"#), "rejected");
        assert_eq!(code(r#"{"status":0,"message":"成功","contents":[]}"#), "ok");
        assert_eq!(code(r#"{"message":"成功"}"#), "bad_answer");
        assert_eq!(code("[]"), "bad_answer");
    }

    #[test]
    fn the_vendors_message_is_told_with_its_code() {
        let error =
            Envelope::read("GET /x", 200, r#"{"status":1001,"message":"未找到客服"}"#.as_bytes()).err();
        assert_eq!(error.unwrap().to_string(), "GET /x was refused: 1001 未找到客服");
    }
}
