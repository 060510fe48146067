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
