//! What an event holds that no rule reads: it is told, never dropped in silence.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    convert::present,
    pointer::{Pointer, join},
};

/// The pointers that something reads or that have no place at the target by the mapping's own word.
#[derive(Debug, Default)]
pub(super) struct Known {
    below: HashMap<String, Known>,
    /// Everything from here on is known.
    whole: bool,
}

impl Known {
    pub(super) fn add(&mut self, pointer: &Pointer) {
        let mut at = self;
        for token in pointer.tokens() {
            at = at.below.entry(token.clone()).or_default();
        }
        at.whole = true;
    }

    /// Calls `tell` with every value of an event that is not known, and its pointer.
    pub(super) fn unread<'v>(&self, data: &'v Value, tell: &mut dyn FnMut(String, &'v Value)) {
        if let Value::Object(members) = data {
            walk(Some(self), members, "", tell);
        }
    }
}

fn walk<'v>(
    known: Option<&Known>,
    members: &'v Map<String, Value>,
    at: &str,
    tell: &mut dyn FnMut(String, &'v Value),
) {
    for (name, value) in members {
        let below = known.and_then(|known| known.below.get(name));
        match value {
            _ if present(Some(value)).is_none() || below.is_some_and(|below| below.whole) => {}
            Value::Object(inner) => walk(below, inner, &join(at, name), tell),
            _ => tell(join(at, name), value),
        }
    }
}
