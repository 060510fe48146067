//! The engine for more than one replica: PostgreSQL, which all of them share.
//!
//! Whoever writes to a connection's journal holds the connection's lock (`lock.rs`), so each promise of the journal is
//! kept as if there were one writer. Every replica has one writer (`writer.rs`), which commits whatever waits as one
//! group, a few ways for reads (`pool.rs`), and one way for news of the others (`notify.rs`).
//!
//! A lease is a time by the clock of the replica that claims: where clocks differ by seconds, an event may be taken
//! over that much earlier. The attempt's number keeps two holders apart all the same.

mod accept;
mod address;
mod archive;
mod audit;
mod claim;
mod connect;
mod engine;
mod events;
mod group;
mod intend;
mod keep;
mod lock;
mod notify;
mod operate;
mod pieces;
mod pool;
mod rows;
mod schema;
mod session;
mod settle;
mod upkeep;
mod versions;
mod views;
mod writer;

use std::{borrow::Cow, sync::Arc};

use deadpool_postgres::Transaction;
use jiff::Timestamp;
use tokio_postgres::Client;

pub(super) use self::archive::Archive;
use self::{address::Address, connect::failed, notify::Ringer, pool::Pool, writer::Writer};
use crate::store::{
    StoreError, Upgraded,
    backup::{MARK, renumber, tell_restored},
    bells::Bells,
};

/// How far the server's clock and ours may differ, in milliseconds, before somebody should hear of it: leases are half
/// a minute.
const CLOCKS_APART: i64 = 5_000;

/// True of what names a PostgreSQL.
pub(super) fn is_address(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// Error: `Address`, if the URL can't be read.
pub(super) fn check(url: &str) -> Result<(), StoreError> {
    Address::parse(url).map(drop)
}

/// The place that a URL names, without user and password.
pub(super) fn shown(url: &str) -> String {
    Address::parse(url).map_or_else(|_| "PostgreSQL".to_owned(), |address| address.to_string())
}

/// See [`crate::store::Store::upgrade`].
pub(super) async fn upgrade(url: &str) -> Result<Upgraded, StoreError> {
    let mut client = connect::first(&Address::parse(url)?).await?;
    let (from, to) = schema::upgrade(&mut client).await?;
    Ok(Upgraded { from, to, rewritten: false })
}

pub(super) struct Postgres {
    writer: Writer,
    pool: Pool,
    ringer: Ringer,
}

impl Postgres {
    /// Waits for the server, brings the tables up to date, and starts the writer. `bells` ring for what other
    /// replicas do. Without `now`, the clocks are not compared.
    pub(super) async fn open(
        url: &str,
        now: Option<Timestamp>,
        bells: Arc<Bells>,
    ) -> Result<Self, StoreError> {
        let address = Address::parse(url)?;
        let mut client = connect::first(&address).await?;
        schema::upgrade(&mut client).await?;
        if let Some(now) = now {
            compare_clocks(&client, now).await?;
            restored(&mut client, now).await?;
        }
        let ringer = Ringer::new(bells);
        let pool = Pool::new(address.clone())?;
        let writer = Writer::start(address, ringer.clone())
            .map_err(|source| StoreError::File { path: "the store's writer".to_owned(), source })?;
        Ok(Self { writer, pool, ringer })
    }

    /// Commits what doesn't go through the writer.
    async fn commit(&self, tx: Transaction<'_>) -> Result<(), StoreError> {
        tx.commit().await.map_err(failed)?;
        self.writer.committed();
        Ok(())
    }

    /// Says that there is work for a connection, and what came to rest without an attempt.
    fn ring(&self, connection: &str, settled: &[i64]) {
        self.ringer.arrived(connection);
        settled.iter().for_each(|sequence| self.ringer.settled(connection, *sequence));
    }
}

/// A transaction that has a connection's journal for itself.
async fn locked<'a>(
    client: &'a mut deadpool_postgres::Client,
    connection: &str,
) -> Result<Transaction<'a>, StoreError> {
    let tx = client.transaction().await.map_err(failed)?;
    lock::connection(&tx, connection).await?;
    Ok(tx)
}

/// See [`crate::store::backup::renumber`]. Of several replicas one does it.
async fn restored(client: &mut Client, now: Timestamp) -> Result<(), StoreError> {
    let tx = client.transaction().await.map_err(failed)?;
    lock::schema(&tx).await?;
    let sql = "SELECT EXISTS (SELECT 1 FROM cursors WHERE connection = $1 AND name = $2)";
    let marked = tx.query_one(sql, &[&MARK.0, &MARK.1]).await.map_err(failed)?;
    if events::get(&marked, 0)? {
        tx.batch_execute(&renumber(millis(now))).await.map_err(failed)?;
        tell_restored();
    }
    tx.commit().await.map_err(failed)
}

async fn compare_clocks(client: &Client, now: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8";
    let theirs: i64 = events::get(&client.query_one(sql, &[]).await.map_err(failed)?, 0)?;
    // The server was waited for, and that long it may seem to be ahead.
    let ahead = theirs - millis(now);
    let apart = if ahead > 0 { (ahead - connect::LONGEST_WAIT_MS).max(0) } else { -ahead };
    if apart > CLOCKS_APART {
        tracing::warn!(apart_ms = apart, "the store's clock and this machine's differ: synchronise them");
    }
    Ok(())
}

/// A point in time as it is kept: unix milliseconds.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A point in time as it was kept.
fn time(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// One value of each, as the column of a table.
fn column<'a, I, T>(items: &'a [I], value: impl Fn(&'a I) -> T) -> Vec<T> {
    items.iter().map(value).collect()
}

/// PostgreSQL keeps no NUL character in a text. A vendor's words with one are still worth keeping.
fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}
