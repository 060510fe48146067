//! A result taken apart: each field, each ignored place, each question on its own.

use std::collections::BTreeMap;

use serde_json::Value;

/// By a name such as `fields/subject`, `fields/custom_fields/field_1`, `ignored/tags`.
pub(super) fn parts(told: &Value) -> BTreeMap<String, Value> {
    let mut parts = BTreeMap::new();
    if let Value::Object(members) = told {
        for (name, value) in members {
            take(name.clone(), value, &mut parts);
        }
    }
    parts
}

fn take(at: String, value: &Value, parts: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| take(format!("{at}/{name}"), value, parts));
        }
        Value::Array(items) if !items.is_empty() => match items.iter().map(named).collect::<Option<Vec<_>>>()
        {
            Some(named) => named.into_iter().for_each(|(name, value)| {
                parts.insert(format!("{at}{name}"), value);
            }),
            None => drop(parts.insert(at, value.clone())),
        },
        _ => drop(parts.insert(at, value.clone())),
    }
}

/// What tells an item of a list from the others: a custom field's key, the pointer of what is ignored, the whole of a
/// question, the name of what is missing.
fn named(item: &Value) -> Option<(String, Value)> {
    let text = |name: &str| item.get(name)?.as_str();
    if let (Some(key), Some(value)) = (text("key"), item.get("value")) {
        return Some((format!("/{key}"), value.clone()));
    }
    if let (Some(pointer), Some(reason)) = (text("pointer"), item.get("reason")) {
        return Some((pointer.to_owned(), reason.clone()));
    }
    match text("ask") {
        Some(ask) => Some((format!("/{ask}"), item.clone())),
        None => Some((format!("/{}", item.as_str()?), Value::Bool(true))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_has_a_name_of_its_own() {
        let told = json!({
            "fields": { "subject": "s", "custom_fields": [{ "key": "field_1", "value": "v" }] },
            "ignored": [{ "pointer": "/tags", "reason": "no_row" }],
            "missing": ["ticketStatus"],
            "levels": [["-/001: 甲"]],
            "version": 7
        });
        let names: Vec<String> = parts(&told).into_keys().collect();
        let expected = [
            "fields/custom_fields/field_1",
            "fields/subject",
            "ignored/tags",
            "levels",
            "missing/ticketStatus",
            "version",
        ];
        assert_eq!(names, expected);
    }
}
