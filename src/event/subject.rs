//! A person as somebody names them: by an address, a number, a name.

use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde_json::Value;

use super::Invalid;

use crate::json;

/// Bytes, in UTF-8, of a subject that is looked for inside texts, at least: fewer would be in everybody's. Four letters or
/// digits; of Chinese, whose names are as short, two characters.
const LEAST_INSIDE: usize = 4;

/// Whom content is about. Texts are compared in one Unicode form (NFC), with a subject that has an `@` without case,
/// numbers as they are written in JSON. `Debug` doesn't show it.
#[derive(Clone)]
pub struct Subject {
    text: String,
    inside: bool,
    /// True if case doesn't count, as in addresses.
    folds: bool,
}

impl Subject {
    /// A whole value, as `wang@example.com` or `13800138000`; `inside` also finds it as part of one.
    ///
    /// Error: an empty one, or one too short to be looked for inside of texts.
    pub fn new(text: &str, inside: bool) -> Result<Self, Invalid> {
        let folds = text.contains('@');
        let text = comparable(text.trim(), folds);
        match text.len() {
            0 => Err(Invalid("is empty: name the person by an e-mail address, a number or a name")),
            1..LEAST_INSIDE if inside => Err(Invalid(
                "must have 4 letters or digits, or 2 Chinese characters, to be looked for inside of texts",
            )),
            _ => Ok(Self { text, inside, folds }),
        }
    }

    /// True if some content names it: JSON in any of its values and names, and any other text as a whole.
    pub fn is_in(&self, content: &[u8]) -> bool {
        match json::from_slice(content) {
            Ok(value) => self.is_in_value(&value),
            Err(_) => self.is_text(&String::from_utf8_lossy(content)),
        }
    }

    fn is_in_value(&self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) => false,
            Value::Number(number) => self.is_text(&number.to_string()),
            Value::String(text) => self.is_text(text),
            Value::Array(items) => items.iter().any(|item| self.is_in_value(item)),
            Value::Object(members) => {
                members.iter().any(|(name, value)| self.is_text(name) || self.is_in_value(value))
            }
        }
    }

    fn is_text(&self, text: &str) -> bool {
        let text = comparable(text, self.folds);
        if self.inside { text.contains(&self.text) } else { text.trim() == self.text }
    }
}

fn comparable(text: &str, folds: bool) -> String {
    let text = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    if folds { text.to_lowercase() } else { text.into_owned() }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject")
    }
}

#[cfg(test)]
mod tests {
    use super::Subject;

    fn is_in(subject: &str, inside: bool, content: &str) -> bool {
        Subject::new(subject, inside).unwrap().is_in(content.as_bytes())
    }

    #[test]
    fn a_person_is_found_however_the_value_is_written() {
        assert!(is_in("Wang@Example.com", false, r#"{"data":{"cc":["wang@EXAMPLE.com"]}}"#));
        assert!(is_in("13800138000", false, r#"{"phone":13800138000}"#));
        assert!(is_in("Jose\u{301}", false, r#"{"name":"José"}"#));
        assert!(is_in("王小明", false, r#"{"name":"\u738b\u5c0f\u660e"}"#), "an escape is the same text");
        assert!(is_in("王小明", false, r#"{"王小明":1}"#));
    }

    #[test]
    fn a_part_of_a_text_is_found_only_by_who_asks_for_it() {
        let content = r#"{"body":"请联系 wang@example.com，谢谢"}"#;
        assert!(!is_in("wang@example.com", false, content));
        assert!(is_in("wang@example.com", true, content));
        assert!(is_in("wang@example.com", true, "refused: wang@example.com is taken"), "no JSON");
        assert!(!is_in("wang", false, r#"{"name":"Wang"}"#), "case counts but in addresses");
    }

    #[test]
    fn a_name_is_found_beside_an_address_and_an_address_beside_a_name() {
        let content = r#"{"from":"Wang Xiaoming <Wang@Example.com>"}"#;
        assert!(is_in("Wang Xiaoming", true, content));
        assert!(is_in("wang@example.com", true, content));
        assert!(!is_in("wang xiaoming", true, content), "case counts in names, whatever stands beside them");
        assert!(is_in("Wang Xiaoming <wang@example.com>", false, content));
    }

    #[test]
    fn what_would_be_in_every_text_is_refused_and_none_is_shown() {
        assert!(Subject::new("  ", false).is_err());
        assert!(Subject::new("abc", true).is_err() && Subject::new("王", true).is_err());
        assert!(is_in("王明", true, r#"{"body":"请联系王明，谢谢"}"#), "a whole name");
        assert_eq!(format!("{:?}", Subject::new("wang@example.com", false).unwrap()), "Subject");
    }
}
