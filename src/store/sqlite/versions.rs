//! The states that ticket views were in. Their times grow with their numbers, so a time is first made a number.

use std::{collections::HashSet, ops::Range};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{millis, time};
use crate::store::{
    AsOf, ContentId, NewVersion, StoreError, Version,
    views::{bytes, ids},
};

/// What `version_from` reads.
const VERSION: &str = "number, prior, view, at, count, about, chunks";

pub(super) fn put(
    tx: &Connection,
    connection: &str,
    after: i64,
    versions: &[NewVersion],
    now: i64,
) -> Result<i64, StoreError> {
    let sql = "SELECT number, at FROM view_versions WHERE connection = ?1 ORDER BY number DESC LIMIT 1";
    let newest = tx.prepare_cached(sql)?.query_row([connection], |row| Ok((row.get(0)?, row.get(1)?)));
    let (highest, latest) = newest.optional()?.unwrap_or((0, now));
    if highest != after {
        return Err(StoreError::Outrun);
    }
    for (number, version) in (after + 1..).zip(versions) {
        insert(tx, connection, number, version, now.max(latest))?;
    }
    Ok(after + versions.len() as i64)
}

fn insert(
    tx: &Connection,
    connection: &str,
    number: i64,
    version: &NewVersion,
    at: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO view_versions (connection, number, prior, view, at, count, about, chunks)
               VALUES (?1, ?2, coalesce((SELECT max(number) FROM view_versions WHERE connection = ?1 AND view = ?3), 0),
                       ?3, ?4, ?5, ?6, ?7)";
    let NewVersion { view, about, count, chunks } = version;
    tx.prepare_cached(sql)?.execute(params![connection, number, view, at, count, about, bytes(chunks)])?;
    Ok(())
}

/// The newest of each view, those of views that are gone included. The views are found in their order, and nothing as
/// long as a version has to be sorted.
pub(super) fn of_all(db: &Connection, connection: &str, as_of: AsOf) -> Result<Vec<Version>, StoreError> {
    let sql = format!(
        "WITH RECURSIVE each (name) AS (
             SELECT min(view) FROM view_versions WHERE connection = ?1
             UNION ALL
             SELECT (SELECT min(view) FROM view_versions WHERE connection = ?1 AND view > each.name)
             FROM each WHERE each.name IS NOT NULL
         )
         SELECT {VERSION} FROM each CROSS JOIN view_versions ON connection = ?1 AND number =
             (SELECT max(number) FROM view_versions WHERE connection = ?1 AND view = each.name AND number <= ?2)"
    );
    read(db, &sql, params![connection, number(db, connection, as_of)?])
}

/// The newest of a view.
pub(super) fn of_one(
    db: &Connection,
    connection: &str,
    view: &str,
    as_of: AsOf,
) -> Result<Option<Version>, StoreError> {
    let sql = format!(
        "SELECT {VERSION} FROM view_versions INDEXED BY view_versions_view
         WHERE connection = ?1 AND view = ?2 AND number <= ?3 ORDER BY number DESC LIMIT 1"
    );
    Ok(read(db, &sql, params![connection, view, number(db, connection, as_of)?])?.pop())
}

pub(super) fn oldest(db: &Connection, connection: &str, view: &str) -> Result<Option<Version>, StoreError> {
    let sql = format!(
        "SELECT {VERSION} FROM view_versions INDEXED BY view_versions_view
         WHERE connection = ?1 AND view = ?2 ORDER BY number LIMIT 1"
    );
    Ok(read(db, &sql, params![connection, view])?.pop())
}

pub(super) fn after(
    db: &Connection,
    connection: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<Version>, StoreError> {
    let sql = format!(
        "SELECT {VERSION} FROM view_versions WHERE connection = ?1 AND number > ?2 ORDER BY number LIMIT ?3"
    );
    read(db, &sql, params![connection, after, limit])
}

/// See [`crate::store::Store::counts_over_time`].
pub(super) fn counts(
    db: &Connection,
    connection: &str,
    view: &str,
    times: Range<i64>,
    limit: usize,
) -> Result<Vec<(Timestamp, u64)>, StoreError> {
    let sql = "SELECT at, count FROM view_versions
               WHERE connection = ?1 AND view = ?2 AND number <= ?4
                 AND number >= coalesce((SELECT max(number) FROM view_versions
                                          WHERE connection = ?1 AND view = ?2 AND number <= ?3), 0)
               ORDER BY number LIMIT ?5";
    let (first, last) = (number_at(db, connection, times.start)?, number_at(db, connection, times.end - 1)?);
    let mut statement = db.prepare_cached(sql)?;
    let row = params![connection, view, first, last, limit];
    let rows = statement.query_map(row, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let counts = rows.map(|row| row.map_err(StoreError::from).and_then(|(at, count)| Ok((time(at)?, count))));
    counts.collect()
}

/// See [`crate::store::Store::prune_versions`].
pub(super) fn prune(tx: &Connection, connection: &str, before: i64, limit: usize) -> Result<u64, StoreError> {
    let sql = "DELETE FROM view_versions WHERE connection = ?1 AND number IN (
                   SELECT number FROM view_versions old WHERE connection = ?1 AND number <= ?2
                      AND number < (SELECT max(number) FROM view_versions
                                     WHERE connection = ?1 AND view = old.view AND number <= ?2)
                   ORDER BY number LIMIT ?3)";
    let last = number_at(tx, connection, before - 1)?;
    Ok(tx.prepare_cached(sql)?.execute(params![connection, last, limit])? as u64)
}

/// The chunks of all that is kept, each once.
pub(super) fn chunks(db: &Connection, connection: &str) -> Result<Vec<ContentId>, StoreError> {
    let mut statement = db.prepare_cached("SELECT chunks FROM view_versions WHERE connection = ?1")?;
    let mut rows = statement.query([connection])?;
    let mut chunks = HashSet::new();
    while let Some(row) = rows.next()? {
        chunks.extend(ids(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?);
    }
    Ok(chunks.into_iter().collect())
}

/// The number up to which versions are of then.
fn number(db: &Connection, connection: &str, as_of: AsOf) -> Result<i64, StoreError> {
    match as_of {
        AsOf::Number(number) => Ok(number),
        AsOf::Time(time) => number_at(db, connection, millis(time)),
        AsOf::Now => Ok(i64::MAX),
    }
}

fn number_at(db: &Connection, connection: &str, at: i64) -> Result<i64, StoreError> {
    let sql = "SELECT number FROM view_versions WHERE connection = ?1 AND at <= ?2
               ORDER BY at DESC, number DESC LIMIT 1";
    let number = db.prepare_cached(sql)?.query_row(params![connection, at], |row| row.get(0)).optional()?;
    Ok(number.unwrap_or(0))
}

fn read(db: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<Version>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(version_from(row)?);
    }
    Ok(versions)
}

fn version_from(row: &Row<'_>) -> Result<Version, StoreError> {
    Ok(Version {
        number: row.get(0)?,
        prior: row.get(1)?,
        view: row.get(2)?,
        at: time(row.get(3)?)?,
        count: row.get(4)?,
        about: row.get(5)?,
        chunks: ids(row.get_ref(6)?.as_blob().map_err(rusqlite::Error::from)?)?,
    })
}
