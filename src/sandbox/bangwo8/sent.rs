//! What a request says, and what is wrong with it. Numbers and their texts are the same.

use serde_json::{Map, Value};

use super::{Admitted, Rejection};

/// The members under the body's one name, such as `company`.
pub(crate) fn envelope(admitted: &Admitted<'_>, name: &str) -> Result<Map<String, Value>, Rejection> {
    let body = json(admitted)?;
    match body.get(name) {
        Some(Value::Object(members)) => Ok(members.clone()),
        _ => Err(Rejection::empty(name)),
    }
}

/// The ids of a `show_many`, in the order asked for. One sample wraps them in braces (§6.8).
pub(crate) fn ids(admitted: &Admitted<'_>) -> Vec<String> {
    let ids = admitted.call.param("ids").unwrap_or_default();
    let plain = ids.trim_start_matches('{').trim_end_matches('}');
    plain.split(',').map(|id| id.trim().to_owned()).collect()
}

pub(crate) fn json(admitted: &Admitted<'_>) -> Result<Value, Rejection> {
    admitted.call.json().ok_or(Rejection::BadRequest("The body is not valid JSON"))
}

pub(crate) fn text(name: &str, value: &Value) -> Result<String, Rejection> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(Rejection::invalid(name)),
    }
}

/// A text of more than blanks.
pub(crate) fn filled(name: &str, value: &Value) -> Result<String, Rejection> {
    if value.is_null() {
        return Err(Rejection::empty(name));
    }
    let text = text(name, value)?;
    if text.trim().is_empty() { Err(Rejection::empty(name)) } else { Ok(text) }
}

/// An id that must exist; `0` and `""` clear it.
pub(crate) fn reference(name: &str, value: &Value, exists: impl Fn(u64) -> bool) -> Result<u64, Rejection> {
    let text = text(name, value)?;
    match text.parse::<u64>() {
        Ok(0) => Ok(0),
        Ok(id) if exists(id) => Ok(id),
        Ok(_) => Err(Rejection::unknown(name)),
        Err(_) if text.is_empty() => Ok(0),
        Err(_) => Err(Rejection::invalid(name)),
    }
}
