//! What attempts mean to make at the target, and what came of it.

use std::collections::HashSet;

use tokio_postgres::{Client, Statement};

use super::{clean, column, connect::failed, millis, settle::Ended};
use crate::store::{Answered, Hold, Intent, Settlement, StoreError};

/// The intents $1 to $7 of those who still have their event; those places.
pub(super) const INTEND: &str = "
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

/// What settlements that took place know of intents, $1 to $7.
pub(super) const ANSWER: &str = "
    UPDATE effects f SET answered_at = w.at, target_id = w.target_id
    FROM unnest($1::text[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::text[])
         AS w(connection, seq, attempt, at, of_attempt, step, target_id)
    JOIN attempts a ON a.connection = w.connection AND a.seq = w.seq AND a.attempt = w.attempt AND a.finished_at = w.at
    WHERE f.connection = w.connection AND f.seq = w.seq AND f.attempt = w.of_attempt AND f.step = w.step";

/// For each intent whether it was written: its attempt has the event.
pub(super) async fn intend(
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

/// An answer and the settlement that brings it.
type Answer<'a> = (&'a Settlement, &'a Answered);

/// Notes what came of the intents that settlements answer.
pub(super) async fn answer(
    client: &Client,
    statement: &Statement,
    part: &[&Ended],
) -> Result<(), StoreError> {
    let answers =
        part.iter().flat_map(|ended| ended.settlement.answered.iter().map(|it| (&ended.settlement, it)));
    let answers: Vec<Answer<'_>> = answers.collect();
    if answers.is_empty() {
        return Ok(());
    }
    let noted = client
        .execute(
            statement,
            &[
                &column(&answers, |(it, _)| it.connection.as_str()),
                &column(&answers, |(it, _)| it.sequence),
                &column(&answers, |(it, _)| i64::from(it.attempt)),
                &column(&answers, |(it, _)| millis(it.at)),
                &column(&answers, |(_, answer)| i64::from(answer.attempt)),
                &column(&answers, |(_, answer)| answer.step.as_str()),
                &column(&answers, |(_, answer)| answer.target_id.as_deref().map(clean)),
            ],
        )
        .await;
    noted.map(drop).map_err(failed)
}
