//! Claims and renewals of leases, and what becomes of them when they end.

use std::time::Duration;

use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use tokio_postgres::{Client, Row, Statement};

use super::{
    connect::failed,
    events::{self, get},
    keep, millis,
    pool::{execute, query_one},
    time,
};
use crate::{
    json,
    store::{Claimed, Effect, Former, Hold, StoreError},
};

/// Of the connection $1, what is due at $2, $3 events at most, leased until $4. Whoever else looks at the same rows
/// passes them by. What earlier attempts left behind is read only where there were any.
pub(super) const SQL: &str = "
    WITH due AS MATERIALIZED (
        SELECT connection, seq, due_at FROM deliveries
        WHERE connection = $1 AND due_at <= $2 ORDER BY due_at, seq LIMIT $3 FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE deliveries d SET status = 'delivering', due_at = $4, attempts = attempts + 1, tried = tried + 1,
                                updated_at = $2
        FROM due WHERE d.connection = due.connection AND d.seq = due.seq
        RETURNING d.connection, d.seq, d.lane, d.attempts, d.tried, d.fresh_at, d.request_key,
                  CASE WHEN d.pinned = 1 THEN d.mapping END AS pinned, due.due_at
    ), started AS (
        INSERT INTO attempts (connection, seq, attempt, started_at)
        SELECT connection, seq, attempts, $2 FROM leased
    )
    SELECT e.connection, e.id, e.type, e.lane, e.time, e.traceparent, e.data_start, e.data_end, e.body, e.hint,
           e.version, e.verified_by, e.digest, l.seq, l.attempts, l.tried, l.fresh_at, l.request_key, l.pinned,
           k.target_id, k.version AS target_version, k.written,
           (SELECT json_agg(json_build_array(a.started_at, a.finished_at IS NOT NULL, a.code) ORDER BY a.attempt)::text
            FROM attempts a
            WHERE l.attempts > 1 AND a.connection = l.connection AND a.seq = l.seq AND a.attempt < l.attempts) AS former,
           (SELECT json_agg(json_build_array(f.attempt, f.step, f.request_id, f.sent, f.started_at, f.answered_at,
                                             f.target_id) ORDER BY f.attempt, f.started_at, f.step)::text
            FROM effects f WHERE l.attempts > 1 AND f.connection = l.connection AND f.seq = l.seq) AS effects
    FROM leased l
    JOIN events e ON e.seq = l.seq
    LEFT JOIN links k ON k.connection = l.connection AND k.kind = split_part(l.lane, ':', 1)
                     AND k.source_id = substr(l.lane, strpos(l.lane, ':') + 1)
    ORDER BY l.due_at, l.seq";

/// Of the leases $1 to $3, those that are still held run until $4.
pub(super) const RENEW: &str = "
    UPDATE deliveries d SET due_at = $4
    FROM unnest($1::text[], $2::int8[], $3::int8[]) AS h(connection, seq, attempt)
    WHERE d.connection = h.connection AND d.seq = h.seq AND d.attempts = h.attempt AND d.status = 'delivering'
    RETURNING d.connection, d.seq, d.attempts";

/// What a worker asks for.
pub(super) struct Wanted {
    pub(super) connection: String,
    limit: i64,
    now: i64,
    until: i64,
}

impl Wanted {
    pub(super) fn new(
        connection: &str,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let until = now.checked_add(lease).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(Self { connection: connection.to_owned(), limit, now: millis(now), until: millis(until) })
    }
}

/// What is handed out, the longest due first.
pub(super) async fn run(
    client: &Client,
    statement: &Statement,
    wanted: &Wanted,
) -> Result<Vec<Claimed>, StoreError> {
    let Wanted { connection, limit, now, until } = wanted;
    let rows = client.query(statement, &[connection, now, limit, until]).await.map_err(failed)?;
    rows.iter().map(claimed).collect()
}

/// Leases to extend.
pub(super) struct Renewal {
    pub(super) holds: Vec<Hold>,
    pub(super) until: i64,
}

/// Those that are still held.
pub(super) async fn renew(
    client: &Client,
    statement: &Statement,
    renewal: &Renewal,
) -> Result<Vec<Hold>, StoreError> {
    let connections: Vec<&str> = renewal.holds.iter().map(|hold| hold.connection.as_str()).collect();
    let sequences: Vec<i64> = renewal.holds.iter().map(|hold| hold.sequence).collect();
    let attempts: Vec<i64> = renewal.holds.iter().map(|hold| i64::from(hold.attempt)).collect();
    let rows = client.query(statement, &[&connections, &sequences, &attempts, &renewal.until]).await;
    rows.map_err(failed)?.iter().map(hold).collect()
}

/// See [`crate::store::engine::Engine::is_lane_in_hand`].
pub(super) async fn is_lane_in_hand(
    client: &impl GenericClient,
    connection: &str,
    lane: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE connection = $1 AND lane = $2 AND open = 1
                                AND status = 'delivering' AND due_at > $3)";
    get(&query_one(client, sql, &[&connection, &lane, &millis(now)]).await?, 0)
}

/// Takes the events of a lane back from whoever let their lease end, so that they can't settle any more. False, and nothing is
/// done, while somebody still holds one. In a transaction that has taken the connection's lock.
pub(super) async fn revoke_ended_leases(
    tx: &impl GenericClient,
    connection: &str,
    lane: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if is_lane_in_hand(tx, connection, lane, now).await? {
        return Ok(false);
    }
    // It is due as it was: the next claim finds an attempt that was interrupted.
    let sql = "UPDATE deliveries SET status = 'retrying'
               WHERE connection = $1 AND lane = $2 AND open = 1 AND status = 'delivering'";
    execute(tx, sql, &[&connection, &lane]).await?;
    Ok(true)
}

fn hold(row: &Row) -> Result<Hold, StoreError> {
    Ok(Hold {
        connection: row.try_get(0).map_err(failed)?,
        sequence: row.try_get(1).map_err(failed)?,
        attempt: events::count(row, 2)?,
    })
}

fn claimed(row: &Row) -> Result<Claimed, StoreError> {
    let (attempt, tried): (u32, u32) = (events::count(row, "attempts")?, events::count(row, "tried")?);
    let former = former(row)?;
    let fresh = usize::try_from(tried.saturating_sub(1)).unwrap_or(usize::MAX);
    let interrupted = former.iter().rev().take(fresh).take_while(|attempt| !attempt.settled).count();
    let event = events::event(row)?;
    Ok(Claimed {
        sequence: row.try_get("seq").map_err(failed)?,
        fresh_at: time(row.try_get("fresh_at").map_err(failed)?)?,
        attempt,
        tried,
        interrupted: u32::try_from(interrupted).unwrap_or(u32::MAX),
        former,
        effects: effects(row)?,
        key: events::count(row, "request_key")?,
        pinned: row.try_get("pinned").map_err(failed)?,
        link: keep::link(row, "target_version", (&event.lane).into())?,
        event,
    })
}

fn former(row: &Row) -> Result<Vec<Former>, StoreError> {
    let attempts: Vec<(i64, bool, Option<String>)> = list(row, "former")?;
    let former = attempts
        .into_iter()
        .map(|(started_at, settled, code)| Ok(Former { started_at: time(started_at)?, settled, code }));
    former.collect()
}

type EffectRow = (u32, String, String, String, i64, Option<i64>, Option<String>);

fn effects(row: &Row) -> Result<Vec<Effect>, StoreError> {
    let rows: Vec<EffectRow> = list(row, "effects")?;
    let effects =
        rows.into_iter().map(|(attempt, step, request_id, sent, started_at, answered_at, target_id)| {
            let (started_at, answered_at) = (time(started_at)?, answered_at.map(time).transpose()?);
            Ok(Effect { attempt, step, request_id, sent, started_at, answered_at, target_id })
        });
    effects.collect()
}

/// Rows that came as one text; none as null.
fn list<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<Vec<T>, StoreError> {
    let text: Option<&str> = row.try_get(column).map_err(failed)?;
    let rows = text.map_or_else(|| Ok(Vec::new()), json::from_str);
    rows.map_err(|error| StoreError::Corrupt(format!("{column}: {error}")))
}
