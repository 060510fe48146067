//! What was not in a list although the list was read again because of it: somebody who has left stays missing, and is
//! no reason to read it again for each of their tickets.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;

use crate::mapping::Question;

/// Questions remembered. When there are more, all are forgotten: each costs one reading of a list.
const MAX_MISSED: usize = 10_000;

/// When each was last looked for in vain.
#[derive(Default)]
pub(super) struct Missed(Mutex<HashMap<Question, Timestamp>>);

impl Missed {
    pub(super) fn note(&self, question: &Question, at: Timestamp) {
        let mut missed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if missed.len() >= MAX_MISSED {
            missed.clear();
        }
        missed.insert(question.clone(), at);
    }

    pub(super) fn is_noted_since(&self, question: &Question, since: Timestamp) -> bool {
        let missed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        missed.get(question).is_some_and(|at| *at >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{By, Kind};

    fn question(value: usize) -> Question {
        Question::Vendor { kind: Kind::Agent, by: By::Name, value: value.to_string() }
    }

    #[test]
    fn what_was_missed_is_remembered_from_then_on_and_not_without_end() {
        let (missed, then) = (Missed::default(), Timestamp::from_second(60).unwrap());
        missed.note(&question(0), then);
        assert!(missed.is_noted_since(&question(0), then));
        assert!(!missed.is_noted_since(&question(0), Timestamp::from_second(61).unwrap()));
        assert!(!missed.is_noted_since(&question(1), then));
        for value in 1..=MAX_MISSED {
            missed.note(&question(value), then);
        }
        assert_eq!(missed.0.lock().unwrap().len(), 1);
    }
}
