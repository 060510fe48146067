//! Between the views in memory and what the store keeps of them.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;

use super::{
    Reading,
    chunk::Chunk,
    desk::{Desk, Key, Standing},
    entry::Entry,
    failure::Failure,
    row::Row,
    serve::Prepared,
    view::{Card, Draft, View},
};
use crate::{
    json,
    store::{AsOf, ContentId, NewVersion, Store, StoreError, Version},
};

/// What becomes of a view.
pub(super) enum Change {
    To(Box<Draft>),
    Gone(String),
}

/// The rows of these tickets, in their order. Callers ask for what they can hold.
///
/// Errors: `Corrupt` when a row isn't there or can't be read; or the store's own.
pub(super) async fn rows(store: &Store, connection: &str, entries: &[Entry]) -> Result<Vec<Row>, StoreError> {
    let kept = store.pieces(connection, entries.iter().map(|entry| entry.row).collect()).await?;
    let row = |entry: &Entry| kept.get(&entry.row).and_then(|content| Row::decode(content));
    entries.iter().map(|entry| row(entry).ok_or_else(|| missing("row", entry.row))).collect()
}

/// A state of a view that isn't gone, with the chunks that it shares with one in memory.
///
/// Errors: `NotFound` for the version of a view that is gone; `Corrupt` when a part isn't there or can't be read; or the
/// store's own.
pub(super) async fn load(
    store: &Store,
    connection: &str,
    version: &Version,
    near: Option<&View>,
) -> Result<View, StoreError> {
    let card = card(version)?;
    let known: HashMap<ContentId, &Arc<Chunk>> =
        near.into_iter().flat_map(|view| &view.chunks).map(|chunk| (chunk.id, chunk)).collect();
    let wanted: Vec<ContentId> =
        version.chunks.iter().filter(|id| !known.contains_key(id)).copied().collect();
    let kept = store.pieces(connection, wanted).await?;
    let chunk = |id: &ContentId| match known.get(id) {
        Some(known) => Some(Arc::clone(known)),
        None => kept.get(id).and_then(|content| Chunk::decode(content)).map(Arc::new),
    };
    let chunk = |id: &ContentId| chunk(id).ok_or_else(|| missing("chunk", *id));
    let chunks: Vec<Arc<Chunk>> = version.chunks.iter().map(chunk).collect::<Result<_, _>>()?;
    let count = chunks.iter().map(|chunk| chunk.entries.len()).sum();
    let (id, changed_at) = (version.view.clone(), version.at);
    let (version, prepared) = (version.number, Prepared::default());
    Ok(View { id, version, changed_at, card, count, chunks, prepared })
}

/// What a version says of the view itself.
///
/// Errors: as `load`.
pub(super) fn card(version: &Version) -> Result<Card, StoreError> {
    let about = version.about.as_ref().ok_or(StoreError::NotFound)?;
    json::from_str(about).map_err(|error| StoreError::Corrupt(format!("version {}: {error}", version.number)))
}

/// The desk as the store has it, and when the vendor was last read as far as the store knows.
pub(super) async fn restore(store: &Store, connection: &str) -> Result<Desk, StoreError> {
    let versions = store.versions(connection, AsOf::Now).await?;
    let mut views = Vec::with_capacity(versions.len());
    for version in versions.iter().filter(|version| version.about.is_some()) {
        match load(store, connection, version, None).await {
            Ok(view) => views.push(view),
            // The next reading brings it back.
            Err(StoreError::Corrupt(error)) => {
                tracing::warn!(connection, view = version.view, error, "a kept view can't be read");
            }
            Err(error) => return Err(error),
        }
    }
    let newest = versions.iter().max_by_key(|version| version.number);
    let (number, at) = newest.map_or((0, None), |newest| (newest.number, Some(newest.at)));
    Ok(Desk::restored(views, number, at, None))
}

impl Reading {
    /// Writes the changes, if there are any, and puts out the desk that they lead to, with what `note` has to say of it.
    ///
    /// Errors: `Outrun` when another process has written, or the store's own; the desk is as it was then.
    pub(super) async fn commit(
        &self,
        changes: Vec<Change>,
        note: impl FnOnce(&mut Desk),
    ) -> Result<(), Failure> {
        let mut desk = Desk::clone(&self.board.desk());
        if !changes.is_empty() {
            // The store doesn't let time go back, and keeps no less than milliseconds: a state is the same everywhere.
            let now = in_milliseconds(Timestamp::now()).max(desk.written_at.unwrap_or(Timestamp::MIN));
            let versions = changes.iter().map(Change::version).collect::<Result<Vec<_>, _>>()?;
            self.metrics.ticketview_versions(&self.source.connection, versions.len());
            self.store.put_versions(&self.source.connection, desk.version, versions, now).await?;
            changes.into_iter().for_each(|change| desk.change(change, now));
        }
        note(&mut desk);
        self.put(desk).await;
        Ok(())
    }
}

impl Change {
    fn version(&self) -> serde_json::Result<NewVersion> {
        match self {
            Self::To(draft) => draft.version(),
            Self::Gone(view) => {
                Ok(NewVersion { view: view.clone(), about: None, count: 0, chunks: Vec::new() })
            }
        }
    }
}

impl Desk {
    /// As the store numbered it.
    fn change(&mut self, change: Change, now: Timestamp) {
        (self.version, self.written_at) = (self.version + 1, Some(now));
        match change {
            Change::To(draft) => self.put_view(draft.numbered(self.version, now), now),
            Change::Gone(view) => drop(self.views.remove(&Key::new(&view))),
        }
    }

    /// Puts a state of a view in the place of the one before, which says how fresh it is.
    pub(super) fn put_view(&mut self, view: View, now: Timestamp) {
        let key = Key::new(&view.id);
        let (read_at, tried_at, stale) = match self.views.get(&key) {
            Some(before) => (before.read_at, before.tried_at, before.stale.clone()),
            None => (now, now, None),
        };
        self.views.insert(key, Arc::new(Standing { view: Arc::new(view), read_at, tried_at, stale }));
    }
}

fn in_milliseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

fn missing(what: &str, id: ContentId) -> StoreError {
    StoreError::Corrupt(format!("the {what} {id} of a ticket view isn't there or can't be read"))
}
