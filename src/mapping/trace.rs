//! What tools want to know of a mapping: which parts an event hit, and what every part is.

use std::path::PathBuf;

use serde::Serialize;

use super::question::Kind;
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
    /// What comes back of that: the first value that becomes the same.
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
    /// Custom fields of companies at the source, by name.
    pub company_source_fields: Vec<ExpectedField>,
    /// Where the rows of tickets stand, if there are any.
    pub ticket_rows: Option<ExpectedRows>,
    /// Where the rows of companies stand, if there are any.
    pub company_rows: Option<ExpectedRows>,
    /// Tenant values that are ids of the target.
    pub ids: Vec<ExpectedIds>,
}

/// The rows of an entity's custom fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedRows {
    /// A field without a row goes to the target's field of the same key.
    pub others: bool,
    /// The mapping's file.
    #[serde(skip)]
    pub file: PathBuf,
    /// Where `custom_fields` stands in it.
    #[serde(skip)]
    pub place: Place,
}

/// A tenant value that is an id of the target, or a table of such ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedIds {
    /// The parameter.
    pub parameter: String,
    /// What its ids are of.
    pub of: Kind,
}

/// A field that a mapping counts on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpectedField {
    /// The target's key, or the source's name.
    pub name: String,
    /// What the mapping writes to it, or reads of it.
    pub kind: FieldKind,
    /// Choices that the mapping knows: what the source's values hold for them, and their names at the target. None of
    /// a choice if both vendors' lists are to be asked.
    pub options: Vec<(String, String)>,
    /// An event with another choice waits for an operator.
    pub parks_unknown: bool,
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

impl FieldKind {
    /// True if values are chosen among options.
    pub fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::Choices | Self::Cascade)
    }
}
