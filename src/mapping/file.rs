//! A mapping file as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::diagnostic::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) source: Spanned<String>,
    pub(super) target: Spanned<String>,
    pub(super) version: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) tables: BTreeMap<String, Spanned<TableEntry>>,
    pub(super) ticket: BTreeMap<String, Spanned<RuleEntry>>,
    pub(super) custom_fields: Option<CustomFieldsEntry>,
    pub(super) reply: Option<Spanned<RuleEntry>>,
    #[serde(default)]
    pub(super) unused: Vec<Spanned<String>>,
}

/// A closed set of the source: which of its vocabularies, and the target's code for each of its values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEntry {
    pub(super) of: Spanned<String>,
    pub(super) arms: BTreeMap<String, Spanned<u64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleEntry {
    #[serde(default)]
    pub(super) from: Pointers,
    pub(super) parameter: Option<String>,
    pub(super) table: Option<String>,
    pub(super) lookup: Option<String>,
    pub(super) otherwise: Option<String>,
    pub(super) convert: Option<ConvertEntry>,
    pub(super) when: Option<WhenEntry>,
    #[serde(default)]
    pub(super) required: bool,
}

impl RuleEntry {
    /// True if the value is taken as it is.
    pub(super) fn is_plain(&self) -> bool {
        let converted = self.table.is_some() || self.lookup.is_some() || self.convert.is_some();
        !converted && self.when.is_none() && self.otherwise.is_none()
    }
}

/// One JSON Pointer, or several in order of preference.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub(super) enum Pointers {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Pointers {
    pub(super) fn to_vec(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::One(pointer) => vec![pointer.clone()],
            Self::Several(pointers) => pointers.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConvertEntry {
    CommaList,
    HtmlToText,
}

/// The conversion is done only if the value at a pointer is this one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenEntry {
    pub(super) at: String,
    pub(super) is: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomFieldsEntry {
    pub(super) at: Spanned<String>,
    #[serde(default)]
    pub(super) rows: BTreeMap<String, Spanned<RowEntry>>,
    #[serde(default)]
    pub(super) others: Others,
}

/// What to do with a custom field that has no row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Others {
    /// It is listed in the event's record.
    #[default]
    Report,
    /// It goes to the target's field of the same key.
    SameKey,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowEntry {
    pub(super) to: String,
    #[serde(default, rename = "as")]
    pub(super) kind: KindEntry,
    #[serde(default)]
    pub(super) options: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KindEntry {
    #[default]
    Text,
    Date,
    Choice,
    Choices,
}
