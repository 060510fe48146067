//! Links and snapshots.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Sqlite, millis, time};
use crate::store::{Link, LinkKey, Snapshot, StoreError};

impl Sqlite {
    pub(in crate::store) async fn link(
        &self,
        connection: &str,
        key: &LinkKey,
    ) -> Result<Option<Link>, StoreError> {
        let (connection, key) = (connection.to_owned(), key.clone());
        self.read(move |db| find_link(db, &connection, &key)).await
    }

    pub(in crate::store) async fn is_linked(&self, kind: &str, target_id: &str) -> Result<bool, StoreError> {
        let (kind, target_id) = (kind.to_owned(), target_id.to_owned());
        self.read(move |db| {
            let sql = "SELECT EXISTS (SELECT 1 FROM links WHERE target_id = ?1 AND kind = ?2)";
            Ok(db.prepare_cached(sql)?.query_row(params![target_id, kind], |row| row.get(0))?)
        })
        .await
    }

    pub(in crate::store) async fn put_link(
        &self,
        connection: &str,
        link: Link,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| write_link(tx, &connection, &link, millis(now))).await
    }

    pub(in crate::store) async fn put_snapshots(
        &self,
        connection: &str,
        changed: Vec<Snapshot>,
        gone: Vec<String>,
    ) -> Result<(), StoreError> {
        let connection = connection.to_owned();
        self.writer
            .write(move |tx| {
                changed.iter().try_for_each(|snapshot| write_snapshot(tx, &connection, snapshot))?;
                gone.iter().try_for_each(|view| forget_snapshot(tx, &connection, view))
            })
            .await
    }

    pub(in crate::store) async fn snapshots(&self, connection: &str) -> Result<Vec<Snapshot>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| {
            let sql = "SELECT view, changed_at, content FROM snapshots WHERE connection = ?1 ORDER BY view";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map([&connection], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?))
            })?;
            rows.map(|row| {
                let (view, changed_at, content) = row?;
                Ok(Snapshot { view, changed_at: time(changed_at)?, content })
            })
            .collect()
        })
        .await
    }
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

fn write_snapshot(tx: &Connection, connection: &str, snapshot: &Snapshot) -> Result<(), StoreError> {
    let sql = "INSERT INTO snapshots (connection, view, changed_at, content) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (connection, view) DO UPDATE SET changed_at = ?3, content = ?4";
    let row = params![connection, snapshot.view, millis(snapshot.changed_at), snapshot.content];
    tx.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

fn forget_snapshot(tx: &Connection, connection: &str, view: &str) -> Result<(), StoreError> {
    let sql = "DELETE FROM snapshots WHERE connection = ?1 AND view = ?2";
    tx.prepare_cached(sql)?.execute(params![connection, view])?;
    Ok(())
}
