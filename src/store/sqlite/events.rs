//! The journal's reads.

use std::{fmt::Display, str::FromStr};

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Sqlite, millis, time};
use crate::{
    event::{Event, EventId, Reason, Status, TargetRef},
    store::{Attempt, Backlog, Filter, Record, StoreError, Summary},
};

/// The columns that `summary` reads, in its order.
const SUMMARY: &str = "e.id, e.seq, e.type, e.lane, d.status, d.code, d.message, d.tried, e.accepted_at,
                       d.updated_at, d.target_kind, d.target_id";

impl Sqlite {
    pub(in crate::store) async fn next_due(&self, connection: &str) -> Result<Option<Timestamp>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| {
            let sql = "SELECT min(due_at) FROM deliveries WHERE connection = ?1 AND due_at IS NOT NULL";
            let due: Option<i64> = db.prepare_cached(sql)?.query_row([&connection], |row| row.get(0))?;
            due.map(time).transpose()
        })
        .await
    }

    pub(in crate::store) async fn ping(&self) -> Result<(), StoreError> {
        self.writer.write(|tx| Ok(tx.prepare_cached("SELECT 1")?.query_row([], |_| Ok(()))?)).await
    }

    pub(in crate::store) async fn event(
        &self,
        connection: &str,
        id: &EventId,
    ) -> Result<Option<Record>, StoreError> {
        let (connection, id) = (connection.to_owned(), id.clone());
        self.read(move |db| record(db, &connection, &id)).await
    }

    pub(in crate::store) async fn events(
        &self,
        connection: &str,
        filter: Filter,
    ) -> Result<Vec<Summary>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| list(db, &connection, &filter)).await
    }

    pub(in crate::store) async fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        self.read(|db| {
            let sql = "SELECT connection, status, count(*) FROM deliveries INDEXED BY deliveries_lane
                       WHERE open = 1 GROUP BY connection, status";
            let mut statement = db.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, u64>(2)?))
            })?;
            rows.map(|row| {
                let (connection, status, events) = row?;
                Ok(Backlog { connection, status: parsed(&status)?, events })
            })
            .collect()
        })
        .await
    }
}

fn record(db: &Connection, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError> {
    let sql = format!(
        "SELECT {SUMMARY}, d.due_at, d.ignored FROM events e
         JOIN deliveries d ON d.connection = e.connection AND d.seq = e.seq
         WHERE e.connection = ?1 AND e.id = ?2"
    );
    let row =
        |row: &Row<'_>| Ok((summary(row), row.get::<_, Option<i64>>(12)?, row.get::<_, Option<String>>(13)?));
    let found = db.prepare_cached(&sql)?.query_row(params![connection, id.as_str()], row).optional()?;
    let Some((summary, due_at, ignored)) = found else {
        return Ok(None);
    };
    let summary = summary?;
    let ignored = ignored.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text));
    Ok(Some(Record {
        event: whole_event(db, summary.sequence)?,
        ignored: ignored.map_err(|e| StoreError::Corrupt(e.to_string()))?,
        due_at: due_at.map(time).transpose()?,
        attempts: attempts(db, connection, summary.sequence)?,
        summary,
    }))
}

fn whole_event(db: &Connection, sequence: i64) -> Result<Event, StoreError> {
    let sql =
        "SELECT connection, id, type, lane, time, traceparent, data_start, data_end, body, hint FROM events
               WHERE seq = ?1";
    db.prepare_cached(sql)?.query_row([sequence], |row| Ok(event_from(row)))?
}

/// Reads connection, id, type, lane, time, traceparent, data_start, data_end, body, hint.
pub(super) fn event_from(row: &Row<'_>) -> Result<Event, StoreError> {
    Ok(Event {
        connection: row.get(0)?,
        id: EventId::stored(row.get(1)?),
        event_type: parsed(&row.get::<_, String>(2)?)?,
        lane: parsed(&row.get::<_, String>(3)?)?,
        time: row.get::<_, Option<i64>>(4)?.map(time).transpose()?,
        traceparent: row.get(5)?,
        data: row.get(6)?..row.get(7)?,
        body: Bytes::from(row.get::<_, Vec<u8>>(8)?),
        hint: row.get(9)?,
    })
}

fn attempts(db: &Connection, connection: &str, sequence: i64) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT attempt, started_at, finished_at, outcome, code, message, retry_at, calls FROM attempts
               WHERE connection = ?1 AND seq = ?2 ORDER BY attempt";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![connection, sequence], |row| Ok(attempt(row)))?;
    rows.map(|row| row?).collect()
}

fn attempt(row: &Row<'_>) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        number: row.get(0)?,
        started_at: time(row.get(1)?)?,
        finished_at: row.get::<_, Option<i64>>(2)?.map(time).transpose()?,
        outcome: row.get(3)?,
        reason: reason(row.get(4)?, row.get(5)?),
        retry_at: row.get::<_, Option<i64>>(6)?.map(time).transpose()?,
        calls: row.get::<_, Option<String>>(7)?.unwrap_or_else(|| "[]".to_owned()),
    })
}

/// A filter that isn't set compares as null, and then holds for every row. The statuses that want a person have an
/// index of their own, which SQLite uses only where it reads the status in the statement.
fn list(db: &Connection, connection: &str, filter: &Filter) -> Result<Vec<Summary>, StoreError> {
    let attention = match filter.status {
        Some(Status::Parked) => "AND d.status = 'parked'",
        Some(Status::Dead) => "AND d.status = 'dead'",
        _ => "",
    };
    let sql = format!(
        "SELECT {SUMMARY} FROM deliveries d JOIN events e ON e.seq = d.seq
         WHERE d.connection = ?1 {attention} AND (?2 IS NULL OR d.status = ?2) AND (?3 IS NULL OR e.type = ?3)
           AND (?4 IS NULL OR d.lane = ?4) AND (?5 IS NULL OR e.accepted_at >= ?5)
           AND (?6 IS NULL OR d.seq < ?6)
         ORDER BY d.seq DESC LIMIT ?7"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let row = params![
        connection,
        filter.status.map(|s| s.as_str()),
        filter.event_type.map(|t| t.as_str()),
        filter.lane.as_ref().map(ToString::to_string),
        filter.since.map(millis),
        filter.before,
        filter.limit,
    ];
    let rows = statement.query_map(row, |row| Ok(summary(row)))?;
    rows.map(|row| row?).collect()
}

fn summary(row: &Row<'_>) -> Result<Summary, StoreError> {
    let target: Option<(String, String)> = row.get::<_, Option<String>>(10)?.zip(row.get(11)?);
    Ok(Summary {
        id: EventId::stored(row.get(0)?),
        sequence: row.get(1)?,
        event_type: parsed(&row.get::<_, String>(2)?)?,
        lane: parsed(&row.get::<_, String>(3)?)?,
        status: parsed(&row.get::<_, String>(4)?)?,
        reason: reason(row.get(5)?, row.get(6)?),
        attempts: row.get(7)?,
        accepted_at: time(row.get(8)?)?,
        updated_at: time(row.get(9)?)?,
        target: target.map(|(kind, id)| TargetRef { kind, id }),
    })
}

fn reason(code: Option<String>, message: Option<String>) -> Option<Reason> {
    code.map(|code| Reason { code, message: message.unwrap_or_default() })
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|e: T::Err| StoreError::Corrupt(format!("{text}: {e}")))
}
