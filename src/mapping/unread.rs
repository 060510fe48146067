//! What an event holds that no rule reads: it is told, never dropped in silence.

use serde_json::{Map, Value};

use super::convert::present;
use crate::event::Ignored;

/// The leaves of `data` that are not at or below one of the `known` pointers.
pub(super) fn unread(data: &Value, known: &[String], skip: Option<&str>) -> Vec<Ignored> {
    let mut found = Vec::new();
    if let Value::Object(members) = data {
        walk(members, "", known, skip, &mut found);
    }
    found
}

fn walk(
    members: &Map<String, Value>,
    at: &str,
    known: &[String],
    skip: Option<&str>,
    found: &mut Vec<Ignored>,
) {
    for (name, value) in members {
        let pointer = join(at, name);
        let is_known = skip == Some(pointer.as_str()) || known.contains(&pointer);
        match present(Some(value)) {
            None => {}
            Some(_) if is_known => {}
            Some(Value::Object(inner)) => walk(inner, &pointer, known, skip, found),
            Some(_) => found.push(Ignored { pointer, reason: "no_row".into() }),
        }
    }
}

/// A JSON Pointer one step longer (RFC 6901, section 3).
pub(super) fn join(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}
