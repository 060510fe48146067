//! Puts the documents together and spells out what their files say short. Pure.

use serde_json::{Map, Value, json};

use crate::{http::problem::CODES, intake::shipped_schemas, json};

/// Methods that a path can have.
const METHODS: [&str; 3] = ["get", "post", "options"];
/// What the files are, as far as this program is concerned.
const OURS: &str = "the contract's files are part of the program, and its tests read them";
/// Of an operation: codes of problems, and names of sets of them.
const PROBLEMS: &str = "x-problems";
/// Of an operation: in whose shape problems are told.
const SHAPE: &str = "x-shape";

/// The OpenAPI document of these files.
pub(super) fn openapi(files: &[&str]) -> Value {
    let mut document = json!({});
    files.iter().for_each(|file| merge(&mut document, read(file)));
    add_event_schemas(&mut document["components"]["schemas"]);
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    let sets = taken(&mut document, PROBLEMS);
    for item in members(&mut document["paths"]) {
        for method in METHODS {
            item.get_mut(method).into_iter().for_each(|operation| add_problems(operation, &sets));
        }
    }
    document
}

/// The AsyncAPI document of this file, with the schemas that it refers to.
pub(super) fn asyncapi(file: &str, openapi: &Value) -> Value {
    let mut document = read(file);
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    let mut schemas = Map::new();
    let mut wanted = references(&document);
    while let Some(name) = wanted.pop() {
        let schema = &openapi["components"]["schemas"][&name];
        if !schema.is_null() && !schemas.contains_key(&name) {
            wanted.extend(references(schema));
            schemas.insert(name, schema.clone());
        }
    }
    schemas.sort_keys();
    document["components"]["schemas"] = schemas.into();
    document
}

fn read(file: &str) -> Value {
    serde_saphyr::from_str(file).expect(OURS)
}

/// Objects become one, member by member; anything else takes the place of what was there.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn members(object: &mut Value) -> impl Iterator<Item = &mut Value> {
    object.as_object_mut().into_iter().flat_map(Map::values_mut)
}

fn taken(object: &mut Value, name: &str) -> Value {
    object.as_object_mut().and_then(|members| members.shift_remove(name)).unwrap_or_default()
}

/// The schemas that events are checked by, and `Event`: any of them with its type.
fn add_event_schemas(schemas: &mut Value) {
    let mut events = Vec::new();
    for (path, text) in shipped_schemas() {
        let (name, mut schema) = (component(path), read_json(text));
        taken(&mut schema, "$schema");
        refer_to_components(&mut schema, path);
        if let Some((source, event_type)) = name.strip_prefix("events.").and_then(|name| name.split_once('.'))
        {
            events.push(json!({
                "title": format!("{event_type} of {source}"),
                "type": "object",
                "properties": {
                    "type": { "const": event_type },
                    "data": { "$ref": format!("#/components/schemas/{name}") },
                },
            }));
        }
        schemas[name] = schema;
    }
    schemas["Event"] = json!({
        "description": "What `data` has to be, by `type`. Of these, those of the connection's source count.",
        "anyOf": events,
    });
}

fn read_json(text: &str) -> Value {
    json::from_str(text).expect(OURS)
}

/// `events/udesk/ticket.created.json` → `events.udesk.ticket.created`.
fn component(path: &str) -> String {
    path.trim_end_matches(".json").replace('/', ".")
}

/// Lets a schema of this path refer to others where they stand in the document.
fn refer_to_components(schema: &mut Value, path: &str) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| refer_to_components(item, path)),
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(reference) if name == "$ref" => *reference = resolved(reference, path),
                    value => refer_to_components(value, path),
                }
            }
        }
        _ => {}
    }
}

fn resolved(reference: &str, path: &str) -> String {
    let (file, within) = reference.split_once('#').unwrap_or((reference, ""));
    let mut steps: Vec<&str> = path.split('/').collect();
    if !file.is_empty() {
        steps.pop();
    }
    for step in file.split('/').filter(|step| !step.is_empty()) {
        match step {
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    format!("#/components/schemas/{}{within}", component(&steps.join("/")))
}

/// Names of the schemas that are referred to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(object) => {
            let own = object.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            let own = own.and_then(|reference| reference.split('/').next()).map(str::to_owned);
            own.into_iter().chain(object.values().flat_map(references)).collect()
        }
        _ => Vec::new(),
    }
}

/// Adds an answer for each status that an operation's problems have.
fn add_problems(operation: &mut Value, sets: &Value) {
    let codes = spelled_out(&taken(operation, PROBLEMS), sets);
    let as_bangwo8 = taken(operation, SHAPE) == "bangwo8";
    let mut statuses: Vec<u16> = Vec::new();
    for (_, status, _) in CODES.iter().filter(|(code, ..)| codes.iter().any(|wanted| wanted == code)) {
        if !statuses.contains(status) {
            statuses.push(*status);
        }
    }
    for status in statuses {
        let of_status =
            |(code, of, _): &&(&str, u16, &str)| *of == status && codes.iter().any(|it| it == code);
        let rows: Vec<_> = CODES.iter().filter(of_status).collect();
        operation["responses"][status.to_string()] = answer(status, &rows, as_bangwo8);
    }
}

/// The codes of a list, those of sets among them.
fn spelled_out(list: &Value, sets: &Value) -> Vec<String> {
    let names = list.as_array().into_iter().flatten().filter_map(Value::as_str);
    names
        .flat_map(|name| match sets.get(name) {
            Some(set) => spelled_out(set, sets),
            None => vec![name.to_owned()],
        })
        .collect()
}

fn answer(status: u16, rows: &[&(&str, u16, &str)], as_bangwo8: bool) -> Value {
    let told: Vec<String> = rows.iter().map(|(code, _, title)| format!("`{code}`: {title}.")).collect();
    let codes: Vec<&str> = rows.iter().map(|(code, ..)| *code).collect();
    let content = if as_bangwo8 { rejection() } else { problem(status, &codes) };
    let mut answer = json!({ "description": told.join(" "), "content": content });
    let header = match status {
        401 => "WWW-Authenticate",
        429 | 503 => "Retry-After",
        _ => return answer,
    };
    answer["headers"] = json!({ header: { "$ref": format!("#/components/headers/{header}") } });
    answer
}

fn problem(status: u16, codes: &[&str]) -> Value {
    let schema = json!({
        "allOf": [
            { "$ref": "#/components/schemas/Problem" },
            {
                "type": "object",
                "properties": { "status": { "const": status }, "code": { "enum": codes } },
            },
        ],
    });
    json!({ "application/problem+json": { "schema": schema } })
}

fn rejection() -> Value {
    json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Rejection" } } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_leads_to_where_the_schema_stands_in_the_document() {
        for (reference, expected) in [
            ("../../udesk/ticket.json", "udesk.ticket"),
            ("../../zendesk/ticket.json#/$defs/id", "zendesk.ticket/$defs/id"),
            ("company.json", "events.udesk.company"),
            ("#/$defs/id", "events.udesk.ticket.created/$defs/id"),
        ] {
            let resolved = resolved(reference, "events/udesk/ticket.created.json");
            assert_eq!(resolved, format!("#/components/schemas/{expected}"));
        }
    }

    #[test]
    fn whatever_the_files_list_as_a_problem_is_a_code_or_a_set() {
        let mut document = json!({});
        super::super::OPENAPI.iter().for_each(|file| merge(&mut document, read(file)));
        let sets = document[PROBLEMS].as_object().unwrap().clone();
        let of_operations = document["paths"].as_object().unwrap().values().flat_map(|item| {
            METHODS.iter().filter_map(|method| item.get(*method)).map(|operation| &operation[PROBLEMS])
        });
        for name in of_operations.chain(sets.values()).filter_map(Value::as_array).flatten() {
            let name = name.as_str().unwrap();
            assert!(sets.contains_key(name) || CODES.iter().any(|(code, ..)| *code == name), "{name}");
        }
    }

    #[test]
    fn problems_become_answers_by_their_status() {
        let mut operation = json!({ "x-problems": ["all", "unknown_event"], "responses": { "200": {} } });
        add_problems(&mut operation, &json!({ "all": ["unauthorized", "overloaded"] }));
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["200", "401", "404", "503"]);
        assert_eq!(
            operation["responses"]["503"]["headers"]["Retry-After"]["$ref"],
            "#/components/headers/Retry-After"
        );
        assert_eq!(operation.get("x-problems"), None);
    }
}
