//! Forgets states of ticket views that hold something of a person. What Bangwo8 still shows stays: the newest state of a
//! view follows it at the next reading. Where nobody reads any more, there is none, and the newest goes, too.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    chunk::Chunk,
    prune::{SOME_PIECES, SOME_VERSIONS, SPARE, before, sweep, used_pieces},
    row::Row,
};
use crate::{
    event::Subject,
    store::{ContentId, Store, StoreError, Version},
};

/// States read together: each may name many chunks.
const PAGE: usize = 64;

/// What is to be forgotten.
#[derive(Debug, Clone, Copy)]
pub struct Forgetting<'a> {
    /// Of which connection.
    pub connection: &'a str,
    /// About whom.
    pub subject: &'a Subject,
    /// False where nobody reads the connection's views any more.
    pub is_read: bool,
    /// True changes nothing.
    pub dry_run: bool,
}

/// What was forgotten, or would be.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Forgotten {
    /// States that held something of the person and were followed by others, or will never be.
    pub states: u64,
    /// Views whose newest state holds something: they lose it when Bangwo8 does.
    pub current: u64,
}

/// Forgets the history of a connection's views up to the last state that holds something of a person and isn't the newest
/// of its view. What it was made of goes at once, but for what was used in the last hours, which goes with the next
/// rounds: a reading under way may need it. Where nobody reads, views that hold something are taken for gone, and all goes.
pub async fn forget(store: &Store, what: Forgetting<'_>, now: Timestamp) -> Result<Forgotten, StoreError> {
    let Forgetting { connection, subject, is_read, dry_run } = what;
    let mut search = Search { store, connection, subject, known: HashMap::new() };
    let mut found = search.walk().await?;
    let left = if is_read { Vec::new() } else { std::mem::take(&mut found.current) };
    let forgotten =
        Forgotten { states: found.states + left.len() as u64, current: found.current.len() as u64 };
    if dry_run {
        return Ok(forgotten);
    }
    if !left.is_empty() {
        let until = close(store, connection, left, &found, now).await?;
        found.until = Some(until);
    }
    if let Some(until) = found.until {
        prune(store, connection, until).await?;
    }
    if is_read {
        // A reading under way needs what it has just put.
        search.sweep(before(now, SPARE)).await?;
    } else {
        // Nobody needs what no state has, nor will a search of states ever come upon it.
        sweep(store, connection, just_after(now)).await?;
    }
    Ok(forgotten)
}

/// Views are gone from now on, so that what they were is history; since when.
async fn close(
    store: &Store,
    connection: &str,
    views: Vec<String>,
    found: &Found,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    store.close_views(connection, found.last, views, now).await?;
    Ok(found.last_at.max(now))
}

/// What states of views hold something of the person.
#[derive(Default)]
struct Found {
    /// How many of those that are followed by others.
    states: u64,
    /// When the last of these was followed.
    until: Option<Timestamp>,
    /// Views whose newest state does.
    current: Vec<String>,
    /// The number of the last state of all, 0 if there is none, and since when it was.
    last: i64,
    last_at: Timestamp,
}

async fn prune(store: &Store, connection: &str, until: Timestamp) -> Result<(), StoreError> {
    let until = just_after(until);
    while store.prune_versions(connection, until, SOME_VERSIONS).await? == SOME_VERSIONS as u64 {}
    Ok(())
}

/// The store is told the time before which it shall forget, where one is meant with which it shall.
fn just_after(time: Timestamp) -> Timestamp {
    time.checked_add(SignedDuration::from_millis(1)).unwrap_or(time)
}

struct Search<'a> {
    store: &'a Store,
    connection: &'a str,
    subject: &'a Subject,
    /// Whether a piece holds something, of those that were looked at.
    known: HashMap<ContentId, bool>,
}

impl Search<'_> {
    /// What there is.
    async fn walk(&mut self) -> Result<Found, StoreError> {
        let mut newest: HashMap<String, bool> = HashMap::new();
        let mut found = Found::default();
        loop {
            let page = self.store.versions_after(self.connection, found.last, PAGE).await?;
            let Some(last) = page.last() else { break };
            (found.last, found.last_at) = (last.number, last.at);
            for version in page {
                let holds = self.is_in(&version).await?;
                if newest.insert(version.view, holds) == Some(true) {
                    found.states += 1;
                    found.until = Some(version.at);
                }
            }
        }
        found.current = newest.into_iter().filter(|(_, holds)| *holds).map(|(view, _)| view).collect();
        Ok(found)
    }

    async fn is_in(&mut self, version: &Version) -> Result<bool, StoreError> {
        let mut holds = version.about.as_ref().is_some_and(|about| self.subject.is_in(about.as_bytes()));
        let new = |id: &&ContentId| !self.known.contains_key(*id);
        let unknown: Vec<ContentId> = version.chunks.iter().filter(new).copied().collect();
        for some in unknown.chunks(SOME_PIECES) {
            for (id, content) in self.store.pieces(self.connection, some.to_vec()).await? {
                let is_in = self.is_in_chunk(&content).await?;
                self.known.insert(id, is_in);
            }
        }
        for id in &version.chunks {
            holds |= self.known.get(id).copied().unwrap_or(false);
        }
        Ok(holds)
    }

    async fn is_in_chunk(&mut self, content: &[u8]) -> Result<bool, StoreError> {
        let entries = Chunk::decode(content).map(|chunk| chunk.entries).unwrap_or_default();
        let rows: Vec<ContentId> = entries.iter().map(|entry| entry.row).collect();
        let unknown = rows.iter().filter(|id| !self.known.contains_key(*id)).copied().collect();
        for (id, content) in self.store.pieces(self.connection, unknown).await? {
            let row = Row::decode(&content);
            let is_in = row.is_some_and(|row| {
                [&row.ticket, &row.sent].iter().any(|text| self.subject.is_in(text.get().as_bytes()))
            });
            self.known.insert(id, is_in);
        }
        Ok(rows.iter().any(|id| self.known.get(id).copied().unwrap_or(false)))
    }

    /// Forgets pieces that hold something, that no state has any more, and that were last used before a time.
    async fn sweep(&self, before: Timestamp) -> Result<(), StoreError> {
        let holding: Vec<ContentId> =
            self.known.iter().filter(|(_, holds)| **holds).map(|(id, _)| *id).collect();
        if holding.is_empty() {
            return Ok(());
        }
        let used = used_pieces(self.store, self.connection).await?;
        let unused: Vec<ContentId> =
            holding.into_iter().filter(|id| used.binary_search(id).is_err()).collect();
        for some in unused.chunks(SOME_PIECES) {
            self.store.forget_pieces(self.connection, some.to_vec(), before).await?;
        }
        Ok(())
    }
}
