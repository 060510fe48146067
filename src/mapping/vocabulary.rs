//! What the vendors' closed fields can hold, and what a target's ticket and company can be given. Data, in
//! `mappings/vocabularies`; a source of a tenant's own has its file in the same folder beside the connections file.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::Value;

use super::{question::Kind, yaml::read_text};
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
#[derive(Debug, Default, Deserialize)]
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
    /// What an id is the id of, where it can be looked up.
    pub(super) refers: Option<Kind>,
    /// Characters at most.
    pub(super) max_length: Option<u64>,
    /// The value that empties the field.
    pub(super) clear: Option<Value>,
    /// Lines can be added to it: what no rule reads can go here.
    #[serde(default)]
    pub(super) description: bool,
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

/// Why there is no vocabulary.
#[derive(Debug)]
pub(super) enum Missing {
    /// There is none of this name; these there are.
    Unknown(Vec<String>),
    /// The file can't be read.
    Broken(Diagnostic),
}

/// The vocabulary of a source, from the folder `own` or the shipped one.
pub(super) fn source(name: &str, own: &Path) -> Result<SourceVocabulary, Missing> {
    if !is_plain(name) {
        return shipped(&SOURCES, name);
    }
    let file = own.join(format!("{name}.yaml"));
    if !file.exists() {
        return shipped(&SOURCES, name);
    }
    let text = read_text(&file).map_err(Missing::Broken)?;
    read_yaml(&file, &text).map_err(Missing::Broken)
}

/// A name that can be a file's, and leads to no other folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// The vocabulary of a target.
pub(super) fn target(name: &str) -> Result<TargetVocabulary, Missing> {
    shipped(&TARGETS, name)
}

fn shipped<T: serde::de::DeserializeOwned>(all: &[(&str, &str)], name: &str) -> Result<T, Missing> {
    let names = || all.iter().map(|(known, _)| (*known).to_owned()).collect();
    let (name, text) =
        all.iter().find(|(known, _)| *known == name).ok_or_else(|| Missing::Unknown(names()))?;
    read_yaml(Path::new(&format!("mappings/vocabularies/{name}.yaml")), text).map_err(Missing::Broken)
}
