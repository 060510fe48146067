//! PHP-serialised text, as Bangwo8 puts it into fields.

use serde_json::Value;

use crate::bangwo8::php::{MAX_BYTES, MAX_DEPTH, decode};

/// What is read is within the limits, and reads the same once it is written again.
pub fn php(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(value) = decode(text) else { return };
    assert!(text.len() <= MAX_BYTES && depth(&value) <= MAX_DEPTH, "beyond its limits");
    let again = written(&value);
    if again.len() <= MAX_BYTES {
        assert_eq!(decode(&again).as_ref(), Some(&value), "{again}");
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Null => "N;".to_owned(),
        Value::Bool(truth) => format!("b:{};", u8::from(*truth)),
        Value::Number(number) if number.is_i64() => format!("i:{number};"),
        Value::Number(number) => format!("d:{number};"),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items = items.iter().enumerate().map(|(index, item)| format!("i:{index};{}", written(item)));
            format!("a:{}:{{{}}}", items.len(), items.collect::<String>())
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| quoted(name) + &written(member));
            format!("a:{}:{{{}}}", members.len(), members.collect::<String>())
        }
    }
}

fn quoted(text: &str) -> String {
    format!("s:{}:\"{text}\";", text.len())
}
