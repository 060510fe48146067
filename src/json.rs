//! The one place where JSON of others is read.
//!
//! `serde_json` keeps a name for itself: a member `$serde_json::private::RawValue` of an untyped value makes it read that
//! member's *text* as JSON, with a stack of its own. Whoever may write a name could so have something read that no check
//! has seen, or nest text in text until the stack is full, which ends the process. Names that begin so are refused here,
//! before anything is read.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

/// How the names begin that the library keeps for itself.
pub const RESERVED: &str = "$serde_json::private::";

/// As `serde_json::from_slice`.
///
/// Errors: also of a name that begins with [`RESERVED`], in any object.
pub fn from_slice<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> serde_json::Result<T> {
    if str::from_utf8(bytes).map_or(true, is_doubtful) {
        serde_json::from_slice::<Names>(bytes)?;
    }
    serde_json::from_slice(bytes)
}

/// As `serde_json::from_str`.
///
/// Errors: also of a name that begins with [`RESERVED`], in any object.
pub fn from_str<'a, T: Deserialize<'a>>(text: &'a str) -> serde_json::Result<T> {
    if is_doubtful(text) {
        serde_json::from_str::<Names>(text)?;
    }
    serde_json::from_str(text)
}

/// True if there may be such a name: as it is, or with one of its letters as an escape, all of which are below U+0100.
fn is_doubtful(text: &str) -> bool {
    text.contains(RESERVED) || text.contains("\\u00")
}

/// JSON none of whose names is reserved; nothing is kept of it. It is read to its end, so that what comes after a mistake
/// is not read either.
struct Names;

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// Any value.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Names, A::Error> {
        while members.next_entry::<Name, Names>()?.is_some() {}
        Ok(Names)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Names, A::Error> {
        while items.next_element::<Names>()?.is_some() {}
        Ok(Names)
    }

    fn visit_str<E>(self, _: &str) -> Result<Names, E> {
        Ok(Names)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Names, E> {
        Ok(Names)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Names, E> {
        Ok(Names)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Names, E> {
        Ok(Names)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Names, E> {
        Ok(Names)
    }

    fn visit_unit<E>(self) -> Result<Names, E> {
        Ok(Names)
    }
}

/// A name that is not reserved.
struct Name;

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Name, E> {
                if name.starts_with(RESERVED) {
                    return Err(E::custom(format!(
                        "a name begins with `{RESERVED}`, which is kept for something else"
                    )));
                }
                Ok(Name)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    /// Texts in texts, each of which the library would read by itself, so many levels deep.
    fn nested(levels: usize) -> String {
        let arrays = |inner: &str| format!("{}{inner}{}", "[".repeat(120), "]".repeat(120));
        (0..levels).fold(arrays(""), |inner, _| {
            arrays(&json!({ "$serde_json::private::RawValue": inner }).to_string())
        })
    }

    #[test]
    fn what_the_library_would_read_for_itself_is_refused_by_every_type() {
        for text in [
            r#"{"a":[{"$serde_json::private::RawValue":"[1]"}]}"#.to_owned(),
            r#"{"a":[{"\u0024serde_json::private::RawValue":"[1]"}]}"#.to_owned(),
            r#"{"a":[{"$\u0073erde_json::private::Number":"1"}]}"#.to_owned(),
            // Refused before the mistake at its end is come to.
            r#"{"a":[{"$serde_json::private::RawValue":"[1]"}"#.to_owned(),
            format!(r#"{{"a":{}}}"#, nested(12)),
        ] {
            assert!(from_str::<Value>(&text).is_err(), "{text}");
            assert!(from_slice::<Value>(text.as_bytes()).is_err(), "{text}");
            assert!(from_slice::<Map<String, Value>>(text.as_bytes()).is_err(), "{text}");
        }
        let mut bytes = r#"{"a":[{"$serde_json::private::RawValue":"[1]"}],"b":""#.as_bytes().to_vec();
        bytes.extend(b"\xff\"}");
        assert!(from_slice::<Value>(&bytes).unwrap_err().to_string().contains("a name begins with"));
    }

    #[test]
    fn everything_else_is_read_as_it_is() {
        for text in [
            r#"{"a":["$serde_json::private::RawValue","\u0024",{"$serde_json":1,"\u00e9":"\u00e9"}]}"#,
            r#"[null,true,-1,18446744073709551615,1.5,"\u0000甲",[],{}]"#,
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(from_str::<Value>(text).unwrap(), expected);
            assert_eq!(from_slice::<Value>(text.as_bytes()).unwrap(), expected);
        }
    }
}
