//! A custom field as a vendor has it, in words that both vendors' types translate into.

use std::fmt;

/// A custom field of either vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What values are filed under: `TextField_1`, `field_9`.
    pub name: String,
    /// What people call it.
    pub label: Option<String>,
    /// What sort of value it takes.
    pub kind: Takes,
    /// What can be chosen; none if anything can, or if that isn't known.
    pub options: Vec<FieldOption>,
    /// The vendor says that there has to be a value.
    pub mandatory: bool,
    /// Why it can't be written, or not by everybody, if so.
    pub unwritable: Option<String>,
}

/// What can be chosen in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldOption {
    /// What values hold for it.
    pub index: String,
    /// What people read.
    pub name: String,
    /// No longer offered; older values hold it.
    pub hidden: bool,
    /// The options below it, in a cascade.
    pub subs: Vec<FieldOption>,
}

/// What sort of value a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Takes {
    Text,
    LongText,
    Date,
    Time,
    DateTime,
    Integer,
    Decimal,
    Phone,
    Link,
    YesNo,
    Choice,
    Choices,
    Cascade,
    /// Anything else, in the vendor's word: nothing can be made of it, or it of anything.
    Other(String),
}

/// What a field list calls each sort: the documented word, and what other help desks call the same.
const WORDS: [(Takes, &[&str]); 13] = [
    (Takes::Text, &["text", "string", "regexp", "pattern", "email"]),
    (Takes::LongText, &["textarea", "text_area", "area_text", "long_text", "html", "rich_text"]),
    (Takes::Date, &["date"]),
    (Takes::Time, &["time"]),
    (Takes::DateTime, &["datetime", "date_time", "timestamp"]),
    (Takes::Integer, &["integer", "int"]),
    // Udesk's `number` is a whole number in its screens, but elsewhere it is any.
    (Takes::Decimal, &["number", "numeric", "decimal", "float"]),
    (Takes::Phone, &["phone", "tel", "telephone", "mobile"]),
    (Takes::Link, &["link", "url"]),
    (Takes::YesNo, &["checkbox", "yes_no", "bool", "boolean", "switch"]),
    (Takes::Choice, &["dropdown", "drop_down", "droplist", "choice", "select", "radio", "tagger", "list"]),
    (Takes::Choices, &["multiselect", "multi_select", "choices", "checkboxes"]),
    (Takes::Cascade, &["cascade", "chained_droplist", "nested", "tree"]),
];

impl Field {
    /// `field_9 (城市)`.
    pub(super) fn called(&self) -> String {
        match &self.label {
            Some(label) => format!("{} ({label})", self.name),
            None => self.name.clone(),
        }
    }

    /// Every option with its path: what values hold for it, and the names from the first level on.
    pub(super) fn paths(&self) -> Vec<OptionPath<'_>> {
        let mut paths = Vec::new();
        walk(&self.options, &OptionPath::default(), &mut paths);
        paths
    }
}

/// An option of any level.
#[derive(Debug, Clone, Default)]
pub(super) struct OptionPath<'a> {
    /// `0,1`.
    pub(super) index: String,
    /// From the first level on.
    pub(super) names: Vec<&'a str>,
    /// It or one above it is no longer offered.
    pub(super) hidden: bool,
}

impl OptionPath<'_> {
    /// Its own name.
    pub(super) fn name(&self) -> &str {
        self.names.last().copied().unwrap_or_default()
    }
}

/// The depth is bounded by that of the JSON that the list came in.
fn walk<'a>(options: &'a [FieldOption], above: &OptionPath<'a>, found: &mut Vec<OptionPath<'a>>) {
    for option in options {
        let comma = if above.index.is_empty() { "" } else { "," };
        let mut names = above.names.clone();
        names.push(option.name.trim());
        let index = format!("{}{comma}{}", above.index, option.index);
        let path = OptionPath { index, names, hidden: above.hidden || option.hidden };
        found.push(path.clone());
        walk(&option.subs, &path, found);
    }
}

impl Takes {
    /// The sort that a field list calls by this word; nothing if it is none of [`words`](Self::words).
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.to_lowercase().replace(['-', ' '], "_");
        WORDS.into_iter().find(|(_, words)| words.contains(&word.as_str())).map(|(takes, _)| takes)
    }

    /// What field lists call each sort, the documented word first.
    pub fn words() -> impl Iterator<Item = &'static [&'static str]> {
        WORDS.into_iter().map(|(_, words)| words)
    }

    /// True if values are chosen among options.
    pub fn has_options(&self) -> bool {
        matches!(self, Self::Choice | Self::Choices | Self::Cascade)
    }
}

impl fmt::Display for Takes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::LongText => "text of several lines",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "date and time",
            Self::Integer => "whole number",
            Self::Decimal => "decimal number",
            Self::Phone => "telephone number",
            Self::Link => "link",
            Self::YesNo => "yes or no",
            Self::Choice => "one option",
            Self::Choices => "several options",
            Self::Cascade => "cascade",
            Self::Other(word) => word,
        })
    }
}
