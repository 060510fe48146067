//! What an operator does: replay and discard, one event or all that a filter meets.

use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::{
    effects,
    events::{Matching, parsed},
    lanes,
};
use crate::{
    event::{EventId, Status},
    store::{Filter, Replay, ReplayKey, ReplayMapping, StoreError, UNCERTAIN},
};

/// A parked or dead event.
struct Held {
    sequence: i64,
    lane: String,
    code: Option<String>,
}

pub(super) fn replay(
    tx: &Connection,
    connection: &str,
    id: &EventId,
    how: Replay,
    now: i64,
) -> Result<(), StoreError> {
    let held = held(tx, connection, id, "replayed")?;
    waive(tx, connection, &held, now)?;
    again(tx, connection, &held, how, now)
}

pub(super) fn discard(tx: &Connection, connection: &str, id: &EventId, now: i64) -> Result<i64, StoreError> {
    let held = held(tx, connection, id, "discarded")?;
    give_up(tx, connection, &held, now)?;
    Ok(held.sequence)
}

pub(super) fn replay_some(
    tx: &Connection,
    connection: &str,
    filter: &Filter,
    after: i64,
    how: Replay,
    now: i64,
) -> Result<Vec<i64>, StoreError> {
    let found = some(tx, connection, filter, after)?;
    // Who replays whatever there is has not looked: the target is asked again.
    if filter.code.as_deref() == Some(UNCERTAIN) {
        found.iter().try_for_each(|held| waive(tx, connection, held, now))?;
    }
    found.iter().try_for_each(|held| again(tx, connection, held, how, now))?;
    Ok(found.into_iter().map(|held| held.sequence).collect())
}

pub(super) fn discard_some(
    tx: &Connection,
    connection: &str,
    filter: &Filter,
    after: i64,
    now: i64,
) -> Result<Vec<i64>, StoreError> {
    let found = some(tx, connection, filter, after)?;
    found.iter().try_for_each(|held| give_up(tx, connection, held, now))?;
    Ok(found.into_iter().map(|held| held.sequence).collect())
}

pub(super) fn count(db: &Connection, connection: &str, filter: &Filter) -> Result<u64, StoreError> {
    let each = Matching::held(connection, filter, 0).into_iter().map(|matching| {
        let sql = format!("SELECT count(*) {}", matching.rows());
        Ok(db
            .prepare_cached(&sql)?
            .query_row(params_from_iter(matching.values), |row| row.get::<_, u64>(0))?)
    });
    each.sum()
}

/// An operator has looked at what nobody could tell.
fn waive(tx: &Connection, connection: &str, held: &Held, now: i64) -> Result<(), StoreError> {
    match held.code.as_deref() {
        Some(UNCERTAIN) => effects::waive(tx, connection, held.sequence, now),
        _ => Ok(()),
    }
}

fn again(tx: &Connection, connection: &str, held: &Held, how: Replay, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET status = 'accepted', open = 1, due_at = NULL, tried = 0, fresh_at = ?3,
                      updated_at = ?3, code = NULL, message = NULL, request_key = request_key + ?4, pinned = ?5
               WHERE connection = ?1 AND seq = ?2";
    let (new, pinned) = (how.key == ReplayKey::New, how.mapping == ReplayMapping::Pinned);
    tx.prepare_cached(sql)?.execute(params![connection, held.sequence, now, new, pinned])?;
    lanes::place(tx, connection, &held.lane, now)
}

fn give_up(tx: &Connection, connection: &str, held: &Held, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET status = 'discarded', open = 0, due_at = NULL, updated_at = ?3
               WHERE connection = ?1 AND seq = ?2";
    tx.prepare_cached(sql)?.execute(params![connection, held.sequence, now])?;
    lanes::place(tx, connection, &held.lane, now)
}

/// See [`crate::store::engine::Engine::give_up`].
pub(super) fn give_up_all(
    tx: &Connection,
    connection: &str,
    sequences: &[i64],
    now: i64,
) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT seq, lane, code FROM deliveries
               WHERE connection = ?1 AND seq = ?2
                 AND (status IN ('accepted', 'retrying', 'parked', 'dead') OR status = 'delivering' AND due_at <= ?3)";
    let mut given_up = Vec::new();
    for sequence in sequences {
        let held =
            tx.prepare_cached(sql)?.query_row(params![connection, sequence, now], of_row).optional()?;
        if let Some(held) = held {
            give_up(tx, connection, &held, now)?;
            given_up.push(held.sequence);
        }
    }
    Ok(given_up)
}

fn held(tx: &Connection, connection: &str, id: &EventId, wanted: &'static str) -> Result<Held, StoreError> {
    let sql = "SELECT d.seq, d.lane, d.code, d.status, length(e.body) = 0 FROM events e
               JOIN deliveries d ON d.connection = e.connection AND d.seq = e.seq
               WHERE e.connection = ?1 AND e.id = ?2";
    let columns = |row: &Row<'_>| Ok((of_row(row)?, row.get::<_, String>(3)?, row.get::<_, bool>(4)?));
    let found = tx.prepare_cached(sql)?.query_row(params![connection, id.as_str()], columns).optional()?;
    let (held, status, is_erased) = found.ok_or(StoreError::NotFound)?;
    if is_erased {
        return Err(StoreError::Erased);
    }
    match parsed(&status)? {
        Status::Parked | Status::Dead => Ok(held),
        status => Err(StoreError::WrongStatus { status, wanted }),
    }
}

fn some(tx: &Connection, connection: &str, filter: &Filter, after: i64) -> Result<Vec<Held>, StoreError> {
    let mut some = Vec::new();
    for matching in Matching::held(connection, filter, after) {
        let sql =
            format!("SELECT d.seq, d.lane, d.code {} ORDER BY d.seq LIMIT {}", matching.rows(), filter.limit);
        let mut statement = tx.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(matching.values), of_row)?;
        some.extend(rows.collect::<Result<Vec<Held>, _>>()?);
    }
    some.sort_by_key(|held| held.sequence);
    some.truncate(filter.limit);
    Ok(some)
}

fn of_row(row: &Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held { sequence: row.get(0)?, lane: row.get(1)?, code: row.get(2)? })
}
