//! What a store holds, for tools that only look: opened beside a service that works with it.

use jiff::Timestamp;

use super::{
    Keyring, Link, LinkKey, Place, Stats, StoreError, UnderKeys,
    copy::Pages,
    place::file,
    postgres,
    reencrypt::{content, count},
    seal::{KEYS, under},
    sqlite,
    tables::{Row, TABLES, Table, Value},
};
use crate::event::Event;

/// A store opened for reading only. It takes no lock, so that the service may run or not, and sees each commit
/// as it is made. Its calls wait for the disk: they are for a thread that has nothing else to do.
pub struct Archive {
    engine: Engine,
    keys: Keyring,
}

enum Engine {
    Sqlite(sqlite::Archive),
    Postgres(Box<postgres::Archive>),
}

impl Archive {
    /// Opens `sqlite:PATH` or `postgres://…` as it is: nothing is made and nothing upgraded.
    ///
    /// Its keys are met only when something is read that is encrypted.
    ///
    /// Errors: `UnknownEngine`, `File` where there is none, `TooNew`, `TooOld`, or the engine's own.
    pub fn open(place: impl Into<Place>) -> Result<Self, StoreError> {
        let Place { url, keys } = place.into();
        let engine = if let Some(path) = file(&url) {
            Engine::Sqlite(sqlite::Archive::open(path.as_ref())?)
        } else if postgres::is_address(&url) {
            Engine::Postgres(Box::new(postgres::Archive::open(&url)?))
        } else {
            return Err(StoreError::UnknownEngine);
        };
        Ok(Self { engine, keys })
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
        let page = match &self.engine {
            Engine::Sqlite(archive) => archive.page(connection, since, after, limit),
            Engine::Postgres(archive) => archive.page(connection, since, after, limit),
        }?;
        page.into_iter().map(|(sequence, event)| Ok((sequence, self.keys.opened_event(event)?))).collect()
    }

    /// What the store holds. Reads through all that is known of deliveries.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        match &self.engine {
            Engine::Sqlite(archive) => archive.stats(),
            Engine::Postgres(archive) => archive.stats(),
        }
    }

    /// How many values are under which key; nothing where the store was never encrypted. Reads through everything.
    pub fn under_keys(&self) -> Result<UnderKeys, StoreError> {
        let mut values = UnderKeys::new();
        if !self.was_encrypted()? {
            return Ok(values);
        }
        for table in content() {
            let mut pages = Pages::of(table, None);
            while let Some(page) = pages.turned(self.rows(table, pages.after.as_ref(), pages.limit)?) {
                page.iter().flat_map(|row| under(table, row)).for_each(|name| count(&mut values, name));
            }
        }
        Ok(values)
    }

    fn was_encrypted(&self) -> Result<bool, StoreError> {
        let Some(cursors) = TABLES.iter().find(|table| table.name == "cursors") else { return Ok(false) };
        let before = [KEYS.0, KEYS.1].map(|text| Value::Text(text.to_owned()));
        let next = self.rows(cursors, Some(&before.to_vec()), 1)?;
        let is_key = |row: &Row| match row.as_slice() {
            [Value::Text(connection), Value::Text(name), ..] => {
                connection == KEYS.0 && name.starts_with(KEYS.1)
            }
            _ => false,
        };
        Ok(next.first().is_some_and(is_key))
    }

    fn rows(&self, table: &'static Table, after: Option<&Row>, limit: usize) -> Result<Vec<Row>, StoreError> {
        match &self.engine {
            Engine::Sqlite(archive) => archive.rows(table, after, limit),
            Engine::Postgres(archive) => archive.rows(table, after, limit),
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
        let link = match &self.engine {
            Engine::Sqlite(archive) => archive.link(connection, key),
            Engine::Postgres(archive) => archive.link(connection, key),
        }?;
        link.map(|link| self.keys.opened_link(connection, link)).transpose()
    }
}
