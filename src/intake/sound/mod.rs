//! Whether JSON says the same to everyone who reads it. The sender signed bytes, and the target is told what we read in
//! them: where two readers could differ, the sender has to say it another way. Knows no schema.

mod walk;

use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::Refusal;
use crate::json::RESERVED;

/// Bytes of a member's name at most. No desk's are longer than a label, and each violation repeats those around it.
const MAX_NAME_BYTES: usize = 1024;
/// What the body says, to everyone.
///
/// Errors: `MalformedJson`, also of nesting deeper than 128, of half a surrogate pair, and of numbers beyond what a
/// 64-bit float can be; `SchemaViolation` of the first name that stands twice in its object, is too long or reserved, or of
/// the first number that would lose digits in 64 bits.
pub(super) fn read(body: &[u8]) -> Result<Value, Refusal> {
    if body.starts_with(b"\xef\xbb\xbf") {
        let message = "it starts with a byte order mark: leave out the bytes EF BB BF".to_owned();
        return Err(Refusal::MalformedJson { message });
    }
    let is_doubtful = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = Reader { is_doubtful: &is_doubtful }.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    let value = value.map_err(|error| Refusal::malformed(&error))?;
    if is_doubtful.get() {
        walk::check(str::from_utf8(body).unwrap_or_default())?;
    }
    Ok(value)
}

/// As [`read`], for who reads it in a way of its own.
pub(super) fn check(body: &[u8]) -> Result<(), Refusal> {
    read(body).map(drop)
}

/// Reads a value, and notes whether there is anything in it that has to be looked at in the text itself. There hardly
/// ever is, and then the text is gone through once.
#[derive(Clone, Copy)]
struct Reader<'a> {
    is_doubtful: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let is_odd = name.len() > MAX_NAME_BYTES || name.starts_with(RESERVED);
            let before = object.insert(name, members.next_value_seed(self)?);
            if is_odd || before.is_some() {
                self.is_doubtful.set(true);
            }
        }
        Ok(Value::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    /// Whole numbers of 64 bits have all their digits; of any other the text tells.
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        self.is_doubtful.set(true);
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn first(body: &str) -> Option<(String, String)> {
        match check(body.as_bytes()) {
            Err(Refusal::SchemaViolation(mut found)) => {
                found.pop().map(|violation| (violation.pointer, violation.keyword))
            }
            Err(other) => panic!("{other}"),
            Ok(()) => None,
        }
    }

    fn twice(pointer: &str) -> Option<(String, String)> {
        Some((pointer.to_owned(), "uniqueItems".to_owned()))
    }

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_told_by_its_place() {
        assert_eq!(first(r#"{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}"#), None);
        assert_eq!(first(r#"{"a":1,"a":1}"#), twice("/a"));
        assert_eq!(first(r#"{"x":[0,{"a/b":{},"d":{"e":"\"}"},"a/b":1}]}"#), twice("/x/1/a~1b"));
        assert_eq!(first(r#"{"甲":{"\u7532":1,"甲":2}}"#), twice("/甲/甲"));
        assert_eq!(first(r#"["a","a",{"a":"a","b":"a"}]"#), None);
    }

    #[test]
    fn a_number_is_kept_or_told_by_its_place() {
        for kept in [
            "0",
            "-0",
            "0.0",
            "1.10",
            "0.1",
            "1e2",
            "100e-1",
            "18446744073709551615",
            "-9223372036854775808",
            "1e300",
            "5e-324",
            "0.30000000000000004",
            "0.10000000000000001",
            "1e22",
            "0e999999999999999999999",
        ] {
            assert_eq!(first(&format!("[{kept}]")), None, "{kept}");
        }
        let powers_of_two = (1..2047_u64).map(|exponent| f64::from_bits(exponent << 52));
        for printed in powers_of_two.flat_map(|float| [format!("{float:e}"), format!("{float:.16e}")]) {
            assert_eq!(first(&format!("[{printed}]")), None, "{printed}");
        }
        for lost in [
            "18446744073709551616",
            "-9223372036854775809",
            "0.1234567890123456789",
            "1e-400",
            "123456789012345678901234567890",
            "99999999999999.999",
            "1e-99999999999999999999",
        ] {
            let told = Some(("/a/1".to_owned(), "format".to_owned()));
            assert_eq!(first(&format!(r#"{{"a":[0,{lost}]}}"#)), told, "{lost}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_told_by_what_it_stands_in() {
        let named = |bytes| format!(r#"{{"a":{{"{}":1}}}}"#, "x".repeat(bytes));
        assert_eq!(first(&named(1024)), None);
        assert_eq!(first(&named(1025)), Some(("/a".to_owned(), "maxLength".to_owned())));
    }

    /// The library would read what stands in the text, which nobody has looked at: `[1]` here.
    #[test]
    fn a_name_by_which_the_library_reads_a_text_as_json_is_told_by_its_place() {
        let body = r#"{"data":[{"$serde_json::private::RawValue":"[1]"}]}"#;
        assert_eq!(serde_json::from_str::<Value>(body).unwrap(), json!({ "data": [[1]] }));
        let told = |name: &str| Some((format!("/data/0/{name}"), "propertyNames".to_owned()));
        assert_eq!(first(body), told("$serde_json::private::RawValue"));
        assert_eq!(
            first(r#"{"data":[{"a":1,"\u0024serde_json::private::Number":"1"}]}"#),
            told("$serde_json::private::Number")
        );
        assert_eq!(first(r#"{"data":["$serde_json::private::RawValue",{"serde_json":1}]}"#), None);
    }

    /// JSON with few names, so that some stand twice, and with numbers of every sort.
    fn any_json() -> impl Strategy<Value = String> {
        let name = proptest::sample::select(vec!["a", "b", "\\u0061", "甲"]);
        let number = prop_oneof![
            any::<i64>().prop_map(|it| it.to_string()),
            any::<f64>().prop_filter("JSON has no others", |it| it.is_finite()).prop_map(|it| it.to_string()),
            "-?[1-9][0-9]{0,22}(\\.[0-9]{1,20})?",
        ];
        let others = proptest::sample::select(vec!["null", "true", "\"甲\"", "\"\\\"\"", "{}", "[]"]);
        let leaf = prop_oneof![number, others.prop_map(str::to_owned)];
        leaf.prop_recursive(4, 24, 4, move |inner| {
            let member =
                (name.clone(), inner.clone()).prop_map(|(name, value)| format!("\"{name}\": {value}"));
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(" ,"))),
                proptest::collection::vec(member, 0..4).prop_map(|all| format!("{{{}}}", all.join(", "))),
            ]
        })
    }

    proptest! {
        /// What is read without a walk is what the library reads, and a walk would find nothing in it.
        #[test]
        fn reading_once_finds_what_a_walk_finds(text in any_json()) {
            let told = |refused: Refusal| match refused {
                Refusal::SchemaViolation(found) => found,
                other => panic!("{other}"),
            };
            let walked = walk::check(&text).map_err(told);
            prop_assert_eq!(check(text.as_bytes()).map_err(told), walked);
            if let Ok(value) = read(text.as_bytes()) {
                prop_assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
            }
        }
    }
}
