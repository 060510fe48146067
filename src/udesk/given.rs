//! The members of an object in one pass over its text, which texts and keys are borrowed from.
//!
//! [`serde_json::Map`] would do as well, but it copies every key and every text, and hashes every key, before anything
//! is asked for; for a page of tickets that takes longer than all the rest. Arrays and objects inside are rare, and
//! are read as ever.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::{Map, Value};

/// Members that there is room for before it has to grow: a v1 ticket fits.
const ROOM: usize = 32;

/// A value.
pub(super) enum Given<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// Anything else.
    Other(Value),
}

/// The members of an object in their order.
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, Given<'a>)>);

impl<'a> Members<'a> {
    /// Those of an object inside another one.
    pub(super) fn of(object: &'a Map<String, Value>) -> Members<'a> {
        let member = |(key, value): (&'a String, &'a Value)| (Cow::Borrowed(key.as_str()), Given::of(value));
        Members(object.iter().map(member).collect())
    }

    /// The value under a key; of two the last one counts, as everywhere.
    pub(super) fn get(&self, key: &str) -> Option<&Given<'a>> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// As [`get`](Members::get), taken out.
    pub(super) fn take(&mut self, key: &str) -> Option<Given<'a>> {
        let at = self.0.iter().rposition(|(name, _)| name == key)?;
        Some(self.0.swap_remove(at).1)
    }
}

impl<'a> Given<'a> {
    fn of(value: &'a Value) -> Given<'a> {
        match value {
            Value::String(text) => Given::Text(Cow::Borrowed(text)),
            other => Given::Other(other.clone()),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members<'a>, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Given<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Given<'a>, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

/// A `Cow` by itself is never borrowed, only one that says so.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::with_capacity(ROOM);
        while let Some((Key(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Given<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Given<'de>, E> {
        Ok(Given::Text(Cow::Borrowed(text)))
    }

    /// A text with escapes.
    fn visit_str<E>(self, text: &str) -> Result<Given<'de>, E> {
        Ok(Given::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Given<'de>, E> {
        Ok(Given::Other(Value::Null))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Given<'de>, E> {
        Ok(Given::Other(flag.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Given<'de>, E> {
        Ok(Given::Other(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Given<'de>, E> {
        Ok(Given::Other(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Given<'de>, E> {
        Ok(Given::Other(number.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Given<'de>, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(Given::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Given<'de>, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(Given::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Members<'_> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_key_is_found_however_it_is_escaped_and_its_last_value_counts() {
        let mut members = members(r#"{"\u0069d":"工\n单","a":1,"a":"2"}"#);
        assert!(matches!(members.get("id"), Some(Given::Text(text)) if text == "工\n单"));
        assert!(matches!(members.get("a"), Some(Given::Text(text)) if text == "2"));
        assert!(matches!(members.take("a"), Some(Given::Text(text)) if text == "2"));
        assert!(members.get("b").is_none());
    }

    #[test]
    fn what_is_no_text_is_what_serde_json_makes_of_it() {
        let json = r#"{"a":null,"b":true,"c":-3,"d":18446744073709551615,"e":1.5,"f":["x"],"g":{"h":{}}}"#;
        let expected: Map<String, Value> = serde_json::from_str(json).unwrap();
        for (key, expected) in &expected {
            assert!(
                matches!(members(json).get(key), Some(Given::Other(value)) if value == expected),
                "{key}"
            );
        }
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        let members = members(r#"{"subject":"打印机离线"}"#);
        assert!(matches!(members.get("subject"), Some(Given::Text(Cow::Borrowed(_)))));
        assert!(matches!(members.0[0].0, Cow::Borrowed(_)));
    }
}
