//! A second look at the database, beside the replicas that work with it.

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use super::{
    address::Address,
    connect::{self, failed},
    events, keep,
    pool::Pool,
    schema,
};
use crate::{
    event::Event,
    store::{Link, LinkKey, StoreError},
};

/// Its calls block, so it has a runtime of its own.
pub(in crate::store) struct Archive {
    runtime: Runtime,
    pool: Pool,
}

impl Archive {
    pub(in crate::store) fn open(url: &str) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|source| StoreError::File { path: "a thread".to_owned(), source })?;
        let pool = Pool::new(address.clone())?;
        let archive = Self { runtime, pool };
        archive.wait(async |archive| schema::check(&archive.pool.get().await?).await)?;
        Ok(archive)
    }
}
