//! What was last written to a linked entity, kept with its link: a hash for each field, so that an echo of our own
//! write can be told from news without keeping the values twice; and how new it was by the sender's own count.

use std::collections::BTreeMap;

use crate::{
    json,
    mapping::Fields,
    store::{Link, SEQUENCE},
};

/// Field → hash of its value; and the sender's count, since no field has such a name.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Written(BTreeMap<String, String>);

impl Written {
    /// What a link remembers. What can't be read is as good as nothing: the next write goes through.
    pub(super) fn of(link: &Link) -> Self {
        let read = |text: &String| json::from_str(text).ok();
        Self(link.written.as_ref().and_then(read).unwrap_or_default())
    }

    /// True if writing `fields` would change nothing.
    pub(super) fn covers(&self, fields: &Fields) -> bool {
        fields.digests().iter().all(|(name, digest)| self.0.get(name) == Some(digest))
    }

    /// With what is written now.
    pub(super) fn and(mut self, fields: &Fields) -> Self {
        self.0.extend(fields.digests());
        self
    }

    /// The sender's count of what was last applied.
    pub(super) fn sequence(&self) -> Option<i64> {
        self.0.get(SEQUENCE)?.parse().ok()
    }

    /// After this count was applied.
    pub(super) fn at(mut self, sequence: Option<i64>) -> Self {
        if let Some(newest) = self.sequence().max(sequence) {
            self.0.insert(SEQUENCE.to_owned(), newest.to_string());
        }
        self
    }

    /// When nobody knows what the target has. How new it is at least is still known.
    pub(super) fn unknown(&self) -> Self {
        Self::default().at(self.sequence())
    }

    /// As a link keeps it.
    pub(super) fn text(&self) -> Option<String> {
        serde_json::to_string(&self.0).ok()
    }
}
