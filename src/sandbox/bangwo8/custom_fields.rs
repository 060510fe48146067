//! Custom field values: what a write may set and what a read shows.

use serde_json::{Value, json};

use super::Rejection;
use super::desk::Desk;
use super::fields::{Field, kind};
use super::ticket::{CustomValue, Ticket};
use crate::sandbox::switches::{DropdownForm, RequiredFields};

/// The values a ticket shows: those of its template, set or not, then any others that are set.
pub(crate) fn read(ticket: &Ticket, desk: &Desk, form: DropdownForm) -> Vec<Value> {
    let template = desk.template(ticket.ticket_template_id);
    let mut keys: Vec<&str> =
        template.iter().flat_map(|template| &template.fields).map(String::as_str).collect();
    for field in &ticket.custom_fields {
        if !keys.contains(&field.key.as_str()) {
            keys.push(&field.key);
        }
    }
    let value = |key| shown(key, &ticket.custom_fields, desk.fields_with_key(key), form);
    keys.into_iter().map(|key| json!({"key": key, "value": value(key)})).collect()
}

/// The value of one key as a read shows it; `fields` are those that have this key.
pub(crate) fn shown<'a>(
    key: &str,
    values: &[CustomValue],
    mut fields: impl Iterator<Item = &'a Field>,
    form: DropdownForm,
) -> Value {
    match values.iter().find(|field| field.key == key) {
        None => fields.next().map_or_else(|| json!(""), unset),
        Some(set) => {
            fields.find_map(|known| dropdown(known, &set.value, form)).unwrap_or_else(|| set.value.clone())
        }
    }
}

/// What the vendor shows for a field that was never set.
fn unset(field: &Field) -> Value {
    match field.kind.as_str() {
        kind::ATTACHMENT | kind::FORM => json!([]),
        kind::INTEGER | kind::DROPDOWN | kind::STARS => json!("0"),
        kind::SIGNATURE => json!("sign0"),
        _ => json!(""),
    }
}

fn dropdown(field: &Field, value: &Value, form: DropdownForm) -> Option<Value> {
    if field.kind != kind::DROPDOWN {
        return None;
    }
    let option = field.option(value.as_str()?)?;
    Some(match form {
        DropdownForm::Text => json!(option.value),
        DropdownForm::Id => json!(option.key),
    })
}

/// Sets the values of a request's `custom_fields`. The template has to be named in the same request, because
/// it decides which fields a ticket has.
pub(crate) fn write(
    ticket: &mut Ticket,
    sent: &Value,
    desk: &Desk,
    names_template: bool,
) -> Result<(), Rejection> {
    let entries = entries(sent)?;
    if !entries.is_empty() && !names_template {
        return Err(Rejection::empty("ticketTemplateId"));
    }
    for (key, value) in entries {
        set(&mut ticket.custom_fields, key, accepted(key, value, desk.fields_with_key(key))?);
    }
    Ok(())
}

pub(crate) fn set(values: &mut Vec<CustomValue>, key: &str, value: Value) {
    match values.iter_mut().find(|field| field.key == key) {
        Some(field) => field.value = value,
        None => values.push(CustomValue { key: key.to_owned(), value }),
    }
}

/// The keys and values of a request's `custom_fields`.
pub(crate) fn entries(sent: &Value) -> Result<Vec<(&str, &Value)>, Rejection> {
    let entries: Option<Vec<_>> = sent.as_array().and_then(|all| all.iter().map(entry).collect());
    entries.ok_or_else(|| Rejection::invalid("custom_fields"))
}

fn entry(entry: &Value) -> Option<(&str, &Value)> {
    Some((entry.get("key")?.as_str()?, entry.get("value").unwrap_or(&Value::Null)))
}

/// Refuses a ticket that lacks a mandatory value of its template. Kinds that the API cannot set are passed over.
pub(crate) fn require(ticket: &Ticket, desk: &Desk, reading: RequiredFields) -> Result<(), Rejection> {
    let Some(template) = desk.template(ticket.ticket_template_id) else {
        return Ok(());
    };
    let fields = template.fields.iter().flat_map(|key| desk.fields_with_key(key));
    let mut mandatory = fields.filter(|field| field.is_mandatory(reading) && can_be_set(field));
    let is_set = |field: &Field| ticket.custom_fields.iter().any(|set| set.key == field.key);
    match mandatory.find(|field| !is_set(field)) {
        Some(missing) => Err(Rejection::empty(&missing.key)),
        None => Ok(()),
    }
}

fn can_be_set(field: &Field) -> bool {
    matches!(field.kind.as_str(), kind::CASCADE | kind::DROPDOWN | kind::MULTI_CHOICE)
        || is_valid(&field.kind, "").is_some()
}

/// The value to store: that of the first field with this key which accepts it, else the first refusal.
pub(crate) fn accepted<'a>(
    key: &str,
    value: &Value,
    fields: impl Iterator<Item = &'a Field>,
) -> Result<Value, Rejection> {
    let mut refusal = None;
    for field in fields {
        match stored(field, value) {
            Ok(value) => return Ok(value),
            Err(reason) => drop(refusal.get_or_insert(reason)),
        }
    }
    Err(refusal.unwrap_or_else(|| Rejection::unknown(key)))
}

fn stored(field: &Field, value: &Value) -> Result<Value, Rejection> {
    if value.is_null() || value.as_str() == Some("") {
        return Ok(unset(field));
    }
    let invalid = || Rejection::invalid(&field.key);
    let unknown_option = || Rejection::unknown(&format!("{} option", field.key));
    match field.kind.as_str() {
        kind::CASCADE => cascade(field, value).ok_or_else(unknown_option),
        kind::DROPDOWN => {
            let option = field.option(&text(value).ok_or_else(invalid)?);
            option.map(|option| json!(option.key)).ok_or_else(unknown_option)
        }
        kind::MULTI_CHOICE => choices(field, &text(value).ok_or_else(invalid)?).ok_or_else(unknown_option),
        simple => {
            let text = text(value).ok_or_else(invalid)?;
            if is_valid(simple, &text).ok_or_else(|| unsettable(field))? {
                Ok(json!(text))
            } else {
                Err(invalid())
            }
        }
    }
}

fn unsettable(field: &Field) -> Rejection {
    Rejection::Business(format!("{} cannot be set", field.key))
}

/// A string, or a number as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether the text suits the type; `None` for types that `custom_fields` cannot set.
fn is_valid(kind: &str, text: &str) -> Option<bool> {
    match kind {
        kind::TEXT => Some(!text.contains('\n')),
        // 7 is checked against a regular expression that the API does not show.
        kind::MULTI_LINE | kind::PHONE | "7" => Some(true),
        kind::INTEGER => Some(text.bytes().all(|byte| byte.is_ascii_digit())),
        kind::DECIMAL => Some(text.parse::<f64>().is_ok_and(f64::is_finite)),
        kind::DATE => Some(text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()),
        kind::CHECKBOX => Some(matches!(text, "是" | "否")),
        _ => None,
    }
}

/// Comma-joined option texts or ids, stored as ids.
fn choices(field: &Field, joined: &str) -> Option<Value> {
    let ids: Option<Vec<&str>> = joined
        .split(',')
        .map(|choice| field.option(choice.trim()).map(|option| option.key.as_str()))
        .collect();
    Some(json!(ids?.join(",")))
}

/// An array of option texts, root first. How to write a cascade is not documented; this is how it is read.
fn cascade(field: &Field, value: &Value) -> Option<Value> {
    let mut level = field.custom_field_options.as_slice();
    for step in value.as_array()? {
        let option = level.iter().find(|option| Some(option.value.as_str()) == step.as_str())?;
        level = &option.subset_value;
    }
    Some(value.clone())
}
