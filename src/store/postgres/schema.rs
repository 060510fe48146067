//! The tables, step by step. A step only adds, so that replicas of the version before go on working beside this one
//! while they are replaced one by one.

use tokio_postgres::{Client, Transaction};

use super::{connect::failed, lock};
use crate::store::StoreError;

/// One change of the tables.
struct Step {
    /// The oldest schema whose program can work with the tables after this step. A step that takes something away
    /// names itself; one that adds keeps the number of the one before.
    oldest: i64,
    sql: &'static str,
}

/// All of them; the first leads to version 1. A step that was released never changes.
const STEPS: [Step; 4] = [
    Step { oldest: 1, sql: include_str!("steps/1.sql") },
    Step { oldest: 1, sql: include_str!("steps/2.sql") },
    Step { oldest: 1, sql: include_str!("steps/3.sql") },
    Step { oldest: 1, sql: include_str!("steps/4.sql") },
];

/// What this program knows.
const KNOWN: i64 = STEPS.len() as i64;

/// What the database says of itself.
struct Found {
    version: i64,
    oldest: i64,
}

/// Takes the steps that are missing, each in a transaction of its own. Of several replicas one does it, and the others
/// wait for it.
///
/// Answers the version before and the version now.
///
/// Error: `TooNew` when a newer program has taken a step that this one can't work with.
pub(super) async fn upgrade(client: &mut Client) -> Result<(i64, i64), StoreError> {
    let mut from = None;
    loop {
        let tx = client.transaction().await.map_err(failed)?;
        lock::schema(&tx).await?;
        let found = found(&tx).await?;
        if found.oldest > KNOWN {
            return Err(StoreError::TooNew { found: found.version, known: KNOWN });
        }
        let from = *from.get_or_insert(found.version);
        let Some((step, number)) = STEPS.iter().zip(1..).find(|(_, number)| *number > found.version) else {
            tx.commit().await.map_err(failed)?;
            return Ok((from, found.version));
        };
        take(&tx, step, number).await?;
        tx.commit().await.map_err(failed)?;
        tracing::info!(version = number, "the store's tables were brought up to date");
    }
}

/// Looks only.
///
/// Answers the version.
///
/// Errors: `TooNew`; `TooOld` when steps are missing.
pub(super) async fn check(client: &Client) -> Result<i64, StoreError> {
    let there: bool = {
        let row = client.query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[]).await;
        row.map_err(failed)?.get(0)
    };
    let found = if there { read(client).await? } else { Found { version: 0, oldest: 0 } };
    match found {
        Found { version, oldest } if oldest > KNOWN => {
            Err(StoreError::TooNew { found: version, known: KNOWN })
        }
        Found { version, .. } if version < KNOWN => Err(StoreError::TooOld { found: version, known: KNOWN }),
        Found { version, .. } => Ok(version),
    }
}

async fn found(tx: &Transaction<'_>) -> Result<Found, StoreError> {
    let sql = "CREATE TABLE IF NOT EXISTS schema_version (
                   version BIGINT NOT NULL PRIMARY KEY,
                   oldest  BIGINT NOT NULL
               )";
    tx.batch_execute(sql).await.map_err(failed)?;
    read(tx).await
}

async fn read(client: &impl tokio_postgres::GenericClient) -> Result<Found, StoreError> {
    let sql = "SELECT coalesce(max(version), 0), coalesce(max(oldest), 0) FROM schema_version";
    let row = client.query_one(sql, &[]).await.map_err(failed)?;
    Ok(Found { version: row.get(0), oldest: row.get(1) })
}

async fn take(tx: &Transaction<'_>, step: &Step, number: i64) -> Result<(), StoreError> {
    tx.batch_execute(step.sql).await.map_err(failed)?;
    let sql = "INSERT INTO schema_version (version, oldest) VALUES ($1, $2)";
    tx.execute(sql, &[&number, &step.oldest]).await.map_err(failed)?;
    Ok(())
}
