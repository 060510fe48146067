//! What the tables take, and forgetting what is long done. Space that is free is for new rows: the server's own
//! vacuum sees to that, and none goes back to the disk.

use deadpool_postgres::GenericClient;

use super::{
    events::count,
    pool::{execute, query_one},
};
use crate::store::{Size, StoreError, tables::TABLES};

/// By the server's word. How much room its disk has it doesn't tell.
pub(super) async fn size(client: &impl GenericClient) -> Result<Size, StoreError> {
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let sql = "SELECT coalesce(sum(pg_total_relation_size(name::regclass)), 0)::int8 FROM unnest($1::text[]) AS name";
    let used = count(&query_one(client, sql, &[&names]).await?, 0)?;
    Ok(Size { used, taken: used, free: None })
}

/// Forgets the oldest events that came to rest before `before`. What is parked or dead waits for an operator, and
/// stays.
pub(super) async fn prune(client: &impl GenericClient, before: i64, limit: usize) -> Result<u64, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = "
         WITH old AS MATERIALIZED (
             SELECT connection, seq FROM deliveries WHERE open = 0 AND status <> 'dead' AND updated_at < $1
             ORDER BY updated_at LIMIT $2 FOR UPDATE SKIP LOCKED
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
