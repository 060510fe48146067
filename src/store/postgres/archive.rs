//! A second look at the database, beside the replicas that work with it.

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use super::{address::Address, events, keep, millis, pool::Pool, rows, schema, upkeep};
use crate::{
    event::Event,
    store::{
        Link, LinkKey, Stats, StoreError,
        tables::{Row, Table},
    },
};

/// Its calls block, so it has a thread of its own for what they wait for.
pub(in crate::store) struct Archive {
    /// Taken when it is dropped.
    runtime: Option<Runtime>,
    pool: Pool,
}

impl Archive {
    pub(in crate::store) fn open(url: &str) -> Result<Self, StoreError> {
        let pool = Pool::new(Address::parse(url)?)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|source| StoreError::File { path: "a thread".to_owned(), source })?;
        let archive = Self { runtime: Some(runtime), pool };
        archive.wait(async { schema::check(&**archive.pool.get().await?).await.map(drop) })?;
        Ok(archive)
    }

    pub(in crate::store) fn page(
        &self,
        connection: &str,
        since: Option<Timestamp>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        self.wait(async { events::page(&self.pool.get().await?, connection, since, after, limit).await })
    }

    pub(in crate::store) fn rows(
        &self,
        table: &'static Table,
        after: Option<&Row>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.wait(async { rows::page(&self.pool.get().await?, table, after.cloned(), limit).await })
    }

    pub(in crate::store) fn stats(&self) -> Result<Stats, StoreError> {
        self.wait(async { upkeep::stats(&self.pool.get().await?).await })
    }

    pub(in crate::store) fn count_settled(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.wait(async { upkeep::count_settled(&self.pool.get().await?, millis(before)).await })
    }

    pub(in crate::store) fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError> {
        self.wait(async { keep::find_link(&self.pool.get().await?, connection, key).await })
    }

    /// The caller may stand in another runtime, which doesn't let itself be blocked: a thread beside it waits.
    fn wait<T: Send>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let runtime = self.runtime.as_ref().ok_or(StoreError::Closed)?;
        let done = std::thread::scope(|scope| scope.spawn(|| runtime.block_on(work)).join());
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        self.pool.close();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
