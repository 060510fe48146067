//! Whether what a connection keeps to itself can be right: a pointer that names nothing keeps nothing.

use serde_json::Value;

use crate::{
    config::{Config, Connection},
    diagnostic::{Diagnostic, Place, did_you_mean},
    event::{EventType, Redaction},
    intake::Schemas,
    mapping::Mapping,
};

/// References of a schema to its own parts followed one after the other: more would be a circle.
const MOST_REFERENCES: usize = 8;

/// The connection's rules. `check` has said what is wrong with those that can't be read.
pub(super) fn redaction(connection: &Connection) -> Redaction {
    let pointers = connection.privacy.redact.iter().map(|(pointer, _)| pointer.as_str());
    Redaction::new(pointers).unwrap_or_default()
}

/// Errors for pointers that are none, that lead to what no schema of the source has, and to what one requires; a warning
/// for one that the mapping reads.
pub(super) fn check(
    config: &Config,
    connection: &Connection,
    schemas: &Schemas,
    mapping: Option<&Mapping>,
) -> Vec<Diagnostic> {
    let Some(events) = schemas.whole().get(&connection.source.vendor) else { return Vec::new() };
    let each = connection.privacy.redact.iter();
    each.filter_map(|(pointer, at)| problem(config, events.iter(), mapping, pointer, *at)).collect()
}

fn problem<'a>(
    config: &Config,
    events: impl Iterator<Item = (&'a EventType, &'a Value)>,
    mapping: Option<&Mapping>,
    pointer: &str,
    at: Place,
) -> Option<Diagnostic> {
    let error = |message: String| Some(Diagnostic::error(&config.path, at, message));
    if let Err(invalid) = Redaction::new([pointer]) {
        return error(format!("redact: a JSON Pointer {invalid}"));
    }
    let found: Vec<(&EventType, Found)> =
        events.map(|(event, schema)| (event, find(schema, pointer))).collect();
    if let Some((event, _)) = found.iter().find(|(_, found)| matches!(found, Found::Required)) {
        return error(format!(
            "redact: {pointer} is required by the schema of {}: without it the event could not be delivered",
            event.as_str()
        ));
    }
    if !found.iter().any(|(_, found)| matches!(found, Found::Optional)) {
        let known = found.into_iter().flat_map(|(_, found)| match found {
            Found::Unknown(known) => known,
            Found::Required | Found::Optional => Vec::new(),
        });
        let known: std::collections::BTreeSet<String> = known.collect();
        let hint = did_you_mean(pointer, known.iter().map(String::as_str));
        return error(format!("redact: no schema of the source has {pointer}{hint}"));
    }
    let read = mapping.filter(|mapping| reads(mapping, pointer))?;
    let message = format!(
        "redact: the mapping {} reads {pointer}, which will never be there: what it makes of it is left out",
        read.name()
    );
    Some(Diagnostic::warning(&config.path, at, message))
}

/// Looks among the mapping's custom fields, whose pointers stand nowhere as a whole, and among its words: enough for a
/// warning, which keeps nobody from anything.
fn reads(mapping: &Mapping, pointer: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '-' | '~');
    let words = mapping.content().split(|c| !part(c)).filter(|word| word.starts_with('/'));
    words.map(str::to_owned).chain(mapping.custom_fields()).any(|read| takes(pointer, &read))
}

/// True if what is read stands where something is taken away, or below it.
fn takes(redacted: &str, read: &str) -> bool {
    let (mut redacted, mut read) = (redacted.split('/'), read.split('/'));
    redacted.all(|taken| read.next().is_some_and(|name| taken == name || taken == "*" || name == "*"))
}

/// What a schema says of a pointer.
#[derive(Debug)]
enum Found {
    Required,
    Optional,
    /// The pointers there are at the place where it leads no further.
    Unknown(Vec<String>),
}

fn find(schema: &Value, pointer: &str) -> Found {
    let (mut here, mut path, mut is_required) = (vec![schema], String::new(), true);
    for segment in pointer.split('/').skip(1) {
        let parts: Vec<&Value> = here.iter().flat_map(|part| parts(schema, part, MOST_REFERENCES)).collect();
        let name = segment.replace("~1", "/").replace("~0", "~");
        let next: Vec<&Value> = parts.iter().flat_map(|part| member(part, &name)).collect();
        if next.is_empty() {
            return Found::Unknown(parts.iter().flat_map(|part| names(part, &path)).collect());
        }
        // Of all members, those that are required are taken, too.
        let requires = |part: &&&Value| {
            let required = part.get("required").and_then(Value::as_array);
            required.is_some_and(|names| match name.as_str() {
                "*" => !names.is_empty(),
                name => names.contains(&name.into()),
            })
        };
        is_required &= parts.iter().any(|part| requires(&part));
        path.push('/');
        path.push_str(segment);
        here = next;
    }
    if is_required { Found::Required } else { Found::Optional }
}

/// A schema with the parts that it is made of.
fn parts<'a>(root: &'a Value, schema: &'a Value, left: usize) -> Vec<&'a Value> {
    let mut found = vec![schema];
    if left == 0 {
        return found;
    }
    let reference = schema.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix('#'));
    found.extend(
        reference.and_then(|at| root.pointer(at)).into_iter().flat_map(|at| parts(root, at, left - 1)),
    );
    for of in ["allOf", "anyOf", "oneOf"] {
        let all = schema.get(of).and_then(Value::as_array).into_iter().flatten();
        found.extend(all.flat_map(|part| parts(root, part, left - 1)));
    }
    found
}

/// The schemas of a member, of an element, or of whatever there may be.
fn member<'a>(schema: &'a Value, name: &str) -> Vec<&'a Value> {
    let properties = schema.get("properties");
    let open = || schema.get("additionalProperties").filter(|open| open.is_object());
    let items = || schema.get("items").filter(|_| name == "*" || name.parse::<usize>().is_ok());
    match name {
        "*" => {
            let all = properties.and_then(Value::as_object).into_iter().flat_map(|members| members.values());
            all.chain(open()).chain(items()).collect()
        }
        name => properties
            .and_then(|members| members.get(name))
            .or_else(open)
            .or_else(items)
            .into_iter()
            .collect(),
    }
}

fn names(schema: &Value, path: &str) -> Vec<String> {
    let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    members.map(|(name, _)| format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}
