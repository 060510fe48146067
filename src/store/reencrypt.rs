//! Brings all that a store holds under the first of its keys, and tells what is under which.

use std::collections::BTreeMap;

use super::{
    Keyring, Progress, Stage, Store, StoreError, Tell,
    copy::Pages,
    seal::{KEYS, under},
    tables::{Row, TABLES, Table},
};

/// Rows written in one transaction: others wait for it, some milliseconds.
const PIECE: usize = 128;
/// Walks over the tables at most: values that others write meanwhile are found by the next one.
const WALKS: usize = 3;

/// How many values are under each key, by its name; under `None` those that aren't encrypted.
pub type UnderKeys = BTreeMap<Option<String>, u64>;

impl Store {
    /// Encrypts under the first key whatever is plain or under another, and forgets the other keys when nothing is under
    /// them any more. Broken off, it goes on where it was: what is done is passed over. Who else works with the store must
    /// encrypt under the same key, or there will always be something left. What was found before.
    pub async fn reencrypt(&self, tell: Tell<'_>) -> Result<UnderKeys, StoreError> {
        let found = self.renew_all(tell).await?;
        let mut left = self.under_keys(tell).await?;
        for _ in 1..WALKS {
            if self.keys.is_all(&left) {
                break;
            }
            self.renew_all(tell).await?;
            left = self.under_keys(tell).await?;
        }
        self.forget_keys(&left).await?;
        Ok(found)
    }

    /// How many values are under which key.
    pub async fn under_keys(&self, tell: Tell<'_>) -> Result<UnderKeys, StoreError> {
        let mut values = UnderKeys::new();
        for table in content() {
            let (mut pages, mut rows) = (Pages::of(table, None), 0);
            let of = Some(self.engine.count_rows(table).await?);
            while let Some(page) = pages.next(self).await? {
                rows += page.len() as u64;
                page.iter().flat_map(|row| under(table, row)).for_each(|name| count(&mut values, name));
                tell(Progress { stage: Stage::Verifying, table: table.name, rows, of });
            }
            tell(Progress::end(Stage::Verifying, table, rows));
        }
        Ok(values)
    }

    async fn renew_all(&self, tell: Tell<'_>) -> Result<UnderKeys, StoreError> {
        let mut found = UnderKeys::new();
        for table in content() {
            let (mut pages, mut rows) = (Pages::of(table, None), 0);
            let of = Some(self.engine.count_rows(table).await?);
            while let Some(page) = pages.next(self).await? {
                rows += page.len() as u64;
                page.iter().flat_map(|row| under(table, row)).for_each(|name| count(&mut found, name));
                self.renew_page(table, page).await?;
                tell(Progress { stage: Stage::Encrypting, table: table.name, rows, of });
            }
            tell(Progress::end(Stage::Encrypting, table, rows));
        }
        Ok(found)
    }

    /// Piece by piece, so that whoever writes meanwhile gets ahead.
    async fn renew_page(&self, table: &'static Table, page: Vec<Row>) -> Result<(), StoreError> {
        let changes = page.into_iter().map(|row| Ok((self.keys.renewed_row(table, &row)?, row)));
        let changes = changes.collect::<Result<Vec<_>, StoreError>>()?;
        let mut changes = changes.into_iter().filter_map(|(new, old)| Some((old, new?))).peekable();
        while changes.peek().is_some() {
            self.engine.change_rows(table, changes.by_ref().take(PIECE).collect()).await?;
        }
        Ok(())
    }

    async fn forget_keys(&self, left: &UnderKeys) -> Result<(), StoreError> {
        for (cursor, _) in self.engine.cursors(KEYS.0, KEYS.1).await? {
            let name = cursor.strip_prefix(KEYS.1).map(str::to_owned);
            if name.as_deref() != self.keys.first_name() && !left.contains_key(&name) {
                self.engine.forget_cursor(KEYS.0, &cursor).await?;
            }
        }
        Ok(())
    }
}

impl Keyring {
    /// True if all of these values are under the first key.
    pub fn is_all(&self, values: &UnderKeys) -> bool {
        values.keys().all(|name| name.as_deref() == self.first_name())
    }
}

/// The tables that have something to encrypt.
pub(super) fn content() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(|table| table.columns.iter().any(|column| column.seal.is_some()))
}

pub(super) fn count(values: &mut UnderKeys, name: Option<&str>) {
    *values.entry(name.map(str::to_owned)).or_default() += 1;
}
