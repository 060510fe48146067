//! The values of custom fields by the field's type. What doesn't look as its type should isn't guessed at.

use jiff::{civil, tz::TimeZone};
use serde_json::{Map, Number, Value, json};

use super::{fields::Definition, options::Chosen, time};
use crate::bangwo8::{field_type, php};

/// What a value says. `null`: it isn't set.
pub(super) struct Read {
    pub(super) value: Value,
    /// Not so if it names options that the field's list doesn't have: it may be another field's value, or old.
    pub(super) certain: bool,
}

impl From<Value> for Read {
    fn from(value: Value) -> Self {
        Self { value, certain: true }
    }
}

/// Reads a value as its field's type has it; nothing if it can't be read so.
pub(super) fn read(field: &Definition, sent: &Value, zone: &TimeZone) -> Option<Read> {
    if is_unset(sent) {
        return Some(Value::Null.into());
    }
    match field.field_type {
        Some(field_type::DROPDOWN) => dropdown(field, sent),
        Some(field_type::MULTI_CHOICE) => multi_choice(field, &unserialised(sent)?),
        Some(field_type::CASCADE) => cascade(field, &unserialised(sent)?),
        Some(other) => plain(other, sent, zone).map(Read::from),
        None => read_unknown(sent),
    }
}

/// Reads a value of which nothing else is known.
pub(super) fn read_unknown(sent: &Value) -> Option<Read> {
    if is_unset(sent) { Some(Value::Null.into()) } else { unserialised(sent).map(Read::from) }
}

/// What names no options.
fn plain(field_type: u8, sent: &Value, zone: &TimeZone) -> Option<Value> {
    match field_type {
        field_type::TEXT | field_type::TEXT_AREA | field_type::PATTERN | field_type::TELEPHONE => {
            text(sent).map(Value::from)
        }
        field_type::INTEGER => integer(&text(sent)?),
        field_type::DECIMAL => decimal(&text(sent)?),
        field_type::STARS => stars(&text(sent)?),
        field_type::CHECKBOX => checkbox(sent),
        field_type::DATE => date(&text(sent)?, zone),
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
        Value::String(text) => matches!(text.trim(), "" | "0000-00-00" | "0000-00-00 00:00:00"),
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

/// A number, or the digits themselves if there are too many.
fn integer(text: &str) -> Option<Value> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from))
}

/// A number, or the digits themselves where the number nearest to them is another one.
fn decimal(text: &str) -> Option<Value> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    let is_exact = significant(&number.abs().to_string()) == significant(digits);
    Number::from_f64(number).filter(|_| is_exact).map(Value::Number).or_else(|| Some(text.into()))
}

/// The digits of a decimal without the zeros that say nothing.
fn significant(digits: &str) -> (&str, &str) {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    (whole.trim_start_matches('0'), part.trim_end_matches('0'))
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
    if text.contains(':') {
        return moment(text, zone).map(Value::from);
    }
    let day: civil::Date = text.trim().parse().ok()?;
    Some(day.to_string().into())
}

/// The vendor's `YYYY-MM-DD HH:MM:SS` in RFC 3339.
fn moment(text: &str, zone: &TimeZone) -> Option<String> {
    let local: civil::DateTime = text.trim().parse().ok()?;
    time(Some(local.to_zoned(zone.clone()).ok()?.timestamp()), zone)
}

/// How a field of options says that none is chosen.
fn is_none_of(field: &Definition, sent: &Value) -> bool {
    match sent {
        Value::Array(items) => items.is_empty(),
        other => text(other).is_some_and(|text| text.trim() == "0" && !field.options.has("0")),
    }
}

fn dropdown(field: &Definition, sent: &Value) -> Option<Read> {
    if is_none_of(field, sent) {
        return Some(Value::Null.into());
    }
    let chosen = field.options.one(text(sent)?.trim());
    Some(Read { certain: chosen.is_known(), value: json!(chosen) })
}

/// Ids or texts, joined by commas or in an array.
fn multi_choice(field: &Definition, sent: &Value) -> Option<Read> {
    if is_none_of(field, sent) {
        return Some(Value::Null.into());
    }
    Some(several(match sent {
        Value::Array(items) => texts(items)?.iter().map(|item| field.options.one(item.trim())).collect(),
        one => field.options.joined(&text(one)?),
    }))
}

/// Texts or ids, root first, in an array; one alone is of the first level.
fn cascade(field: &Definition, sent: &Value) -> Option<Read> {
    if is_none_of(field, sent) {
        return Some(Value::Null.into());
    }
    let steps = match sent {
        Value::Array(items) => texts(items)?,
        one => vec![text(one)?],
    };
    Some(several(field.options.path(steps.iter().map(|step| step.trim()))))
}

fn several(chosen: Vec<Chosen>) -> Read {
    Read { certain: chosen.iter().all(Chosen::is_known), value: json!(chosen) }
}

fn texts(items: &[Value]) -> Option<Vec<String>> {
    items.iter().map(text).collect()
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
