//! Lenient reading of the vendor's scalars (§2.4, §8.1): numbers come as text, "nothing" as `""`, null or
//! absence, times in two spellings, and any key but an id may be missing.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value, value::RawValue};

use super::given::{Given, Members};

use crate::json;

/// One object of an answer, read key by key. Unknown keys are ignored by never being asked for.
pub(super) struct Fields<'a>(Members<'a>);

impl<'a> Fields<'a> {
    /// Nothing if the value is not an object.
    pub(super) fn of(raw: &'a RawValue) -> Option<Fields<'a>> {
        json::from_str(raw.get()).ok().map(Fields)
    }

    /// The array or object under a key.
    pub(super) fn nested(&self, key: &str) -> Option<&Value> {
        match self.0.get(key)? {
            Given::Other(value @ (Value::Array(_) | Value::Object(_))) => Some(value),
            _ => None,
        }
    }

    /// The object under a key.
    pub(super) fn object(&self, key: &str) -> Option<Fields<'_>> {
        self.nested(key)?.as_object().map(|object| Fields(Members::of(object)))
    }

    /// Text, or a number spelled out.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.word(key).map(Cow::into_owned)
    }

    /// As [`text`](Fields::text), for what is not kept as it is spelled.
    pub(super) fn word(&self, key: &str) -> Option<Cow<'_, str>> {
        match self.0.get(key)? {
            Given::Text(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
            Given::Text(_) => None,
            Given::Other(value) => text(Some(value)).map(Cow::Owned),
        }
    }

    /// An id; 0 is none.
    pub(super) fn id(&self, key: &str) -> Option<u64> {
        self.word(key)?.trim().parse().ok().filter(|id| *id != 0)
    }

    /// A number.
    pub(super) fn integer(&self, key: &str) -> Option<i64> {
        self.word(key)?.trim().parse().ok()
    }

    /// Yes or no, also spelled 1 or 0 or as text.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.0.get(key)? {
            Given::Other(Value::Bool(flag)) => Some(*flag),
            Given::Text(text) if text == "true" => Some(true),
            Given::Text(text) if text == "false" => Some(false),
            _ => self.integer(key).map(|number| number != 0),
        }
    }

    /// A time.
    pub(super) fn time(&self, key: &str) -> Option<Timestamp> {
        time(&self.word(key)?)
    }

    /// Names: an array of them, or a text that joins them by commas (§5.2).
    pub(super) fn names(&self, key: &str) -> Vec<String> {
        match self.0.get(key) {
            Some(Given::Other(Value::Array(items))) => {
                items.iter().filter_map(|item| text(Some(item))).collect()
            }
            Some(Given::Text(joined)) => {
                let names = joined.split([',', '，']).map(str::trim);
                names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
            }
            _ => vec![],
        }
    }

    /// Ids: an array of them, or a text that joins them by commas.
    pub(super) fn ids(&self, key: &str) -> Vec<u64> {
        self.names(key).iter().filter_map(|text| text.parse().ok()).collect()
    }

    /// The `content` of each element: how customers and organizations hold telephone numbers (§5.2). A bare
    /// text counts as its own content.
    pub(super) fn contents(&self, key: &str) -> Vec<String> {
        let items = self.nested(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| text(item.get("content")).or_else(|| text(Some(item)))).collect()
    }

    /// The custom fields of any resource, untouched (§8.1). They are taken out, since a list has many.
    pub(super) fn custom_fields(&mut self) -> Map<String, Value> {
        match self.0.take("custom_fields") {
            Some(Given::Other(Value::Object(fields))) => fields,
            _ => Map::new(),
        }
    }

    /// The elements of an array that are objects and can be read.
    pub(super) fn objects<T>(&self, key: &str, read: impl Fn(&Fields<'_>) -> Option<T>) -> Vec<T> {
        let items = self.nested(key).and_then(Value::as_array).into_iter().flatten();
        items.filter_map(|item| read(&Fields(Members::of(item.as_object()?)))).collect()
    }
}

/// Text, or a number spelled out; nothing for `""`, null and everything that is no scalar.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A number as number or text.
pub(super) fn integer(value: Option<&Value>) -> Option<i64> {
    text(value)?.trim().parse().ok()
}

/// An id as number or text.
pub(super) fn id(value: Option<&Value>) -> Option<u64> {
    text(value)?.trim().parse().ok().filter(|id| *id != 0)
}

/// `2016-07-28 20:44:08 +0800` of v1 or ISO 8601 of v2, each with its own offset. A text that cannot be read is
/// no time: a list of tickets must not fail for one odd value.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    match v1_time(text) {
        Some(iso) => iso.parse().ok(),
        None => text.parse().ok(),
    }
}

/// The v1 spelling as RFC 3339, which is read much faster than by a pattern. Nothing for any other spelling.
fn v1_time(text: &str) -> Option<String> {
    let (day, rest) = text.split_once(' ')?;
    let (time, offset) = rest.split_once(' ')?;
    let (hours, minutes) = offset.split_at_checked(3)?;
    let is_offset = offset.len() == 5 && offset.starts_with(['+', '-']);
    is_offset.then(|| format!("{day}T{time}{hours}:{minutes}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_of_time_are_read_with_their_offset() {
        let read = |text| time(text).map(|time| time.to_string());
        assert_eq!(read("2016-07-28 20:44:08 +0800").as_deref(), Some("2016-07-28T12:44:08Z"));
        assert_eq!(read("2016-07-28 20:44:08 -0230").as_deref(), Some("2016-07-28T23:14:08Z"));
        assert_eq!(read("2017-08-18T12:06:02.000+08:00").as_deref(), Some("2017-08-18T04:06:02Z"));
        for nothing in ["", " ", "昨天", "2017-02-30 00:00:00 +0800", "2016-07-28 20:44:08"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn nothing_is_spelled_in_many_ways() {
        for nothing in [json!(""), json!(null), json!([]), json!({}), json!(true)] {
            assert_eq!((text(Some(&nothing)), id(Some(&nothing))), (None, None), "{nothing}");
        }
        assert_eq!(id(Some(&json!("0"))), None);
        assert_eq!(id(Some(&json!("17"))), Some(17));
        assert_eq!(integer(Some(&json!(-3))), Some(-3));
    }

    #[test]
    fn names_come_as_a_list_or_joined_by_commas_of_either_width() {
        let fields = r#"{"a":["网络",""],"b":"网络, 打印机，VIP,","c":null,"d":[1,"2"]}"#;
        let fields = Fields(serde_json::from_str(fields).unwrap());
        assert_eq!(fields.names("a"), ["网络"]);
        assert_eq!(fields.names("b"), ["网络", "打印机", "VIP"]);
        assert!(fields.names("c").is_empty());
        assert_eq!(fields.ids("d"), [1, 2]);
    }
}
