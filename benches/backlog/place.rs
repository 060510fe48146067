//! Where a journal lies, and how it is filled: with the rows that accepts would have made, in large transactions that
//! don't wait for the disk.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use deskbridge::store::Store;
use jiff::Timestamp;
use tokio_postgres::{Client, NoTls};

use crate::{
    Result,
    row::{CONNECTION, Row, Shape},
};

/// Names the server that `scripts/postgres` starts.
const SERVER: &str = "DESKBRIDGE_TEST_POSTGRES";
/// Events in one transaction.
const PIECE: u64 = 10_000;
/// Memory for pages while a file is filled, in KiB: ids lie at random in their index.
const FILL_CACHE_KIB: i64 = 1024 * 1024;

/// What keeps the journal.
pub(crate) enum Engine {
    Sqlite,
    /// The server's address with some database.
    Postgres(String),
}

impl Engine {
    /// Those that can be measured here.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Sqlite];
        match std::env::var(SERVER) {
            Ok(server) => all.push(Self::Postgres(server)),
            Err(_) => println!("no PostgreSQL: {SERVER} names none; run this by scripts/postgres\n"),
        }
        all
    }
}

/// An empty store of its own, gone when dropped.
pub(crate) enum Place {
    File(PathBuf),
    Database { server: String, name: String },
}

impl Place {
    pub(crate) async fn new(engine: &Engine, folder: &Path, name: &str) -> Result<Self> {
        let place = match engine {
            Engine::Sqlite => Self::File(folder.join(name).join("deskbridge.db")),
            Engine::Postgres(server) => {
                let name = format!("backlog_{name}_{}", std::process::id());
                connect(server).await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
                Self::Database { server: server.clone(), name }
            }
        };
        // The tables.
        let store = Store::open(&place.url(), Timestamp::now()).await?;
        tokio::task::spawn_blocking(move || store.close()).await?;
        Ok(place)
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Database { server, name } => {
                let server = server.rsplit_once('/').map_or(server.as_str(), |(server, _)| server);
                format!("{server}/{name}")
            }
        }
    }

    /// Lets so many events wait; how long that took.
    pub(crate) async fn fill(&self, shape: &Shape, events: u64) -> Result<Duration> {
        let started = Instant::now();
        match self {
            Self::File(path) => {
                let (path, shape) = (path.clone(), *shape);
                tokio::task::spawn_blocking(move || fill_file(&path, &shape, events)).await??;
            }
            Self::Database { .. } => fill_database(&connect(&self.url()).await?, shape, events).await?,
        }
        Ok(started.elapsed())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let gone = match self {
            Self::File(path) => {
                path.parent().map_or(Ok(()), |folder| std::fs::remove_dir_all(folder).map_err(Into::into))
            }
            Self::Database { server, name } => {
                drop_database(server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"))
            }
        };
        if let Err(error) = gone {
            eprintln!("backlog: {} is left behind: {error}", self.url());
        }
    }
}

/// On a thread of its own: a runtime can't wait in a drop.
fn drop_database(server: String, sql: String) -> Result<()> {
    let work = move || -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async { Ok(connect(&server).await?.batch_execute(&sql).await?) })
    };
    std::thread::spawn(work).join().map_err(|_| "the thread that drops the database panicked")?
}

async fn connect(url: &str) -> Result<Client> {
    let (client, wire) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(wire);
    Ok(client)
}

/// The events of a piece with their sequence and, for the head of a lane, when it is due; a millisecond apart, the last
/// one just now.
fn piece(shape: &Shape, from: u64, events: u64) -> Vec<(i64, i64, Option<i64>, Row)> {
    let first_at = Timestamp::now().as_millisecond() - events as i64;
    (from..events.min(from + PIECE))
        .map(|number| {
            let accepted_at = first_at + number as i64;
            let due_at = (number < shape.lanes).then_some(accepted_at);
            (number as i64 + 1, accepted_at, due_at, shape.waiting(number))
        })
        .collect()
}

fn fill_file(path: &Path, shape: &Shape, events: u64) -> Result<()> {
    const EVENT: &str = "INSERT INTO events (seq, connection, id, type, lane, accepted_at, digest, data_start, data_end, body)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    const DELIVERY: &str = "INSERT INTO deliveries (connection, seq, lane, status, open, due_at, attempts, tried, fresh_at, updated_at)
                            VALUES (?1, ?2, ?3, 'accepted', 1, ?4, 0, 0, ?5, ?5)";
    let mut file = rusqlite::Connection::open(path)?;
    file.pragma_update(None, "synchronous", "OFF")?;
    file.pragma_update(None, "cache_size", -FILL_CACHE_KIB)?;
    for from in (0..events).step_by(PIECE as usize) {
        let tx = file.transaction()?;
        for (seq, accepted_at, due_at, row) in piece(shape, from, events) {
            let Row { id, event_type, lane, body, data, digest } = row;
            tx.prepare_cached(EVENT)?.execute(rusqlite::params![
                seq,
                CONNECTION,
                id,
                event_type.as_str(),
                lane,
                accepted_at,
                digest,
                data.start,
                data.end,
                body.as_bytes(),
            ])?;
            tx.prepare_cached(DELIVERY)?.execute(rusqlite::params![
                CONNECTION,
                seq,
                lane,
                due_at,
                accepted_at
            ])?;
        }
        tx.commit()?;
    }
    Ok(file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

async fn fill_database(client: &Client, shape: &Shape, events: u64) -> Result<()> {
    const PIECE_SQL: &str = "
        WITH o AS MATERIALIZED (
            SELECT * FROM unnest($1::int8[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::bytea[], $7::int8[],
                                 $8::int8[], $9::bytea[], $10::int8[])
                AS o(seq, id, type, lane, accepted_at, digest, data_start, data_end, body, due_at)
        ), e AS (
            INSERT INTO events (seq, connection, id, type, lane, accepted_at, digest, data_start, data_end, body)
            SELECT seq, 'c0', id, type, lane, accepted_at, digest, data_start, data_end, body FROM o
        )
        INSERT INTO deliveries (connection, seq, lane, status, open, due_at, attempts, tried, fresh_at, updated_at)
        SELECT 'c0', seq, lane, 'accepted', 1, due_at, 0, 0, accepted_at, accepted_at FROM o";
    client.batch_execute("SET synchronous_commit = off").await?;
    let statement = client.prepare(PIECE_SQL).await?;
    for from in (0..events).step_by(PIECE as usize) {
        let piece = piece(shape, from, events);
        macro_rules! column {
            ($value:expr) => {
                &piece.iter().map($value).collect::<Vec<_>>()
            };
        }
        client
            .execute(
                &statement,
                &[
                    column!(|it| it.0),
                    column!(|it| it.3.id.as_str()),
                    column!(|it| it.3.event_type.as_str()),
                    column!(|it| it.3.lane.as_str()),
                    column!(|it| it.1),
                    column!(|it| &it.3.digest[..]),
                    column!(|it| it.3.data.start as i64),
                    column!(|it| it.3.data.end as i64),
                    column!(|it| it.3.body.as_bytes()),
                    column!(|it| it.2),
                ],
            )
            .await?;
    }
    client.batch_execute("SELECT setval('events_seq_seq', (SELECT max(seq) FROM events))").await?;
    // As the server itself does within minutes, and not to tables where nothing has changed.
    Ok(client.batch_execute("VACUUM (ANALYZE) events, deliveries").await?)
}
