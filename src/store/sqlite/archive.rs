//! A second look at the file: read-only, without the lock, while another process works with it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{
    SCHEMA_VERSION,
    events::{EVENT, event_from},
    keep, known_version, millis, must_be_there, open_reader, rows, upkeep,
};
use crate::{
    event::Event,
    store::{
        Link, LinkKey, Stats, StoreError,
        tables::{Row, Table},
    },
};

pub(in crate::store) struct Archive {
    connection: Connection,
    path: PathBuf,
}

impl Archive {
    pub(in crate::store) fn open(path: &Path) -> Result<Self, StoreError> {
        // SQLite's own word for a file that isn't there is that it can't be opened.
        must_be_there(path)?;
        let connection = open_reader(path)?;
        match known_version(&connection)? {
            SCHEMA_VERSION => Ok(Self { connection, path: path.to_owned() }),
            found => Err(StoreError::TooOld { found, known: SCHEMA_VERSION }),
        }
    }

    pub(in crate::store) fn page(
        &self,
        connection: &str,
        since: Option<Timestamp>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        // By the order of acceptance: the index of ids would have to be sorted whole for each page.
        let sql = format!(
            "SELECT {EVENT}, e.seq FROM events e NOT INDEXED
             WHERE e.connection = ?1 AND e.seq > ?2 AND (?3 IS NULL OR e.accepted_at >= ?3)
             ORDER BY e.seq LIMIT ?4"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let row = params![connection, after, since.map(millis), limit];
        let rows = statement.query_map(row, |row| Ok((row.get(13)?, event_from(row))))?;
        rows.map(|row| row.map_err(StoreError::from).and_then(|(seq, event)| Ok((seq, event?)))).collect()
    }

    pub(in crate::store) fn rows(
        &self,
        table: &Table,
        after: Option<&Row>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        rows::page(&self.connection, table, after, limit)
    }

    pub(in crate::store) fn stats(&self) -> Result<Stats, StoreError> {
        upkeep::stats(&self.connection, &self.path)
    }

    pub(in crate::store) fn count_settled(&self, before: Timestamp) -> Result<u64, StoreError> {
        upkeep::count_settled(&self.connection, millis(before))
    }

    pub(in crate::store) fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError> {
        keep::find_link(&self.connection, connection, key)
    }
}
