//! Ways to the server: what each is for decides its settings. Says in a sentence why there is none.

use std::{future::Future, time::Duration};

use tokio::time::timeout;
use tokio_postgres::{Client, Connection, Socket, error::SqlState, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use crate::store::StoreError;

/// The oldest server that is tested: 150000 is 15.0.
const OLDEST_SERVER: i32 = 150_000;
/// How long a server that isn't there yet is waited for at the start: machines of a cluster start in any order.
const PATIENCE: u32 = 15;
/// The longest that the server is waited for at the start, in milliseconds.
pub(super) const LONGEST_WAIT_MS: i64 = 35_000;
const BETWEEN_TRIES: Duration = Duration::from_secs(2);

/// A statement takes milliseconds: one that takes longer than this has lost its way. A wait for a lock is another
/// replica's commit; a transaction that waits for us longer than this holds up every replica.
const EVERY_SESSION: &str = "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=10s \
     -c jit=off -c default_transaction_isolation=read\\ committed";
/// Every statement of the journal finds its rows by an index, in tables of any size. Nothing else may be planned, least
/// of all by statistics of an hour when the tables were empty; and what was once planned need not be again.
const WRITER: &str = "-c synchronous_commit=on -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off \
     -c enable_bitmapscan=off -c plan_cache_mode=force_generic_plan";
/// Which index serves a filter depends on what the filter asks for.
const READER: &str = "-c synchronous_commit=on -c plan_cache_mode=force_custom_plan";
/// A bell that is lost in a crash of the server is made good by the poll: its commits needn't wait for the disk.
const BELLS: &str = "-c synchronous_commit=off";

/// What isn't answered for so long won't be: the server ends its statements earlier by itself, so the way is gone without
/// anybody having said so.
pub(super) const ANSWER: Duration = Duration::from_secs(45);

pub(super) type Wire = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// What a way to the server is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    Writer,
    Reader,
    Bells,
}

impl Purpose {
    /// The session's settings.
    pub(super) fn settings(self) -> String {
        let own = match self {
            Self::Writer => WRITER,
            Self::Reader => READER,
            Self::Bells => BELLS,
        };
        format!("{EVERY_SESSION} {own}")
    }
}

/// A new way, whose wire the caller has to keep busy.
pub(super) async fn connect(address: &Address, purpose: Purpose) -> Result<(Client, Wire), StoreError> {
    let config = address.config(&purpose.settings());
    config.connect(address.tls()).await.map_err(|error| no_way(address, &error))
}

/// Waits for the server for half a minute, if it isn't there yet. Says what is wrong with it, if something is.
pub(super) async fn first(address: &Address) -> Result<Client, StoreError> {
    let mut tries = 0;
    let client = loop {
        tries += 1;
        match connect(address, Purpose::Reader).await {
            Ok((client, wire)) => {
                tokio::spawn(attend(wire));
                break client;
            }
            Err(error @ StoreError::Unreachable(_)) if tries < PATIENCE => {
                tracing::warn!(%error, "waiting for the store");
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
            Err(error) => return Err(error),
        }
    };
    fit(&client).await?;
    Ok(client)
}

/// Moves what goes over a way, until it ends. Who uses it is told of the end by its client.
pub(super) async fn attend(wire: Wire) {
    if let Err(error) = wire.await {
        tracing::debug!(error = %why(&error), "a connection to PostgreSQL ended");
    }
}

async fn fit(client: &Client) -> Result<(), StoreError> {
    let sql = "SELECT current_setting('server_version_num')::int4, current_setting('server_version'),
                      current_setting('fsync') = 'on', pg_is_in_recovery()";
    let row = client.query_one(sql, &[]).await.map_err(failed)?;
    let (number, name): (i32, String) = (row.get(0), row.get(1));
    if number < OLDEST_SERVER {
        return Err(StoreError::Refused(format!(
            "the server is version {name}: 15 is the oldest that works"
        )));
    }
    if row.get(3) {
        return Err(StoreError::Refused("the server is a standby: name the primary".to_owned()));
    }
    if !row.get::<_, bool>(2) {
        tracing::warn!("the server's fsync is off: a crash of its machine loses accepted events");
    }
    Ok(())
}

/// Why there is no way to the server.
pub(super) fn no_way(address: &Address, error: &tokio_postgres::Error) -> StoreError {
    let refused = |why: &str| StoreError::Refused(format!("{address}: {why}"));
    let Some(code) = error.code() else {
        return match is_lost(error) {
            true => StoreError::Unreachable(format!("{address}: {}", why(error))),
            false => refused(&why(error)),
        };
    };
    match *code {
        SqlState::INVALID_PASSWORD => refused("user and password don't match"),
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            refused("the user may not come in from here: see the server's pg_hba.conf")
        }
        SqlState::INVALID_CATALOG_NAME => refused("there is no such database: make it with CREATE DATABASE"),
        SqlState::INSUFFICIENT_PRIVILEGE => refused("the user may not use this database: GRANT CONNECT"),
        _ if is_passing(code) => StoreError::Unreachable(format!("{address}: {}", why(error))),
        _ => refused(&why(error)),
    }
}

/// The server's answer, which doesn't take for ever.
pub(super) async fn answer<T>(
    asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, StoreError> {
    match timeout(ANSWER, asked).await {
        Ok(answer) => answer.map_err(failed),
        Err(_) => Err(StoreError::Unreachable("the server doesn't answer".to_owned())),
    }
}

/// What a statement failed of, as callers tell such things apart.
pub(super) fn failed(error: tokio_postgres::Error) -> StoreError {
    match error.code() {
        None if is_lost(&error) => StoreError::Unreachable(why(&error)),
        None => StoreError::Corrupt(why(&error)),
        Some(&SqlState::DISK_FULL) => StoreError::Full,
        Some(code) if is_passing(code) => StoreError::Unreachable(why(&error)),
        Some(_) => StoreError::Refused(why(&error)),
    }
}

/// True if it was the way that failed, and not what came over it.
fn is_lost(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || std::error::Error::source(error).is_some_and(|cause| cause.is::<std::io::Error>())
}

/// True of what ends by itself: the way (class 08), others who wait for the same (40, 55), a server that has no room (53),
/// is told to stop (57), or is a standby until the name leads to another (25006).
fn is_passing(code: &SqlState) -> bool {
    ["08", "25006", "40", "53", "55", "57"].iter().any(|class| code.code().starts_with(class))
}

/// The error without what belongs to somebody: no password stands in these texts, but a detail quotes rows.
pub(super) fn why(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{} ({})", db.message(), db.code().code());
    }
    let cause = std::error::Error::source(error);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
