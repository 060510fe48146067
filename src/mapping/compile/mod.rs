//! From a mapping's file to a mapping, or to everything that is wrong with it. What is shown here holds for every event
//! that the source's schemas let through.

mod condition;
mod convert;
mod custom;
mod entity;
mod lookup;
mod options;
mod prove;
mod read;
mod row;
mod rule;
mod sections;
mod table;
mod template;
mod vocabulary;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use serde_json::Value;

use super::{
    About, Mapping, TenantValue, Unmapped,
    entity::Entity,
    kept::{Content, Text},
    pointer::Pointer,
    rule::Table,
    shape::Shape,
    vocabulary::{SourceVocabulary, TargetVocabulary, Vocabularies},
    yaml::{Key, Node},
};
use crate::{
    diagnostic::{Diagnostic, Place, did_you_mean},
    event::EventType,
};

/// Members of a mapping file.
const FILE: &[&str] = &[
    "source",
    "target",
    "extends",
    "unmapped",
    "park",
    "vocabulary",
    "parameters",
    "tables",
    "ticket",
    "company",
    "field_options",
];

/// The file that is compiled, among those that it builds on.
const OWN_FILE: usize = 0;

/// The schemas of one source's events, without references.
pub(super) type EventSchemas = BTreeMap<EventType, Value>;

/// What a mapping is compiled of.
pub(super) struct Sources<'a> {
    /// What connections call it.
    pub(super) name: &'a str,
    /// The file, with what it builds on.
    pub(super) node: &'a Node,
    /// The files that the nodes stand in.
    pub(super) files: Vec<PathBuf>,
    /// By name of the source.
    pub(super) schemas: &'a BTreeMap<String, EventSchemas>,
    /// Where its vocabularies are found.
    pub(super) vocabularies: Vocabularies,
}

/// A mapping without its content yet, and the texts of its vocabularies: the source's, the target's.
pub(super) struct CompiledMapping {
    pub(super) mapping: Mapping,
    pub(super) vocabularies: (Text, Text),
}

/// Compiles a mapping.
pub(super) fn compile(sources: Sources<'_>) -> Result<CompiledMapping, Vec<Diagnostic>> {
    let Sources { name, node, files, schemas, vocabularies } = sources;
    let mut compiler = Compiler {
        files,
        problems: Vec::new(),
        source: String::new(),
        target: String::new(),
        source_words: SourceVocabulary::new(),
        target_words: TargetVocabulary::default(),
        schemas: EventSchemas::new(),
        parameters: BTreeMap::new(),
        used_parameters: BTreeSet::new(),
        tables: BTreeMap::new(),
        about: About::default(),
        unmapped: Unmapped::default(),
    };
    let compiled = compiler.mapping(name, node, schemas, &vocabularies);
    match compiled {
        Some(compiled) if compiler.problems.is_empty() => Ok(compiled),
        _ => Err(compiler.problems),
    }
}

struct Compiler {
    files: Vec<PathBuf>,
    problems: Vec<Diagnostic>,
    source: String,
    target: String,
    source_words: SourceVocabulary,
    target_words: TargetVocabulary,
    schemas: EventSchemas,
    parameters: BTreeMap<String, TenantValue>,
    used_parameters: BTreeSet<String>,
    tables: BTreeMap<String, CompiledTable>,
    about: About,
    unmapped: Unmapped,
}

/// A table, and whether a rule uses it.
struct CompiledTable {
    table: Arc<Table>,
    node: Node,
    used: bool,
}

impl Compiler {
    fn mapping(
        &mut self,
        name: &str,
        node: &Node,
        schemas: &BTreeMap<String, EventSchemas>,
        vocabularies: &Vocabularies,
    ) -> Option<CompiledMapping> {
        if !self.map(node, "a mapping", FILE) {
            return None;
        }
        let vocabularies = self.read_vocabularies(node, vocabularies)?;
        self.read_schemas(node, schemas);
        self.read_parameters(node);
        self.read_tables(node);
        let unmapped = node.get("unmapped").and_then(|node| {
            let policies =
                [("report", Unmapped::Report), ("append", Unmapped::Append), ("park", Unmapped::Park)];
            self.one_of(node, &policies)
        });
        self.unmapped = unmapped.unwrap_or_default();
        let ticket = node.get("ticket").and_then(|node| self.ticket(node));
        let company = node.get("company").and_then(|node| self.company(node));
        let field_options = node.get("field_options").and_then(|options| self.field_options(options, node));
        self.every_event_is_served(node);
        // What a mistake elsewhere keeps from being used is no second mistake.
        if self.problems.is_empty() {
            self.unused_tables();
            self.unused_parameters(node);
        }
        let mapping = Mapping {
            name: name.to_owned(),
            source: self.source.clone(),
            unmapped: self.unmapped,
            parameters: std::mem::take(&mut self.parameters),
            ticket,
            company,
            field_options,
            about: std::mem::take(&mut self.about),
            content: Content::default(),
        };
        Some(CompiledMapping { mapping, vocabularies })
    }

    /// An event that nothing serves is parked, which has to be said.
    fn every_event_is_served(&mut self, node: &Node) {
        let parked = node.get("park").map(|node| self.event_types(node)).unwrap_or_default();
        let served: Vec<EventType> = ["ticket", "company", "field_options"]
            .iter()
            .filter_map(|section| node.get(section)?.get("events"))
            .flat_map(|events| self.event_types_quietly(events))
            .collect();
        let known: Vec<EventType> = self.schemas.keys().copied().collect();
        for event_type in known {
            if !served.contains(&event_type) && !parked.contains(&event_type) {
                let at = node.get("source").unwrap_or(node);
                let message = format!(
                    "{event_type} is neither served nor parked: add it to a section's events, or write park: [{event_type}]"
                );
                self.problem(at, message);
            }
        }
        for both in parked.iter().filter(|event_type| served.contains(event_type)) {
            let at = node.get("park").unwrap_or(node);
            self.problem(at, format!("{both} is served by a section: take it out of park"));
        }
    }

    fn read_schemas(&mut self, node: &Node, schemas: &BTreeMap<String, EventSchemas>) {
        match schemas.get(&self.source) {
            Some(found) => self.schemas = found.clone(),
            None => {
                let at = node.get("source").unwrap_or(node);
                let source = &self.source;
                let message =
                    format!("there are no schemas of {source}: put them into schemas/events/{source}/");
                self.problem(at, message);
            }
        }
    }

    fn problem(&mut self, at: impl Into<At>, message: impl Into<String>) {
        let At { file, place } = at.into();
        let path = self.files.get(file).cloned().unwrap_or_default();
        let diagnostic = Diagnostic::error(path, place, message);
        // A rule that several events share is wrong once.
        if !self.problems.contains(&diagnostic) {
            self.problems.push(diagnostic);
        }
    }

    /// `mappings/acme.yaml:14:17`.
    fn written_at(&self, at: impl Into<At>) -> String {
        let At { file, place } = at.into();
        let path = self.files.get(file).cloned().unwrap_or_default();
        format!("{}:{}:{}", path.display(), place.line, place.column)
    }
}

/// Where something stands.
#[derive(Debug, Clone, Copy)]
struct At {
    file: usize,
    place: Place,
}

impl From<&Node> for At {
    fn from(node: &Node) -> Self {
        Self { file: node.file, place: node.place }
    }
}

impl From<&Key> for At {
    fn from(key: &Key) -> Self {
        Self { file: key.file, place: key.place }
    }
}

/// What a section's rules may read.
#[derive(Debug, Clone)]
struct Scope {
    /// `ticket`, `company`, `ticket.company`.
    path: String,
    /// Events that the section serves.
    events: Vec<EventType>,
    /// Where the section's list of events stands.
    at: At,
}

impl Scope {
    /// The event that makes a new entity.
    fn created(&self) -> Option<EventType> {
        let makes = |t: &&EventType| matches!(t, EventType::TicketCreated | EventType::CompanyCreated);
        self.events.iter().find(makes).copied()
    }
}

impl Compiler {
    /// What the schemas of the section's events say of a pointer together; nothing if there are no schemas.
    fn merged(&self, scope: &Scope, pointer: &Pointer) -> Option<Shape> {
        let schemas = scope.events.iter().filter_map(|event_type| self.schemas.get(event_type));
        schemas.map(|schema| Shape::at(schema, pointer)).reduce(Shape::or)
    }

    /// The same; a problem if none of them knows it.
    fn shape(&mut self, scope: &Scope, pointer: &Pointer, at: At) -> Shape {
        let Some(shape) = self.merged(scope, pointer) else { return Shape::anything() };
        if shape.declared {
            return shape;
        }
        let given = pointer.tokens().last().map_or("", String::as_str);
        let hint = did_you_mean(given, shape.siblings.iter().map(String::as_str));
        let types: Vec<&str> = scope.events.iter().map(|t| t.as_str()).collect();
        let message = format!("no event of {} has {}{hint}", types.join(", "), pointer.as_str());
        self.problem(at, message);
        Shape::text()
    }

    /// True if every event that makes a new entity has a value there.
    fn is_certain(&self, scope: &Scope, pointer: &Pointer) -> bool {
        let schema = scope.created().and_then(|created| self.schemas.get(&created));
        schema.is_some_and(|schema| Shape::at(schema, pointer).certain)
    }
}

/// What a section makes, before its own parts.
struct Compiled {
    scope: Scope,
    entity: Entity,
}
