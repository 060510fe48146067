//! What is told to those who listen: that a view has changed, by which tickets. The tickets themselves are to be read.

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    changes::differences,
    diff::{Diff, Placed},
    entry::{Entry, Id},
    view::View,
};
use crate::store::{Store, StoreError};

/// Tickets that are named of each kind at most: news are small, whatever happened.
const MOST_NAMED: usize = 100;

/// A change of one view.
#[derive(Debug, Clone)]
pub struct News {
    /// The view's id.
    pub view: String,
    /// Number of the state that it has now.
    pub cursor: i64,
    /// When it came to that state.
    pub at: Timestamp,
    /// `{"ticketview_id","cursor","gone","count","added":[ids],"changed":[{"id","fields"}],"moved","removed":[ids],
    /// "more"}`. `gone`: the view is no more, or switched off. `moved`: how many stand elsewhere among the others.
    /// `more`: not all tickets are named.
    pub data: Bytes,
}

#[derive(Serialize)]
struct Data<'a> {
    ticketview_id: Id,
    cursor: i64,
    gone: bool,
    count: usize,
    added: Vec<&'a Id>,
    changed: Vec<Differing<'a>>,
    moved: usize,
    removed: &'a [Id],
    more: bool,
}

#[derive(Serialize)]
struct Differing<'a> {
    id: &'a Id,
    fields: Vec<String>,
}

impl News {
    /// What became of a view between two of its states; `None` where there is none that is read.
    pub(super) async fn between(
        store: &Store,
        connection: &str,
        (view, cursor, at): (&str, i64, Timestamp),
        before: Option<&View>,
        after: Option<&View>,
    ) -> Result<Self, StoreError> {
        let chunks = |view: Option<&View>| view.map(|view| view.chunks.clone()).unwrap_or_default();
        let diff = Diff::between(&chunks(before), &chunks(after));
        let named = &diff.changed[..diff.changed.len().min(MOST_NAMED)];
        let fields = differences(store, connection, named).await?;
        let changed = named.iter().zip(fields).filter(|(_, (fields, _))| !fields.is_empty());
        let lists = [diff.added.len(), diff.changed.len(), diff.removed.len()];
        let data = Data {
            ticketview_id: Id::new(view),
            cursor,
            gone: after.is_none(),
            count: after.map_or(0, |view| view.count),
            added: diff.added.iter().take(MOST_NAMED).map(|Placed { it: Entry { id, .. }, .. }| id).collect(),
            changed: changed.map(|(changed, (fields, _))| Differing { id: &changed.id, fields }).collect(),
            moved: diff.moved.len(),
            removed: &diff.removed[..diff.removed.len().min(MOST_NAMED)],
            more: lists.iter().any(|length| *length > MOST_NAMED),
        };
        let data = serde_json::to_vec(&data).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(Self { view: view.to_owned(), cursor, at, data: data.into() })
    }
}
