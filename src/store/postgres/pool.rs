//! A few ways to the server for what doesn't go through the writer: reads, and what operators do.

use std::time::Duration;

use deadpool_postgres::{
    Client, GenericClient, Manager, ManagerConfig, Pool as Ways, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::{Row, types::ToSql};

use super::{
    address::Address,
    connect::{Purpose, answer, no_way},
};
use crate::store::StoreError;

/// Queries at once. Every replica takes as many of the server's connections, and three more.
const SIZE: usize = 8;
/// How long a query waits for a way, and how long one may take to be made.
const WAIT: Duration = Duration::from_secs(5);

pub(super) struct Pool {
    ways: Ways,
    address: Address,
}

impl Pool {
    /// Makes no way yet.
    pub(super) fn new(address: Address) -> Result<Self, StoreError> {
        // A way is taken as good until it turns out to be broken: whoever reads then is told so.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let config = address.config(&Purpose::Reader.settings());
        let manager = Manager::from_config(config, address.tls(), recycling);
        let ways = Ways::builder(manager)
            .max_size(SIZE)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build()
            .map_err(|error| StoreError::Address(error.to_string()))?;
        Ok(Self { ways, address })
    }

    pub(super) async fn get(&self) -> Result<Client, StoreError> {
        self.ways.get().await.map_err(|error| match error {
            PoolError::Backend(error) => no_way(&self.address, &error),
            PoolError::Closed => StoreError::Closed,
            error => StoreError::Unreachable(format!("{}: {error}", self.address)),
        })
    }

    pub(super) fn close(&self) {
        self.ways.close();
    }
}

/// A statement's parameters.
pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// All rows. The statement stays compiled with the way.
pub(super) async fn query(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Vec<Row>, StoreError> {
    answer(async { client.query(&client.prepare_cached(sql).await?, parameters).await }).await
}

/// The only row, if there is one.
pub(super) async fn query_opt(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Option<Row>, StoreError> {
    Ok(query(client, sql, parameters).await?.pop())
}

/// The row of a statement that always has one.
pub(super) async fn query_one(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Row, StoreError> {
    let row = query_opt(client, sql, parameters).await?;
    row.ok_or_else(|| StoreError::Corrupt("an answer without a row".to_owned()))
}

/// How many rows were written.
pub(super) async fn execute(
    client: &impl GenericClient,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<u64, StoreError> {
    answer(async { client.execute(&client.prepare_cached(sql).await?, parameters).await }).await
}
