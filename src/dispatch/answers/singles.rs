//! Answers that come one at a time, each with a call of its own.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{cached::Cached, found::Found};
use crate::mapping::{Kind, Question};

/// Answers remembered. When there are more, all are forgotten: each costs one call to learn again, and there is
/// nothing to keep in order.
const MAX_SINGLES: usize = 10_000;

/// One cached answer for each question.
#[derive(Default)]
pub(super) struct Singles(Mutex<HashMap<Question, Arc<Cached<Found>>>>);

impl Singles {
    /// The place of a question's answer, the same for all who ask it at once.
    pub(super) fn of(&self, question: &Question) -> Arc<Cached<Found>> {
        let mut singles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if singles.len() >= MAX_SINGLES && !singles.contains_key(question) {
            singles.clear();
        }
        singles.entry(question.clone()).or_default().clone()
    }

    /// Forgets every answer about entities of a kind.
    pub(super) fn forget(&self, kind: Kind) {
        let about = |question: &Question| match question {
            Question::Link { kind, .. } | Question::Vendor { kind, .. } | Question::Create { kind, .. } => {
                Some(*kind)
            }
            Question::Choice { .. } => None,
        };
        let mut singles = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        singles.retain(|question, _| about(question) != Some(kind));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::By;

    fn question(value: usize) -> Question {
        Question::Vendor { kind: Kind::Company, by: By::Name, value: value.to_string() }
    }

    #[test]
    fn a_question_has_one_place_and_there_are_never_more_than_so_many() {
        let singles = Singles::default();
        let first = singles.of(&question(0));
        assert!(Arc::ptr_eq(&first, &singles.of(&question(0))));
        for value in 1..=MAX_SINGLES {
            singles.of(&question(value));
        }
        assert_eq!(singles.0.lock().unwrap().len(), 1);
    }
}
