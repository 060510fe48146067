//! One state of one view: immutable, shared by whoever serves, compares or exports it.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{chunk::Chunk, entry::Entry, normalize::About, serve::Prepared};
use crate::store::{ContentId, NewVersion};

/// A state of a view, its tickets by their entries only: their rows are in the store.
#[derive(Debug)]
pub(super) struct View {
    /// The vendor's id, in its words.
    pub(super) id: String,
    /// Number of this state among those of all views of the connection: a cursor.
    pub(super) version: i64,
    /// Since when it is in this state.
    pub(super) changed_at: Timestamp,
    /// What is known of the view itself.
    pub(super) card: Card,
    /// How many tickets it has.
    pub(super) count: usize,
    /// In the view's order.
    pub(super) chunks: Vec<Arc<Chunk>>,
    /// What is asked for most.
    pub(super) prepared: Prepared,
}

/// What is known of a view beside its tickets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Card {
    /// Normalized.
    pub(super) about: About,
    /// As the vendor sent it, but for its `ticket_count`, which is of another moment than the tickets.
    pub(super) sent: Value,
    /// A view that is switched off is listed, but its tickets are not read.
    pub(super) enabled: bool,
    /// How many tickets the vendor says that a switched-off view has.
    pub(super) listed: Option<u64>,
    /// Every custom field that its tickets have, by key: the columns of exports.
    pub(super) columns: Arc<[Column]>,
}

/// A custom field that tickets of a view have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) key: String,
    /// What people call it; `None` where the vendor's list of fields doesn't know it.
    pub(super) name: Option<String>,
}

impl View {
    /// The tickets, in the view's order.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.chunks.iter().flat_map(|chunk| chunk.entries.iter())
    }

    /// The tickets at these places; those past the end are left out.
    pub(super) fn slice(&self, range: Range<usize>) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(range.len().min(self.count));
        let mut start = 0;
        for chunk in &self.chunks {
            let end = start + chunk.entries.len();
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to {
                entries.extend_from_slice(&chunk.entries[from - start..to - start]);
            }
            start = end;
        }
        entries
    }

    /// How many tickets it has, as far as anybody knows: one that is switched off has what the vendor says.
    pub(super) fn ticket_count(&self) -> Option<u64> {
        if self.card.enabled { Some(self.count as u64) } else { self.card.listed }
    }
}

/// A state of a view that has no number yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) card: Card,
    pub(super) chunks: Vec<Arc<Chunk>>,
}

impl Draft {
    /// True if it says nothing that the view doesn't. A column that no ticket has any more is no change.
    pub(super) fn equals(&self, view: &View) -> bool {
        let columns = view.card.columns.clone();
        let fewer = self.card.columns.iter().all(|column| columns.contains(column));
        fewer && Card { columns, ..self.card.clone() } == view.card && self.names().eq(names(&view.chunks))
    }

    /// As the store wants it.
    pub(super) fn version(&self) -> serde_json::Result<NewVersion> {
        let (view, about) = (self.id.clone(), Some(serde_json::to_string(&self.card)?));
        Ok(NewVersion { view, about, count: self.count() as u64, chunks: self.names().collect() })
    }

    /// The state under the number that it got.
    pub(super) fn numbered(self, version: i64, changed_at: Timestamp) -> View {
        let count = self.count();
        View {
            id: self.id,
            version,
            changed_at,
            card: self.card,
            count,
            chunks: self.chunks,
            prepared: Prepared::default(),
        }
    }

    fn count(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.entries.len()).sum()
    }

    fn names(&self) -> impl Iterator<Item = ContentId> {
        names(&self.chunks)
    }
}

fn names(chunks: &[Arc<Chunk>]) -> impl Iterator<Item = ContentId> {
    chunks.iter().map(|chunk| chunk.id)
}

/// The columns of tickets, in the order of their keys, shorter ones first: `field_9` stands before `field_10`.
pub(super) fn columns(names: BTreeMap<String, Option<String>>) -> Arc<[Column]> {
    let mut columns: Vec<Column> = names.into_iter().map(|(key, name)| Column { key, name }).collect();
    columns.sort_by(|one, other| (one.key.len(), &one.key).cmp(&(other.key.len(), &other.key)));
    columns.into()
}
