//! The values of custom fields by the field's type. What doesn't look as its type should isn't guessed at.

use jiff::{civil, tz::TimeZone};
use serde_json::{Map, Number, Value, json};

use super::{fields::Definition, time};
use crate::bangwo8::{field_type, php};

/// Digits that a decimal can have and still be the same one as a JSON reader's binary number.
const EXACT_DIGITS: usize = 15;

/// What a value says; nothing if it can't be read as the field's type has it. `null`: it isn't set.
pub(super) fn clean(field: Option<&Definition>, sent: &Value, zone: &TimeZone) -> Option<Value> {
    if is_unset(sent) {
        return Some(Value::Null);
    }
    let Some((field, field_type)) = field.and_then(|field| Some((field, field.field_type?))) else {
        return unserialised(sent);
    };
    match field_type {
        field_type::TEXT | field_type::TEXT_AREA | field_type::PATTERN | field_type::TELEPHONE => {
            text(sent).map(Value::from)
        }
        field_type::INTEGER => integer(&text(sent)?),
        field_type::DECIMAL => decimal(&text(sent)?),
        field_type::STARS => stars(&text(sent)?),
        field_type::CHECKBOX => checkbox(sent),
        field_type::DATE => date(&text(sent)?, zone),
        field_type::DROPDOWN => dropdown(field, sent),
        field_type::MULTI_CHOICE => multi_choice(field, &unserialised(sent)?),
        field_type::CASCADE => cascade(field, &unserialised(sent)?),
        field_type::ATTACHMENT => attachments(&unserialised(sent)?, zone),
        field_type::FORM | field_type::PRODUCTS | field_type::SATISFACTION | field_type::ASSETS => {
            structure(&unserialised(sent)?)
        }
        _ => unserialised(sent),
    }
}

/// "Nothing" as every kind of field spells it (§4.1).
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty() || text.starts_with("0000-00-00"),
        _ => false,
    }
}

/// A scalar that is spelled out.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn integer(text: &str) -> Option<Value> {
    let number: i64 = text.trim().parse().ok()?;
    Some(number.into())
}

/// A number, or the digits themselves where a reader's number would be another one.
fn decimal(text: &str) -> Option<Value> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !plain || !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    let significant = digits.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let exact = significant <= EXACT_DIGITS;
    Some(if exact { Number::from_f64(number).map(Value::Number)? } else { Value::from(text) })
}

/// 0 is what a rating that nobody gave is sent as.
fn stars(text: &str) -> Option<Value> {
    let number = integer(text).or_else(|| decimal(text))?;
    Some(if number.as_f64() == Some(0.0) { Value::Null } else { number })
}

fn checkbox(sent: &Value) -> Option<Value> {
    if sent.is_boolean() {
        return Some(sent.clone());
    }
    match text(sent)?.trim() {
        "是" | "1" => Some(Value::Bool(true)),
        "否" | "0" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// A day, or a time with its offset where one was sent.
fn date(text: &str, zone: &TimeZone) -> Option<Value> {
    let text = text.trim();
    if let Ok(day) = text.parse::<civil::Date>()
        && text.len() == "0000-00-00".len()
    {
        return Some(day.to_string().into());
    }
    moment(text, zone).map(Value::from)
}

/// The vendor's `YYYY-MM-DD HH:MM:SS` in RFC 3339.
fn moment(text: &str, zone: &TimeZone) -> Option<String> {
    let local: civil::DateTime = text.trim().parse().ok()?;
    time(Some(local.to_zoned(zone.clone()).ok()?.timestamp()), zone)
}

/// 0 is no option, unless it is one.
fn is_none_of(field: &Definition, text: &str) -> bool {
    text == "0" && !field.options.has(text)
}

fn dropdown(field: &Definition, sent: &Value) -> Option<Value> {
    let text = text(sent)?;
    let text = text.trim();
    if is_none_of(field, text) {
        return Some(Value::Null);
    }
    Some(json!(field.options.one(text)))
}

/// Ids or texts, joined by commas or in an array.
fn multi_choice(field: &Definition, sent: &Value) -> Option<Value> {
    if let Some(items) = sent.as_array() {
        let items: Vec<String> = items.iter().map(text).collect::<Option<_>>()?;
        let chosen = items.iter().map(|item| field.options.one(item.trim()));
        return Some(json!(chosen.collect::<Vec<_>>()));
    }
    let text = text(sent)?;
    if is_none_of(field, text.trim()) {
        return Some(Value::Null);
    }
    Some(json!(field.options.joined(&text)))
}

/// Texts or ids, root first, in an array; one alone is of the first level.
fn cascade(field: &Definition, sent: &Value) -> Option<Value> {
    let steps: Vec<String> = match sent {
        Value::Array(items) => items.iter().map(text).collect::<Option<_>>()?,
        one => vec![text(one)?],
    };
    let mut steps = steps.iter().map(|step| step.trim()).filter(|step| !step.is_empty()).peekable();
    match steps.peek() {
        None => Some(Value::Null),
        Some(first) if is_none_of(field, first) => Some(Value::Null),
        Some(_) => Some(json!(field.options.path(steps))),
    }
}

/// Files with their times; whatever else is told of them stays beside it.
fn attachments(sent: &Value, zone: &TimeZone) -> Option<Value> {
    let one = std::slice::from_ref(sent);
    let files = sent.as_array().map_or(one, Vec::as_slice);
    files.iter().map(|file| attachment(file.as_object()?, zone)).collect::<Option<Vec<_>>>().map(Value::Array)
}

fn attachment(file: &Map<String, Value>, zone: &TimeZone) -> Option<Value> {
    let get = |key| file.get(key).map_or(Value::Null, tidy);
    let uploaded_at = get("datetime");
    let read = uploaded_at.as_str().and_then(|text| moment(text, zone)).map(Value::from);
    let mut clean = Map::new();
    clean.insert("name".into(), get("name"));
    clean.insert("uri".into(), get("uri"));
    clean.insert("uploaded_at".into(), read.unwrap_or(uploaded_at));
    let others = file.iter().filter(|(key, _)| !matches!(key.as_str(), "name" | "uri" | "datetime"));
    clean.extend(others.map(|(key, value)| (key.clone(), tidy(value))));
    Some(Value::Object(clean))
}

/// Rows, or what else such a field consists of; text is not what it should be.
fn structure(sent: &Value) -> Option<Value> {
    match sent {
        Value::Array(_) | Value::Object(_) => Some(tidy(sent)),
        scalar if text(scalar)? == "0" => Some(Value::Null),
        _ => None,
    }
}

/// "Nothing" as `null`, however deep.
fn tidy(value: &Value) -> Value {
    match value {
        nothing if is_unset(nothing) => Value::Null,
        Value::Array(items) => items.iter().map(tidy).collect(),
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), tidy(value))).collect(),
        other => other.clone(),
    }
}

/// What PHP serialised, or the value itself if it doesn't look like that; nothing for what looks like it only.
fn unserialised(sent: &Value) -> Option<Value> {
    match sent.as_str() {
        Some(text) if looks_serialised(text) => php::decode(text).map(|value| tidy(&value)),
        _ => Some(sent.clone()),
    }
}

/// Arrays, objects and text begin with a letter and a length. Numbers, `N;` and such are left alone: a person could have
/// written them.
fn looks_serialised(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let letter = parts.next().is_some_and(|letter| matches!(letter, "a" | "O" | "C" | "s" | "E"));
    let length = parts.next().is_some_and(|l| !l.is_empty() && l.bytes().all(|byte| byte.is_ascii_digit()));
    letter && length && parts.next().is_some()
}
