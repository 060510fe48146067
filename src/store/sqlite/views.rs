//! What the store asks of the embedded engine about ticket views.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Sqlite, millis, pieces, versions};
use crate::store::{AsOf, ContentId, NewVersion, Piece, StoreError, Version, engine::Views};

#[async_trait]
impl Views for Sqlite {
    async fn put_pieces(
        &self,
        connection: &str,
        pieces: Vec<Piece>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| pieces::put(tx, &connection, &pieces, millis(now))).await
    }

    async fn pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
    ) -> Result<HashMap<ContentId, Vec<u8>>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| pieces::contents(db, &connection, &ids)).await
    }

    async fn old_pieces(
        &self,
        connection: &str,
        before: Timestamp,
        after: Option<ContentId>,
        limit: usize,
    ) -> Result<Vec<ContentId>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| pieces::old(db, &connection, millis(before), after, limit)).await
    }

    async fn forget_pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| pieces::forget(tx, &connection, &ids, millis(before))).await
    }

    async fn put_versions(
        &self,
        connection: &str,
        after: i64,
        versions: Vec<NewVersion>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| versions::put(tx, &connection, after, &versions, millis(now))).await
    }

    async fn versions(&self, connection: &str, as_of: AsOf) -> Result<Vec<Version>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| versions::of_all(db, &connection, as_of)).await
    }

    async fn version(
        &self,
        connection: &str,
        view: &str,
        as_of: AsOf,
    ) -> Result<Option<Version>, StoreError> {
        let (connection, view) = (connection.to_owned(), view.to_owned());
        self.read(move |db| versions::of_one(db, &connection, &view, as_of)).await
    }

    async fn oldest_version(&self, connection: &str, view: &str) -> Result<Option<Version>, StoreError> {
        let (connection, view) = (connection.to_owned(), view.to_owned());
        self.read(move |db| versions::oldest(db, &connection, &view)).await
    }

    async fn versions_after(
        &self,
        connection: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| versions::after(db, &connection, after, limit)).await
    }

    async fn counts_over_time(
        &self,
        connection: &str,
        view: &str,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(Timestamp, u64)>, StoreError> {
        let (connection, view) = (connection.to_owned(), view.to_owned());
        let times = millis(since)..millis(until);
        self.read(move |db| versions::counts(db, &connection, &view, times, limit)).await
    }

    async fn prune_versions(
        &self,
        connection: &str,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| versions::prune(tx, &connection, millis(before), limit)).await
    }

    async fn chunks_in_use(&self, connection: &str) -> Result<Vec<ContentId>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| versions::chunks(db, &connection)).await
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{
        super::{
            keep,
            plans::{goes_through, plans},
        },
        *,
    };

    /// Every statement of ours, run once.
    fn run_all(db: &Connection) -> Result<(), StoreError> {
        let piece = Piece { id: ContentId::of(b"1"), content: b"1".into() };
        let version = NewVersion { view: "15".into(), about: None, count: 0, chunks: vec![piece.id] };
        let ids = [piece.id];
        pieces::put(db, "acme", &[piece], 1)?;
        pieces::contents(db, "acme", &ids)?;
        pieces::old(db, "acme", 1, None, 10)?;
        pieces::forget(db, "acme", &ids, 1)?;
        versions::put(db, "acme", 0, &[version], 1)?;
        for as_of in [AsOf::Now, AsOf::Time(Timestamp::UNIX_EPOCH)] {
            versions::of_all(db, "acme", as_of)?;
            versions::of_one(db, "acme", "15", as_of)?;
        }
        versions::oldest(db, "acme", "15")?;
        versions::after(db, "acme", 0, 10)?;
        versions::counts(db, "acme", "15", 0..9, 10)?;
        versions::prune(db, "acme", 9, 10)?;
        versions::chunks(db, "acme")?;
        keep::cursors(db, "acme", "ask/")?;
        keep::forget_cursor(db, "acme", "ask/15")
    }

    #[test]
    fn every_statement_goes_by_an_index_and_sorts_nothing() {
        let plans = plans(run_all).expect("they run");
        assert!(plans.len() > 12, "{plans:?}");
        for (sql, plan) in plans {
            let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
            assert!(!plan.iter().any(|step| goes_through(step)) && !sorts, "{sql}\n{plan:?}");
        }
    }
}
