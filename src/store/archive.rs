//! What a store holds, for tools that only look: opened beside a service that works with it.

use jiff::Timestamp;

use super::{Link, LinkKey, Stats, StoreError, postgres, sqlite};
use crate::event::Event;

/// A store opened for reading only. It takes no lock, so that the service may run or not, and sees each commit
/// as it is made. Its calls wait for the disk: they are for a thread that has nothing else to do.
pub struct Archive {
    engine: Engine,
}

enum Engine {
    Sqlite(sqlite::Archive),
    Postgres(Box<postgres::Archive>),
}

impl Archive {
    /// Opens `sqlite:PATH` or `postgres://…` as it is: nothing is made and nothing upgraded.
    ///
    /// Errors: `UnknownEngine`, `File` where there is none, `TooNew`, `TooOld`, or the engine's own.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let engine = if let Some(path) = url.strip_prefix("sqlite:") {
            Engine::Sqlite(sqlite::Archive::open(path.as_ref())?)
        } else if postgres::is_address(url) {
            Engine::Postgres(Box::new(postgres::Archive::open(url)?))
        } else {
            return Err(StoreError::UnknownEngine);
        };
        Ok(Self { engine })
    }

    /// Up to `limit` events of a connection in the order of acceptance, from the one after `after` (0: the first),
    /// each with its place in that order; only those accepted at or after `since`.
    pub fn page(
        &self,
        connection: &str,
        since: Option<Timestamp>,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, Event)>, StoreError> {
        match &self.engine {
            Engine::Sqlite(archive) => archive.page(connection, since, after, limit),
            Engine::Postgres(archive) => archive.page(connection, since, after, limit),
        }
    }

    /// What the store holds. Reads through all that is known of deliveries.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        match &self.engine {
            Engine::Sqlite(archive) => archive.stats(),
            Engine::Postgres(archive) => archive.stats(),
        }
    }

    /// How many events [`super::Store::prune`] would forget.
    pub fn count_settled(&self, before: Timestamp) -> Result<u64, StoreError> {
        match &self.engine {
            Engine::Sqlite(archive) => archive.count_settled(before),
            Engine::Postgres(archive) => archive.count_settled(before),
        }
    }

    /// The target entity that stands for a source entity.
    pub fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError> {
        match &self.engine {
            Engine::Sqlite(archive) => archive.link(connection, key),
            Engine::Postgres(archive) => archive.link(connection, key),
        }
    }
}
