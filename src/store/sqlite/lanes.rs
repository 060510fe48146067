//! Who of a lane is next. An event has a due time only while it is its lane's turn: the first of those that hold the
//! lane, or one that a worker has in hand.
//!
//! `INDEXED BY` stands where SQLite would else read a whole connection in the order of sequences.

use rusqlite::{Connection, params};

use crate::store::StoreError;

/// Only the head of a lane gets a due time; the others get theirs when the one before them has left.
pub(super) fn enqueue(
    tx: &Connection,
    connection: &str,
    sequence: i64,
    lane: &str,
    now: i64,
) -> Result<(), StoreError> {
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

/// After an event has left its lane: the next one becomes due.
pub(super) fn advance(tx: &Connection, connection: &str, lane: &str, now: i64) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET due_at = ?3
               WHERE connection = ?1 AND status IN ('accepted', 'retrying') AND due_at IS NULL
                 AND seq = (SELECT seq FROM deliveries INDEXED BY deliveries_lane
                            WHERE connection = ?1 AND lane = ?2 AND open = 1 ORDER BY seq LIMIT 1)";
    tx.prepare_cached(sql)?.execute(params![connection, lane, now])?;
    Ok(())
}

/// After the one event of a lane that was in hand was put back: it goes after one before it that was replayed meanwhile.
/// No other of the lane is due, so that nothing depends on how long the lane is.
pub(super) fn put_back(
    tx: &Connection,
    connection: &str,
    sequence: i64,
    lane: &str,
    now: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE deliveries SET due_at = NULL
               WHERE connection = ?1 AND seq = ?2 AND due_at IS NOT NULL
                 AND EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_lane
                             WHERE connection = ?1 AND lane = ?3 AND open = 1 AND seq < ?2)";
    tx.prepare_cached(sql)?.execute(params![connection, sequence, lane])?;
    advance(tx, connection, lane, now)
}

/// After an operator has put an event back into its lane: it goes before those accepted later, but not before one that a worker
/// has in hand.
pub(super) fn place(tx: &Connection, connection: &str, lane: &str, now: i64) -> Result<(), StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_lane
                              WHERE connection = ?1 AND lane = ?2 AND open = 1 AND status = 'delivering')";
    if tx.prepare_cached(sql)?.query_row(params![connection, lane], |row| row.get(0))? {
        return Ok(());
    }
    let sql = "UPDATE deliveries INDEXED BY deliveries_lane SET due_at = NULL
               WHERE connection = ?1 AND lane = ?2 AND open = 1 AND due_at IS NOT NULL
                 AND seq > (SELECT min(seq) FROM deliveries WHERE connection = ?1 AND lane = ?2 AND open = 1)";
    tx.prepare_cached(sql)?.execute(params![connection, lane])?;
    advance(tx, connection, lane, now)
}

/// See [`crate::store::engine::Engine::is_lane_in_hand`].
pub(super) fn is_in_hand(
    db: &Connection,
    connection: &str,
    lane: &str,
    now: i64,
) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_lane
                              WHERE connection = ?1 AND lane = ?2 AND open = 1 AND status = 'delivering'
                                AND due_at > ?3)";
    Ok(db.prepare_cached(sql)?.query_row(params![connection, lane, now], |row| row.get(0))?)
}

/// Takes the events of a lane back from whoever let their lease end, so that they can't settle any more. False, and nothing is
/// done, while somebody still holds one.
pub(super) fn revoke_ended_leases(
    tx: &Connection,
    connection: &str,
    lane: &str,
    now: i64,
) -> Result<bool, StoreError> {
    if is_in_hand(tx, connection, lane, now)? {
        return Ok(false);
    }
    // It is due as it was: the next claim finds an attempt that was interrupted.
    let sql = "UPDATE deliveries INDEXED BY deliveries_lane SET status = 'retrying'
               WHERE connection = ?1 AND lane = ?2 AND open = 1 AND status = 'delivering'";
    tx.prepare_cached(sql)?.execute(params![connection, lane])?;
    Ok(true)
}
