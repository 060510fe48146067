//! What was read of one connection: immutable, replaced as a whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Body, Served, Unavailable, Views, key};
use crate::store::Snapshot;

/// All views of a connection.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) views: Views,
    /// When the vendor was last read successfully; `None` before the first time.
    pub(super) read_at: Option<Timestamp>,
    pub(super) stale: Option<Stale>,
}

/// Says that the last reading failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Stale {
    /// When the vendor was last read successfully.
    pub(super) since: Option<Timestamp>,
    /// Code of the error that the last reading ended in.
    pub(super) reason: &'static str,
}

/// One view.
#[derive(Clone)]
pub(super) struct View {
    pub(super) about: Box<RawValue>,
    /// Switched-off views are listed, but not read.
    pub(super) enabled: bool,
    pub(super) tickets: Vec<Box<RawValue>>,
    pub(super) changed_at: Timestamp,
}

/// A view as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    about: Box<RawValue>,
    enabled: bool,
    tickets: Vec<Box<RawValue>>,
}

impl View {
    /// The bytes to keep: what tells whether the view has changed.
    pub(super) fn content(&self) -> serde_json::Result<Vec<u8>> {
        let (about, tickets) = (self.about.clone(), self.tickets.clone());
        serde_json::to_vec(&Kept { about, enabled: self.enabled, tickets })
    }

    pub(super) fn same_content(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.tickets.iter().map(|t| t.get()), other.tickets.iter().map(|t| t.get()));
        self.about.get() == other.about.get() && self.enabled == other.enabled && ours.eq(theirs)
    }
}

impl Desk {
    /// The desk as it was last kept. What can't be read is left out: the next reading brings it back.
    pub(super) fn restore(kept: Vec<Snapshot>) -> Self {
        let mut desk = Self::default();
        for snapshot in kept {
            match serde_json::from_slice::<Kept>(&snapshot.content) {
                Ok(Kept { about, enabled, tickets }) => {
                    let changed_at = snapshot.changed_at;
                    desk.read_at = desk.read_at.max(Some(changed_at));
                    desk.views.insert(key(&snapshot.view), View { about, enabled, tickets, changed_at });
                }
                Err(error) => tracing::warn!(view = snapshot.view, %error, "a kept snapshot can't be read"),
            }
        }
        desk.stale = desk.read_at.map(|since| Stale { since: Some(since), reason: "restarted" });
        desk
    }

    /// When any view last changed.
    pub(super) fn changed_at(&self) -> Timestamp {
        self.views.values().map(|view| view.changed_at).max().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn enabled_ids(&self) -> Vec<String> {
        self.views.iter().filter(|(_, view)| view.enabled).map(|((_, id), _)| id.clone()).collect()
    }

    pub(super) fn enabled(&self, id: &str) -> Result<&View, Unavailable> {
        self.views.get(&key(id)).filter(|view| view.enabled).ok_or_else(|| self.unknown(id))
    }

    pub(super) fn unknown(&self, id: &str) -> Unavailable {
        Unavailable::UnknownView { view: id.to_owned(), known: self.enabled_ids() }
    }

    /// A body with what HTTP wants to know of it.
    pub(super) fn serve(
        &self,
        body: &impl Serialize,
        last_modified: Timestamp,
    ) -> Result<Served, Unavailable> {
        let age = self.read_at.map_or(0, |read| Timestamp::now().as_second() - read.as_second());
        let last_modified = super::prepared::http_date(last_modified);
        Ok(Served { body: Body::json(body)?, last_modified, age_s: Some(age.unsigned_abs()) })
    }
}
