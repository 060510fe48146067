//! The audit log in the file.

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Sqlite, millis, rows};
use crate::store::{Act, AuditEntry, AuditFilter, StoreError, audit::BEGUN, engine::Audit, tables::AUDIT};

#[async_trait]
impl Audit for Sqlite {
    async fn audit_begin(&self, act: Act, now: Timestamp) -> Result<i64, StoreError> {
        self.writer.write(move |tx| begin(tx, &act, millis(now))).await
    }

    async fn audit_end(
        &self,
        number: i64,
        outcome: &str,
        count: Option<u64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let outcome = outcome.to_owned();
        self.writer.write(move |tx| end(tx, number, &outcome, count, millis(now))).await
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(move |db| page(db, &filter)).await
    }

    async fn prune_audit(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        self.writer.write(move |tx| prune(tx, millis(before), limit)).await
    }
}

pub(super) fn begin(tx: &Connection, act: &Act, now: i64) -> Result<i64, StoreError> {
    let sql = format!(
        "INSERT INTO audit ({BEGUN})
         VALUES ((SELECT coalesce(max(number), 0) + 1 FROM audit), ?1, ?2, ?3, ?4, ?5, ?6, ?7)
         RETURNING number"
    );
    let row =
        params![now, act.actor, act.action.as_str(), act.connection, act.object, act.options, act.trace_id];
    Ok(tx.prepare_cached(&sql)?.query_row(row, |row| row.get(0))?)
}

pub(super) fn end(
    tx: &Connection,
    number: i64,
    outcome: &str,
    count: Option<u64>,
    now: i64,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE audit SET ended_at = ?2, outcome = ?3, count = ?4 WHERE number = ?1 AND ended_at IS NULL";
    tx.prepare_cached(sql)?.execute(params![number, now, outcome, count])?;
    Ok(())
}

/// The name of a subscriber's journal is that of its connection, a full stop, and its own.
pub(super) fn page(db: &Connection, filter: &AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
    let sql = format!(
        "WITH entries AS (
             SELECT *, CASE instr(connection, '.') WHEN 0 THEN connection
                       ELSE substr(connection, 1, instr(connection, '.') - 1) END AS owner FROM audit)
         SELECT {} FROM entries
         WHERE (?1 IS NULL OR number < ?1) AND (?2 IS NULL OR connection = ?2 OR owner = ?2)
           AND (?3 IS NULL OR owner IN (SELECT value FROM json_each(?3)))
           AND (?4 IS NULL OR action = ?4) AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6)
         ORDER BY number DESC LIMIT ?7",
        AUDIT.column_names().join(", ")
    );
    let connections = filter.connections.as_ref().map(serde_json::to_string).transpose();
    let connections = connections.map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let parameters = params![
        filter.before,
        filter.connection,
        connections,
        filter.action.map(|action| action.as_str()),
        filter.since.map(millis),
        filter.until.map(millis),
        filter.limit,
    ];
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query(parameters)?;
    let mut entries = Vec::new();
    while let Some(row) = found.next()? {
        entries.push(AuditEntry::of_row(&rows::of(AUDIT, row)?)?);
    }
    Ok(entries)
}

pub(super) fn prune(tx: &Connection, before: i64, limit: usize) -> Result<u64, StoreError> {
    let sql = "DELETE FROM audit WHERE number IN (
                   SELECT number FROM audit WHERE at < ?1 AND number < (SELECT max(number) FROM audit)
                   ORDER BY at LIMIT ?2)";
    Ok(tx.prepare_cached(sql)?.execute(params![before, limit])? as u64)
}
