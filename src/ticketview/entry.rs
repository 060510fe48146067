//! A ticket's place in a view: its id, and the name of the row that has its content.

use std::fmt;

pub(super) use super::normalize::Id;
use crate::store::ContentId;

/// A ticket in a view. What is held of it in memory: the row is in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: Id,
    pub(super) row: ContentId,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
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
