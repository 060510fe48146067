//! Members of the source's data that nobody here shall know: they are taken out before anything is kept or mapped.

use serde::{Deserialize, Deserializer, de::MapAccess, de::Visitor};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{Event, Invalid};

use crate::json;

/// What is taken out, by JSON Pointers into `data` whose segments may be `*` for every member or element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    rules: Vec<Vec<Segment>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Every,
    Named(String),
}

impl Redaction {
    /// Error: one that is no pointer, or means all of it.
    pub fn new<'a>(pointers: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        Ok(Self { rules: pointers.into_iter().map(segments).collect::<Result<_, _>>()? })
    }

    /// The same JSON without what is to go; `None` if there is nothing of it.
    pub fn without(&self, json: &str) -> Option<String> {
        let rules: Vec<&[Segment]> = self.rules.iter().map(Vec::as_slice).collect();
        without(json, &rules)
    }
}

impl Event {
    /// Without what is to go. By its digest the event is still what came.
    #[must_use]
    pub fn redacted(self, redaction: &Redaction) -> Self {
        let Some(data) = std::str::from_utf8(self.data()).ok().and_then(|data| redaction.without(data))
        else {
            return self;
        };
        let digest = Some(self.digest());
        let (before, after) = (&self.body[..self.data.start], &self.body[self.data.end..]);
        let body = [before, data.as_bytes(), after].concat().into();
        Self { digest, data: self.data.start..self.data.start + data.len(), body, ..self }
    }

    /// True if something of what came was taken out before it was kept.
    pub fn is_redacted(&self) -> bool {
        !self.is_erased()
            && self.digest.is_some_and(|digest| digest != <[u8; 32]>::from(Sha256::digest(&self.body)))
    }
}

fn segments(pointer: &str) -> Result<Vec<Segment>, Invalid> {
    let path = pointer.strip_prefix('/').ok_or(Invalid("begins with a slash, e.g. /user_email or /cc/*"))?;
    let segment = |segment: &str| match segment {
        "*" => Segment::Every,
        name => Segment::Named(name.replace("~1", "/").replace("~0", "~")),
    };
    Ok(path.split('/').map(segment).collect())
}

/// Where the rules lead no further everything stays byte for byte: numbers keep their digits.
fn without(json: &str, rules: &[&[Segment]]) -> Option<String> {
    match json.trim_start().as_bytes().first()? {
        b'{' => {
            let members = json::from_str::<Members<'_>>(json).ok()?.0;
            let kept = kept(members.iter().map(|(name, value)| (name.as_str(), *value)), rules)?;
            let text = |(at, value): &(usize, String)| {
                let name = serde_json::to_string(&members.get(*at)?.0).ok()?;
                Some(format!("{name}:{value}"))
            };
            Some(format!("{{{}}}", kept.iter().filter_map(text).collect::<Vec<_>>().join(",")))
        }
        b'[' => {
            let items = json::from_str::<Vec<&RawValue>>(json).ok()?;
            let names: Vec<String> = (0..items.len()).map(|at| at.to_string()).collect();
            let kept = kept(names.iter().map(String::as_str).zip(items), rules)?;
            Some(format!("[{}]", kept.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(",")))
        }
        _ => None,
    }
}

/// What stays, each with its place; `None` if all of it does as it is.
fn kept<'a>(
    parts: impl Iterator<Item = (&'a str, &'a RawValue)>,
    rules: &[&[Segment]],
) -> Option<Vec<(usize, String)>> {
    let (mut kept, mut is_changed) = (Vec::new(), false);
    for (at, (name, value)) in parts.enumerate() {
        let below: Vec<&[Segment]> = rules.iter().filter_map(|rule| below(rule, name)).collect();
        if below.iter().any(|rest| rest.is_empty()) {
            is_changed = true;
            continue;
        }
        let changed = if below.is_empty() { None } else { without(value.get(), &below) };
        is_changed |= changed.is_some();
        kept.push((at, changed.unwrap_or_else(|| value.get().to_owned())));
    }
    is_changed.then_some(kept)
}

/// The rest of a rule behind a name, if the rule is about it.
fn below<'a>(rule: &'a [Segment], name: &str) -> Option<&'a [Segment]> {
    match rule.split_first()? {
        (Segment::Every, rest) => Some(rest),
        (Segment::Named(named), rest) if named == name => Some(rest),
        _ => None,
    }
}

/// An object's members in their order, one that is there twice included: each of them would be kept.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Redaction;

    fn without(pointers: &[&str], json: &str) -> Option<String> {
        Redaction::new(pointers.iter().copied()).unwrap().without(json)
    }

    #[test]
    fn what_is_named_goes_and_the_rest_stays_digit_by_digit() {
        let json = r#"{ "id": 12345678901234567890123, "user":{"email":"a@b.c","name":"王"}, "n":1.10 }"#;
        let left = r#"{"id":12345678901234567890123,"user":{"name":"王"},"n":1.10}"#;
        assert_eq!(without(&["/user/email"], json).as_deref(), Some(left));
        assert_eq!(without(&["/phone", "/user/email/x"], json), None, "there is nothing of it");
    }

    #[test]
    fn a_star_is_every_element_and_every_member() {
        let json = r#"{"cc":[{"mail":"a","n":1},{"mail":"b"}],"fields":{"x":"1","y":"2"}}"#;
        assert_eq!(
            without(&["/cc/*/mail", "/fields/*"], json).as_deref(),
            Some(r#"{"cc":[{"n":1},{}],"fields":{}}"#)
        );
        assert_eq!(
            without(&["/cc/0"], json).as_deref(),
            Some(r#"{"cc":[{"mail":"b"}],"fields":{"x":"1","y":"2"}}"#)
        );
    }

    #[test]
    fn a_member_that_is_there_twice_or_by_an_escape_goes_each_time() {
        assert_eq!(without(&["/a"], r#"{"a":1,"b":2,"\u0061":3}"#).as_deref(), Some(r#"{"b":2}"#));
        assert_eq!(without(&["/a~1b"], r#"{"a/b":1}"#).as_deref(), Some("{}"));
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        assert!(Redaction::new(["user_email"]).is_err());
        assert!(Redaction::new([""]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_is_named_is_left(phone in "1[0-9]{10}", deep in 0usize..4) {
            let json = format!(r#"{{"a":{}{{"phone":"{phone}"}}{}}}"#, "[".repeat(deep), "]".repeat(deep));
            let pointer = format!("/a{}/phone", "/*".repeat(deep));
            let left = without(&[&pointer], &json).unwrap();
            prop_assert!(!left.contains(&phone));
            prop_assert!(serde_json::from_str::<serde_json::Value>(&left).is_ok());
        }
    }
}
