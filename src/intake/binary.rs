//! CloudEvents in binary mode (HTTP protocol binding 1.0.2, 3.1): attributes in `ce-` headers, the data as the body.
//! The journal has one form of a CloudEvent, the structured one: its attributes by name, its data byte for byte.
//! A signature covers the body alone, so that it is no proof of such an event: its id and its type stand elsewhere.

use bytes::Bytes;
use percent_encoding::percent_decode;
use serde_json::{Value, value::RawValue};

use super::{Refusal, Violation, sound};

use crate::json;

/// Attributes as headers carry them: each name without its `ce-`, each value as it came.
pub type Attributes = Vec<(String, Vec<u8>)>;

/// The same event in structured mode.
pub(super) fn structured(mut attributes: Attributes, body: &[u8]) -> Result<Bytes, Refusal> {
    // Here, so that lines and columns are counted in what was sent.
    sound::check(body)?;
    let data: &RawValue = json::from_slice(body).map_err(|error| Refusal::malformed(&error))?;
    // Headers have no order: the same event must be the same bytes.
    attributes.sort();
    let mut text = String::with_capacity(body.len() * 2);
    text.push('{');
    for (name, value) in &attributes {
        let value = decoded(value).ok_or_else(|| {
            let message = format!("the header ce-{name} must be text in UTF-8, percent-encoded");
            Refusal::violation("", "format", message)
        })?;
        text += &format!("{}:{},", Value::from(name.as_str()), Value::from(value));
    }
    text += "\"data\":";
    text += data.get();
    text.push('}');
    Ok(text.into())
}

/// A violation of the structured event, in the words of who sent headers and a body.
pub(super) fn unwrapped(violation: Violation) -> Violation {
    let Violation { pointer, keyword, message } = violation;
    let (pointer, message) = match (pointer.strip_prefix("/data"), pointer.strip_prefix('/')) {
        (Some(data), _) if data.is_empty() || data.starts_with('/') => (data.to_owned(), message),
        (_, Some(name)) => (String::new(), format!("the header ce-{name} {message}")),
        _ => (String::new(), format!("of the ce- headers: {message}")),
    };
    Violation { pointer, keyword, message }
}

/// A header's value (3.1.3.2): a quoted string is taken out of its quotes, then what is percent-encoded is decoded.
fn decoded(value: &[u8]) -> Option<String> {
    let value = unquoted(value);
    percent_decode(&value).decode_utf8().ok().map(Into::into)
}

/// RFC 9110, 5.6.4.
fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(inner) = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return value.to_vec();
    };
    let mut plain = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter();
    while let Some(byte) = bytes.next() {
        plain.push(if *byte == b'\\' { *bytes.next().unwrap_or(byte) } else { *byte });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headers_value_is_unquoted_and_then_decoded_once() {
        assert_eq!(decoded(b"Euro%20%E2%82%AC").as_deref(), Some("Euro €"));
        assert_eq!(decoded(br#""a\"b%2525""#).as_deref(), Some("a\"b%25"));
        assert_eq!(decoded("原样".as_bytes()).as_deref(), Some("原样"));
        assert_eq!(decoded(b"%FF"), None);
    }

    #[test]
    fn the_order_of_headers_makes_no_difference() {
        let [id, source] = [("id".to_owned(), b"1".to_vec()), ("source".to_owned(), b"/u".to_vec())];
        let one = structured(vec![id.clone(), source.clone()], b" {\"id\": 1} ").unwrap();
        assert_eq!(one, structured(vec![source, id], b" {\"id\": 1} ").unwrap());
        assert_eq!(one, r#"{"id":"1","source":"/u","data":{"id": 1}}"#);
    }
}
