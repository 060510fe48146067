//! JSON Schemas (draft 2020-12) of what each source sends, compiled at start. The shipped ones are inside the
//! binary; files of the same name in the `schemas` folder beside the connections file stand in their place or
//! beside them.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use jsonschema::{Draft, Registry, Resource, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::{Refusal, Violation};
use crate::{
    diagnostic::{Diagnostic, Place, utf8},
    disk::{self, Below},
    event::{EventType, Lane},
    json,
};

/// Violations reported of one event: enough to mend any real one, too few to fill a log.
pub(super) const MAX_VIOLATIONS: usize = 100;
/// Schemas refer to each other by relative path below this address, which is never fetched.
const BASE: &str = "deskbridge:///schemas/";
/// Where an event's schema says which entity it is about: `{"kind": "ticket", "id": "/id"}`.
const ENTITY: &str = "x-entity";

/// A schema inside the binary: its path below `schemas/`, and its text.
type Shipped = (&'static str, &'static str);

macro_rules! shipped {
    ($path:literal) => {
        ($path, include_str!(concat!("../../schemas/", $path)))
    };
}

/// Every schema of the product.
const SHIPPED: &[Shipped] = &[
    shipped!("normalized/ticket.json"),
    shipped!("normalized/company.json"),
    shipped!("normalized/field_options.json"),
    shipped!("udesk/ticket.json"),
    shipped!("udesk/organization.json"),
    shipped!("udesk/field.json"),
    shipped!("zendesk/ticket.json"),
    shipped!("zendesk/organization.json"),
    shipped!("freshdesk/ticket.json"),
    shipped!("freshdesk/company.json"),
    shipped!("pushes/udesk.json"),
    shipped!("events/generic/ticket.created.json"),
    shipped!("events/generic/ticket.updated.json"),
    shipped!("events/generic/ticket.replied.json"),
    shipped!("events/generic/company.created.json"),
    shipped!("events/generic/company.updated.json"),
    shipped!("events/generic/field_options.replaced.json"),
    shipped!("events/generic/field_options.changed.json"),
    shipped!("events/generic/field_options.deleted.json"),
    shipped!("events/udesk/ticket.created.json"),
    shipped!("events/udesk/ticket.updated.json"),
    shipped!("events/udesk/ticket.replied.json"),
    shipped!("events/udesk/company.created.json"),
    shipped!("events/udesk/company.updated.json"),
    shipped!("events/udesk/field_options.replaced.json"),
    shipped!("events/udesk/field_options.changed.json"),
    shipped!("events/udesk/field_options.deleted.json"),
    shipped!("events/zendesk/ticket.created.json"),
    shipped!("events/zendesk/ticket.updated.json"),
    shipped!("events/zendesk/ticket.replied.json"),
    shipped!("events/zendesk/company.created.json"),
    shipped!("events/zendesk/company.updated.json"),
    shipped!("events/freshdesk/ticket.created.json"),
    shipped!("events/freshdesk/ticket.updated.json"),
    shipped!("events/freshdesk/ticket.replied.json"),
    shipped!("events/freshdesk/company.created.json"),
    shipped!("events/freshdesk/company.updated.json"),
];

/// The schemas inside the binary: their paths below `schemas/` (`events/udesk/ticket.created.json`), and their texts. They
/// refer to each other by relative path.
pub fn shipped() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHIPPED.iter().copied()
}

/// The compiled schemas of all sources.
pub struct Schemas {
    by_source: HashMap<String, HashMap<EventType, EventSchema>>,
    /// Each source's events, every reference replaced by what it refers to.
    whole: BTreeMap<String, BTreeMap<EventType, Value>>,
    /// Of each source's flat pushes.
    pushes: HashMap<String, EventSchema>,
}

/// The schema of one type of event of one source.
pub(super) struct EventSchema {
    validator: Validator,
    kind: String,
    id: String,
}

impl Schemas {
    /// Compiles the shipped schemas and those in `folder`, if it exists.
    ///
    /// Errors: every file that is not a schema, with what is wrong.
    pub fn load(folder: &Path) -> Result<Self, Vec<Diagnostic>> {
        let (documents, mut problems) = documents(folder);
        let mut by_source: HashMap<String, HashMap<EventType, EventSchema>> = HashMap::new();
        let mut pushes = HashMap::new();
        let mut whole: BTreeMap<String, BTreeMap<EventType, Value>> = BTreeMap::new();
        let schemas = registry(&documents)
            .map_err(|why| vec![broken(&folder.join(culprit(&documents).unwrap_or_default()), why)])?;
        let apart: Documents =
            documents.iter().map(|(path, document)| (path.clone(), alone(document))).collect();
        let apart_registry = registry(&apart).map_err(|why| vec![broken(folder, why)])?;
        for (path, document) in &documents {
            let (event, push) = (event_of(path), push_of(path));
            if event.is_none() && push.is_none() {
                continue;
            }
            match (EventSchema::compile(&schemas, path, document), event, push) {
                (Ok(schema), Some((source, event_type)), _) => {
                    by_source.entry(source.to_owned()).or_default().insert(event_type, schema);
                    match without_references(&apart_registry, path, &apart[path]) {
                        Ok(document) => {
                            whole.entry(source.to_owned()).or_default().insert(event_type, document);
                        }
                        Err(why) => problems.push(broken(&folder.join(path), why)),
                    }
                }
                (Ok(schema), None, push) => pushes.extend(push.map(|source| (source.to_owned(), schema))),
                (Err(why), ..) => problems.push(broken(&folder.join(path), why)),
            }
        }
        if problems.is_empty() { Ok(Self { by_source, whole, pushes }) } else { Err(problems) }
    }

    /// The schema of each source's events, by the source's name, without references to other documents.
    pub fn whole(&self) -> &BTreeMap<String, BTreeMap<EventType, Value>> {
        &self.whole
    }

    /// The sources that have schemas.
    pub fn sources(&self) -> Vec<&str> {
        let mut sources: Vec<&str> = self.by_source.keys().map(String::as_str).collect();
        sources.sort_unstable();
        sources
    }

    /// Whether such data could arrive: the lane that the event would have, or why it is refused.
    ///
    /// Errors: [`Refusal::SchemaViolation`], with all violations, also for a type that the source doesn't send.
    pub fn check(&self, source: &str, event_type: EventType, data: &Value) -> Result<Lane, Refusal> {
        let schema = self.get(source, event_type);
        let schema = schema.ok_or_else(|| Refusal::unknown_type(event_type.as_str(), &self.types(source)))?;
        schema.check(data)
    }

    fn get(&self, source: &str, event_type: EventType) -> Option<&EventSchema> {
        self.by_source.get(source)?.get(&event_type)
    }

    /// The schema of a source's pushes, if they are about the kind of entity that the type is about.
    pub(super) fn push(&self, source: &str, event_type: EventType) -> Option<&EventSchema> {
        self.pushes.get(source).filter(|schema| schema.kind == event_type.entity())
    }

    fn types(&self, source: &str) -> Vec<EventType> {
        let known = |t: &EventType| self.get(source, *t).is_some();
        EventType::ALL.into_iter().filter(known).collect()
    }
}

impl EventSchema {
    fn compile(registry: &Registry<'_>, path: &str, document: &Value) -> Result<Self, String> {
        let member = |name: &str| document.get(ENTITY)?.get(name)?.as_str().map(str::to_owned);
        let (Some(kind), Some(id)) = (member("kind"), member("id")) else {
            return Err(format!("{ENTITY} must say which entity the event is about: {{\"kind\", \"id\"}}"));
        };
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_base_uri(format!("{BASE}{path}"))
            .with_registry(registry)
            .should_validate_formats(true)
            // Linear time: a pattern must not be a way to keep a core busy.
            .with_pattern_options(jsonschema::PatternOptions::regex())
            .build(document)
            .map_err(|error| error.to_string())?;
        Ok(Self { validator, kind, id })
    }

    /// The lane of such data, or all that is wrong with it.
    pub(super) fn check(&self, data: &Value) -> Result<Lane, Refusal> {
        self.validate(data).map_err(Refusal::SchemaViolation)?;
        self.lane(data).map_err(|violation| Refusal::SchemaViolation(vec![violation]))
    }

    /// Every violation, up to a bound, with pointers into the whole body.
    fn validate(&self, data: &Value) -> Result<(), Vec<Violation>> {
        if self.validator.is_valid(data) {
            return Ok(());
        }
        Err(self.validator.iter_errors(data).take(MAX_VIOLATIONS).map(|error| violation(&error)).collect())
    }

    /// The lane of a valid event.
    fn lane(&self, data: &Value) -> Result<Lane, Violation> {
        let id = match data.pointer(&self.id) {
            Some(Value::String(text)) => text.clone(),
            // 1.0 is an integer to JSON Schema, but the same ticket must not have two names.
            Some(Value::Number(number)) if number.is_u64() || number.is_i64() => number.to_string(),
            _ => String::new(),
        };
        Lane::new(&self.kind, &id)
            .map_err(|invalid| Violation::new(format!("/data{}", self.id), "type", invalid.to_string()))
    }
}

/// A schema with every reference replaced by what it refers to.
fn without_references(registry: &Registry<'_>, path: &str, document: &Value) -> Result<Value, String> {
    let options = jsonschema::options().with_draft(Draft::Draft202012).with_base_uri(format!("{BASE}{path}"));
    options.with_registry(registry).dereference(document).map_err(|error| error.to_string())
}

/// The same schema, but that no reference has anything beside it: what stands there holds as well as what is referred
/// to (draft 2020-12), and would be lost when the reference is replaced.
fn alone(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(alone).collect(),
        Value::Object(members) => {
            let mut members: Map<String, Value> =
                members.iter().map(|(key, value)| (key.clone(), alone(value))).collect();
            if members.len() > 1
                && let Some(reference) = members.remove("$ref")
            {
                let mut all =
                    members.remove("allOf").and_then(|all| all.as_array().cloned()).unwrap_or_default();
                all.push(json!({ "$ref": reference }));
                members.insert("allOf".to_owned(), all.into());
            }
            Value::Object(members)
        }
        other => other.clone(),
    }
}

fn violation(error: &ValidationError<'_>) -> Violation {
    let pointer = format!("/data{}", error.instance_path().as_str());
    Violation::new(pointer, error.kind().keyword(), error.masked().to_string())
}

/// Path below the folder, and content. A file in the folder wins over a shipped one of its name.
type Documents = BTreeMap<String, Value>;

fn documents(folder: &Path) -> (Documents, Vec<Diagnostic>) {
    let mut texts: BTreeMap<String, String> =
        SHIPPED.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let Below { files, unreadable } = Below::of(folder, disk::MAX_DEPTH);
    let unreadable = unreadable.iter().map(|(folder, error)| broken(folder, error.to_string()));
    let mut problems: Vec<Diagnostic> = unreadable.collect();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let name = file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned();
        let bytes = disk::read(file, disk::MAX_BYTES).map_err(|error| broken(file, error.to_string()));
        match bytes.and_then(|bytes| utf8(file, bytes)) {
            Ok(text) => drop(texts.insert(name, text)),
            Err(problem) => problems.push(problem),
        }
    }
    let mut documents = Documents::new();
    for (path, text) in texts {
        match json::from_str(&text) {
            Ok(document) => drop(documents.insert(path, document)),
            Err(error) => problems.push(broken(&folder.join(&path), error.to_string())),
        }
    }
    (documents, problems)
}

fn registry(documents: &Documents) -> Result<Registry<'static>, String> {
    let mut registry = Registry::new();
    for (path, document) in documents {
        let resource = Resource::from_contents(document.clone());
        registry = registry.add(format!("{BASE}{path}"), resource).map_err(|e| e.to_string())?;
    }
    registry.prepare().map_err(|e| e.to_string())
}

/// The file without which the rest holds together: it refers to what isn't there.
fn culprit(documents: &Documents) -> Option<&str> {
    let rest =
        |without: &str| documents.clone().into_iter().filter(move |(path, _)| path != without).collect();
    documents.keys().map(String::as_str).find(|path| registry(&rest(path)).is_ok())
}

/// `events/udesk/ticket.created.json` → `udesk`, `ticket.created`.
fn event_of(path: &str) -> Option<(&str, EventType)> {
    let (source, file) = path.strip_prefix("events/")?.split_once('/')?;
    Some((source, EventType::told(file.strip_suffix(".json")?).ok()?))
}

/// `pushes/udesk.json` → `udesk`.
fn push_of(path: &str) -> Option<&str> {
    path.strip_prefix("pushes/")?.strip_suffix(".json").filter(|source| !source.contains('/'))
}

fn broken(file: &Path, why: String) -> Diagnostic {
    Diagnostic::error(file, Place::default(), why)
}
