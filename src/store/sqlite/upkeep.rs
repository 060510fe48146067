//! What keeps the file bounded: its size, forgetting what is long done, giving space back.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::store::{Size, StoreError};

/// Pages given back to the disk in one transaction: others wait for it.
const SHRINK_PAGES: i64 = 512;

pub(super) fn size(db: &Connection, path: &Path) -> Result<Size, StoreError> {
    let pages = number(db, "PRAGMA page_count")?;
    let (unused, page) = (number(db, "PRAGMA freelist_count")?, number(db, "PRAGMA page_size")?);
    let log = std::fs::metadata(path.with_file_name(log_name(path))).map_or(0, |log| log.len());
    let free = rustix::fs::statvfs(path).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    Ok(Size { used: (pages - unused) * page + log, taken: pages * page + log, free })
}

fn log_name(path: &Path) -> std::ffi::OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push("-wal");
    name
}

fn number(db: &Connection, pragma: &str) -> Result<u64, StoreError> {
    Ok(db.query_row(pragma, [], |row| row.get(0))?)
}

/// Forgets the oldest events that came to rest before `before`. What is parked or dead waits for an operator, and stays.
pub(super) fn prune(tx: &Connection, before: i64, limit: usize) -> Result<u64, StoreError> {
    let sql = "SELECT connection, seq FROM deliveries INDEXED BY deliveries_done
               WHERE open = 0 AND status <> 'dead' AND updated_at < ?1 ORDER BY updated_at LIMIT ?2";
    let found: Vec<(String, i64)> = tx
        .prepare_cached(sql)?
        .query_map(params![before, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (connection, sequence) in &found {
        for sql in [
            "DELETE FROM effects WHERE connection = ?1 AND seq = ?2",
            "DELETE FROM attempts WHERE connection = ?1 AND seq = ?2",
            "DELETE FROM deliveries WHERE connection = ?1 AND seq = ?2",
            "DELETE FROM events WHERE connection = ?1 AND seq = ?2",
        ] {
            tx.prepare_cached(sql)?.execute(params![connection, sequence])?;
        }
    }
    Ok(found.len() as u64)
}

/// Gives free pages at the end of the file back to the disk; true if there are more.
pub(super) fn shrink(tx: &Connection) -> Result<bool, StoreError> {
    let mut statement = tx.prepare(&format!("PRAGMA incremental_vacuum({SHRINK_PAGES})"))?;
    let mut steps = statement.query([])?;
    while steps.next()?.is_some() {}
    Ok(number(tx, "PRAGMA freelist_count")? > 0)
}
