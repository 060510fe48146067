//! A copy of a store's file, made while a service may be at work with it.
//!
//! Promises: what stands under the backup's name is whole, on disk and proved; it holds all that was committed before the
//! backup began, and nothing of what came later in part. A store that a backup was put back in place of knows it at its
//! next start: what its ticket views were given as numbers since is not given again.

use std::path::Path;

use super::{StoreError, place::file, postgres, sqlite};

/// The cursor that marks a backup: whoever opens it to work with it knows that it was put in the place of its store. No
/// connection has an empty name.
pub(super) const MARK: (&str, &str) = ("", "backup");

/// What a backup is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackingUp {
    /// Bytes written, of about so many.
    Writing {
        /// Written.
        bytes: u64,
        /// That there are, about.
        of: u64,
    },
    /// Its pages are compared with one another.
    Verifying,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// Bytes of the file.
    pub bytes: u64,
    /// Events in it.
    pub events: u64,
    /// The version of its schema: that of the store, which need not be this program's.
    pub schema: i64,
}

/// Writes `sqlite:PATH` into a new file, which only its owner may read. Blocks until it is on disk. `tell` hears of it now
/// and then.
///
/// Errors: `NoFile` of a PostgreSQL, `UnknownEngine`, `File` where there is no store or the new file is there already,
/// `Damaged`, `Full`, or the engine's own: then there is no new file.
pub fn backup(url: &str, to: &Path, tell: &mut dyn FnMut(BackingUp)) -> Result<BackedUp, StoreError> {
    if postgres::is_address(url) {
        return Err(StoreError::NoFile);
    }
    let path = file(url).ok_or(StoreError::UnknownEngine)?;
    sqlite::backup(path.as_ref(), to, tell)
}

/// What either engine does to a backup that has been put in the place of its store: the states of ticket views get other
/// numbers, which nothing that came after the backup has had, since the milliseconds of the time are added to them and
/// states don't come as fast as those pass. Who remembers a number of before would take another state for that one, and so
/// is told that it is no longer known.
pub(super) fn renumber(now_ms: i64) -> String {
    let (connection, name) = MARK;
    format!(
        "UPDATE view_versions SET number = number + {now_ms}, prior = prior + {now_ms};
         UPDATE cursors SET place = CAST(CAST(place AS BIGINT) + {now_ms} AS TEXT)
          WHERE connection <> '' AND name LIKE 'webhooks/%';
         DELETE FROM leaders;
         DELETE FROM cursors WHERE connection = '{connection}' AND name = '{name}';"
    )
}

/// Says that it was done.
pub(super) fn tell_restored() {
    tracing::warn!(
        "the store was restored from a backup: what was delivered since is delivered again, and who follows ticket views \
         reads them anew"
    );
}
