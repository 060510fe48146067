//! What the store asks of the embedded engine: writes go to the one writer, reads to a few readers.

use std::{sync::PoisonError, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;

use super::{Sqlite, effects, events, journal, keep, lanes, millis, operate, rows, upkeep};
use crate::{
    event::{Event, EventId, Lane},
    store::{
        Accepted, Backlog, Claimed, Effect, Filter, HeldLane, Hold, Intent, Link, LinkKey, Record, Replay,
        Settlement, Size, StoreError, Summary,
        engine::Engine,
        tables::{Row, Table},
    },
};

#[async_trait]
impl Engine for Sqlite {
    async fn accept(&self, event: Event, now: Timestamp) -> Result<Accepted, StoreError> {
        let lane = event.lane.to_string();
        let digest = event.digest();
        self.writer.try_write(move |tx| journal::accept(tx, &event, &lane, &digest, millis(now))).await
    }

    async fn accept_all(
        &self,
        _connection: &str,
        events: Vec<Event>,
        now: Timestamp,
    ) -> Result<Vec<Accepted>, StoreError> {
        self.writer.try_write(move |tx| journal::accept_all(tx, &events, millis(now))).await
    }

    async fn claim(
        &self,
        connection: &str,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let connection = connection.to_owned();
        let until = now.checked_add(lease).map_err(|e| StoreError::Corrupt(e.to_string()))?;
        self.writer.write(move |tx| journal::claim(tx, &connection, limit, millis(now), millis(until))).await
    }

    async fn renew(&self, holds: Vec<Hold>, until: Timestamp) -> Result<Vec<Hold>, StoreError> {
        self.writer.write(move |tx| journal::renew(tx, &holds, millis(until))).await
    }

    async fn next_due(&self, connection: &str) -> Result<Option<Timestamp>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| events::next_due(db, &connection)).await
    }

    async fn next_in_lane(
        &self,
        connection: &str,
        lane: &Lane,
        after: i64,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        let (connection, lane) = (connection.to_owned(), lane.to_string());
        self.read(move |db| events::next_in_lane(db, &connection, &lane, after)).await
    }

    async fn open_effects(
        &self,
        connection: &str,
        lane: &Lane,
        step: &str,
        except: i64,
    ) -> Result<Vec<Effect>, StoreError> {
        let (connection, lane, step) = (connection.to_owned(), lane.to_string(), step.to_owned());
        self.read(move |db| effects::open(db, &connection, &lane, &step, except)).await
    }

    async fn intend(&self, intent: Intent) -> Result<(), StoreError> {
        self.writer.write(move |tx| effects::intend(tx, &intent)).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), StoreError> {
        self.writer.write(move |tx| journal::settle(tx, &settlement)).await
    }

    async fn replay(
        &self,
        connection: &str,
        id: &EventId,
        how: Replay,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (connection, id) = (connection.to_owned(), id.clone());
        self.writer.write(move |tx| operate::replay(tx, &connection, &id, how, millis(now))).await
    }

    async fn discard(&self, connection: &str, id: &EventId, now: Timestamp) -> Result<i64, StoreError> {
        let (connection, id) = (connection.to_owned(), id.clone());
        self.writer.write(move |tx| operate::discard(tx, &connection, &id, millis(now))).await
    }

    async fn replay_some(
        &self,
        connection: &str,
        filter: Filter,
        after: i64,
        how: Replay,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let connection = connection.to_owned();
        self.writer
            .write(move |tx| operate::replay_some(tx, &connection, &filter, after, how, millis(now)))
            .await
    }

    async fn discard_some(
        &self,
        connection: &str,
        filter: Filter,
        after: i64,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| operate::discard_some(tx, &connection, &filter, after, millis(now))).await
    }

    async fn count_held(&self, connection: &str, filter: Filter) -> Result<u64, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| operate::count(db, &connection, &filter)).await
    }

    async fn event(&self, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError> {
        let (connection, id) = (connection.to_owned(), id.clone());
        self.read(move |db| events::record(db, &connection, &id)).await
    }

    async fn events(&self, connection: &str, filter: Filter) -> Result<Vec<Summary>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| events::list(db, &connection, &filter)).await
    }

    async fn held_lanes(&self, connection: &str, filter: Filter) -> Result<Vec<HeldLane>, StoreError> {
        let connection = connection.to_owned();
        self.read(move |db| events::held_lanes(db, &connection, &filter)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.writer.write(|tx| Ok(tx.prepare_cached("SELECT 1")?.query_row([], |_| Ok(()))?)).await
    }

    async fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        self.read(events::backlog).await
    }

    async fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError> {
        let (connection, key) = (connection.to_owned(), key.clone());
        self.read(move |db| keep::find_link(db, &connection, &key)).await
    }

    async fn is_linked(&self, kind: &str, target_id: &str) -> Result<bool, StoreError> {
        let (kind, target_id) = (kind.to_owned(), target_id.to_owned());
        self.read(move |db| keep::is_linked(db, &kind, &target_id)).await
    }

    async fn put_link(&self, connection: &str, link: Link, now: Timestamp) -> Result<(), StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| keep::write_link(tx, &connection, &link, millis(now))).await
    }

    async fn put_link_of(&self, hold: &Hold, link: Link, now: Timestamp) -> Result<(), StoreError> {
        let hold = hold.clone();
        self.writer.write(move |tx| keep::write_link_of(tx, &hold, &link, millis(now))).await
    }

    async fn keep_mapping(&self, digest: &str, content: &str, now: Timestamp) -> Result<(), StoreError> {
        let (digest, content) = (digest.to_owned(), content.to_owned());
        self.writer.write(move |tx| keep::keep_mapping(tx, &digest, &content, millis(now))).await
    }

    async fn mapping(&self, digest: &str) -> Result<Option<String>, StoreError> {
        let digest = digest.to_owned();
        self.read(move |db| keep::mapping(db, &digest)).await
    }

    async fn cursor(&self, connection: &str, name: &str) -> Result<Option<String>, StoreError> {
        let (connection, name) = (connection.to_owned(), name.to_owned());
        self.read(move |db| keep::cursor(db, &connection, &name)).await
    }

    async fn put_cursor(
        &self,
        connection: &str,
        name: &str,
        at: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (connection, name, at) = (connection.to_owned(), name.to_owned(), at.to_owned());
        self.writer.write(move |tx| keep::put_cursor(tx, &connection, &name, &at, millis(now))).await
    }

    async fn cursors(&self, connection: &str, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        let (connection, prefix) = (connection.to_owned(), prefix.to_owned());
        self.read(move |db| keep::cursors(db, &connection, &prefix)).await
    }

    async fn forget_cursor(&self, connection: &str, name: &str) -> Result<(), StoreError> {
        let (connection, name) = (connection.to_owned(), name.to_owned());
        self.writer.write(move |tx| keep::forget_cursor(tx, &connection, &name)).await
    }

    async fn lead(
        &self,
        name: &str,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (name, holder) = (name.to_owned(), holder.to_owned());
        self.writer.write(move |tx| keep::lead(tx, &name, &holder, millis(until), millis(now))).await
    }

    async fn size(&self) -> Result<Size, StoreError> {
        let path = self.path.clone();
        self.read(move |db| upkeep::size(db, &path)).await
    }

    async fn prune(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        self.writer.write(move |tx| upkeep::prune(tx, millis(before), limit)).await
    }

    async fn written_between(
        &self,
        since: i64,
        before: i64,
        limit: usize,
    ) -> Result<Vec<(String, Link)>, StoreError> {
        self.read(move |db| keep::written_between(db, since, before, limit)).await
    }

    async fn shrink(&self) -> Result<bool, StoreError> {
        let more = self.writer.write(upkeep::shrink).await?;
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || upkeep::fold(&path)).await.map_err(|_| StoreError::Closed)??;
        Ok(more)
    }

    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Row>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.read(move |db| rows::page(db, table, after.as_ref(), limit)).await
    }

    async fn count_rows(&self, table: &'static Table) -> Result<u64, StoreError> {
        self.read(move |db| rows::count(db, table)).await
    }

    async fn put_rows(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        self.writer.write(move |tx| rows::put(tx, table, &rows)).await
    }

    async fn change_rows(&self, table: &'static Table, changes: Vec<(Row, Row)>) -> Result<u64, StoreError> {
        self.writer.write(move |tx| rows::change(tx, table, &changes)).await
    }

    async fn change_rows_at_rest(
        &self,
        connection: &str,
        lane: &str,
        table: &'static Table,
        changes: Vec<(Row, Row)>,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let (connection, lane) = (connection.to_owned(), lane.to_owned());
        let change =
            move |tx: &Connection| match lanes::revoke_ended_leases(tx, &connection, &lane, millis(now))? {
                true => rows::change(tx, table, &changes).map(Some),
                false => Ok(None),
            };
        self.writer.write(change).await
    }

    async fn is_lane_in_hand(
        &self,
        connection: &str,
        lane: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (connection, lane) = (connection.to_owned(), lane.to_owned());
        self.read(move |db| lanes::is_in_hand(db, &connection, &lane, millis(now))).await
    }

    async fn give_up(
        &self,
        connection: &str,
        sequences: Vec<i64>,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let connection = connection.to_owned();
        self.writer.write(move |tx| operate::give_up_all(tx, &connection, &sequences, millis(now))).await
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || upkeep::cut(&path)).await.map_err(|_| StoreError::Closed)?
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn commits(&self) -> u64 {
        self.writer.commits()
    }

    fn statements(&self) -> u64 {
        self.writer.statements()
    }

    fn close(&self) {
        // The writer last: whoever is the last to close a file folds its log into it, which a reader may not.
        self.reading.close();
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.writer.close();
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
