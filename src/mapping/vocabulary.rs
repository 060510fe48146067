//! What the vendors' closed fields can hold, and what a target's ticket and company can be given. Data, in
//! `mappings/vocabularies`; a source of a tenant's own has its file in the same folder beside the connections file.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{kept::Text, question::Kind, yaml::read_text};
use crate::{
    diagnostic::{Diagnostic, read_yaml},
    disk,
};

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

/// Where vocabularies are found.
pub(super) enum Vocabularies {
    /// The shipped ones, and before them a source's own in this folder.
    Beside(PathBuf),
    /// These of one mapping.
    Kept { source: Text, target: Text },
}

impl Vocabularies {
    /// The vocabulary of a source.
    pub(super) fn source(&self, name: &str) -> Result<(SourceVocabulary, Text), Missing> {
        match self {
            Self::Beside(folder) => read(own(folder, name)?.map_or_else(|| shipped(&SOURCES, name), Ok)?),
            Self::Kept { source, .. } => read(source.clone()),
        }
    }

    /// The vocabulary of a target.
    pub(super) fn target(&self, name: &str) -> Result<(TargetVocabulary, Text), Missing> {
        match self {
            Self::Beside(_) => read(shipped(&TARGETS, name)?),
            Self::Kept { target, .. } => read(target.clone()),
        }
    }
}

fn read<T: DeserializeOwned>(text: Text) -> Result<(T, Text), Missing> {
    let words = read_yaml(&text.path, &text.text).map_err(Missing::Broken)?;
    Ok((words, text))
}

/// A source's vocabulary of the tenant's own, if there is one.
fn own(folder: &Path, name: &str) -> Result<Option<Text>, Missing> {
    let path = folder.join(format!("{name}.yaml"));
    if !is_plain(name) || !disk::stands(&path) {
        return Ok(None);
    }
    let text = read_text(&path).map_err(Missing::Broken)?;
    Ok(Some(Text { path, text }))
}

/// A name that can be a file's, and leads to no other folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

fn shipped(all: &[(&str, &str)], name: &str) -> Result<Text, Missing> {
    let names = || all.iter().map(|(known, _)| (*known).to_owned()).collect();
    let (name, text) =
        all.iter().find(|(known, _)| *known == name).ok_or_else(|| Missing::Unknown(names()))?;
    let path = format!("mappings/vocabularies/{name}.yaml").into();
    Ok(Text { path, text: (*text).to_owned() })
}
