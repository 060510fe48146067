//! What versions of ticket views are made of.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::{ContentId, Piece, StoreError, views::ids};

pub(super) fn put(tx: &Connection, connection: &str, pieces: &[Piece], now: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO view_pieces (connection, id, used_at, content) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (connection, id) DO UPDATE SET used_at = ?3 WHERE used_at < ?3";
    let mut statement = tx.prepare_cached(sql)?;
    for piece in pieces {
        statement.execute(params![connection, piece.id.0, now, piece.content])?;
    }
    Ok(())
}

/// Those that are there.
pub(super) fn contents(
    db: &Connection,
    connection: &str,
    ids: &[ContentId],
) -> Result<HashMap<ContentId, Vec<u8>>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT content FROM view_pieces WHERE connection = ?1 AND id = ?2")?;
    let mut contents = HashMap::with_capacity(ids.len());
    for id in ids {
        if let Some(content) = statement.query_row(params![connection, id.0], |row| row.get(0)).optional()? {
            contents.insert(*id, content);
        }
    }
    Ok(contents)
}

/// Those last used before `before`, in their order.
pub(super) fn old(
    db: &Connection,
    connection: &str,
    before: i64,
    after: Option<ContentId>,
    limit: usize,
) -> Result<Vec<ContentId>, StoreError> {
    let sql = "SELECT id FROM view_pieces INDEXED BY view_pieces_used
               WHERE connection = ?1 AND id > ?2 AND used_at < ?3 ORDER BY id LIMIT ?4";
    let after = after.as_ref().map_or(&[][..], |id| &id.0);
    let mut statement = db.prepare_cached(sql)?;
    let rows =
        statement.query_map(params![connection, after, before, limit], |row| row.get::<_, Vec<u8>>(0))?;
    let bytes: Vec<u8> = rows.collect::<Result<Vec<_>, _>>()?.concat();
    ids(&bytes)
}

/// Those last used before `before`; how many.
pub(super) fn forget(
    tx: &Connection,
    connection: &str,
    ids: &[ContentId],
    before: i64,
) -> Result<u64, StoreError> {
    let sql = "DELETE FROM view_pieces WHERE connection = ?1 AND id = ?2 AND used_at < ?3";
    let mut statement = tx.prepare_cached(sql)?;
    let mut forgotten = 0;
    for id in ids {
        forgotten += statement.execute(params![connection, id.0, before])? as u64;
    }
    Ok(forgotten)
}
