//! The journal's reads.

use std::{cmp::Reverse, fmt::Display, str::FromStr};

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};

use super::{effects, millis, time};
use crate::{
    event::{Event, EventId, Reason, Status, TargetRef},
    json,
    store::{Attempt, Backlog, Filter, HeldLane, Record, StoreError, Summary},
};

/// The columns that `summary` reads, in its order.
const SUMMARY: &str = "e.id, e.seq, e.type, e.lane, d.status, d.code, d.message, d.tried, e.accepted_at,
                       d.updated_at, d.target_kind, d.target_id";

/// The columns that `event_from` reads, in its order.
pub(super) const EVENT: &str =
    "e.connection, e.id, e.type, e.lane, e.time, e.traceparent, e.data_start, e.data_end,
                                e.body, e.hint, e.version, e.verified_by, e.digest";

pub(super) fn next_due(db: &Connection, connection: &str) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT min(due_at) FROM deliveries WHERE connection = ?1 AND due_at IS NOT NULL";
    let due: Option<i64> = db.prepare_cached(sql)?.query_row([connection], |row| row.get(0))?;
    due.map(time).transpose()
}

pub(super) fn next_in_lane(
    db: &Connection,
    connection: &str,
    lane: &str,
    after: i64,
) -> Result<Option<(i64, Event)>, StoreError> {
    let sql = format!(
        "SELECT {EVENT}, e.seq FROM deliveries d JOIN events e ON e.seq = d.seq
         WHERE d.connection = ?1 AND d.status IN ('accepted', 'retrying')
           AND d.seq = (SELECT min(seq) FROM deliveries
                        WHERE connection = ?1 AND lane = ?2 AND open = 1 AND seq > ?3)"
    );
    let row = |row: &Row<'_>| Ok((row.get(13)?, event_from(row)));
    let found = db.prepare_cached(&sql)?.query_row(params![connection, lane, after], row).optional()?;
    found.map(|(sequence, event)| Ok((sequence, event?))).transpose()
}

pub(super) fn backlog(db: &Connection) -> Result<Vec<Backlog>, StoreError> {
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
}

pub(super) fn record(db: &Connection, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError> {
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
    let ignored = ignored.map_or_else(|| Ok(Vec::new()), |text| json::from_str(&text));
    Ok(Some(Record {
        event: whole_event(db, summary.sequence)?,
        ignored: ignored.map_err(|e| StoreError::Corrupt(e.to_string()))?,
        due_at: due_at.map(time).transpose()?,
        attempts: attempts(db, connection, summary.sequence)?,
        effects: effects::of(db, connection, summary.sequence)?,
        summary,
    }))
}

fn whole_event(db: &Connection, sequence: i64) -> Result<Event, StoreError> {
    let sql = format!("SELECT {EVENT} FROM events e WHERE e.seq = ?1");
    db.prepare_cached(&sql)?.query_row([sequence], |row| Ok(event_from(row)))?
}

/// Reads the columns of `EVENT`.
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
        digest: row.get::<_, Vec<u8>>(12)?.try_into().ok(),
        hint: row.get(9)?,
        version: row.get(10)?,
        verified_by: row.get(11)?,
    })
}

fn attempts(db: &Connection, connection: &str, sequence: i64) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT attempt, started_at, finished_at, outcome, code, message, retry_at, calls, mapping FROM attempts
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
        mapping: row.get(8)?,
    })
}

pub(super) fn list(db: &Connection, connection: &str, filter: &Filter) -> Result<Vec<Summary>, StoreError> {
    let matching = Matching::of(connection, filter);
    let sql = format!("SELECT {SUMMARY} {} ORDER BY d.seq DESC LIMIT {}", matching.rows(), filter.limit);
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(matching.values), |row| Ok(summary(row)))?;
    rows.map(|row| row?).collect()
}

pub(super) fn held_lanes(
    db: &Connection,
    connection: &str,
    filter: &Filter,
) -> Result<Vec<HeldLane>, StoreError> {
    let open =
        "SELECT {} FROM deliveries o WHERE o.connection = d.connection AND o.lane = d.lane AND o.open = 1";
    let (first, all) = (open.replace("{}", "min(o.seq)"), open.replace("{}", "count(*)"));
    let mut lanes = Vec::new();
    for matching in Matching::held(connection, filter, 0) {
        let sql = format!(
            "SELECT {SUMMARY}, ({all}) - 1 {} AND d.open = 1 AND d.seq = ({first}) ORDER BY d.seq DESC LIMIT {}",
            matching.rows(),
            filter.limit
        );
        let mut statement = db.prepare_cached(&sql)?;
        let row = |row: &Row<'_>| Ok((summary(row), row.get(12)?));
        for row in statement.query_map(params_from_iter(matching.values), row)? {
            let (by, waiting) = row?;
            lanes.push(HeldLane { by: by?, waiting });
        }
    }
    lanes.sort_by_key(|lane| Reverse(lane.by.sequence));
    lanes.truncate(filter.limit);
    Ok(lanes)
}

/// The conditions of a filter, on `deliveries d` and `events e`.
pub(super) struct Matching {
    index: &'static str,
    sql: String,
    pub(super) values: Vec<Value>,
}

impl Matching {
    pub(super) fn of(connection: &str, filter: &Filter) -> Self {
        let mut matching =
            Self { index: "", sql: "d.connection = ?".to_owned(), values: vec![text(connection)] };
        match filter.status {
            Some(status @ (Status::Parked | Status::Dead)) => matching.want_a_person(status),
            status => matching.and("d.status = ?", status.map(|status| text(status.as_str()))),
        }
        matching.and("e.type = ?", filter.event_type.map(|event_type| text(event_type.as_str())));
        matching.and("d.lane = ?", filter.lane.as_ref().map(|lane| Value::Text(lane.to_string())));
        matching.and("d.code = ?", filter.code.as_deref().map(text));
        matching.and("e.accepted_at >= ?", filter.since.map(|since| Value::Integer(millis(since))));
        matching.and("e.accepted_at < ?", filter.until.map(|until| Value::Integer(millis(until))));
        matching.and("d.seq < ?", filter.before.map(Value::Integer));
        matching
    }

    /// Of these only the parked and the dead, and what nobody works on, after a sequence. What meets one of them meets the filter:
    /// each has its rows in the order of their sequences, and reads no others.
    pub(super) fn held(connection: &str, filter: &Filter, after: i64) -> Vec<Self> {
        let of = |status| Self::of(connection, &Filter { status, ..filter.clone() });
        let mut held = match (filter.status, filter.unattended_at) {
            (status @ Some(Status::Parked | Status::Dead), _) => vec![of(status)],
            (status, Some(now)) => {
                let mut waiting = of(status);
                let held = "(d.status IN ('accepted', 'retrying', 'parked', 'dead')
                             OR d.status = 'delivering' AND d.due_at <= ?)";
                waiting.and(held, Some(Value::Integer(millis(now))));
                vec![waiting]
            }
            (Some(_), None) => Vec::new(),
            (None, None) => vec![of(Some(Status::Parked)), of(Some(Status::Dead))],
        };
        held.iter_mut().for_each(|matching| matching.and("d.seq > ?", Some(Value::Integer(after))));
        held
    }

    /// What a statement goes on with after what it selects.
    pub(super) fn rows(&self) -> String {
        format!("FROM deliveries d {} JOIN events e ON e.seq = d.seq WHERE {}", self.index, self.sql)
    }

    /// The statuses that want a person have an index of their own. SQLite knows that a statement keeps to it where both are written
    /// there, and goes through the connection's whole journal all the same, for the order of the sequences, unless told.
    fn want_a_person(&mut self, status: Status) {
        self.index = "INDEXED BY deliveries_attention";
        self.sql += &format!(" AND d.status IN ('parked', 'dead') AND d.status = '{}'", status.as_str());
    }

    fn and(&mut self, condition: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.sql += " AND ";
            self.sql += condition;
            self.values.push(value);
        }
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
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

pub(super) fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|e: T::Err| StoreError::Corrupt(format!("{text}: {e}")))
}
