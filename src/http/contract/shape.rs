//! JSON Schemas in a few words: what a value is, and the members of an object.

use std::fmt::Write;

use serde_json::Value;

use super::html::{anchor, escape, prose};

/// Alternatives that are told one by one; of more, the first ones and that there are others.
const TOLD: usize = 10;
/// Members inside members that are shown; whatever is deeper has a name of its own in this document.
const DEPTH: usize = 6;

/// What a reference within the document leads to; anything else is itself.
pub(super) fn followed<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// The kind of value, as HTML.
pub(super) fn short(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return named(reference);
    }
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", escape(&value.to_string()));
    }
    if let Some(values) = schema["enum"].as_array() {
        let told: Vec<String> =
            values.iter().map(|value| format!("<code>{}</code>", escape(&value.to_string()))).collect();
        return told.join(" | ");
    }
    for (keyword, between) in [("anyOf", " | "), ("oneOf", " | "), ("allOf", " + ")] {
        if let Some(parts) = schema[keyword].as_array() {
            let mut told: Vec<String> = parts.iter().take(TOLD).map(short).collect();
            told.extend((parts.len() > TOLD).then(|| "…".to_owned()));
            return told.join(between);
        }
    }
    if let Some(items) = schema.get("items") {
        return format!("[ {} ]", short(items));
    }
    escape(&plain(schema))
}

/// `integer 1…500`, `string date-time | null`.
fn plain(schema: &Value) -> String {
    let mut told = match &schema["type"] {
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        _ => "any".to_owned(),
    };
    if let Some(format) = schema["format"].as_str() {
        _ = write!(told, " ({format})");
    }
    match (schema["minimum"].as_i64(), schema["maximum"].as_i64()) {
        (None, None) => {}
        (from, to) => {
            let bound = |bound: Option<i64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
            _ = write!(told, " {}…{}", bound(from), bound(to));
        }
    }
    told
}

fn named(reference: &str) -> String {
    let name = reference.trim_start_matches("#/components/schemas/");
    let of = name.split('/').next().unwrap_or(name);
    format!("<a href=\"#shape-{}\">{}</a>", anchor(of), escape(name))
}

/// An object's members as a list, as HTML; nothing of anything else.
pub(super) fn members(schema: &Value) -> String {
    listed(schema, DEPTH)
}

fn listed(schema: &Value, depth: usize) -> String {
    if depth == 0 {
        return String::new();
    }
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name));
    let mut list = String::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let optional = if required(name) { "" } else { "?" };
        _ = write!(
            list,
            "<dt><code>{}</code>{optional} {}</dt>\n<dd>{}{}</dd>\n",
            escape(name),
            short(member),
            prose(member["description"].as_str().unwrap_or_default()),
            listed(member, depth - 1),
        );
    }
    let own = if list.is_empty() { list } else { format!("<dl>\n{list}</dl>\n") };
    let parts =
        ["allOf", "oneOf", "anyOf"].into_iter().filter_map(|keyword| schema[keyword].as_array()).flatten();
    let parts: String = parts.take(TOLD).map(|part| listed(part, depth - 1)).collect();
    own + &parts + &schema.get("items").map(|items| listed(items, depth - 1)).unwrap_or_default()
}
