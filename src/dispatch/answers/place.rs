//! Where in an event's data a value stands, for the record. Pure.

use serde_json::Value;

use crate::json;

/// A JSON Pointer to the first value that reads like `text`; the whole of the data if there is none, as with a value
/// that a mapping has converted.
pub(in crate::dispatch) fn of(data: &[u8], text: &str) -> String {
    let data: Value = json::from_slice(data).unwrap_or_default();
    below(&data, text.trim()).unwrap_or_default()
}

fn below(value: &Value, text: &str) -> Option<String> {
    let step = |name: &str, value| Some(format!("/{}{}", escaped(name), below(value, text)?));
    match value {
        Value::String(here) => (here.trim() == text).then(String::new),
        Value::Number(here) => (here.to_string() == text).then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| step(&index.to_string(), item))
        }
        Value::Object(members) => members.iter().find_map(|(name, member)| step(name, member)),
        Value::Null | Value::Bool(_) => None,
    }
}

/// RFC 6901, section 3.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_at_any_depth_and_as_a_number() {
        let data = r#"{"a/b": [{"name": "无关"}, {"name": " 李娜 "}], "id": 7}"#.as_bytes();
        assert_eq!(of(data, "李娜"), "/a~1b/1/name");
        assert_eq!(of(data, "7"), "/id");
        assert_eq!(of(data, "王强"), "");
    }
}
