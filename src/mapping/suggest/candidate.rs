//! A field with all that is compared of it, made once.

use super::{Field, Glossary, name::Name, options, options::Place};

#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) field: &'a Field,
    /// What it is called: its label, and its name if that says something.
    pub(super) names: Vec<(&'a str, Name)>,
    pub(super) options: Vec<Place>,
}

/// In the order of their names, `TextField_2` before `TextField_10`, whatever order they came in.
pub(super) fn candidates<'a>(fields: &'a [Field], glossary: &Glossary) -> Vec<Candidate<'a>> {
    let mut candidates: Vec<Candidate<'_>> = fields.iter().map(|field| candidate(field, glossary)).collect();
    candidates.sort_by_cached_key(|it| (in_order(&it.field.name), it.field.label.clone()));
    candidates
}

fn candidate<'a>(field: &'a Field, glossary: &Glossary) -> Candidate<'a> {
    let name = Some(field.name.as_str()).filter(|name| is_telling(name));
    let spoken = field.label.as_deref().into_iter().chain(name);
    Candidate {
        field,
        names: spoken.filter_map(|text| Some((text, Name::of(text, glossary)?))).collect(),
        options: options::places(field, glossary),
    }
}

/// Names that vendors give say nothing: `TextField_1`, `field_9`, `cf_3`, `360012`.
fn is_telling(name: &str) -> bool {
    const GIVEN: [&str; 7] = ["", "field", "textfield", "selectfield", "customfield", "column", "cf"];
    let letters: String = name.chars().filter(|it| it.is_alphabetic()).collect();
    !GIVEN.contains(&letters.to_lowercase().as_str())
}

/// The name before its last number, that number, and the name itself.
fn in_order(name: &str) -> (String, u64, String) {
    let letters = name.trim_end_matches(|it: char| it.is_ascii_digit());
    (letters.to_owned(), name[letters.len()..].parse().unwrap_or_default(), name.to_owned())
}
