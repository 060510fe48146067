//! What attempts mean to make at the target, written down before.

use std::collections::HashSet;

use tokio_postgres::{Client, Statement};

use super::{clean, column, connect::failed, millis};
use crate::store::{Hold, Intent, StoreError};

/// The intents $1 to $7 of those who still have their event; those places.
pub(super) const SQL: &str = "
    INSERT INTO effects (connection, seq, attempt, step, request_id, sent, started_at)
    SELECT i.connection, i.seq, i.attempt, i.step, i.request_id, i.sent, i.at
    FROM unnest($1::text[], $2::int8[], $3::int8[], $4::text[], $5::text[], $6::text[], $7::int8[])
         AS i(connection, seq, attempt, step, request_id, sent, at)
    JOIN deliveries d ON d.connection = i.connection AND d.seq = i.seq AND d.attempts = i.attempt
                     AND d.status = 'delivering'
    ON CONFLICT (connection, seq, attempt, step)
    DO UPDATE SET request_id = excluded.request_id, sent = excluded.sent, started_at = excluded.started_at,
                  answered_at = NULL, target_id = NULL
    RETURNING connection, seq, attempt, step";

/// For each intent whether it was written: its attempt has the event.
pub(super) async fn run(
    client: &Client,
    statement: &Statement,
    intents: &[&Intent],
) -> Result<Vec<bool>, StoreError> {
    if intents.is_empty() {
        return Ok(Vec::new());
    }
    let rows = client
        .query(
            statement,
            &[
                &column(intents, |it| it.hold.connection.as_str()),
                &column(intents, |it| it.hold.sequence),
                &column(intents, |it| i64::from(it.hold.attempt)),
                &column(intents, |it| it.step.as_str()),
                &column(intents, |it| it.request_id.as_str()),
                &column(intents, |it| clean(&it.sent)),
                &column(intents, |it| millis(it.at)),
            ],
        )
        .await
        .map_err(failed)?;
    let mut written = HashSet::new();
    for row in &rows {
        let read =
            || Ok((row.try_get::<_, &str>(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get::<_, &str>(3)?));
        written.insert(read().map_err(failed)?);
    }
    let is_written = |it: &&Intent| {
        let Hold { connection, sequence, attempt } = &it.hold;
        written.contains(&(connection.as_str(), *sequence, i64::from(*attempt), it.step.as_str()))
    };
    Ok(intents.iter().map(is_written).collect())
}
