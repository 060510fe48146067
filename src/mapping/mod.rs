//! From a source's event to what a target is to be told: a declarative file, compiled once and checked against
//! both vendors' vocabularies, then applied without I/O and without a clock. A mapping always ends; a value it
//! has no answer for is refused, never guessed.

mod apply;
mod compile;
mod convert;
mod field_options;
mod file;
mod golden;
mod library;
mod question;
mod reply;
mod steps;
mod trace;
mod unread;
mod vocabulary;

use std::collections::{BTreeMap, HashMap};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::diagnostic::did_you_mean;

pub use self::{
    apply::{Change, Mapped, Refusal, Write},
    field_options::{OptionChange, OptionsChange, OptionsHow},
    golden::{Case, Known, pretty, told},
    library::Library,
    question::{Answers, By, Kind, Question, Send},
    reply::Reply,
    steps::{Hit, Steps},
    trace::{Arm, Expectations, ExpectedField, FieldKind, Observer, Reversibility, Verdict, VerdictRow},
};
use self::{field_options::FieldOptionsRule, reply::ReplyRule};

/// The target's list of custom fields, in an entity's fields.
const CUSTOM_FIELDS: &str = "custom_fields";
/// Bytes of a hash that tells two values of one field apart.
const DIGEST_BYTES: usize = 8;

/// Tenant values of a connection, by name.
pub type Parameters = BTreeMap<String, Value>;

/// A mapping that was compiled: every name in it exists, every value of its tables' vocabularies has an arm.
#[derive(Debug)]
pub struct Mapping {
    name: String,
    source: String,
    /// Where the source's version of an entity stands.
    version: Option<String>,
    parameters: BTreeMap<String, Shape>,
    ticket: Entity,
    reply: Option<ReplyRule>,
    company: Option<Entity>,
    field_options: Option<FieldOptionsRule>,
}

/// How one kind of entity gets its fields.
#[derive(Debug)]
struct Entity {
    fields: Vec<(String, Rule)>,
    /// Fields without which the target makes none.
    required: Vec<String>,
    custom_fields: Option<CustomFields>,
    /// Pointers that something reads, or that are known to have no place at the target.
    known: Vec<String>,
}

impl Mapping {
    /// Its name, as connections call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The source whose events it maps.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of the tenant values it can use.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.keys().map(String::as_str)
    }

    /// What is wrong with a tenant value, if anything is.
    pub fn parameter_problem(&self, name: &str, value: &Value) -> Option<String> {
        let Some(shape) = self.parameters.get(name) else {
            let hint = did_you_mean(name, self.parameters());
            return Some(format!("the mapping {} has no parameter {name}{hint}", self.name));
        };
        let problem = match shape {
            Shape::Id if !value.is_u64() => "must be an id: a whole number",
            Shape::Table if !is_table(value) => "must be a table: source value → id of the target",
            Shape::Text if !value.is_string() => "must be text",
            _ => return None,
        };
        Some(format!("the parameter {name} {problem}"))
    }
}

fn is_table(value: &Value) -> bool {
    value.as_object().is_some_and(|entries| entries.values().all(Value::is_u64))
}

/// What a tenant value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Id,
    Table,
}

/// How one target field gets its value.
#[derive(Debug)]
struct Rule {
    value: Source,
    required: bool,
}

#[derive(Debug)]
enum Source {
    /// The same for every event: a tenant value.
    Parameter(String),
    /// The first of these that the event has, converted.
    Event { pointers: Vec<String>, convert: Convert },
}

#[derive(Debug)]
enum Convert {
    /// As it is.
    Text,
    /// A list, or text with commas, to text with commas.
    CommaList,
    /// A date, or a date and time, to `YYYY-MM-DD`.
    Date,
    /// HTML to readable text, if the value at the pointer is the given one.
    HtmlToText { at: String, is: String },
    /// A closed set: every spelling and its code.
    Table(HashMap<String, u64>),
    /// A tenant's table, and the tenant value for who isn't in it.
    Lookup { parameter: String, otherwise: Option<String> },
}

#[derive(Debug)]
struct CustomFields {
    at: String,
    rows: HashMap<String, CustomField>,
    same_key: bool,
}

#[derive(Debug)]
struct CustomField {
    key: String,
    kind: CustomKind,
}

#[derive(Debug)]
enum CustomKind {
    Text,
    Date,
    Choice(HashMap<String, String>),
    Choices(HashMap<String, String>),
}

/// Fields of a target entity by their wire names. Only a client's own type makes sense of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// These fields, and those of `defaults` that are not among them.
    pub fn or(&self, defaults: &Self) -> Self {
        let mut all = defaults.0.clone();
        all.extend(self.0.clone());
        Self(all)
    }

    /// True if no field is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These fields but one.
    pub fn without(&self, name: &str) -> Self {
        let others = self.0.iter().filter(|(field, _)| *field != name);
        Self(others.map(|(field, value)| (field.clone(), value.clone())).collect())
    }

    /// A text field.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A short hash of each field's value, by the field's name; a custom field counts by its key. Equal hashes mean
    /// equal values, and tell nothing of them.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let digest = |value: &Value| hex::encode(&Sha256::digest(value.to_string())[..DIGEST_BYTES]);
        let custom = self.0.get(CUSTOM_FIELDS).and_then(Value::as_array).into_iter().flatten();
        let custom = custom.filter_map(|field| Some((field.get("key")?.as_str()?, field.get("value")?)));
        let plain = self.0.iter().filter(|(name, _)| *name != CUSTOM_FIELDS);
        let plain = plain.map(|(name, value)| (name.clone(), digest(value)));
        plain.chain(custom.map(|(key, value)| (format!("{CUSTOM_FIELDS}/{key}"), digest(value)))).collect()
    }

    /// The fields as the client's type for writing.
    ///
    /// Error: the type has no such field, or of another type. A test of the target's vocabulary shows that
    /// there is none for the mappings that compile.
    pub fn to<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(&self.0)
    }
}
