//! The journal's reads.

use std::{fmt::Display, str::FromStr};

use bytes::Bytes;
use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use tokio_postgres::{Row, row::RowIndex, types::ToSql};

use super::{
    connect::failed,
    millis,
    pool::{query, query_opt},
    time,
};
use crate::{
    event::{Event, EventId, Lane, Reason, Status, TargetRef},
    json,
    store::{Attempt, Backlog, Effect, Filter, HeldLane, Record, StoreError, Summary},
};

/// The columns that `summary` reads.
const SUMMARY: &str = "e.id, e.seq, e.type, e.lane, d.status, d.code, d.message, d.tried, e.accepted_at,
                       d.updated_at, d.target_kind, d.target_id";

/// The columns that `event` reads.
pub(super) const EVENT: &str =
    "e.connection, e.id, e.type, e.lane, e.time, e.traceparent, e.data_start, e.data_end,
                                e.body, e.hint, e.version, e.verified_by, e.digest";

pub(super) async fn next_due(
    client: &impl GenericClient,
    connection: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT due_at FROM deliveries WHERE connection = $1 AND due_at IS NOT NULL ORDER BY due_at, seq LIMIT 1";
    let row = query_opt(client, sql, &[&connection]).await?;
    row.map(|row| time(row.try_get(0).map_err(failed)?)).transpose()
}

pub(super) async fn next_in_lane(
    client: &impl GenericClient,
    connection: &str,
    lane: &Lane,
    after: i64,
) -> Result<Option<(i64, Event)>, StoreError> {
    let sql = format!(
        "SELECT {EVENT}, e.seq FROM deliveries d JOIN events e ON e.seq = d.seq
         WHERE d.connection = $1 AND d.status IN ('accepted', 'retrying')
           AND d.seq = (SELECT seq FROM deliveries
                        WHERE connection = $1 AND lane = $2 AND open = 1 AND seq > $3 ORDER BY seq LIMIT 1)"
    );
    let row = query_opt(client, &sql, &[&connection, &lane.to_string(), &after]).await?;
    row.map(|row| Ok((get(&row, "seq")?, event(&row)?))).transpose()
}

pub(super) async fn backlog(client: &impl GenericClient) -> Result<Vec<Backlog>, StoreError> {
    let sql =
        "SELECT connection, status, count(*) FROM deliveries WHERE open = 1 GROUP BY connection, status";
    counted(&query(client, sql, &[]).await?)
}

/// Reads connection, status and how many there are.
pub(super) fn counted(rows: &[Row]) -> Result<Vec<Backlog>, StoreError> {
    let backlog =
        |row| Ok(Backlog { connection: get(row, 0)?, status: parsed(get(row, 1)?)?, events: count(row, 2)? });
    rows.iter().map(backlog).collect()
}

pub(super) async fn record(
    client: &impl GenericClient,
    connection: &str,
    id: &EventId,
) -> Result<Option<Record>, StoreError> {
    let sql = format!(
        "SELECT {SUMMARY}, {EVENT}, d.due_at, d.ignored FROM events e
         JOIN deliveries d ON d.connection = e.connection AND d.seq = e.seq
         WHERE e.connection = $1 AND e.id = $2"
    );
    let Some(row) = query_opt(client, &sql, &[&connection, &id.as_str()]).await? else {
        return Ok(None);
    };
    let summary = summary(&row)?;
    let ignored: Option<&str> = get(&row, "ignored")?;
    let ignored = ignored.map_or_else(|| Ok(Vec::new()), json::from_str);
    Ok(Some(Record {
        event: event(&row)?,
        ignored: ignored.map_err(|error| StoreError::Corrupt(error.to_string()))?,
        due_at: moment(&row, "due_at")?,
        attempts: attempts(client, connection, summary.sequence).await?,
        effects: effects(client, connection, summary.sequence).await?,
        summary,
    }))
}

pub(super) async fn list(
    client: &impl GenericClient,
    connection: &str,
    filter: &Filter,
) -> Result<Vec<Summary>, StoreError> {
    let mut matching = Matching::of(connection, filter);
    let sql = matching.limited(&format!("SELECT {SUMMARY}"), "ORDER BY d.seq DESC", filter.limit);
    let rows = query(client, &sql, &matching.parameters()).await?;
    rows.iter().map(summary).collect()
}

/// The lanes at whose head there is an event that a filter meets and that waits for an operator.
pub(super) async fn held_lanes(
    client: &impl GenericClient,
    connection: &str,
    filter: &Filter,
) -> Result<Vec<HeldLane>, StoreError> {
    let mut matching = Matching::held(connection, filter, 0);
    let open = "FROM deliveries o WHERE o.connection = d.connection AND o.lane = d.lane AND o.open = 1";
    matching.sql += &format!(" AND d.open = 1 AND NOT EXISTS (SELECT 1 {open} AND o.seq < d.seq)");
    let select = format!("SELECT {SUMMARY}, (SELECT count(*) {open}) - 1 AS waiting");
    let sql = matching.limited(&select, "ORDER BY d.seq DESC", filter.limit);
    let rows = query(client, &sql, &matching.parameters()).await?;
    rows.iter().map(|row| Ok(HeldLane { by: summary(row)?, waiting: count(row, "waiting")? })).collect()
}

/// Up to `limit` events of a connection after a sequence, accepted since.
pub(super) async fn page(
    client: &impl GenericClient,
    connection: &str,
    since: Option<Timestamp>,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, Event)>, StoreError> {
    let sql = format!(
        "SELECT {EVENT}, e.seq FROM events e
         WHERE e.connection = $1 AND e.seq > $2 AND e.accepted_at >= $3 ORDER BY e.seq LIMIT $4"
    );
    let (since, limit) = (since.map_or(i64::MIN, millis), i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = query(client, &sql, &[&connection, &after, &since, &limit]).await?;
    rows.iter().map(|row| Ok((get(row, "seq")?, event(row)?))).collect()
}

/// The conditions of a filter, on `deliveries d` and `events e`.
pub(super) struct Matching {
    sql: String,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Matching {
    pub(super) fn of(connection: &str, filter: &Filter) -> Self {
        let mut matching = Self { sql: "true".to_owned(), values: Vec::new() };
        matching.and("d.connection =", Some(connection.to_owned()));
        matching.and("d.status =", filter.status.map(|status| status.as_str()));
        matching.and("e.type =", filter.event_type.map(|event_type| event_type.as_str()));
        matching.and("d.lane =", filter.lane.as_ref().map(ToString::to_string));
        matching.and("d.code =", filter.code.clone());
        matching.and("e.accepted_at >=", filter.since.map(millis));
        matching.and("e.accepted_at <", filter.until.map(millis));
        matching.and("d.seq <", filter.before);
        matching
    }

    /// Of these only the parked and the dead, and what nobody works on, after a sequence.
    pub(super) fn held(connection: &str, filter: &Filter, after: i64) -> Self {
        let mut matching = Self::of(connection, filter);
        match filter.unattended_at {
            None => matching.sql += " AND d.status IN ('parked', 'dead')",
            Some(now) => {
                matching.sql += " AND d.status IN ('accepted', 'retrying', 'parked', 'dead', 'delivering')";
                matching
                    .and("CASE d.status WHEN 'delivering' THEN d.due_at ELSE 0 END <=", Some(millis(now)));
            }
        }
        matching.and("d.seq >", Some(after));
        matching
    }

    /// A statement over what meets them.
    pub(super) fn select(&self, select: &str) -> String {
        format!("{select} FROM deliveries d JOIN events e ON e.seq = d.seq WHERE {}", self.sql)
    }

    /// As `select`, with an order and a limit. All that differs from one filter to another are parameters, so that
    /// few statements have to be kept compiled.
    pub(super) fn limited(&mut self, select: &str, order: &str, limit: usize) -> String {
        self.values.push(Box::new(i64::try_from(limit).unwrap_or(i64::MAX)));
        format!("{} {order} LIMIT ${}", self.select(select), self.values.len())
    }

    pub(super) fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect()
    }

    fn and<T: ToSql + Sync + Send + 'static>(&mut self, condition: &str, value: Option<T>) {
        if let Some(value) = value {
            self.values.push(Box::new(value));
            self.sql += &format!(" AND {condition} ${}", self.values.len());
        }
    }
}

async fn attempts(
    client: &impl GenericClient,
    connection: &str,
    sequence: i64,
) -> Result<Vec<Attempt>, StoreError> {
    let sql = "SELECT attempt, started_at, finished_at, outcome, code, message, retry_at, calls, mapping FROM attempts
               WHERE connection = $1 AND seq = $2 ORDER BY attempt";
    let rows = query(client, sql, &[&connection, &sequence]).await?;
    rows.iter().map(attempt).collect()
}

fn attempt(row: &Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        number: count(row, "attempt")?,
        started_at: time(get(row, "started_at")?)?,
        finished_at: moment(row, "finished_at")?,
        outcome: get(row, "outcome")?,
        reason: reason(row)?,
        retry_at: moment(row, "retry_at")?,
        calls: get::<Option<String>>(row, "calls")?.unwrap_or_else(|| "[]".to_owned()),
        mapping: get(row, "mapping")?,
    })
}

async fn effects(
    client: &impl GenericClient,
    connection: &str,
    sequence: i64,
) -> Result<Vec<Effect>, StoreError> {
    let sql = "SELECT attempt, step, request_id, sent, started_at, answered_at, target_id FROM effects
               WHERE connection = $1 AND seq = $2 ORDER BY attempt, started_at, step";
    let rows = query(client, sql, &[&connection, &sequence]).await?;
    rows.iter().map(effect).collect()
}

/// Of a lane's other events.
pub(super) async fn open_effects(
    client: &impl GenericClient,
    connection: &str,
    lane: &Lane,
    step: &str,
    except: i64,
) -> Result<Vec<Effect>, StoreError> {
    let sql = "SELECT f.attempt, f.step, f.request_id, f.sent, f.started_at, f.answered_at, f.target_id
               FROM effects f JOIN deliveries d ON d.connection = f.connection AND d.seq = f.seq
               WHERE f.connection = $1 AND f.step = $3 AND f.answered_at IS NULL AND d.lane = $2 AND f.seq <> $4
               ORDER BY f.seq, f.attempt";
    let rows = query(client, sql, &[&connection, &lane.to_string(), &step, &except]).await?;
    rows.iter().map(effect).collect()
}

fn effect(row: &Row) -> Result<Effect, StoreError> {
    Ok(Effect {
        attempt: count(row, "attempt")?,
        step: get(row, "step")?,
        request_id: get(row, "request_id")?,
        sent: get(row, "sent")?,
        started_at: time(get(row, "started_at")?)?,
        answered_at: moment(row, "answered_at")?,
        target_id: get(row, "target_id")?,
    })
}

/// Reads the columns of `EVENT`.
pub(super) fn event(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        connection: get(row, "connection")?,
        id: EventId::stored(get(row, "id")?),
        event_type: parsed(get(row, "type")?)?,
        lane: parsed(get(row, "lane")?)?,
        time: moment(row, "time")?,
        traceparent: get(row, "traceparent")?,
        data: count(row, "data_start")?..count(row, "data_end")?,
        body: Bytes::from(get::<Vec<u8>>(row, "body")?),
        digest: get::<&[u8]>(row, "digest")?.try_into().ok(),
        hint: get::<i64>(row, "hint")? != 0,
        version: get(row, "version")?,
        verified_by: get(row, "verified_by")?,
    })
}

fn summary(row: &Row) -> Result<Summary, StoreError> {
    let target: Option<(String, String)> =
        get::<Option<String>>(row, "target_kind")?.zip(get(row, "target_id")?);
    Ok(Summary {
        id: EventId::stored(get(row, "id")?),
        sequence: get(row, "seq")?,
        event_type: parsed(get(row, "type")?)?,
        lane: parsed(get(row, "lane")?)?,
        status: parsed(get(row, "status")?)?,
        reason: reason(row)?,
        attempts: count(row, "tried")?,
        accepted_at: time(get(row, "accepted_at")?)?,
        updated_at: time(get(row, "updated_at")?)?,
        target: target.map(|(kind, id)| TargetRef { kind, id }),
    })
}

fn reason(row: &Row) -> Result<Option<Reason>, StoreError> {
    let (code, message): (Option<String>, Option<String>) = (get(row, "code")?, get(row, "message")?);
    Ok(code.map(|code| Reason { code, message: message.unwrap_or_default() }))
}

/// A column's value.
pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    column: impl RowIndex + Display,
) -> Result<T, StoreError> {
    row.try_get(column).map_err(failed)
}

/// A number that can't be negative.
pub(super) fn count<T: TryFrom<i64>>(row: &Row, column: impl RowIndex + Display) -> Result<T, StoreError> {
    let number: i64 = get(row, column)?;
    T::try_from(number).map_err(|_| StoreError::Corrupt(format!("{number} of something")))
}

fn moment(row: &Row, column: &str) -> Result<Option<Timestamp>, StoreError> {
    get::<Option<i64>>(row, column)?.map(time).transpose()
}

pub(super) fn status(row: &Row, column: &str) -> Result<Status, StoreError> {
    parsed(get(row, column)?)
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| StoreError::Corrupt(format!("{text}: {error}")))
}
