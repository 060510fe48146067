//! Which entity at the target stands for which at the source.

use serde_json::{Map, Value};

use crate::{event::Lane, json};

/// The member of what was written that says how new it was by the sender's own count, in digits. It stays when the others
/// are forgotten.
pub const SEQUENCE: &str = "@sequence";

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
    /// What was last written to the target entity: a JSON object in the words of whoever wrote it, of which the store knows
    /// [`SEQUENCE`] alone. `None` leaves what is there.
    pub written: Option<String>,
}

/// What stays of what was written.
pub(super) fn lasting(written: &str) -> Option<String> {
    let members: Map<String, Value> = json::from_str(written).ok()?;
    let sequence: i64 = members.get(SEQUENCE)?.as_str()?.parse().ok()?;
    Some(format!(r#"{{"{SEQUENCE}":"{sequence}"}}"#))
}
