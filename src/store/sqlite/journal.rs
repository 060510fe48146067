//! The journal's writes: accept, claim, settle, replay, discard. Each runs inside the writer's transaction.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::{Sqlite, events::event_from, keep, millis, time};
use crate::{
    event::{Event, EventId, Outcome, Status},
    fault::{self, Point},
    store::{Accepted, Claimed, Former, Settlement, StoreError, ignored_text},
};

impl Sqlite {
    pub(in crate::store) async fn accept(
        &self,
        event: Event,
        now: Timestamp,
    ) -> Result<Accepted, StoreError> {
        let lane = event.lane.to_string();
        let digest: [u8; 32] = Sha256::digest(&event.body).into();
        self.writer.try_write(move |tx| accept(tx, &event, &lane, &digest, millis(now))).await
    }

    pub(in crate::store) async fn claim(
        &self,
        connection: &str,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let connection = connection.to_owned();
        let until = now.checked_add(lease).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        self.writer.write(move |tx| claim(tx, &connection, limit, millis(now), millis(until))).await
    }

    pub(in crate::store) async fn settle(&self, settlement: Settlement) -> Result<(), StoreError> {
        self.writer.write(move |tx| settle(tx, &settlement)).await
    }

    pub(in crate::store) async fn replay(
        &self,
        connection: &str,
        id: &EventId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (connection, id) = (connection.to_owned(), id.clone());
        self.writer
            .write(move |tx| {
                let head = held(tx, &connection, &id, "replayed")?;
                let sql = "UPDATE deliveries SET status = 'accepted', due_at = ?3, tried = 0, fresh_at = ?3,
                                  updated_at = ?3, code = NULL, message = NULL WHERE connection = ?1 AND seq = ?2";
                tx.prepare_cached(sql)?.execute(params![connection, head.sequence, millis(now)])?;
                Ok(())
            })
            .await
    }

    pub(in crate::store) async fn discard(
        &self,
        connection: &str,
        id: &EventId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let (connection, id) = (connection.to_owned(), id.clone());
        self.writer
            .write(move |tx| {
                let head = held(tx, &connection, &id, "discarded")?;
                let sql =
                    "UPDATE deliveries SET status = 'discarded', open = 0, due_at = NULL, updated_at = ?3
                           WHERE connection = ?1 AND seq = ?2";
                tx.prepare_cached(sql)?.execute(params![connection, head.sequence, millis(now)])?;
                advance(tx, &connection, &head.lane, millis(now))?;
                Ok(head.sequence)
            })
            .await
    }
}

/// Events that a dead process had in hand are due at once: the lock on the file says that it is dead.
pub(super) fn recover(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET due_at = ?1 WHERE due_at IS NOT NULL AND status = 'delivering'";
    connection.execute(sql, params![millis(now)])?;
    Ok(())
}

fn accept(
    tx: &Connection,
    event: &Event,
    lane: &str,
    digest: &[u8; 32],
    now: i64,
) -> Result<Accepted, StoreError> {
    let sql = "INSERT INTO events (connection, id, type, lane, time, accepted_at, traceparent, digest,
                                   data_start, data_end, body, hint)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (connection, id) DO NOTHING";
    let inserted = tx.prepare_cached(sql)?.execute(params![
        event.connection,
        event.id.as_str(),
        event.event_type.as_str(),
        lane,
        event.time.map(millis),
        now,
        event.traceparent,
        digest,
        event.data.start,
        event.data.end,
        &event.body[..],
        event.hint,
    ])?;
    if inserted == 0 {
        return known(tx, event, digest);
    }
    let sequence = tx.last_insert_rowid();
    enqueue(tx, &event.connection, sequence, lane, now)?;
    fault::here(Point::AcceptBeforeCommit);
    Ok(Accepted::New { sequence })
}

/// Only the head of a lane gets a due time; the others get theirs when the one before them has left.
fn enqueue(tx: &Connection, connection: &str, sequence: i64, lane: &str, now: i64) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO deliveries (connection, seq, lane, status, open, due_at, attempts, tried, fresh_at,
                                       updated_at)
               VALUES (?1, ?2, ?3, 'accepted', 1,
                       CASE WHEN EXISTS (SELECT 1 FROM deliveries
                                         WHERE connection = ?1 AND lane = ?3 AND open = 1)
                            THEN NULL ELSE ?4 END, 0, 0, ?4, ?4)";
    tx.prepare_cached(sql)?.execute(params![connection, sequence, lane, now])?;
    Ok(())
}

fn known(tx: &Connection, event: &Event, digest: &[u8; 32]) -> Result<Accepted, StoreError> {
    let sql = "SELECT seq, digest FROM events WHERE connection = ?1 AND id = ?2";
    let (sequence, stored): (i64, Vec<u8>) = tx
        .prepare_cached(sql)?
        .query_row(params![event.connection, event.id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if stored == digest { Accepted::Duplicate { sequence } } else { Accepted::Conflict })
}

fn claim(
    tx: &Connection,
    connection: &str,
    limit: usize,
    now: i64,
    until: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let sql =
        "SELECT seq FROM deliveries WHERE connection = ?1 AND due_at <= ?2 ORDER BY due_at, seq LIMIT ?3";
    let due: Vec<i64> = tx
        .prepare_cached(sql)?
        .query_map(params![connection, now, limit], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    due.into_iter().map(|sequence| lease(tx, connection, sequence, now, until)).collect()
}

fn lease(
    tx: &Connection,
    connection: &str,
    sequence: i64,
    now: i64,
    until: i64,
) -> Result<Claimed, StoreError> {
    let sql = "UPDATE deliveries SET status = 'delivering', due_at = ?3, attempts = attempts + 1,
                      tried = tried + 1, updated_at = ?4
               WHERE connection = ?1 AND seq = ?2 RETURNING attempts, tried, fresh_at";
    let (attempt, tried, fresh_at): (u32, u32, i64) =
        tx.prepare_cached(sql)?.query_row(params![connection, sequence, until, now], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let sql = "INSERT INTO attempts (connection, seq, attempt, started_at) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute(params![connection, sequence, attempt, now])?;
    let sql =
        "SELECT connection, id, type, lane, time, traceparent, data_start, data_end, body, hint FROM events
               WHERE seq = ?1";
    let event = tx.prepare_cached(sql)?.query_row([sequence], |row| Ok(event_from(row)))??;
    let link = keep::find_link(tx, connection, &(&event.lane).into())?;
    let former = former_attempts(tx, connection, sequence, attempt)?;
    let fresh = usize::try_from(tried.saturating_sub(1)).unwrap_or(usize::MAX);
    let interrupted = former.iter().rev().take(fresh).filter(|attempt| !attempt.settled).count();
    let interrupted = u32::try_from(interrupted).unwrap_or(u32::MAX);
    Ok(Claimed { event, sequence, fresh_at: time(fresh_at)?, attempt, tried, interrupted, former, link })
}

/// The attempts before the `attempt`th. Most events have none, and then nothing is read.
fn former_attempts(
    tx: &Connection,
    connection: &str,
    sequence: i64,
    attempt: u32,
) -> Result<Vec<Former>, StoreError> {
    if attempt == 1 {
        return Ok(Vec::new());
    }
    let sql = "SELECT started_at, finished_at IS NOT NULL, code FROM attempts
               WHERE connection = ?1 AND seq = ?2 AND attempt < ?3 ORDER BY attempt";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map(params![connection, sequence, attempt], |row| {
        Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?))
    })?;
    rows.map(|row| {
        let (started_at, settled, code) = row?;
        Ok(Former { started_at: time(started_at)?, settled, code })
    })
    .collect()
}

fn settle(tx: &Connection, settlement: &Settlement) -> Result<(), StoreError> {
    let lane = finish_delivery(tx, settlement)?;
    finish_attempt(tx, settlement)?;
    for link in &settlement.links {
        keep::write_link(tx, &settlement.connection, link, millis(settlement.at))?;
    }
    if !holds_lane(settlement) {
        advance(tx, &settlement.connection, &lane, millis(settlement.at))?;
    }
    fault::here(Point::SettleBeforeCommit);
    Ok(())
}

fn holds_lane(settlement: &Settlement) -> bool {
    match settlement.outcome {
        Outcome::Delivered(_) | Outcome::Skipped(_) => false,
        Outcome::Retry(..) | Outcome::Parked(_) => true,
        Outcome::Dead(_) => settlement.hold_lane,
    }
}

/// Writes where the event stands now, and returns its lane. The attempt's number is the lease's token: a worker
/// whose lease was taken over changes nothing.
fn finish_delivery(tx: &Connection, settlement: &Settlement) -> Result<String, StoreError> {
    let sql = "UPDATE deliveries SET status = ?4, open = ?5, due_at = ?6, updated_at = ?7, code = ?8,
                      message = ?9, target_kind = coalesce(?10, target_kind),
                      target_id = coalesce(?11, target_id), ignored = ?12
               WHERE connection = ?1 AND seq = ?2 AND attempts = ?3 AND status = 'delivering' RETURNING lane";
    let outcome = &settlement.outcome;
    let due_at = if let Outcome::Retry(_, at) = outcome { Some(millis(*at)) } else { None };
    let target = if let Outcome::Delivered(target) = outcome { Some(target) } else { None };
    let lane = tx
        .prepare_cached(sql)?
        .query_row(
            params![
                settlement.connection,
                settlement.sequence,
                settlement.attempt,
                outcome.status().as_str(),
                i64::from(holds_lane(settlement)),
                due_at,
                millis(settlement.at),
                outcome.reason().map(|r| &r.code),
                outcome.reason().map(|r| &r.message),
                target.map(|t| &t.kind),
                target.map(|t| &t.id),
                ignored_text(&settlement.ignored),
            ],
            |row| row.get(0),
        )
        .optional()?;
    lane.ok_or(StoreError::LeaseLost)
}

fn finish_attempt(tx: &Connection, settlement: &Settlement) -> Result<(), StoreError> {
    let sql = "UPDATE attempts SET finished_at = ?4, outcome = ?5, code = ?6, message = ?7, retry_at = ?8,
                      calls = ?9
               WHERE connection = ?1 AND seq = ?2 AND attempt = ?3";
    let outcome = &settlement.outcome;
    let retry_at = if let Outcome::Retry(_, at) = outcome { Some(millis(*at)) } else { None };
    tx.prepare_cached(sql)?.execute(params![
        settlement.connection,
        settlement.sequence,
        settlement.attempt,
        millis(settlement.at),
        outcome.status().as_str(),
        outcome.reason().map(|r| &r.code),
        outcome.reason().map(|r| &r.message),
        retry_at,
        settlement.calls,
    ])?;
    Ok(())
}

/// The lane's next event becomes due.
fn advance(tx: &Connection, connection: &str, lane: &str, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET due_at = ?3 WHERE connection = ?1 AND status = 'accepted'
                 AND seq = (SELECT seq FROM deliveries WHERE connection = ?1 AND lane = ?2 AND open = 1
                            ORDER BY seq LIMIT 1)";
    tx.prepare_cached(sql)?.execute(params![connection, lane, now])?;
    Ok(())
}

struct Held {
    sequence: i64,
    lane: String,
}

/// A parked or dead event that still holds its lane.
fn held(tx: &Connection, connection: &str, id: &EventId, wanted: &'static str) -> Result<Held, StoreError> {
    let sql = "SELECT d.seq, d.lane, d.status, d.open FROM events e
               JOIN deliveries d ON d.connection = e.connection AND d.seq = e.seq
               WHERE e.connection = ?1 AND e.id = ?2";
    let columns = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get(3)?));
    let found = tx.prepare_cached(sql)?.query_row(params![connection, id.as_str()], columns).optional()?;
    let (sequence, lane, status, open): (i64, String, String, i64) = found.ok_or(StoreError::NotFound)?;
    let status: Status = status.parse().map_err(|_| StoreError::Corrupt("status".into()))?;
    match status {
        Status::Parked | Status::Dead if open == 1 => Ok(Held { sequence, lane }),
        _ => Err(StoreError::WrongStatus { status, wanted }),
    }
}
