//! Which entity at the target stands for which at the source.

use crate::event::Lane;

/// Names a source entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkKey {
    /// Kind of entity, e.g. `ticket`.
    pub kind: String,
    /// The source's id.
    pub source_id: String,
}

impl From<&Lane> for LinkKey {
    fn from(lane: &Lane) -> Self {
        Self { kind: lane.kind().to_owned(), source_id: lane.source_id().to_owned() }
    }
}

/// A source entity and the target entity that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The source entity.
    pub key: LinkKey,
    /// The target's id.
    pub target_id: String,
    /// The source's version (update time in unix milliseconds) that was last applied.
    pub version: Option<i64>,
    /// What was last written to the target entity, in the words of whoever wrote it. The store doesn't look inside;
    /// `None` leaves what is there.
    pub written: Option<String>,
}
