//! Who writes to a connection's journal: one transaction at a time, of whichever replica. The lock is taken by a
//! transaction's first statement, so that its others see all that was committed under the lock before. That is why an
//! accept can't slip past a settle that looks for the lane's next event, and why sequences grow in commit order.

use deadpool_postgres::GenericClient;
use sha2::{Digest, Sha256};
use tokio_postgres::Transaction;

use super::{connect::failed, pool::execute};
use crate::store::StoreError;

/// Tells our locks from those of other programs on the same database: `desk` in ASCII.
pub(super) const NAMESPACE: i32 = 0x6465_736b;
/// The lock of those who change the tables.
const SCHEMA: i32 = 0;
/// The lock of those who begin an entry of the audit log.
const AUDIT: i32 = 1;

/// Takes the locks $2 of the namespace $1 in their order.
pub(super) const TAKE: &str = "SELECT pg_advisory_xact_lock($1::int4, key) FROM unnest($2::int4[]) AS key";

/// The keys of connections in the order in which everybody takes them, so that nobody waits in a circle. Two
/// connections whose hashes are the same wait for each other, and no harm is done.
pub(super) fn keys<'a>(connections: impl IntoIterator<Item = &'a str>) -> Vec<i32> {
    let mut keys: Vec<i32> = connections.into_iter().map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn key(connection: &str) -> i32 {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(connection).into();
    i32::from_be_bytes([a, b, c, d])
}

/// Takes a connection's lock until the end of the transaction.
pub(super) async fn connection(tx: &impl GenericClient, connection: &str) -> Result<(), StoreError> {
    let sql = "SELECT pg_advisory_xact_lock($1, $2)";
    execute(tx, sql, &[&NAMESPACE, &key(connection)]).await?;
    Ok(())
}

/// Takes the locks of several connections until the end of the transaction.
pub(super) async fn connections<'a>(
    tx: &impl GenericClient,
    connections: impl IntoIterator<Item = &'a str>,
) -> Result<(), StoreError> {
    execute(tx, TAKE, &[&NAMESPACE, &keys(connections)]).await.map(drop)
}

/// Takes the lock of the tables until the end of the transaction.
pub(super) async fn schema(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let sql = "SELECT pg_advisory_xact_lock($1, $2)";
    tx.execute(sql, &[&NAMESPACE, &SCHEMA]).await.map_err(failed)?;
    Ok(())
}

/// Takes the lock of the audit log until the end of the transaction.
pub(super) async fn audit(tx: &impl GenericClient) -> Result<(), StoreError> {
    let sql = "SELECT pg_advisory_xact_lock($1, $2)";
    execute(tx, sql, &[&NAMESPACE, &AUDIT]).await.map(drop)
}
