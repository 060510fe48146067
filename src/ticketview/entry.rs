//! A ticket's place in a view: its id, and the name of the row that has its content.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::store::ContentId;

/// A ticket in a view. What is held of it in memory: the row is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: Id,
    pub(super) row: ContentId,
}

/// A ticket's id: a number where it is written as one, so that it takes no room of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Id {
    Number(u64),
    Text(Box<str>),
}

impl Id {
    /// `7` is a number; `007` and `+7` are text, since the number would be shown otherwise.
    pub(super) fn new(text: &str) -> Self {
        match text.parse::<u64>() {
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text.into()),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Entry, Id};

    #[test]
    fn an_entry_takes_four_words() {
        assert_eq!(size_of::<Entry>(), 32);
    }

    #[test]
    fn only_what_is_written_as_a_number_is_one() {
        assert_eq!(Id::new("5237431"), Id::Number(5_237_431));
        for text in ["007", "+7", "-7", "", "7 ", "18446744073709551616", "工单"] {
            assert_eq!(Id::new(text), Id::Text(text.into()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_id_is_shown_as_it_was_written(text in "[+0-9a-z]{0,22}") {
            prop_assert_eq!(Id::new(&text).to_string(), text);
        }
    }
}
