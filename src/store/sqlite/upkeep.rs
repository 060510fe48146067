//! What keeps the file bounded: its size, forgetting what is long done, giving space back.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, params};

use super::{SCHEMA_VERSION, events::parsed, time};
use crate::store::{Backlog, Size, Stats, StoreError};

/// Pages given back to the disk in one transaction: others wait for it.
const SHRINK_PAGES: i64 = 512;
/// Bytes of a write-ahead log that is not worth to be cut.
const SHORT_LOG_BYTES: u64 = 1024 * 1024;
/// How long a cut waits for readers and the writer; after that it is left for the next time.
const FOLD_PATIENCE: Duration = Duration::from_millis(200);
/// How long one waits who was asked to leave nothing behind: longer than a page of a list is read.
const CUT_PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn size(db: &Connection, path: &Path) -> Result<Size, StoreError> {
    let pages = number(db, "PRAGMA page_count")?;
    let (unused, page) = (number(db, "PRAGMA freelist_count")?, number(db, "PRAGMA page_size")?);
    let log = log_bytes(path);
    let free = rustix::fs::statvfs(path).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    Ok(Size { used: (pages - unused) * page + log, taken: pages * page + log, free })
}

/// Bytes of the write-ahead log beside the file.
fn log_bytes(path: &Path) -> u64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).map_or(0, |log| log.len())
}

fn number(db: &Connection, pragma: &str) -> Result<u64, StoreError> {
    Ok(db.query_row(pragma, [], |row| row.get(0))?)
}

/// Forgets the oldest events that came to rest before `before`. What is parked or dead waits for an operator, and stays;
/// so does the newest event of all, after whose number the next ones are counted. Dead messages to a subscriber, whose
/// journal's name has a full stop, go as what is settled does: nobody need look at them, and they would never end.
pub(super) fn prune(tx: &Connection, before: i64, limit: usize) -> Result<u64, StoreError> {
    // The dead of one journal came to rest about in their order: they are not sorted by when they did.
    let sql = "SELECT connection, seq FROM (
                   SELECT * FROM (
                       SELECT connection, seq, updated_at FROM deliveries INDEXED BY deliveries_done
                       WHERE open = 0 AND status <> 'dead' AND updated_at < ?1
                         AND seq < (SELECT max(seq) FROM events)
                       ORDER BY updated_at LIMIT ?2)
                   UNION ALL
                   SELECT * FROM (
                       SELECT connection, seq, updated_at FROM deliveries INDEXED BY deliveries_attention
                       WHERE status IN ('parked', 'dead') AND status = 'dead' AND instr(connection, '.') > 0
                         AND open = 0 AND updated_at < ?1 AND seq < (SELECT max(seq) FROM events)
                       ORDER BY connection, seq LIMIT ?2))
               ORDER BY updated_at LIMIT ?2";
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

/// Gives a piece of the free pages back to the disk; true if there are more that can be given. A file from before
/// incremental vacuum gives none: it uses them again.
pub(super) fn shrink(tx: &Connection) -> Result<bool, StoreError> {
    let before = number(tx, "PRAGMA freelist_count")?;
    let mut statement = tx.prepare(&format!("PRAGMA incremental_vacuum({SHRINK_PAGES})"))?;
    let mut steps = statement.query([])?;
    while steps.next()?.is_some() {}
    let after = number(tx, "PRAGMA freelist_count")?;
    Ok(after > 0 && after < before)
}

/// True if the file can give free pages back.
pub(super) fn gives_back(db: &Connection) -> Result<bool, StoreError> {
    /// `PRAGMA auto_vacuum` of a file that vacuums when it is told to.
    const INCREMENTAL: u64 = 2;
    Ok(number(db, "PRAGMA auto_vacuum")? == INCREMENTAL)
}

/// What is in a file. Reads through all of its deliveries.
pub(super) fn stats(db: &Connection, path: &Path) -> Result<Stats, StoreError> {
    let sql = "SELECT connection, status, count(*) FROM deliveries GROUP BY connection, status ORDER BY connection, status";
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
    let events = rows.map(|row| {
        let (connection, status, events) = row?;
        Ok(Backlog { connection, status: parsed(&status)?, events })
    });
    let oldest = "SELECT min(fresh_at) FROM deliveries INDEXED BY deliveries_lane WHERE open = 1";
    let oldest: Option<i64> = db.query_row(oldest, [], |row| row.get(0))?;
    Ok(Stats {
        schema: SCHEMA_VERSION,
        size: size(db, path)?,
        gives_back: gives_back(db)?,
        events: events.collect::<Result<_, StoreError>>()?,
        oldest_waiting: oldest.map(time).transpose()?,
    })
}

/// How many events `prune` would forget.
pub(super) fn count_settled(db: &Connection, before: i64) -> Result<u64, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM deliveries INDEXED BY deliveries_done
                        WHERE open = 0 AND status <> 'dead' AND updated_at < ?1 AND seq < (SELECT max(seq) FROM events))
                    + (SELECT count(*) FROM deliveries INDEXED BY deliveries_attention
                        WHERE status IN ('parked', 'dead') AND status = 'dead' AND instr(connection, '.') > 0
                          AND open = 0 AND updated_at < ?1 AND seq < (SELECT max(seq) FROM events))";
    Ok(db.query_row(sql, [before], |row| row.get(0))?)
}

/// Folds the write-ahead log and cuts it to nothing, so that it holds no page as it was before; false if somebody reads
/// such a page still.
pub(super) fn cut(path: &Path) -> Result<bool, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(CUT_PATIENCE)?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// Folds a write-ahead log that has grown long into the file and cuts it to nothing: it is part of what the store takes.
/// The writer waits for the end of it, so what can be folded beside the writer is folded first.
pub(super) fn fold(path: &Path) -> Result<(), StoreError> {
    if log_bytes(path) <= SHORT_LOG_BYTES {
        return Ok(());
    }
    let connection = Connection::open(path)?;
    connection.busy_timeout(FOLD_PATIENCE)?;
    for how in ["PASSIVE", "TRUNCATE"] {
        connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()))?;
    }
    Ok(())
}
