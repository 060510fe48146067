//! Folds the write-ahead log into the file beside the writer. The writer would do it by itself, but commits would
//! wait for it meanwhile: tens of milliseconds, several times a second under load.

use std::{
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::JoinHandle,
};

use rusqlite::Connection;

/// Commits between two foldings: a few thousand pages under load, and rarely anything at rest.
const EVERY: u64 = 256;

/// Wakes the thread that folds. Dropped, the thread ends.
pub(super) struct Checkpointer {
    wake: SyncSender<()>,
}

impl Checkpointer {
    /// Moves a connection of its own to a thread of its own.
    pub(super) fn start(connection: Connection) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (wake, woken) = sync_channel(1);
        let thread = std::thread::Builder::new().name("store-checkpoint".into());
        Ok((Self { wake }, thread.spawn(move || run(&connection, &woken))?))
    }

    /// Tells of the writer's commit number `commits`.
    pub(super) fn committed(&self, commits: u64) {
        if commits.is_multiple_of(EVERY)
            && let Err(TrySendError::Disconnected(())) = self.wake.try_send(())
        {
            tracing::error!("the thread that folds the write-ahead log is gone: the writer does it alone");
        }
    }
}

fn run(connection: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        // Passive: takes what it can without holding anybody up. What it can't take the next one will, or the
        // writer itself when the log has grown long.
        let folded = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = folded {
            tracing::warn!(%error, "the write-ahead log could not be folded into the file");
        }
    }
}
