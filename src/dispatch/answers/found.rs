//! What a look-up comes to.

use serde_json::Value;

/// None, one or several: which of several is meant is not ours to guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::dispatch) enum Found {
    None,
    One(Value),
    Several,
}

impl Found {
    /// By everything that fits; the same twice is one.
    pub(super) fn of(fitting: impl IntoIterator<Item = Value>) -> Self {
        let mut fitting = fitting.into_iter();
        match fitting.next() {
            None => Self::None,
            Some(first) if fitting.all(|other| other == first) => Self::One(first),
            Some(_) => Self::Several,
        }
    }
}

/// An id as the target's fields take it: a number, where it is one.
pub(super) fn id(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| Value::from(text), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_that_are_the_same_are_one() {
        assert_eq!(Found::of([id("7"), id("7")]), Found::One(Value::from(7)));
        assert_eq!(Found::of([id("7"), id("8")]), Found::Several);
        assert_eq!(Found::of([]), Found::None);
    }
}
