//! Forgets what nobody can ask for any more: states of views past their age, and pieces that none of the others has.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{Reading, chunk::Chunk};
use crate::store::{ContentId, StoreError};

/// Time between two rounds. The first comes after as long: a process that starts has other things to do.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// For how long a piece is kept that no state has: a reading under way has put it, or a state of before comes back.
const SPARE: Duration = Duration::from_secs(6 * 60 * 60);
/// Pieces looked at together.
const SOME_PIECES: usize = 500;
/// States forgotten together.
const SOME_VERSIONS: usize = 500;
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
        let pieces = self.sweep(before(now, SPARE)).await;
        let (before, mut states) = (before(now, self.source.history), 0);
        loop {
            let some = self.store.prune_versions(connection, before, SOME_VERSIONS).await?;
            states += some;
            if some < SOME_VERSIONS as u64 {
                break;
            }
            tokio::time::sleep(BREATH).await;
        }
        let pieces = pieces?;
        tracing::debug!(connection, states, pieces, "forgot old states of ticket views");
        Ok(())
    }

    /// Forgets the pieces that nothing has used since and that no state has; how many.
    async fn sweep(&self, before: Timestamp) -> Result<u64, StoreError> {
        let connection = &self.source.connection;
        let (mut after, mut forgotten) = (None, 0);
        let mut used = None;
        loop {
            let old = self.store.old_pieces(connection, before, after, SOME_PIECES).await?;
            let Some(last) = old.last() else { return Ok(forgotten) };
            after = Some(*last);
            // Looked for only once there is something to ask of it.
            let used = match &mut used {
                Some(used) => used,
                none => none.insert(self.used_pieces().await?),
            };
            let unused: Vec<ContentId> =
                old.into_iter().filter(|id| used.binary_search(id).is_err()).collect();
            if !unused.is_empty() {
                forgotten += self.store.forget_pieces(connection, unused, before).await?;
            }
            tokio::time::sleep(BREATH).await;
        }
    }

    /// The pieces of all states, in order. A vector, since there may be millions: nothing holds them tighter.
    async fn used_pieces(&self) -> Result<Vec<ContentId>, StoreError> {
        let chunks = self.store.chunks_in_use(&self.source.connection).await?;
        let (mut used, mut sorted) = (chunks.clone(), chunks.len());
        for some in chunks.chunks(SOME_PIECES) {
            for (id, content) in self.store.pieces(&self.source.connection, some.to_vec()).await? {
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
}

fn sort(used: &mut Vec<ContentId>) {
    used.sort_unstable();
    used.dedup();
}

fn before(now: Timestamp, age: Duration) -> Timestamp {
    now.checked_sub(age).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests;
