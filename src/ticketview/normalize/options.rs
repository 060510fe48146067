//! Which options a value means. The vendor sends the option's text in some answers and its id in others, so both are
//! looked for, the text first: it is what the documents promise (§4.5).

use std::collections::HashMap;

use serde::Serialize;

use super::Id;
use crate::bangwo8::FieldOption;

/// The options of one level.
#[derive(Default)]
pub(super) struct Options {
    all: Vec<Choice>,
    by_id: HashMap<String, Place>,
    by_label: HashMap<String, Place>,
    /// Commas in the label that has most of them: what is joined by commas can't be taken apart at each.
    max_commas: usize,
}

struct Choice {
    id: String,
    label: String,
    below: Options,
}

/// Where in `all`. Two options can have one label; then it doesn't say which is meant.
enum Place {
    At(usize),
    Ambiguous,
}

/// An option as it is shown. What the list doesn't know is shown as far as the value tells it: an option can be
/// gone from the list and still stand in tickets.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Chosen {
    pub(super) id: Option<Id>,
    pub(super) label: Option<String>,
}

impl Options {
    pub(super) fn new(options: &[FieldOption]) -> Self {
        let mut level = Self::default();
        for option in options {
            let (id, label) = (option.key.trim().to_owned(), option.value.trim().to_owned());
            level.max_commas = level.max_commas.max(label.matches(',').count());
            note(&mut level.by_id, &id, level.all.len());
            note(&mut level.by_label, &label, level.all.len());
            level.all.push(Choice { id, label, below: Self::new(&option.subset) });
        }
        level
    }

    /// Whether the text is an option's label or id.
    pub(super) fn has(&self, text: &str) -> bool {
        self.by_label.contains_key(text) || self.by_id.contains_key(text)
    }

    /// The option that a text means.
    pub(super) fn one(&self, text: &str) -> Chosen {
        self.find(text).map_or_else(|| Chosen::unknown(text), Choice::chosen)
    }

    /// The options of a text that joins them by commas.
    pub(super) fn joined(&self, text: &str) -> Vec<Chosen> {
        let parts: Vec<&str> = text.split(',').collect();
        let (mut chosen, mut rest) = (Vec::new(), parts.as_slice());
        while !rest.is_empty() {
            let (option, taken) = self.first_of(rest);
            chosen.extend(option);
            rest = &rest[taken..];
        }
        chosen
    }

    /// The option that the first parts mean, as many of them as make a label, and how many those are.
    fn first_of(&self, parts: &[&str]) -> (Option<Chosen>, usize) {
        for taken in (2..=(self.max_commas + 1).min(parts.len())).rev() {
            if let Some(choice) = self.find(parts[..taken].join(",").trim()) {
                return (Some(choice.chosen()), taken);
            }
        }
        let part = parts[0].trim();
        ((!part.is_empty()).then(|| self.one(part)), 1)
    }

    /// The options of a path through the levels, root first. Below an option that isn't known none is.
    pub(super) fn path<'a>(&self, steps: impl IntoIterator<Item = &'a str>) -> Vec<Chosen> {
        let (mut level, mut chosen) = (Some(self), Vec::new());
        for step in steps {
            let choice = level.and_then(|level| level.find(step));
            chosen.push(choice.map_or_else(|| Chosen::unknown(step), Choice::chosen));
            level = choice.map(|choice| &choice.below);
        }
        chosen
    }

    fn find(&self, text: &str) -> Option<&Choice> {
        match self.by_label.get(text).or_else(|| self.by_id.get(text))? {
            Place::At(place) => self.all.get(*place),
            Place::Ambiguous => None,
        }
    }
}

fn note(places: &mut HashMap<String, Place>, text: &str, place: usize) {
    let first = places.insert(text.to_owned(), Place::At(place)).is_none();
    if !first {
        places.insert(text.to_owned(), Place::Ambiguous);
    }
}

impl Choice {
    fn chosen(&self) -> Chosen {
        Chosen { id: Some(Id::new(&self.id)), label: Some(self.label.clone()) }
    }
}

impl Chosen {
    /// Whether the list has the option.
    pub(super) fn is_known(&self) -> bool {
        self.id.is_some() && self.label.is_some()
    }

    /// Digits are taken for an id, anything else for a label.
    fn unknown(text: &str) -> Self {
        match Id::new(text) {
            id @ Id::Number(_) => Self { id: Some(id), label: None },
            Id::Text(_) => Self { id: None, label: Some(text.to_owned()) },
        }
    }
}
