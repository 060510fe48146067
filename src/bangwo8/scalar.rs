//! Lenient reading of the vendor's scalars (§4.1): numbers come as text, "nothing" as `""`, null, 0 or a zero
//! date, and any key but an id may be missing.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Map, Value};

use super::codes::{Code, Table};

/// One object of an answer, read key by key. Unknown keys are ignored by never being asked for.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    time_zone: &'a TimeZone,
}

impl<'a> Fields<'a> {
    /// Nothing if the value is not an object.
    pub(super) fn of(value: &'a Value, time_zone: &'a TimeZone) -> Option<Fields<'a>> {
        value.as_object().map(|object| Fields { object, time_zone })
    }

    /// The value as it is.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key)
    }

    /// Text, or a number spelled out.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        text(self.get(key))
    }

    /// An id; 0 is none.
    pub(super) fn id(&self, key: &str) -> Option<String> {
        id(self.get(key))
    }

    /// A count.
    pub(super) fn count(&self, key: &str) -> Option<u64> {
        count(self.get(key))
    }

    /// A small number, such as the code of a kind.
    pub(super) fn number(&self, key: &str) -> Option<u8> {
        self.count(key)?.try_into().ok()
    }

    /// A yes or no that is spelled 1 or 0.
    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            other => count(other).map(|number| number != 0),
        }
    }

    /// A value of an enumeration.
    pub(super) fn code(&self, key: &str, table: &Table) -> Option<Code> {
        Code::read(self.get(key), table)
    }

    /// A time in the tenant's zone.
    pub(super) fn time(&self, key: &str) -> Option<Timestamp> {
        time(&self.text(key)?, self.time_zone)
    }

    /// A day; a zero date is none.
    pub(super) fn date(&self, key: &str) -> Option<civil::Date> {
        self.text(key)?.trim().parse().ok()
    }

    /// Keys and values of `custom_fields`, the values untouched (§4.5). An element without a key names no field
    /// and is passed over.
    pub(super) fn custom_fields(&self) -> Vec<(String, Value)> {
        let pair = |item: &Value| {
            let key = item.get("key")?.as_str()?.to_owned();
            Some((key, item.get("value").cloned().unwrap_or_default()))
        };
        self.get("custom_fields").and_then(Value::as_array).into_iter().flatten().filter_map(pair).collect()
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

/// An id, kept as text since nothing says how long it can grow; 0 is the vendor's "none".
pub(super) fn id(value: Option<&Value>) -> Option<String> {
    text(value).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty() && text != "0")
}

/// A count as number or text.
pub(super) fn count(value: Option<&Value>) -> Option<u64> {
    text(value)?.trim().parse().ok()
}

/// `YYYY-MM-DD HH:MM:SS` or `YYYY-MM-DD` in the given zone. A zero date is no date, and neither is a text that
/// cannot be read: a list of tickets must not fail for one odd time.
pub(super) fn time(text: &str, time_zone: &TimeZone) -> Option<Timestamp> {
    let local: civil::DateTime = text.trim().parse().ok()?;
    Some(local.to_zoned(time_zone.clone()).ok()?.timestamp())
}

/// The elements of an array, or the one object that stands in its place (§4.2, §6.4).
pub(super) fn one_or_many(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(items)) => items,
        Some(object @ Value::Object(_)) => std::slice::from_ref(object),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz;
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_come_as_numbers_or_text() {
        assert_eq!(count(Some(&json!("8"))), Some(8));
        assert_eq!(count(Some(&json!(8))), Some(8));
        assert_eq!(id(Some(&json!(5_237_431))), Some("5237431".to_owned()));
        assert_eq!(id(Some(&json!("5237431"))), Some("5237431".to_owned()));
    }

    #[test]
    fn nothing_is_spelled_in_many_ways() {
        for nothing in [json!(""), json!(null), json!([]), json!({}), json!(false)] {
            assert_eq!(text(Some(&nothing)), None);
            assert_eq!(count(Some(&nothing)), None);
        }
        assert_eq!(id(Some(&json!("0"))), None);
        assert_eq!(id(Some(&json!(0))), None);
        assert_eq!(text(None), None);
    }

    #[test]
    fn times_are_read_in_the_tenants_zone() {
        let shanghai = tz::offset(8).to_time_zone();
        let read = |text| time(text, &shanghai).map(|time| time.to_string());
        assert_eq!(read("2019-12-19 14:28:51").as_deref(), Some("2019-12-19T06:28:51Z"));
        assert_eq!(read("2019-12-19").as_deref(), Some("2019-12-18T16:00:00Z"));
        for nothing in ["", "0000-00-00", "0000-00-00 00:00:00", "yesterday", "2019-02-30 00:00:00"] {
            assert_eq!(read(nothing), None);
        }
    }

    #[test]
    fn one_object_counts_as_a_list_of_one() {
        assert_eq!(one_or_many(Some(&json!({"a": 1}))), [json!({"a": 1})]);
        assert_eq!(one_or_many(Some(&json!([1, 2]))).len(), 2);
        assert!(one_or_many(Some(&json!(""))).is_empty());
        assert!(one_or_many(None).is_empty());
    }
}
