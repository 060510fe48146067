//! What a row can write into what field, and read of what field.

use crate::mapping::{
    field::Takes,
    trace::FieldKind::{
        self, Cascade, Choice, Choices, Date, DateTime, Html, Id, Link, List, Number, Phone, YesNo,
    },
};

/// Why a value does not, or may not, fit into a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// No value of the kind fits. With what to do.
    Never(&'static str),
    /// Some fit. With what to look at.
    Perhaps(&'static str),
}

const ANY_TEXT: &str = "not every text is one";
const AS_CHOICE: &str = "give the row as: choice and options";
const AS_CHOICES: &str = "give the row as: choices and options";
const AS_CASCADE: &str = "give the row as: cascade and options";
const BY_PEOPLE: &str = "no row can write one: choose another field";

/// What stands in the way of what a row writes; `holds` is what the source's field holds, where that is known. By
/// Bangwo8's types of fields: text that is checked by a pattern counts as text, and a checkbox takes 是 and 否.
pub(super) fn written(row: FieldKind, holds: Option<&Takes>, target: &Takes) -> Option<Misfit> {
    use Misfit::{Never, Perhaps};
    match target {
        Takes::Text | Takes::LongText => {
            (row == Cascade).then_some(Never("it takes text, and a cascade is a list"))
        }
        Takes::Other(_) | Takes::Time | Takes::DateTime | Takes::Link => Some(Never(BY_PEOPLE)),
        Takes::Date => match (row, holds) {
            (Date, _) | (FieldKind::Text, Some(Takes::Date)) => None,
            (FieldKind::Text, None | Some(Takes::Text)) => Some(Perhaps(ANY_TEXT)),
            _ => Some(Never("give the row as: date")),
        },
        Takes::Integer | Takes::Decimal => match (row, holds) {
            (Number | Id, _) | (FieldKind::Text, Some(Takes::Integer)) => None,
            (FieldKind::Text, Some(Takes::Decimal)) if *target == Takes::Decimal => None,
            (FieldKind::Text, None | Some(Takes::Text | Takes::Decimal)) => Some(Perhaps(ANY_TEXT)),
            _ => Some(Never("give the row as: number")),
        },
        Takes::Phone => match row {
            Phone => None,
            FieldKind::Text => Some(Perhaps("as: phone takes out what stands between the digits")),
            _ => Some(Never("give the row as: phone")),
        },
        Takes::YesNo => match row {
            YesNo | Choice => None,
            FieldKind::Text => Some(Perhaps("as: yes_no reads other words than 是 and 否 too")),
            _ => Some(Never("give the row as: yes_no")),
        },
        Takes::Choice => match row {
            Choice | YesNo => None,
            FieldKind::Text if !holds.is_some_and(Takes::has_options) => {
                Some(Perhaps("only the names of its options fit"))
            }
            _ => Some(Never(AS_CHOICE)),
        },
        Takes::Choices => match row {
            Choice | Choices => None,
            List | FieldKind::Text if !holds.is_some_and(Takes::has_options) => {
                Some(Perhaps("only the names of its options fit"))
            }
            _ => Some(Never(AS_CHOICES)),
        },
        Takes::Cascade => (row != Cascade).then_some(Never(AS_CASCADE)),
    }
}

/// What stands in the way of what a row reads.
pub(super) fn read(row: FieldKind, holds: &Takes) -> Option<Misfit> {
    use Misfit::{Never, Perhaps};
    match (row, holds) {
        (Choice, Takes::Choice | Takes::YesNo)
        | (Choices, Takes::Choice | Takes::Choices)
        | (Cascade, Takes::Cascade)
        | (Id, _) => None,
        (Choice, Takes::Choices) => {
            Some(Perhaps("a value of several options can't be read: as: choices reads them"))
        }
        (Choice | Choices, Takes::Cascade) => Some(Never(AS_CASCADE)),
        (Choice | Choices | Cascade, Takes::Text | Takes::Other(_)) => {
            Some(Perhaps("its values may be no options"))
        }
        (Cascade, Takes::Choice) => Some(Never(AS_CHOICE)),
        (Cascade, Takes::Choices) => Some(Never(AS_CHOICES)),
        (Choice | Choices | Cascade, _) => Some(Never("it has no options")),
        (_, Takes::Choice) => Some(Never(AS_CHOICE)),
        (_, Takes::Choices) => Some(Never(AS_CHOICES)),
        (_, Takes::Cascade) => Some(Never(AS_CASCADE)),
        (Date, Takes::Date | Takes::DateTime) | (DateTime, Takes::DateTime) => None,
        (Date | DateTime, Takes::Text | Takes::LongText | Takes::Other(_)) => Some(Perhaps(ANY_TEXT)),
        (DateTime, Takes::Date) => Some(Perhaps("it has no time of day")),
        (Date | DateTime, _) => Some(Never("its values are no dates")),
        (Number, Takes::Integer | Takes::Decimal) => None,
        (Number, Takes::Text | Takes::LongText | Takes::Other(_) | Takes::Phone) => Some(Perhaps(ANY_TEXT)),
        (Number, _) => Some(Never("its values are no numbers")),
        (FieldKind::Text | Html | Phone | Link | YesNo | List, _) => None,
    }
}
