//! What workers and senders do to the journal: accept, claim, settle. Each runs inside the writer's transaction.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    effects,
    events::{EVENT, event_from},
    keep, lanes, millis, time,
};
use crate::{
    event::{Event, Outcome},
    fault::{self, Point},
    store::{Accepted, Claimed, Former, Hold, Settlement, StoreError, ignored_text},
};

pub(super) fn accept(
    tx: &Connection,
    event: &Event,
    lane: &str,
    digest: &[u8; 32],
    now: i64,
) -> Result<Accepted, StoreError> {
    let sql = "INSERT INTO events (connection, id, type, lane, time, accepted_at, traceparent, digest,
                                   data_start, data_end, body, hint, version, verified_by)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
               ON CONFLICT (connection, id) DO NOTHING";
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
        event.version,
        event.verified_by,
    ])?;
    if inserted == 0 {
        return known(tx, event, digest);
    }
    let sequence = tx.last_insert_rowid();
    lanes::enqueue(tx, &event.connection, sequence, lane, now)?;
    fault::here(Point::AcceptBeforeCommit);
    Ok(Accepted::New { sequence })
}

/// All, or none if one of them is a conflict.
pub(super) fn accept_all(tx: &Connection, events: &[Event], now: i64) -> Result<Vec<Accepted>, StoreError> {
    let digests: Vec<[u8; 32]> = events.iter().map(Event::digest).collect();
    tx.execute_batch("SAVEPOINT batch")?;
    let accepted = events.iter().zip(&digests);
    let accepted = accepted.map(|(event, digest)| accept(tx, event, &event.lane.to_string(), digest, now));
    let accepted: Vec<Accepted> = accepted.collect::<Result<_, _>>()?;
    if accepted.contains(&Accepted::Conflict) {
        tx.execute_batch("ROLLBACK TO batch")?;
    }
    tx.execute_batch("RELEASE batch")?;
    Ok(accepted)
}

fn known(tx: &Connection, event: &Event, digest: &[u8; 32]) -> Result<Accepted, StoreError> {
    let sql = "SELECT seq, digest FROM events WHERE connection = ?1 AND id = ?2";
    let (sequence, stored): (i64, Vec<u8>) = tx
        .prepare_cached(sql)?
        .query_row(params![event.connection, event.id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if stored == digest { Accepted::Duplicate { sequence } } else { Accepted::Conflict })
}

pub(super) fn claim(
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
               WHERE connection = ?1 AND seq = ?2
               RETURNING attempts, tried, fresh_at, request_key, CASE WHEN pinned = 1 THEN mapping END";
    let columns = params![connection, sequence, until, now];
    let (attempt, tried, fresh_at, key, pinned): (u32, u32, i64, u32, Option<String>) = tx
        .prepare_cached(sql)?
        .query_row(columns, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
    let sql = "INSERT INTO attempts (connection, seq, attempt, started_at) VALUES (?1, ?2, ?3, ?4)";
    tx.prepare_cached(sql)?.execute(params![connection, sequence, attempt, now])?;
    let sql = format!("SELECT {EVENT} FROM events e WHERE e.seq = ?1");
    let event = tx.prepare_cached(&sql)?.query_row([sequence], |row| Ok(event_from(row)))??;
    let link = keep::find_link(tx, connection, &(&event.lane).into())?;
    let former = former_attempts(tx, connection, sequence, attempt)?;
    let fresh = usize::try_from(tried.saturating_sub(1)).unwrap_or(usize::MAX);
    let interrupted = former.iter().rev().take(fresh).take_while(|attempt| !attempt.settled).count();
    let interrupted = u32::try_from(interrupted).unwrap_or(u32::MAX);
    // The first attempt has none before it.
    let effects = if attempt == 1 { Vec::new() } else { effects::of(tx, connection, sequence)? };
    let fresh_at = time(fresh_at)?;
    Ok(Claimed { event, sequence, fresh_at, attempt, tried, interrupted, former, effects, key, pinned, link })
}

/// Extends the leases that are still held; those.
pub(super) fn renew(tx: &Connection, holds: &[Hold], until: i64) -> Result<Vec<Hold>, StoreError> {
    let sql = "UPDATE deliveries SET due_at = ?4
               WHERE connection = ?1 AND seq = ?2 AND attempts = ?3 AND status = 'delivering'";
    let mut statement = tx.prepare_cached(sql)?;
    let mut held = Vec::with_capacity(holds.len());
    for hold in holds {
        if statement.execute(params![hold.connection, hold.sequence, hold.attempt, until])? == 1 {
            held.push(hold.clone());
        }
    }
    Ok(held)
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

pub(super) fn settle(tx: &Connection, settlement: &Settlement) -> Result<(), StoreError> {
    let (connection, at) = (settlement.connection.as_str(), millis(settlement.at));
    let lane = finish_delivery(tx, settlement)?;
    finish_attempt(tx, settlement)?;
    effects::answer(tx, settlement)?;
    for link in &settlement.links {
        keep::write_link(tx, connection, link, at)?;
    }
    match settlement.holds_lane() {
        // An event before it may have been replayed meanwhile.
        true => lanes::put_back(tx, connection, settlement.sequence, &lane, at),
        false => lanes::advance(tx, connection, &lane, at),
    }?;
    fault::here(Point::SettleBeforeCommit);
    Ok(())
}

/// Writes where the event stands now, and returns its lane. The attempt's number is the lease's token: a worker
/// whose lease was taken over changes nothing.
fn finish_delivery(tx: &Connection, settlement: &Settlement) -> Result<String, StoreError> {
    let sql = "UPDATE deliveries SET status = ?4, open = ?5, due_at = ?6, updated_at = ?7, code = ?8,
                      message = ?9, target_kind = coalesce(?10, target_kind),
                      target_id = coalesce(?11, target_id), ignored = ?12, mapping = coalesce(mapping, ?13)
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
                i64::from(settlement.holds_lane()),
                due_at,
                millis(settlement.at),
                outcome.reason().map(|r| &r.code),
                outcome.reason().map(|r| &r.message),
                target.map(|t| &t.kind),
                target.map(|t| &t.id),
                ignored_text(&settlement.ignored),
                settlement.mapping,
            ],
            |row| row.get(0),
        )
        .optional()?;
    lane.ok_or(StoreError::LeaseLost)
}

fn finish_attempt(tx: &Connection, settlement: &Settlement) -> Result<(), StoreError> {
    let sql = "UPDATE attempts SET finished_at = ?4, outcome = ?5, code = ?6, message = ?7, retry_at = ?8,
                      calls = ?9, mapping = ?10
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
        settlement.mapping,
    ])?;
    Ok(())
}
