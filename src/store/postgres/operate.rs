//! What an operator does: replay and discard, one event or all that a filter meets. Each is a transaction that has
//! taken the connection's lock.

use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use tokio_postgres::Row;

use super::{
    events::{Matching, get, status},
    millis,
    pool::{execute, query, query_one, query_opt},
};
use crate::{
    event::{EventId, Status},
    store::{Filter, Replay, ReplayKey, ReplayMapping, StoreError, UNCERTAIN},
};

/// The sequence of the parked or dead event of an id.
///
/// Errors: `NotFound`, `WrongStatus`.
pub(super) async fn held(
    tx: &impl GenericClient,
    connection: &str,
    id: &EventId,
    wanted: &'static str,
) -> Result<i64, StoreError> {
    let sql = "SELECT d.seq, d.status, length(e.body) = 0 AS is_erased FROM events e
               JOIN deliveries d ON d.connection = e.connection AND d.seq = e.seq
               WHERE e.connection = $1 AND e.id = $2";
    let row = query_opt(tx, sql, &[&connection, &id.as_str()]).await?;
    let row = row.ok_or(StoreError::NotFound)?;
    if get(&row, "is_erased")? {
        return Err(StoreError::Erased);
    }
    match status(&row, "status")? {
        Status::Parked | Status::Dead => get(&row, "seq"),
        status => Err(StoreError::WrongStatus { status, wanted }),
    }
}

/// The sequences of the parked and dead events that a filter meets after one, in their order, up to its limit.
pub(super) async fn some(
    tx: &impl GenericClient,
    connection: &str,
    filter: &Filter,
    after: i64,
) -> Result<Vec<i64>, StoreError> {
    let mut matching = Matching::held(connection, filter, after);
    let sql = matching.limited("SELECT d.seq", "ORDER BY d.seq", filter.limit);
    let rows = query(tx, &sql, &matching.parameters()).await?;
    rows.iter().map(|row: &Row| get(row, 0)).collect()
}

/// Those of the events that hold their lane or are dead, and that no worker has in hand.
pub(super) async fn at_rest(
    tx: &impl GenericClient,
    connection: &str,
    sequences: &[i64],
    now: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT seq FROM deliveries WHERE connection = $1 AND seq = ANY($2)
                 AND (status IN ('accepted', 'retrying', 'parked', 'dead') OR status = 'delivering' AND due_at <= $3)
               ORDER BY seq";
    let rows = query(tx, sql, &[&connection, &sequences, &millis(now)]).await?;
    rows.iter().map(|row: &Row| get(row, 0)).collect()
}

pub(super) async fn count(
    client: &impl GenericClient,
    connection: &str,
    filter: &Filter,
) -> Result<u64, StoreError> {
    let matching = Matching::held(connection, filter, 0);
    let sql = matching.select("SELECT count(*)");
    super::events::count(&query_one(client, &sql, &matching.parameters()).await?, 0)
}

/// Lets parked and dead events be tried again.
pub(super) async fn replay(
    tx: &impl GenericClient,
    connection: &str,
    sequences: &[i64],
    how: Replay,
    now: Timestamp,
) -> Result<(), StoreError> {
    let now = millis(now);
    let sql = "UPDATE deliveries
               SET status = 'accepted', open = 1, due_at = NULL, tried = 0, fresh_at = $3, updated_at = $3,
                   code = NULL, message = NULL, request_key = request_key + $4, pinned = $5
               WHERE connection = $1 AND seq = ANY($2)";
    let new = i64::from(how.key == ReplayKey::New);
    let pinned = i64::from(how.mapping == ReplayMapping::Pinned);
    execute(tx, sql, &[&connection, &sequences, &now, &new, &pinned]).await?;
    place(tx, connection, sequences, now).await
}

/// Gives parked and dead events up.
pub(super) async fn discard(
    tx: &impl GenericClient,
    connection: &str,
    sequences: &[i64],
    now: Timestamp,
) -> Result<(), StoreError> {
    let now = millis(now);
    let sql = "UPDATE deliveries SET status = 'discarded', open = 0, due_at = NULL, updated_at = $3
               WHERE connection = $1 AND seq = ANY($2)";
    execute(tx, sql, &[&connection, &sequences, &now]).await?;
    place(tx, connection, sequences, now).await
}

/// An operator has looked at what nobody could tell: whatever was open is closed.
pub(super) async fn waive(
    tx: &impl GenericClient,
    connection: &str,
    sequences: &[i64],
    now: Timestamp,
) -> Result<(), StoreError> {
    let now = millis(now);
    let sql = "UPDATE effects f SET answered_at = $3 FROM deliveries d
               WHERE f.connection = $1 AND f.seq = ANY($2) AND f.answered_at IS NULL
                 AND d.connection = f.connection AND d.seq = f.seq AND d.code = $4";
    execute(tx, sql, &[&connection, &sequences, &now, &UNCERTAIN]).await?;
    Ok(())
}

/// In the lanes of these events, the first that holds its lane is due, and nothing else, unless a worker has one in
/// hand.
async fn place(
    tx: &impl GenericClient,
    connection: &str,
    sequences: &[i64],
    now: i64,
) -> Result<(), StoreError> {
    let sql = "
        WITH lanes AS MATERIALIZED (
            SELECT DISTINCT lane FROM deliveries WHERE connection = $1 AND seq = ANY($2)
        ), heads AS MATERIALIZED (
            SELECT l.lane, h.seq
            FROM lanes l
            CROSS JOIN LATERAL (SELECT d.seq FROM deliveries d
                                WHERE d.connection = $1 AND d.lane = l.lane AND d.open = 1
                                ORDER BY d.seq LIMIT 1) h
            WHERE NOT EXISTS (SELECT 1 FROM deliveries d
                              WHERE d.connection = $1 AND d.lane = l.lane AND d.open = 1 AND d.status = 'delivering')
        ), others AS (
            UPDATE deliveries d SET due_at = NULL FROM heads h
            WHERE d.connection = $1 AND d.lane = h.lane AND d.open = 1 AND d.due_at IS NOT NULL AND d.seq > h.seq
        )
        UPDATE deliveries d SET due_at = $3 FROM heads h
        WHERE d.connection = $1 AND d.seq = h.seq AND d.due_at IS NULL AND d.status IN ('accepted', 'retrying')";
    execute(tx, sql, &[&connection, &sequences, &now]).await?;
    Ok(())
}
