//! What the vendors' closed fields can hold, and what a target's ticket and company can be given. Data, in
//! `mappings/vocabularies`.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, read_yaml};

/// A source's closed fields: name → value → its other spellings.
pub(super) type SourceVocabulary = BTreeMap<String, BTreeMap<String, Vec<String>>>;

const SOURCES: [(&str, &str); 4] = [
    ("udesk", include_str!("../../mappings/vocabularies/udesk.yaml")),
    ("generic", include_str!("../../mappings/vocabularies/generic.yaml")),
    ("zendesk", include_str!("../../mappings/vocabularies/zendesk.yaml")),
    ("freshdesk", include_str!("../../mappings/vocabularies/freshdesk.yaml")),
];
const TARGETS: [(&str, &str); 1] = [("bangwo8", include_str!("../../mappings/vocabularies/bangwo8.yaml"))];

/// The writable fields of one kind of entity, by name.
pub(super) type TargetFields = BTreeMap<String, TargetField>;

/// A target's writable fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetVocabulary {
    pub(super) ticket: TargetFields,
    pub(super) company: TargetFields,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetField {
    #[serde(rename = "type")]
    pub(super) kind: TargetType,
    #[serde(default)]
    pub(super) required: bool,
    /// Code and label of each value of a closed field.
    #[serde(default)]
    pub(super) codes: BTreeMap<u64, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TargetType {
    Text,
    /// `YYYY-MM-DD`.
    Date,
    Code,
    Id,
}

/// The vocabulary of a source; `None` if there is no such source.
pub(super) fn source(name: &str) -> Option<Result<SourceVocabulary, Diagnostic>> {
    shipped(&SOURCES, name)
}

/// The vocabulary of a target; `None` if there is no such target.
pub(super) fn target(name: &str) -> Option<Result<TargetVocabulary, Diagnostic>> {
    shipped(&TARGETS, name)
}

/// The names of all sources.
pub(super) fn source_names() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(name, _)| *name)
}

/// The names of all targets.
pub(super) fn target_names() -> impl Iterator<Item = &'static str> {
    TARGETS.iter().map(|(name, _)| *name)
}

fn shipped<T: serde::de::DeserializeOwned>(
    all: &[(&str, &str)],
    name: &str,
) -> Option<Result<T, Diagnostic>> {
    let (name, text) = all.iter().find(|(known, _)| *known == name)?;
    Some(read_yaml(Path::new(&format!("mappings/vocabularies/{name}.yaml")), text))
}
