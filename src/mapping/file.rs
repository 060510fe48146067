//! A mapping file as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

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
    pub(super) reply: Option<Spanned<ReplyEntry>>,
    #[serde(default)]
    pub(super) unused: Vec<Spanned<String>>,
    pub(super) company: Option<CompanyEntry>,
    pub(super) field_options: Option<FieldOptionsEntry>,
}

/// What `company.created` and `company.updated` become.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompanyEntry {
    pub(super) fields: BTreeMap<String, Spanned<RuleEntry>>,
    pub(super) custom_fields: Option<CustomFieldsEntry>,
    #[serde(default)]
    pub(super) unused: Vec<Spanned<String>>,
}

/// What the `field_options` events become: the field is the one that the ticket's custom field of this name goes to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldOptionsEntry {
    pub(super) field: Spanned<String>,
    pub(super) options: Spanned<String>,
    #[serde(default)]
    pub(super) unused: Vec<Spanned<String>>,
}

/// A reply: its text, who wrote it, and what happens to it if only agents may see it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyEntry {
    pub(super) from: Pointers,
    pub(super) convert: Option<ConvertEntry>,
    pub(super) when: Option<WhenEntry>,
    pub(super) id: Option<String>,
    pub(super) author: Option<AuthorEntry>,
    pub(super) internal: Option<InternalEntry>,
}

impl ReplyEntry {
    /// The part that is a rule like any other.
    pub(super) fn text(&self) -> RuleEntry {
        let (convert, when) = (self.convert, self.when.clone());
        RuleEntry { from: self.from.clone(), convert, when, ..RuleEntry::default() }
    }
}

/// Who wrote a reply, for its first line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthorEntry {
    #[serde(default)]
    pub(super) name: Pointers,
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) kinds: BTreeMap<String, String>,
}

/// A reply is internal if the value at a pointer is this one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InternalEntry {
    pub(super) at: String,
    pub(super) is: Value,
    pub(super) then: InternalReplies,
}

/// What becomes of internal replies. Whether the target shows a reply to customers is its own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum InternalReplies {
    /// They are not sent; the event's record says so.
    Skip,
    /// They are sent with a first line that says that they are internal.
    Mark,
}

/// A closed set of the source: which of its vocabularies, and the target's code for each of its values.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableEntry {
    pub(super) of: Spanned<String>,
    pub(super) arms: BTreeMap<String, Spanned<u64>>,
}

#[derive(Debug, Default, Deserialize)]
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
#[derive(Debug, Clone, Default, Deserialize)]
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
    Date,
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
