//! From a source's event to what a target is to be told: a declarative file, compiled once and checked against
//! both vendors' vocabularies and the source's schemas, then applied without I/O and without a clock. A mapping always
//! ends; a value it has no answer for is refused, never guessed.

mod apply;
mod change;
mod compile;
mod convert;
mod custom;
pub mod drift;
mod entity;
mod field;
mod field_options;
mod golden;
mod kept;
mod known;
mod library;
mod lookup;
mod pointer;
mod question;
mod reply;
mod reverse;
mod rule;
mod section;
mod shape;
mod steps;
pub mod suggest;
mod trace;
mod types;
mod vocabulary;
mod yaml;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{diagnostic::did_you_mean, event::EventType};

pub use self::{
    apply::{Input, Refusal},
    change::{Change, CompanyChange, Fields, Mapped, TicketChange, Unseen, Write},
    field::{Field, FieldOption, Takes},
    field_options::{OptionChange, OptionsChange, OptionsHow},
    golden::{Answered, Case, pretty, told},
    kept::kept_name,
    library::{Library, SourceSchemas},
    question::{Answers, By, FieldsOf, Kind, Question, Send},
    reply::Reply,
    steps::{Hit, Steps},
    trace::{
        Arm, Expectations, ExpectedField, ExpectedIds, ExpectedRows, FieldKind, Observer, Reversibility,
        Verdict, VerdictRow,
    },
    yaml::MAX_FILE_BYTES,
};
use self::{
    custom::CustomFields,
    kept::Content,
    section::{CompanySection, OptionsSection, TicketSection},
};

/// The target's list of custom fields, in an entity's fields.
const CUSTOM_FIELDS: &str = "custom_fields";

/// Tenant values of a connection, by name.
pub type Parameters = BTreeMap<String, Value>;

/// A mapping that was compiled: what is true of every event that is valid by the source's schemas was shown.
#[derive(Debug)]
pub struct Mapping {
    name: String,
    source: String,
    unmapped: Unmapped,
    parameters: BTreeMap<String, TenantValue>,
    ticket: Option<TicketSection>,
    company: Option<CompanySection>,
    field_options: Option<OptionsSection>,
    about: About,
    content: Content,
}

/// What is told of a mapping, beside what it does.
#[derive(Debug, Default)]
struct About {
    arms: Vec<Arm>,
    rules: Vec<String>,
    verdicts: Vec<Verdict>,
    expects: Expectations,
}

/// What happens to what no rule reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Unmapped {
    /// The event's record says so.
    #[default]
    Report,
    /// The description takes it, where one is written; else the record.
    Append,
    /// The event waits for an operator.
    Park,
}

/// What a tenant value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TenantValue {
    Text,
    Id,
    Table,
}

impl TenantValue {
    /// In words, for messages.
    fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Id => "an id",
            Self::Table => "a table",
        }
    }
}

impl Mapping {
    /// Its name, as connections call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells it from every other, and from itself before an edit: a hash, in hexadecimal, of its file, of those
    /// that it builds on, and of the vocabularies that it speaks.
    pub fn digest(&self) -> &str {
        &self.content.digest
    }

    /// All of those as one text, of which [`Library::compile_kept`] makes it again.
    pub fn content(&self) -> &str {
        &self.content.text
    }

    /// The source whose events it maps.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// True if a section serves events of this type; others are parked.
    pub fn serves(&self, event_type: EventType) -> bool {
        let ticket = self.ticket.iter().flat_map(|section| &section.events);
        let company = self.company.iter().flat_map(|section| &section.events);
        let options = self.field_options.iter().flat_map(|section| &section.events);
        ticket.chain(company).chain(options).any(|served| *served == event_type)
    }

    /// Every arm of its tables, and every choice of its rows.
    pub fn arms(&self) -> &[Arm] {
        &self.about.arms
    }

    /// The path of every rule: `ticket.fields.subject`, `ticket.fields.descript[0]`, `ticket.custom_fields.TextField_1`.
    pub fn rules(&self) -> &[String] {
        &self.about.rules
    }

    /// How far each table and each field can be taken back.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.about.verdicts
    }

    /// What it takes for granted of both tenants' fields.
    pub fn expects(&self) -> &Expectations {
        &self.about.expects
    }

    /// JSON Pointers to what it reads of custom fields; `*` stands for every field, or for every item of a list.
    pub fn custom_fields(&self) -> Vec<String> {
        let ticket = self.ticket.iter().map(|section| &section.entity);
        let company = self.company.iter().map(|section| &section.entity);
        let custom = ticket.chain(company).filter_map(|entity| entity.custom_fields.as_ref());
        custom.flat_map(CustomFields::reads).collect()
    }

    /// The names of the tenant values it can use.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.keys().map(String::as_str)
    }

    /// What is wrong with a tenant value, if anything is.
    pub fn parameter_problem(&self, name: &str, value: &Value) -> Option<String> {
        let Some(kind) = self.parameters.get(name) else {
            let hint = did_you_mean(name, self.parameters());
            return Some(format!("the mapping {} has no parameter {name}{hint}", self.name));
        };
        let problem = match kind {
            TenantValue::Id if !value.is_u64() => "must be an id: a whole number",
            TenantValue::Table if !is_table(value) => "must be a table: source value → id of the target",
            TenantValue::Text if !value.is_string() => "must be text",
            _ => return None,
        };
        Some(format!("the parameter {name} {problem}"))
    }
}

fn is_table(value: &Value) -> bool {
    value.as_object().is_some_and(|entries| entries.values().all(Value::is_u64))
}
