//! What sort of value a field takes, in words that both vendors' types translate into, and what can become of what.

use std::fmt;

use super::Share;

/// What sort of value a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
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

/// How a row reads a value: its `as`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Text,
    Date,
    Number,
    Phone,
    YesNo,
    Choice,
    Choices,
    Cascade,
}

/// How well values of one sort can become values of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    /// The whole if nothing can go wrong.
    pub(super) share: Share,
    pub(super) how: As,
    /// What to look at, if something can.
    pub(super) caution: Option<&'static str>,
}

impl Kind {
    /// The sort that a field list calls by this word: `text`, `textarea`, `date`, `datetime`, `number`, `decimal`,
    /// `tel`, `url`, `yes_no`, `choice`, `choices`, `cascade` and what other help desks call the same.
    pub fn of_word(word: &str) -> Self {
        match word.to_lowercase().replace(['-', ' '], "_").as_str() {
            "text" | "string" | "regexp" | "pattern" | "email" => Self::Text,
            "textarea" | "text_area" | "area_text" | "long_text" | "html" | "rich_text" => Self::LongText,
            "date" => Self::Date,
            "time" => Self::Time,
            "datetime" | "date_time" | "timestamp" => Self::DateTime,
            "integer" | "int" => Self::Integer,
            // Udesk's `number` is a whole number in its screens, but elsewhere it is any.
            "number" | "numeric" | "decimal" | "float" => Self::Decimal,
            "tel" | "phone" | "telephone" | "mobile" => Self::Phone,
            "link" | "url" => Self::Link,
            "yes_no" | "bool" | "boolean" | "switch" | "checkbox" => Self::YesNo,
            "choice" | "droplist" | "dropdown" | "select" | "radio" | "tagger" | "list" => Self::Choice,
            "choices" | "multiselect" | "multi_select" | "checkboxes" => Self::Choices,
            "cascade" | "chained_droplist" | "nested" | "tree" => Self::Cascade,
            _ => Self::Other(word.to_owned()),
        }
    }

    /// True if values are chosen among options.
    pub fn has_options(&self) -> bool {
        matches!(self, Self::Choice | Self::Choices | Self::Cascade)
    }

    /// What becomes of values of this sort in a field of the other one; nothing if they can't be taken.
    pub(super) fn fit(&self, target: &Self) -> Option<Fit> {
        use Kind::{
            Cascade, Choice, Choices, Date, DateTime, Decimal, Integer, Link, LongText, Phone, Text, Time,
            YesNo,
        };
        const MAY_BE_NONE: &str = "any text can stand there";
        const ONE_LINE: &str = "several lines become one";
        const AS_TEXT: &str = "as text";
        let (share, how, caution) = match (self, target) {
            (Text, Text) | (LongText, LongText) => (1000, As::Text, None),
            (Text, LongText) => (950, As::Text, None),
            (LongText, Text) => (800, As::Text, Some(ONE_LINE)),
            (Date | Time | DateTime | Link | Phone, Text) => (950, As::Text, None),
            (Integer | Decimal, Text) => (800, As::Text, Some(AS_TEXT)),
            (Date | Time | DateTime | Link | Phone, LongText) => (800, As::Text, Some(AS_TEXT)),
            (Date, Date) => (1000, As::Date, None),
            (DateTime, Date) => (800, As::Date, None),
            (Text, Date) => (500, As::Date, Some(MAY_BE_NONE)),
            (Integer, Integer) | (Decimal, Decimal) => (1000, As::Text, None),
            (Integer, Decimal) => (950, As::Text, None),
            (Text, Integer | Decimal) => (500, As::Number, Some(MAY_BE_NONE)),
            (Phone, Phone) => (1000, As::Phone, None),
            (Text, Phone) => (800, As::Phone, Some(MAY_BE_NONE)),
            (YesNo, YesNo) => (1000, As::YesNo, None),
            (Choice, Choice) => (1000, As::Choice, None),
            (Choice, Choices) => (900, As::Choices, Some("one of several")),
            (Choice, YesNo) => (850, As::Choice, None),
            (Choices, Choices) => (1000, As::Choices, None),
            (Cascade, Cascade) => (1000, As::Cascade, None),
            (Choice, Text) => (750, As::Choice, Some("the option's name as text")),
            (Choices, Text) => (750, As::Choices, Some("the options' names as text")),
            _ => return None,
        };
        Some(Fit { share: Share(share), how, caution })
    }
}

impl fmt::Display for Kind {
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

impl As {
    /// Its word in a mapping file; nothing for text, which need not be said.
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Text => None,
            Self::Date => Some("date"),
            Self::Number => Some("number"),
            Self::Phone => Some("phone"),
            Self::YesNo => Some("yes_no"),
            Self::Choice => Some("choice"),
            Self::Choices => Some("choices"),
            Self::Cascade => Some("cascade"),
        }
    }

    /// What can't be taken back from what it becomes, in the file's own words.
    pub(super) fn lossy(self) -> Option<&'static str> {
        match self {
            Self::Date => Some("the time of day is dropped"),
            Self::Number => Some("how a number is written is not kept"),
            Self::Phone => Some("what stands between the digits is dropped"),
            Self::YesNo => Some("several spellings are one truth"),
            Self::Text | Self::Choice | Self::Choices | Self::Cascade => None,
        }
    }

    /// True if the row lists options.
    pub(super) fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::Choices | Self::Cascade)
    }
}
