//! What was last written to a linked entity, kept with its link: a hash for each field, so that an echo of our own
//! write can be told from news without keeping the values twice.

use std::collections::BTreeMap;

use crate::{mapping::Fields, store::Link};

/// Field → hash of its value.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Written(BTreeMap<String, String>);

impl Written {
    /// Kept with a link when nobody knows what the target has.
    pub(super) const UNKNOWN: &str = "{}";

    /// What a link remembers. What can't be read is as good as nothing: the next write goes through.
    pub(super) fn of(link: &Link) -> Self {
        let read = |text: &String| serde_json::from_str(text).ok();
        Self(link.written.as_ref().and_then(read).unwrap_or_default())
    }

    /// True if writing `fields` would change nothing.
    pub(super) fn covers(&self, fields: &Fields) -> bool {
        fields.digests().iter().all(|(name, digest)| self.0.get(name) == Some(digest))
    }

    /// With what is written now; as a link keeps it.
    pub(super) fn and(mut self, fields: &Fields) -> Option<String> {
        self.0.extend(fields.digests());
        serde_json::to_string(&self.0).ok()
    }
}
