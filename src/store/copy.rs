//! Moves everything from one store to another, of whichever engine, and proves that it has arrived. Knows tables and
//! rows, and not what they mean.
//!
//! Until it is proved, the other store is marked as an unfinished copy: no service opens it, and a further copy goes on
//! where the one before was broken off.

use std::{fmt, fs};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{
    Place, Store, StoreError, backup,
    tables::{Row, TABLES, Table, Value},
};

/// Bytes read and written at once, about.
const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Rows read and written at once, at first, before their size is known, and at most.
const FIRST_ROWS: usize = 16;
const MOST_ROWS: usize = 2000;
/// The cursor that marks a copy. No connection has an empty name: such cursors are what a store says of itself.
const MARK: (&str, &str) = ("", "copy");
const UNFINISHED: &str = "unfinished";
const FINISHED: &str = "finished";

/// All rows of a table in short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many there are.
    pub rows: u64,
    /// The sum of the first halves of their SHA-256. It doesn't depend on their order: texts have another one elsewhere.
    hash: u128,
}

impl Sum {
    fn add(&mut self, row: &Row) {
        let mut hash = Sha256::new();
        row.iter().for_each(|value| digest(&mut hash, value));
        let mut half = [0; 16];
        half.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
        self.hash = self.hash.wrapping_add(u128::from_be_bytes(half));
        self.rows += 1;
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.hash)
    }
}

/// Each value with its kind and its length, so that no two rows are the same bytes.
fn digest(hash: &mut Sha256, value: &Value) {
    let number;
    let (kind, bytes) = match value {
        Value::Null => (b'n', &[][..]),
        Value::Integer(it) => {
            number = it.to_be_bytes();
            (b'i', &number[..])
        }
        Value::Text(text) => (b't', text.as_bytes()),
        Value::Bytes(bytes) => (b'b', &bytes[..]),
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// A table in both stores.
#[derive(Debug, Clone, Copy)]
pub struct Compared {
    /// Its name.
    pub table: &'static str,
    /// What the one has.
    pub from: Sum,
    /// What the other has.
    pub to: Sum,
}

/// What a copy, or another long walk over the tables, is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stage {
    Reading,
    Copying,
    Verifying,
    Encrypting,
}

/// How far a copy has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What it is at.
    pub stage: Stage,
    /// With which table.
    pub table: &'static str,
    /// Rows of it that are done.
    pub rows: u64,
    /// Rows that it has, once that is known. As many as are done when the table is.
    pub of: Option<u64>,
}

impl Progress {
    /// What is told last of a table: those that write meanwhile make it another number than was counted before.
    pub(super) fn end(stage: Stage, table: &Table, rows: u64) -> Self {
        Self { stage, table: table.name, rows, of: Some(rows) }
    }

    /// True if all of the table is done.
    pub fn is_end(&self) -> bool {
        self.of == Some(self.rows)
    }
}

/// Hears of each page, and of each table's end.
pub type Tell<'a> = &'a mut (dyn FnMut(Progress) + Send);

/// True if two URLs name one store.
pub fn is_same(one: &str, other: &str) -> bool {
    let file = |url: &str| url.strip_prefix("sqlite:").and_then(|path| fs::canonicalize(path).ok());
    one == other || file(one).is_some_and(|path| file(other) == Some(path))
}

impl Store {
    /// Opens a store to copy into: a new one, an empty one, or one that an earlier copy was broken off in.
    ///
    /// Errors: `NotEmpty`, or those of `open`.
    pub async fn open_for_copy(place: impl Into<Place>) -> Result<Self, StoreError> {
        let store = Self::open_any(place.into(), None).await?;
        if store.is_unfinished_copy().await? || store.is_empty().await? {
            return Ok(store);
        }
        store.close();
        Err(StoreError::NotEmpty)
    }

    /// Copies all that is missing in `to`, and compares what both then hold. What differs, if anything does, makes `to` a
    /// store that no service opens.
    pub async fn copy_to(
        &self,
        to: &Self,
        now: Timestamp,
        tell: Tell<'_>,
    ) -> Result<Vec<Compared>, StoreError> {
        to.mark(UNFINISHED, now).await?;
        let mut compared = Vec::new();
        for table in &TABLES {
            let from = self.sum(table, Stage::Reading, None, tell).await?;
            compared.push(Compared { table: table.name, from, to: Sum::default() });
        }
        for (table, known) in TABLES.iter().zip(&compared) {
            self.copy_table(to, table, known.from.rows, tell).await?;
        }
        for (table, known) in TABLES.iter().zip(&mut compared) {
            known.to = to.sum(table, Stage::Verifying, Some(known.from.rows), tell).await?;
        }
        if compared.iter().all(|table| table.from == table.to) {
            self.pass_on_backup(to, now).await?;
            to.mark(FINISHED, now).await?;
        }
        Ok(compared)
    }

    /// Compares what two stores hold, table by table.
    pub async fn compare(&self, other: &Self, tell: Tell<'_>) -> Result<Vec<Compared>, StoreError> {
        let mut compared = Vec::new();
        for table in &TABLES {
            let from = self.sum(table, Stage::Reading, None, tell).await?;
            let to = other.sum(table, Stage::Verifying, Some(from.rows), tell).await?;
            compared.push(Compared { table: table.name, from, to });
        }
        Ok(compared)
    }

    /// This store, unless a copy into it was not finished.
    pub(super) async fn finished(self) -> Result<Self, StoreError> {
        if self.is_unfinished_copy().await? {
            self.close();
            return Err(StoreError::Unfinished);
        }
        Ok(self)
    }

    async fn is_unfinished_copy(&self) -> Result<bool, StoreError> {
        let mark = self.engine.cursor(MARK.0, MARK.1).await?;
        Ok(mark.is_some_and(|mark| mark == UNFINISHED))
    }

    /// The copy of a backup takes the place of its store as the backup would.
    async fn pass_on_backup(&self, to: &Self, now: Timestamp) -> Result<(), StoreError> {
        let (connection, name) = backup::MARK;
        match self.engine.cursor(connection, name).await? {
            Some(place) => to.engine.put_cursor(connection, name, &place, now).await,
            None => Ok(()),
        }
    }

    async fn mark(&self, state: &str, now: Timestamp) -> Result<(), StoreError> {
        self.engine.put_cursor(MARK.0, MARK.1, state, now).await
    }

    async fn is_empty(&self) -> Result<bool, StoreError> {
        for table in &TABLES {
            let rows = self.engine.rows(table, None, FIRST_ROWS).await?;
            if rows.iter().any(|row| !is_mark(table, row)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn put_rows(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let rows = rows.into_iter().map(|row| self.keys.sealed_row(table, row));
        self.engine.put_rows(table, rows.collect::<Result<_, _>>()?).await
    }

    async fn sum(
        &self,
        table: &'static Table,
        stage: Stage,
        of: Option<u64>,
        tell: Tell<'_>,
    ) -> Result<Sum, StoreError> {
        let (mut pages, mut sum) = (Pages::of(table, None), Sum::default());
        while let Some(page) = pages.next(self).await? {
            for row in page {
                sum.add(&self.keys.opened_row(table, row)?);
            }
            tell(Progress { stage, table: table.name, rows: sum.rows, of });
        }
        tell(Progress::end(stage, table, sum.rows));
        Ok(sum)
    }

    async fn copy_table(
        &self,
        to: &Self,
        table: &'static Table,
        of: u64,
        tell: Tell<'_>,
    ) -> Result<(), StoreError> {
        let mut there = Pages::of(table, None);
        let mut rows = 0;
        while let Some(page) = there.next(to).await? {
            rows += page.len() as u64;
        }
        let mut missing = Pages::of(table, there.after);
        while let Some(page) = missing.next(self).await? {
            rows += page.len() as u64;
            let page = page.into_iter().map(|row| self.keys.opened_row(table, row));
            let page = page.collect::<Result<_, _>>()?;
            to.put_rows(table, page).await?;
            tell(Progress { stage: Stage::Copying, table: table.name, rows, of: Some(of) });
        }
        tell(Progress::end(Stage::Copying, table, rows));
        Ok(())
    }
}

/// A table's rows as they are kept, a page at a time. The mark of a copy is none of them, nor what says which keys the
/// store knows.
pub(super) struct Pages {
    pub(super) table: &'static Table,
    pub(super) after: Option<Row>,
    pub(super) limit: usize,
}

impl Pages {
    pub(super) fn of(table: &'static Table, after: Option<Row>) -> Self {
        Self { table, after, limit: FIRST_ROWS }
    }

    pub(super) async fn next(&mut self, store: &Store) -> Result<Option<Vec<Row>>, StoreError> {
        let page = store.engine.rows(self.table, self.after.clone(), self.limit).await?;
        Ok(self.turned(page))
    }

    /// The page without marks; the next one begins behind it, and has about the same bytes.
    pub(super) fn turned(&mut self, mut page: Vec<Row>) -> Option<Vec<Row>> {
        self.after = Some(page.last()?.clone());
        let bytes: usize = page.iter().flatten().map(bytes).sum();
        self.limit = (PAGE_BYTES / (bytes / page.len()).max(1)).clamp(1, MOST_ROWS);
        page.retain(|row| !is_mark(self.table, row));
        Some(page)
    }
}

fn bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Integer(_) => 8,
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
    }
}

/// What a store says of itself: that it is a copy, a backup, or under which keys it is.
fn is_mark(table: &Table, row: &Row) -> bool {
    table.name == "cursors" && row.first() == Some(&Value::Text(MARK.0.to_owned()))
}
