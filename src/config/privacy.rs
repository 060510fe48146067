//! What a connection keeps to itself.

use serde::Deserialize;

use crate::diagnostic::{Place, Spanned, place};

/// What of a connection's events is kept from the disk, the target and everybody who asks.
#[derive(Debug, Clone, Default)]
pub struct Privacy {
    /// JSON Pointers into `data`, each with its place in the file. A segment `*` stands for every element or member.
    pub redact: Vec<(String, Place)>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrivacyEntry {
    #[serde(default)]
    redact: Vec<Spanned<String>>,
}

impl PrivacyEntry {
    pub(super) fn read(&self) -> Privacy {
        Privacy {
            redact: self.redact.iter().map(|pointer| (pointer.value.clone(), place(pointer))).collect(),
        }
    }
}
