//! What attempts meant to make at the target, and what came of it.

use rusqlite::{Connection, Row, params};

use super::{millis, time};
use crate::store::{Effect, Intent, Settlement, StoreError};

/// Writes an intent down. The attempt must still have the event: a worker that lost it must not make anything.
pub(super) fn intend(tx: &Connection, intent: &Intent) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO effects (connection, seq, attempt, step, request_id, sent, started_at)
               SELECT connection, seq, attempts, ?4, ?5, ?6, ?7 FROM deliveries
               WHERE connection = ?1 AND seq = ?2 AND attempts = ?3 AND status = 'delivering'";
    let hold = &intent.hold;
    let written = tx.prepare_cached(sql)?.execute(params![
        hold.connection,
        hold.sequence,
        hold.attempt,
        intent.step,
        intent.request_id,
        intent.sent,
        millis(intent.at),
    ])?;
    if written == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}

/// Notes what came of the intents that a settlement answers.
pub(super) fn answer(tx: &Connection, settlement: &Settlement) -> Result<(), StoreError> {
    let sql = "UPDATE effects SET answered_at = ?5, target_id = ?6
               WHERE connection = ?1 AND seq = ?2 AND attempt = ?3 AND step = ?4";
    for answered in &settlement.answered {
        tx.prepare_cached(sql)?.execute(params![
            settlement.connection,
            settlement.sequence,
            answered.attempt,
            answered.step,
            millis(settlement.at),
            answered.target_id,
        ])?;
    }
    Ok(())
}

/// An operator has looked: whatever was open is closed.
pub(super) fn waive(tx: &Connection, connection: &str, sequence: i64, now: i64) -> Result<(), StoreError> {
    let sql =
        "UPDATE effects SET answered_at = ?3 WHERE connection = ?1 AND seq = ?2 AND answered_at IS NULL";
    tx.prepare_cached(sql)?.execute(params![connection, sequence, now])?;
    Ok(())
}

/// Of a lane's other events.
pub(super) fn open(
    db: &Connection,
    connection: &str,
    lane: &str,
    step: &str,
    except: i64,
) -> Result<Vec<Effect>, StoreError> {
    // Told which index: to spare the sorting of a few it would go through all that the connection ever made.
    let sql = "SELECT f.attempt, f.step, f.request_id, f.sent, f.started_at, f.answered_at, f.target_id
               FROM effects f INDEXED BY effects_open JOIN deliveries d ON d.connection = f.connection AND d.seq = f.seq
               WHERE f.connection = ?1 AND f.step = ?3 AND f.answered_at IS NULL AND d.lane = ?2 AND f.seq <> ?4
               ORDER BY f.seq, f.attempt";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![connection, lane, step, except], |row| Ok(effect(row)))?;
    rows.map(|row| row?).collect()
}

/// All of an event's, oldest first.
pub(super) fn of(db: &Connection, connection: &str, sequence: i64) -> Result<Vec<Effect>, StoreError> {
    let sql = "SELECT attempt, step, request_id, sent, started_at, answered_at, target_id FROM effects
               WHERE connection = ?1 AND seq = ?2 ORDER BY attempt, started_at, step";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params![connection, sequence], |row| Ok(effect(row)))?;
    rows.map(|row| row?).collect()
}

fn effect(row: &Row<'_>) -> Result<Effect, StoreError> {
    Ok(Effect {
        attempt: row.get(0)?,
        step: row.get(1)?,
        request_id: row.get(2)?,
        sent: row.get(3)?,
        started_at: time(row.get(4)?)?,
        answered_at: row.get::<_, Option<i64>>(5)?.map(time).transpose()?,
        target_id: row.get(6)?,
    })
}
