//! A mapping as it is kept: the texts that it was compiled of, so that an event can still be delivered by it after the
//! files have changed. What the source's schemas say is not among them: it is compiled against those of then.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::json;

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Text {
    /// From the folder of the connections file, where it stands below that.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// All texts of a mapping.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) name: String,
    /// Its file, then the one that it builds on, and so on.
    pub(super) files: Vec<Text>,
    pub(super) source_vocabulary: Text,
    pub(super) target_vocabulary: Text,
}

impl Kept {
    /// The same wherever the folder of the connections file is: replicas have one digest.
    pub(super) fn below(mut self, folder: &Path) -> Self {
        let vocabularies = [&mut self.source_vocabulary, &mut self.target_vocabulary];
        for text in self.files.iter_mut().chain(vocabularies) {
            if let Ok(below) = text.path.strip_prefix(folder) {
                text.path = below.to_owned();
            }
        }
        self
    }

    /// As one text, and the hash of it, in hexadecimal.
    pub(super) fn content(&self) -> Content {
        // Text alone is in it: it can always be written.
        let text = serde_json::to_string(self).unwrap_or_default();
        Content { digest: hex::encode(Sha256::digest(&text)), text }
    }
}

/// What a mapping is kept by and as.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) digest: String,
    pub(super) text: String,
}

/// The name of a kept mapping, as connections called it; `None` if the content is none.
pub fn kept_name(content: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    json::from_str(content).ok().map(|Named { name }| name)
}
