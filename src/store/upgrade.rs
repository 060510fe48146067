//! Brings a store that is not in use to the form that this version would give a new one.

use super::{Store, StoreError, place::file, postgres, sqlite};

/// What an upgrade did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upgraded {
    /// The schema's version before.
    pub from: i64,
    /// The schema's version now.
    pub to: i64,
    /// True if the file was written anew, so that it can give space back.
    pub rewritten: bool,
}

impl Store {
    /// Writes a file that nobody works with anew, so that nothing is left in it of what it held before. Takes as long as
    /// copying it, and the same room on the disk again for that time. PostgreSQL does this by itself, bit by bit.
    ///
    /// Errors: as `upgrade`.
    pub async fn rewrite(url: &str) -> Result<(), StoreError> {
        let Some(path) = file(url).map(str::to_owned) else { return Ok(()) };
        let rewrite = move || sqlite::rewrite(path.as_ref());
        tokio::task::spawn_blocking(rewrite).await.map_err(|_| StoreError::Closed)?
    }

    /// Takes the schema's steps, and writes a file anew that can't give space back to the disk, which takes as long as
    /// copying it and the same room on the disk again for that time. Of PostgreSQL only the steps: space is its own affair,
    /// and replicas may be at work meanwhile.
    ///
    /// Errors: `File` where there is none, `InUse`, `TooNew`, `Full`, or the engine's own.
    pub async fn upgrade(url: &str) -> Result<Upgraded, StoreError> {
        if postgres::is_address(url) {
            return postgres::upgrade(url).await;
        }
        let path = file(url).ok_or(StoreError::UnknownEngine)?.to_owned();
        let upgrade = move || sqlite::upgrade(path.as_ref());
        tokio::task::spawn_blocking(upgrade).await.map_err(|_| StoreError::Closed)?
    }
}
