//! What the tables take, and forgetting what is long done. Space that is free is for new rows: the server's own
//! vacuum sees to that, and none goes back to the disk.

use deadpool_postgres::GenericClient;

use super::{
    events::{count, counted, get},
    pool::{execute, query, query_one},
    schema, time,
};
use crate::store::{Size, Stats, StoreError, tables::TABLES};

/// What is in use, by the server's statistics: rows that are alive and how long they are on average, in the table and
/// in the pieces of its long values (2 KiB each), and of its indexes the same share. Where there are none, as before the
/// first ANALYZE and after a crash of the server, all that is taken counts as used. How much room its disk has the server doesn't tell.
const SIZE: &str = "
    WITH ours AS (
        SELECT c.oid, c.reltoastrelid AS long, pg_relation_size(c.oid) AS heap, pg_indexes_size(c.oid) AS indexes,
               pg_total_relation_size(c.oid) AS taken, pg_stat_get_live_tuples(c.oid) AS alive,
               pg_stat_get_last_analyze_time(c.oid) IS NOT NULL
                   OR pg_stat_get_last_autoanalyze_time(c.oid) IS NOT NULL AS counted,
               (SELECT sum(s.avg_width)::int8 + 32 FROM pg_stats s
                 WHERE s.schemaname = n.nspname AND s.tablename = c.relname) AS width
        FROM unnest($1::text[]) AS name
        JOIN pg_class c ON c.oid = name::regclass
        JOIN pg_namespace n ON n.oid = c.relnamespace
    )
    SELECT coalesce(sum(taken), 0)::int8,
           coalesce(sum(CASE WHEN width IS NULL OR heap = 0 OR NOT counted THEN taken
                             ELSE least(taken, (alive * width * (1 + indexes::float8 / heap))::int8
                                               + pg_stat_get_live_tuples(long) * 2048) END), 0)::int8
    FROM ours";

/// See [`SIZE`].
pub(super) async fn size(client: &impl GenericClient) -> Result<Size, StoreError> {
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let row = query_one(client, SIZE, &[&names]).await?;
    Ok(Size { used: count(&row, 1)?, taken: count(&row, 0)?, free: None })
}

/// Forgets the oldest events that came to rest before `before`. What is parked or dead waits for an operator, and
/// stays; so does the newest event of all, as everywhere. Dead messages to a subscriber, whose journal's name has a full
/// stop, go as what is settled does.
pub(super) async fn prune(client: &impl GenericClient, before: i64, limit: usize) -> Result<u64, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = "
         WITH settled AS MATERIALIZED (
             SELECT connection, seq, updated_at FROM deliveries
             WHERE open = 0 AND status <> 'dead' AND updated_at < $1 AND seq < (SELECT max(seq) FROM events)
             ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED
         ), dead AS MATERIALIZED (
             SELECT connection, seq, updated_at FROM deliveries
             WHERE status = 'dead' AND position('.' in connection) > 0 AND open = 0 AND updated_at < $1
               AND seq < (SELECT max(seq) FROM events)
             ORDER BY connection, seq LIMIT $2 FOR UPDATE SKIP LOCKED
         ), old AS MATERIALIZED (
             SELECT connection, seq FROM (SELECT * FROM settled UNION ALL SELECT * FROM dead) AS done
             ORDER BY updated_at LIMIT $2
         ), made AS (
             DELETE FROM effects f USING old o WHERE f.connection = o.connection AND f.seq = o.seq
         ), tried AS (
             DELETE FROM attempts a USING old o WHERE a.connection = o.connection AND a.seq = o.seq
         ), delivered AS (
             DELETE FROM deliveries d USING old o WHERE d.connection = o.connection AND d.seq = o.seq
         )
         DELETE FROM events e USING old o WHERE e.seq = o.seq";
    execute(client, sql, &[&before, &limit]).await
}

/// What is in the tables. Reads through all of the deliveries.
pub(super) async fn stats(client: &deadpool_postgres::Client) -> Result<Stats, StoreError> {
    let sql = "SELECT connection, status, count(*) FROM deliveries GROUP BY connection, status ORDER BY 1, 2";
    let events = counted(&query(client, sql, &[]).await?)?;
    let oldest = query_one(client, "SELECT min(fresh_at) FROM deliveries WHERE open = 1", &[]).await?;
    Ok(Stats {
        schema: schema::check(client).await?,
        size: size(client).await?,
        gives_back: false,
        events,
        oldest_waiting: get::<Option<i64>>(&oldest, 0)?.map(time).transpose()?,
    })
}

/// How many events `prune` would forget.
pub(super) async fn count_settled(client: &impl GenericClient, before: i64) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM deliveries WHERE open = 0 AND updated_at < $1
                 AND (status <> 'dead' OR position('.' in connection) > 0)
                 AND seq < (SELECT max(seq) FROM events)";
    count(&query_one(client, sql, &[&before]).await?, 0)
}
