//! A file that nobody works with is brought to the form of a new one.

use std::path::Path;

use rusqlite::Connection;

use super::{SCHEMA_VERSION, configure, file_error, lock_file, migrate, upkeep::gives_back};
use crate::store::{StoreError, upgrade::Upgraded};

/// See [`crate::store::Store::upgrade`].
pub(in crate::store) fn upgrade(path: &Path) -> Result<Upgraded, StoreError> {
    std::fs::metadata(path).map_err(|error| file_error(path, error))?;
    let _lock = lock_file(path)?;
    let connection = Connection::open(path)?;
    let from: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    configure(&connection)?;
    migrate(&connection)?;
    let rewritten = !gives_back(&connection)?;
    if rewritten {
        // `configure` has asked for it; a file that has tables takes it only when it is written anew.
        connection.execute_batch("VACUUM")?;
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(Upgraded { from, to: SCHEMA_VERSION, rewritten })
}
