//! A file that nobody works with is brought to the form of a new one.

use std::path::Path;

use rusqlite::Connection;

use super::{
    SCHEMA_VERSION, configure, known_version, lock_file, migrate, must_be_there, upkeep::gives_back,
};
use crate::store::{StoreError, upgrade::Upgraded};

/// See [`crate::store::Store::rewrite`].
pub(in crate::store) fn rewrite(path: &Path) -> Result<(), StoreError> {
    let _lock = lock_file(path)?;
    let connection = Connection::open(path)?;
    configure(&connection)?;
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// See [`crate::store::Store::upgrade`].
pub(in crate::store) fn upgrade(path: &Path) -> Result<Upgraded, StoreError> {
    must_be_there(path)?;
    let _lock = lock_file(path)?;
    let connection = Connection::open(path)?;
    let from = known_version(&connection)?;
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
