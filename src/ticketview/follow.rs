//! The desk of a process that doesn't read the views itself: what another one wrote, and how fresh that one says it is.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Reading,
    desk::{Desk, Key, Reason, Stale, Standing},
    keep,
};
use crate::{
    json,
    store::{StoreError, Version},
};

/// Under what a connection's reader keeps how fresh its views are.
pub(super) const STATE: &str = "ticketviews/state";
/// Versions read at once.
const MOST_VERSIONS: usize = 500;

/// How fresh the views are that one process reads, for all others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
    stale: Option<Stale>,
    unread: BTreeMap<String, Option<Reason>>,
    views: BTreeMap<String, Mark>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Mark {
    read_at: Timestamp,
    tried_at: Timestamp,
    stale: Option<Stale>,
}

impl Reading {
    /// Takes in the versions that the store has and the desk hasn't. Where the store has lost what the desk has, as after
    /// it was restored, the desk is what the store has.
    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        loop {
            let mut desk = Desk::clone(&self.board.desk());
            let connection = &self.source.connection;
            let mut versions = self.store.versions_after(connection, desk.version - 1, MOST_VERSIONS).await?;
            if has_lost(&desk, &versions) {
                return self.start_over().await;
            }
            versions.retain(|version| version.number > desk.version);
            let Some(last) = versions.last() else { return Ok(()) };
            (desk.version, desk.written_at) = (last.number, Some(last.at));
            // Of each view only the last counts.
            let newest: HashMap<String, Version> =
                versions.into_iter().map(|version| (version.view.clone(), version)).collect();
            for version in newest.into_values() {
                self.take_in(&mut desk, version).await?;
            }
            self.put(desk).await;
        }
    }

    async fn start_over(&self) -> Result<(), StoreError> {
        let connection = &self.source.connection;
        tracing::warn!(connection, "the store has lost states of ticket views: what it has is served");
        let desk = keep::restore(&self.store, connection).await?;
        self.board.pages.clear();
        self.board.feed.forget();
        self.put(desk).await;
        Ok(())
    }

    async fn take_in(&self, desk: &mut Desk, version: Version) -> Result<(), StoreError> {
        let key = Key::new(&version.view);
        if version.about.is_none() {
            desk.views.remove(&key);
            return Ok(());
        }
        let near = desk.views.get(&key).map(|standing| standing.view.clone());
        match keep::load(&self.store, &self.source.connection, &version, near.as_deref()).await {
            Ok(view) => desk.put_view(view, version.at),
            // As at a start: the view's next state brings it back.
            Err(StoreError::Corrupt(error)) => {
                let connection = &self.source.connection;
                tracing::warn!(connection, view = version.view, error, "a kept view can't be read");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Follows the process that reads, for one look. Nothing is put out that is as it was.
    pub(super) async fn follow(&self) -> Result<(), StoreError> {
        // First, so that nothing older than what it speaks of is marked as fresh.
        let text = self.store.cursor(&self.source.connection, STATE).await?;
        self.catch_up().await?;
        let Some(text) = text else { return Ok(()) };
        let Ok(state) = json::from_str::<State>(&text) else { return Ok(()) };
        let before = self.board.desk();
        if State::of(&before) != state {
            let mut desk = Desk::clone(&before);
            state.mark(&mut desk);
            self.board.put(desk);
        }
        Ok(())
    }
}

/// True if the desk's newest version is not among those from its number on. The store never forgets its own newest.
fn has_lost(desk: &Desk, versions: &[Version]) -> bool {
    match versions.first() {
        Some(first) if first.number == desk.version => desk.written_at.is_some_and(|at| at != first.at),
        Some(_) => false,
        None => desk.version > 0,
    }
}

impl State {
    /// How fresh a desk is.
    pub(super) fn of(desk: &Desk) -> Self {
        let mark = |standing: &Standing| {
            let Standing { read_at, tried_at, stale, .. } = standing.clone();
            Mark { read_at, tried_at, stale }
        };
        Self {
            read_at: desk.read_at,
            tried_at: desk.tried_at,
            stale: desk.stale.clone(),
            unread: desk.unread.iter().map(|(key, why)| (key.id().to_owned(), why.clone())).collect(),
            views: desk.views.iter().map(|(key, standing)| (key.id().to_owned(), mark(standing))).collect(),
        }
    }

    /// Says of a desk how fresh it is.
    pub(super) fn mark(self, desk: &mut Desk) {
        (desk.read_at, desk.tried_at, desk.stale) = (self.read_at, self.tried_at, self.stale);
        desk.unread = self.unread.into_iter().map(|(id, why)| (Key::new(&id), why)).collect();
        for (id, Mark { read_at, tried_at, stale }) in self.views {
            if let Some(standing) = desk.views.get_mut(&Key::new(&id)) {
                let view = standing.view.clone();
                *standing = Standing { view, read_at, tried_at, stale }.into();
            }
        }
    }
}

#[cfg(test)]
mod tests;
