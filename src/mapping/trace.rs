//! What tools want to know of a mapping: which parts an event hit, and what every part is.

use std::path::PathBuf;

use serde::Serialize;

use crate::diagnostic::Place;

/// Told of the parts that an event hits, in the order in which it hits them.
pub trait Observer {
    /// An arm of a table or of a row's options: its table as [`Arm::table`] names it, and the source's value.
    fn arm(&mut self, _table: &str, _value: &str) {}
    /// A rule that gave a value, by its path.
    fn rule(&mut self, _path: &str) {}
}

/// Nobody wants to know.
impl Observer for () {}

/// One value of a closed field and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Arm {
    /// `tables.status`, or the path of a row with options: `ticket.custom_fields.SelectField_1`.
    pub table: String,
    /// The source's value, or the index of the option.
    pub value: String,
    /// What it becomes: a code, the name of an option, or `park`.
    pub target: String,
    /// Where it is written: `mappings/acme.yaml:14:17`.
    pub at: String,
}

/// Whether a value can be taken back from what it became.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reversibility {
    /// Every value of the target comes of exactly one of the source.
    Bijective,
    /// No two values become one; the target has more.
    Injective,
    /// Two values can become one.
    Lossy,
}

/// How far a table or a field can be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// `tables.status`, `ticket.fields.subject`, `ticket.custom_fields.TextField_1`.
    pub at: String,
    /// Whether it can.
    pub kind: Reversibility,
    /// Why it can't, by the file's word.
    pub reason: Option<String>,
    /// Every value of a closed field; empty for open ones.
    pub rows: Vec<VerdictRow>,
}

/// One value of a closed field, there and back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictRow {
    /// The source's value.
    pub value: String,
    /// What it becomes.
    pub target: String,
    /// What comes back of that, if anything does.
    pub back: Option<String>,
}

/// What a mapping takes for granted of the two tenants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Expectations {
    /// Custom fields of tickets at the target, by key.
    pub ticket_fields: Vec<ExpectedField>,
    /// Custom fields of companies at the target, by key.
    pub company_fields: Vec<ExpectedField>,
    /// Custom fields of tickets at the source, by name.
    pub source_fields: Vec<ExpectedField>,
}

/// A field that a mapping counts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedField {
    /// The target's key, or the source's name.
    pub name: String,
    /// What the mapping writes to it, or reads of it.
    pub kind: FieldKind,
    /// Choices that the mapping knows: for the source index and name, for the target the name twice.
    pub options: Vec<(String, String)>,
    /// The path of the rule.
    pub at: String,
    /// The mapping's file.
    #[serde(skip)]
    pub file: PathBuf,
    /// Where the rule stands in it.
    #[serde(skip)]
    pub place: Place,
}

/// What a custom field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum FieldKind {
    Text,
    Date,
    DateTime,
    Number,
    Phone,
    Link,
    YesNo,
    List,
    Html,
    Choice,
    Choices,
    Cascade,
    Id,
}
