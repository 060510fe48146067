//! Forgets what nobody can ask for any more: states of views past their age, and pieces that none of the others has.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Reading, chunk::Chunk};
use crate::store::{ContentId, Store, StoreError};

/// Time between two rounds. The first comes after as long: a process that starts has other things to do.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// For how long a piece is kept that no state has: a reading under way has put it, or a state of before comes back.
pub(super) const SPARE: Duration = Duration::from_secs(6 * 60 * 60);
/// Pieces looked at together.
pub(super) const SOME_PIECES: usize = 500;
/// States forgotten together.
pub(super) const SOME_VERSIONS: usize = 500;
/// Pause between two pieces of work, for others to get ahead.
const BREATH: Duration = Duration::from_millis(20);

impl Reading {
    /// Prunes now and then, for ever.
    pub(super) async fn keep_pruned(&self) {
        let mut due = Instant::now() + EVERY;
        loop {
            tokio::time::sleep_until(due).await;
            if let Err(error) = self.prune(Timestamp::now()).await {
                tracing::error!(connection = self.source.connection, %error, "the history of ticket views can't be pruned");
            }
            due = Instant::now() + EVERY;
        }
    }

    /// Pieces first: those of the states that are forgotten now have until the next round, for whoever is reading them.
    /// States are forgotten also if the pieces can't be: with them goes, in time, what couldn't be read of them.
    async fn prune(&self, now: Timestamp) -> Result<(), StoreError> {
        let connection = &self.source.connection;
        let pieces = sweep(&self.store, connection, before(now, SPARE)).await;
        let states = forget_states(&self.store, connection, before(now, self.source.history)).await?;
        let pieces = pieces?;
        tracing::debug!(connection, states, pieces, "forgot old states of ticket views");
        Ok(())
    }
}

/// One round of a connection whose views nobody reads any more: states go at an age, but for the newest of each view.
pub async fn prune_unread(
    store: &Store,
    connection: &str,
    age: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let pieces = sweep(store, connection, before(now, SPARE)).await;
    forget_states(store, connection, before(now, age)).await?;
    pieces.map(drop)
}

/// Forgets the states that were followed by others before; how many.
async fn forget_states(store: &Store, connection: &str, before: Timestamp) -> Result<u64, StoreError> {
    let mut states = 0;
    loop {
        let some = store.prune_versions(connection, before, SOME_VERSIONS).await?;
        states += some;
        if some < SOME_VERSIONS as u64 {
            return Ok(states);
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Forgets the pieces that nothing has used since and that no state has; how many.
pub(super) async fn sweep(store: &Store, connection: &str, before: Timestamp) -> Result<u64, StoreError> {
    let (mut after, mut forgotten) = (None, 0);
    let mut used = None;
    loop {
        let old = store.old_pieces(connection, before, after, SOME_PIECES).await?;
        let Some(last) = old.last() else { return Ok(forgotten) };
        after = Some(*last);
        // Looked for only once there is something to ask of it.
        let used = match &mut used {
            Some(used) => used,
            none => none.insert(used_pieces(store, connection).await?),
        };
        let unused: Vec<ContentId> = old.into_iter().filter(|id| used.binary_search(id).is_err()).collect();
        if !unused.is_empty() {
            forgotten += store.forget_pieces(connection, unused, before).await?;
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// The pieces of all states, in order. A vector, since there may be millions: nothing holds them tighter.
pub(super) async fn used_pieces(store: &Store, connection: &str) -> Result<Vec<ContentId>, StoreError> {
    let chunks = store.chunks_in_use(connection).await?;
    let (mut used, mut sorted) = (chunks.clone(), chunks.len());
    for some in chunks.chunks(SOME_PIECES) {
        for (id, content) in store.pieces(connection, some.to_vec()).await? {
            let chunk = Chunk::decode(&content)
                .ok_or_else(|| StoreError::Corrupt(format!("the chunk {id} of a ticket view")))?;
            used.extend(chunk.entries.iter().map(|entry| entry.row));
        }
        // States share most of their rows. Not each time, or each row would be sorted as often as there are chunks.
        if used.len() >= 2 * sorted {
            sort(&mut used);
            sorted = used.len();
        }
    }
    sort(&mut used);
    Ok(used)
}

fn sort(used: &mut Vec<ContentId>) {
    used.sort_unstable();
    used.dedup();
}

pub(super) fn before(now: Timestamp, age: Duration) -> Timestamp {
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
