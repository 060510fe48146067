//! What is kept beside the journal: links, mappings, cursors, and who leads.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::store::{Hold, Link, LinkKey, StoreError, tables::end_of};

pub(super) fn is_linked(db: &Connection, kind: &str, target_id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM links WHERE target_id = ?1 AND kind = ?2)";
    Ok(db.prepare_cached(sql)?.query_row(params![target_id, kind], |row| row.get(0))?)
}

pub(super) fn find_link(
    db: &Connection,
    connection: &str,
    key: &LinkKey,
) -> Result<Option<Link>, StoreError> {
    let sql = "SELECT target_id, version, written FROM links
               WHERE connection = ?1 AND kind = ?2 AND source_id = ?3";
    let link = |row: &Row<'_>| {
        Ok(Link { key: key.clone(), target_id: row.get(0)?, version: row.get(1)?, written: row.get(2)? })
    };
    Ok(db.prepare_cached(sql)?.query_row(params![connection, key.kind, key.source_id], link).optional()?)
}

pub(super) fn write_link(tx: &Connection, connection: &str, link: &Link, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO links (connection, kind, source_id, target_id, version, updated_at, written)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT (connection, kind, source_id)
               DO UPDATE SET target_id = ?4, version = coalesce(?5, version), updated_at = ?6,
                             written = coalesce(?7, written)";
    let key = &link.key;
    tx.prepare_cached(sql)?.execute(params![
        connection,
        key.kind,
        key.source_id,
        link.target_id,
        link.version,
        now,
        link.written
    ])?;
    Ok(())
}

/// As `write_link`, if the attempt has its event.
pub(super) fn write_link_of(tx: &Connection, hold: &Hold, link: &Link, now: i64) -> Result<(), StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE connection = ?1 AND seq = ?2 AND attempts = ?3
                                AND status = 'delivering')";
    let row = params![hold.connection, hold.sequence, hold.attempt];
    match tx.prepare_cached(sql)?.query_row(row, |row| row.get(0))? {
        true => write_link(tx, &hold.connection, link, now),
        false => Err(StoreError::LeaseLost),
    }
}

/// See [`crate::store::engine::Engine::written_between`].
pub(super) fn written_between(
    db: &Connection,
    since: i64,
    before: i64,
    limit: usize,
) -> Result<Vec<(String, Link)>, StoreError> {
    let sql = "SELECT connection, kind, source_id, target_id, version, written FROM links INDEXED BY links_written
               WHERE written IS NOT NULL AND updated_at >= ?1 AND updated_at < ?2
                 AND (written NOT LIKE '{\"@sequence\":%' OR written LIKE '%,%') ORDER BY updated_at LIMIT ?3";
    let link = |row: &Row<'_>| {
        let key = LinkKey { kind: row.get(1)?, source_id: row.get(2)? };
        let link = Link { key, target_id: row.get(3)?, version: row.get(4)?, written: row.get(5)? };
        Ok((row.get(0)?, link))
    };
    let mut statement = db.prepare_cached(sql)?;
    let links = statement.query_map(params![since, before, limit], link)?;
    Ok(links.collect::<Result<_, _>>()?)
}

pub(super) fn keep_mapping(tx: &Connection, digest: &str, content: &str, now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO mappings (digest, content, kept_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    tx.prepare_cached(sql)?.execute(params![digest, content, now])?;
    Ok(())
}

pub(super) fn mapping(db: &Connection, digest: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT content FROM mappings WHERE digest = ?1";
    Ok(db.prepare_cached(sql)?.query_row([digest], |row| row.get(0)).optional()?)
}

pub(super) fn cursor(db: &Connection, connection: &str, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT place FROM cursors WHERE connection = ?1 AND name = ?2";
    Ok(db.prepare_cached(sql)?.query_row([connection, name], |row| row.get(0)).optional()?)
}

pub(super) fn put_cursor(
    tx: &Connection,
    connection: &str,
    name: &str,
    place: &str,
    now: i64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO cursors (connection, name, place, updated_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (connection, name) DO UPDATE SET place = ?3, updated_at = ?4";
    tx.prepare_cached(sql)?.execute(params![connection, name, place, now])?;
    Ok(())
}

/// All whose names begin so, with their places.
pub(super) fn cursors(
    db: &Connection,
    connection: &str,
    prefix: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    let sql =
        "SELECT name, place FROM cursors WHERE connection = ?1 AND name >= ?2 AND name < ?3 ORDER BY name";
    let mut statement = db.prepare_cached(sql)?;
    let rows =
        statement.query_map([connection, prefix, &end_of(prefix)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn forget_cursor(tx: &Connection, connection: &str, name: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM cursors WHERE connection = ?1 AND name = ?2";
    tx.prepare_cached(sql)?.execute([connection, name])?;
    Ok(())
}

/// True if `holder` leads now: it did already, or nobody does.
pub(super) fn lead(
    tx: &Connection,
    name: &str,
    holder: &str,
    until: i64,
    now: i64,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO leaders (name, holder, until) VALUES (?1, ?2, ?3)
               ON CONFLICT (name) DO UPDATE SET holder = ?2, until = ?3
               WHERE leaders.holder = ?2 OR leaders.until <= ?4";
    Ok(tx.prepare_cached(sql)?.execute(params![name, holder, until, now])? == 1)
}
