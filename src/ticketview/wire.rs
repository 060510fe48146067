//! Bangwo8's own shape, made of what it sent: as its documents print it, every scalar as text and nothing as `""`.

use serde_json::Value;

/// A ticket as a list of the vendor's has it, its keys in the order they were sent.
pub(super) fn ticket(sent: &Value) -> Value {
    spelled_out(sent)
}

/// A view as a list of the vendor's has it, its keys in the order they were sent. `ticket_count` is among them if
/// it was asked for, with the count of that moment.
pub(super) fn view(sent: &Value) -> Value {
    spelled_out(sent)
}

fn spelled_out(value: &Value) -> Value {
    match value {
        Value::Null => Value::from(""),
        Value::Bool(flag) => Value::from(if *flag { "1" } else { "0" }),
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(text) => Value::from(text.as_str()),
        Value::Array(items) => items.iter().map(spelled_out).collect(),
        Value::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), spelled_out(value))).collect()
        }
    }
}
