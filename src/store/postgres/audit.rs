//! The audit log on the server. None of it goes through the writer: it holds up no journal.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Postgres, clean,
    connect::failed,
    events::get,
    lock, millis,
    pool::{execute, query, query_one},
    rows,
};
use crate::store::{Act, AuditEntry, AuditFilter, StoreError, audit::BEGUN, engine::Audit, tables::AUDIT};

#[async_trait]
impl Audit for Postgres {
    /// Under a lock, so that the numbers grow in the order of the commits and a page misses none.
    async fn audit_begin(&self, act: Act, now: Timestamp) -> Result<i64, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await.map_err(failed)?;
        lock::audit(&tx).await?;
        let sql = format!(
            "INSERT INTO audit ({BEGUN})
             VALUES ((SELECT coalesce(max(number), 0) + 1 FROM audit), $1, $2, $3, $4, $5, $6, $7)
             RETURNING number"
        );
        let text = |text: &Option<String>| text.as_deref().map(|text| clean(text).into_owned());
        let (actor, connection) = (text(&act.actor), text(&act.connection));
        let (object, options) = (text(&act.object), text(&act.options));
        let (action, now) = (act.action.as_str(), millis(now));
        let row =
            query_one(&tx, &sql, &[&now, &actor, &action, &connection, &object, &options, &act.trace_id])
                .await?;
        let number = get(&row, 0)?;
        self.commit(tx).await?;
        Ok(number)
    }

    async fn audit_end(
        &self,
        number: i64,
        outcome: &str,
        count: Option<u64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql =
            "UPDATE audit SET ended_at = $2, outcome = $3, count = $4 WHERE number = $1 AND ended_at IS NULL";
        let count = count.map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        execute(&self.pool.get().await?, sql, &[&number, &millis(now), &outcome, &count]).await.map(drop)
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        let sql = format!(
            "SELECT {} FROM audit
             WHERE ($1::int8 IS NULL OR number < $1)
               AND ($2::text IS NULL OR connection = $2 OR split_part(connection, '.', 1) = $2)
               AND ($3::text[] IS NULL OR split_part(connection, '.', 1) = ANY($3))
               AND ($4::text IS NULL OR action = $4) AND ($5::int8 IS NULL OR at >= $5)
               AND ($6::int8 IS NULL OR at < $6)
             ORDER BY number DESC LIMIT $7",
            AUDIT.column_names().join(", ")
        );
        let connections = filter.connections.map(|names| names.into_iter().collect::<Vec<String>>());
        let connection = filter.connection.as_deref().map(clean);
        let action = filter.action.map(|action| action.as_str());
        let (since, until) = (filter.since.map(millis), filter.until.map(millis));
        let limit = i64::try_from(filter.limit).unwrap_or(i64::MAX);
        let connection = connection.as_deref();
        let found = query(
            &self.pool.get().await?,
            &sql,
            &[&filter.before, &connection, &connections, &action, &since, &until, &limit],
        )
        .await?;
        found.iter().map(|row| AuditEntry::of_row(&rows::of(AUDIT, row)?)).collect()
    }

    async fn prune_audit(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        let sql = "DELETE FROM audit WHERE number IN (
                       SELECT number FROM audit WHERE at < $1 AND number < (SELECT max(number) FROM audit)
                       ORDER BY at LIMIT $2)";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        execute(&self.pool.get().await?, sql, &[&millis(before), &limit]).await
    }
}
