//! What the store asks of PostgreSQL about ticket views. None of it goes through the writer: it holds up no journal.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Postgres, connect::failed, millis, pieces, versions};
use crate::store::{AsOf, ContentId, NewVersion, Piece, StoreError, Version, engine::Views};

#[async_trait]
impl Views for Postgres {
    async fn put_pieces(
        &self,
        connection: &str,
        pieces: Vec<Piece>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        pieces::put(&self.pool.get().await?, connection, pieces, millis(now)).await
    }

    async fn pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
    ) -> Result<HashMap<ContentId, Vec<u8>>, StoreError> {
        pieces::contents(&self.pool.get().await?, connection, &ids).await
    }

    async fn old_pieces(
        &self,
        connection: &str,
        before: Timestamp,
        after: Option<ContentId>,
        limit: usize,
    ) -> Result<Vec<ContentId>, StoreError> {
        pieces::old(&self.pool.get().await?, connection, millis(before), after, limit).await
    }

    async fn forget_pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        pieces::forget(&self.pool.get().await?, connection, &ids, millis(before)).await
    }

    async fn put_versions(
        &self,
        connection: &str,
        after: i64,
        versions: Vec<NewVersion>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await.map_err(failed)?;
        let last = versions::put(&tx, connection, after, &versions, millis(now)).await?;
        self.commit(tx).await?;
        self.ringer.viewed(connection);
        Ok(last)
    }

    async fn versions(&self, connection: &str, as_of: AsOf) -> Result<Vec<Version>, StoreError> {
        versions::of_all(&self.pool.get().await?, connection, as_of).await
    }

    async fn version(
        &self,
        connection: &str,
        view: &str,
        as_of: AsOf,
    ) -> Result<Option<Version>, StoreError> {
        versions::of_one(&self.pool.get().await?, connection, view, as_of).await
    }

    async fn oldest_version(&self, connection: &str, view: &str) -> Result<Option<Version>, StoreError> {
        versions::oldest(&self.pool.get().await?, connection, view).await
    }

    async fn versions_after(
        &self,
        connection: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError> {
        versions::after(&self.pool.get().await?, connection, after, limit).await
    }

    async fn counts_over_time(
        &self,
        connection: &str,
        view: &str,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(Timestamp, u64)>, StoreError> {
        let times = millis(since)..millis(until);
        versions::counts(&self.pool.get().await?, connection, view, times, limit).await
    }

    async fn prune_versions(
        &self,
        connection: &str,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, StoreError> {
        versions::prune(&self.pool.get().await?, connection, millis(before), limit).await
    }

    async fn chunks_in_use(&self, connection: &str) -> Result<Vec<ContentId>, StoreError> {
        versions::chunks(&self.pool.get().await?, connection).await
    }
}
