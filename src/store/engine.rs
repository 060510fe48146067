//! What an engine does for the store. Each call is one transaction; who calls says what time it is.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    Accepted, Act, AsOf, AuditEntry, AuditFilter, Backlog, Claimed, ContentId, Effect, Filter, HeldLane,
    Hold, Intent, Link, LinkKey, NewVersion, Piece, Record, Replay, Settlement, Size, StoreError, Summary,
    Version,
    tables::{Row, Table},
};
use crate::event::{Event, EventId, Lane};

/// The journal and what belongs to it, on some database.
#[async_trait]
pub(super) trait Engine: Views + Audit + Send + Sync {
    /// See [`super::Store::accept`].
    async fn accept(&self, event: Event, now: Timestamp) -> Result<Accepted, StoreError>;

    /// See [`super::Store::accept_all`].
    async fn accept_all(
        &self,
        connection: &str,
        events: Vec<Event>,
        now: Timestamp,
    ) -> Result<Vec<Accepted>, StoreError>;

    /// See [`super::Store::claim`].
    async fn claim(
        &self,
        connection: &str,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError>;

    /// See [`super::Store::renew`].
    async fn renew(&self, holds: Vec<Hold>, until: Timestamp) -> Result<Vec<Hold>, StoreError>;

    /// See [`super::Store::next_due`].
    async fn next_due(&self, connection: &str) -> Result<Option<Timestamp>, StoreError>;

    /// See [`super::Store::next_in_lane`].
    async fn next_in_lane(
        &self,
        connection: &str,
        lane: &Lane,
        after: i64,
    ) -> Result<Option<(i64, Event)>, StoreError>;

    /// See [`super::Store::open_effects`].
    async fn open_effects(
        &self,
        connection: &str,
        lane: &Lane,
        step: &str,
        except: i64,
    ) -> Result<Vec<Effect>, StoreError>;

    /// See [`super::Store::intend`].
    async fn intend(&self, intent: Intent) -> Result<(), StoreError>;

    /// See [`super::Store::settle`].
    async fn settle(&self, settlement: Settlement) -> Result<(), StoreError>;

    /// See [`super::Store::replay`].
    async fn replay(
        &self,
        connection: &str,
        id: &EventId,
        how: Replay,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// See [`super::Store::discard`]; the event's sequence.
    async fn discard(&self, connection: &str, id: &EventId, now: Timestamp) -> Result<i64, StoreError>;

    /// Replays up to `filter.limit` of the parked and dead events of a filter after a sequence, in the order of their
    /// acceptance, so that each goes before those of its lane that come later; their sequences.
    async fn replay_some(
        &self,
        connection: &str,
        filter: Filter,
        after: i64,
        how: Replay,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError>;

    /// Discards as `replay_some` replays.
    async fn discard_some(
        &self,
        connection: &str,
        filter: Filter,
        after: i64,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError>;

    /// How many parked and dead events a filter meets, whatever its limit.
    async fn count_held(&self, connection: &str, filter: Filter) -> Result<u64, StoreError>;

    /// See [`super::Store::event`].
    async fn event(&self, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError>;

    /// See [`super::Store::events`].
    async fn events(&self, connection: &str, filter: Filter) -> Result<Vec<Summary>, StoreError>;

    /// See [`super::Store::held_lanes`].
    async fn held_lanes(&self, connection: &str, filter: Filter) -> Result<Vec<HeldLane>, StoreError>;

    /// See [`super::Store::ping`].
    async fn ping(&self) -> Result<(), StoreError>;

    /// See [`super::Store::backlog`].
    async fn backlog(&self) -> Result<Vec<Backlog>, StoreError>;

    /// See [`super::Store::link`].
    async fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError>;

    /// See [`super::Store::is_linked`].
    async fn is_linked(&self, kind: &str, target_id: &str) -> Result<bool, StoreError>;

    /// See [`super::Store::put_link`].
    async fn put_link(&self, connection: &str, link: Link, now: Timestamp) -> Result<(), StoreError>;

    /// See [`super::Store::put_link_of`].
    async fn put_link_of(&self, hold: &Hold, link: Link, now: Timestamp) -> Result<(), StoreError>;

    /// See [`super::Store::keep_mapping`].
    async fn keep_mapping(&self, digest: &str, content: &str, now: Timestamp) -> Result<(), StoreError>;

    /// See [`super::Store::mapping`].
    async fn mapping(&self, digest: &str) -> Result<Option<String>, StoreError>;

    /// See [`super::Store::cursor`].
    async fn cursor(&self, connection: &str, name: &str) -> Result<Option<String>, StoreError>;

    /// See [`super::Store::put_cursor`].
    async fn put_cursor(
        &self,
        connection: &str,
        name: &str,
        at: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// See [`super::Store::cursors`].
    async fn cursors(&self, connection: &str, prefix: &str) -> Result<Vec<(String, String)>, StoreError>;

    /// See [`super::Store::forget_cursor`].
    async fn forget_cursor(&self, connection: &str, name: &str) -> Result<(), StoreError>;

    /// See [`super::Store::lead`].
    async fn lead(
        &self,
        name: &str,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// See [`super::Store::size`].
    async fn size(&self) -> Result<Size, StoreError>;

    /// Forgets up to `limit` of the events that came to rest before `before`, the oldest first; how many.
    async fn prune(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError>;

    /// Up to `limit` of the links that were written from `since` on and before `before`, in unix milliseconds, of which more is
    /// kept than the sender's count, the longest ago first: each with its connection.
    async fn written_between(
        &self,
        since: i64,
        before: i64,
        limit: usize,
    ) -> Result<Vec<(String, Link)>, StoreError>;

    /// Gives free space back to the disk, a bounded piece at a time; true if there is more.
    async fn shrink(&self) -> Result<bool, StoreError>;

    /// Up to `limit` rows of a table in the order of its key, from the one after `after`.
    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Row>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError>;

    /// How many rows a table has.
    async fn count_rows(&self, table: &'static Table) -> Result<u64, StoreError>;

    /// Adds rows that another engine gave.
    async fn put_rows(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError>;

    /// Writes rows over, each the first as the second: of the columns in which they differ, and only where these are
    /// still as they were; how many.
    async fn change_rows(&self, table: &'static Table, changes: Vec<(Row, Row)>) -> Result<u64, StoreError>;

    /// As `change_rows`, of what a worker who has an event of the lane in hand was given and would write again: while somebody
    /// has, nothing is changed, and nothing answered. Who had one for longer than its lease has lost it then.
    async fn change_rows_at_rest(
        &self,
        connection: &str,
        lane: &str,
        table: &'static Table,
        changes: Vec<(Row, Row)>,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError>;

    /// Gives up events that hold their lane or are dead, unless a worker has them in hand still; those.
    async fn give_up(
        &self,
        connection: &str,
        sequences: Vec<i64>,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError>;

    /// True if a worker has an event of the lane in hand.
    async fn is_lane_in_hand(&self, connection: &str, lane: &str, now: Timestamp)
    -> Result<bool, StoreError>;

    /// Sees to it that what was written over is nowhere beside the tables any more; false if somebody reads it still.
    async fn scrub(&self) -> Result<bool, StoreError>;

    /// See [`super::Store::is_shared`].
    fn is_shared(&self) -> bool;

    /// Transactions committed since the start.
    fn commits(&self) -> u64;

    /// See [`super::Store::statements`].
    fn statements(&self) -> u64;

    /// Does what waits, then lets go of the database.
    fn close(&self);
}

/// What is kept of ticket views, on some database.
#[async_trait]
pub(super) trait Views {
    /// See [`super::Store::put_pieces`]; as many as go into one transaction.
    async fn put_pieces(
        &self,
        connection: &str,
        pieces: Vec<Piece>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// See [`super::Store::pieces`]; as many as one statement reads.
    async fn pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
    ) -> Result<HashMap<ContentId, Vec<u8>>, StoreError>;

    /// See [`super::Store::old_pieces`].
    async fn old_pieces(
        &self,
        connection: &str,
        before: Timestamp,
        after: Option<ContentId>,
        limit: usize,
    ) -> Result<Vec<ContentId>, StoreError>;

    /// See [`super::Store::forget_pieces`]; as many as go into one transaction.
    async fn forget_pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
        before: Timestamp,
    ) -> Result<u64, StoreError>;

    /// See [`super::Store::put_versions`].
    async fn put_versions(
        &self,
        connection: &str,
        after: i64,
        versions: Vec<NewVersion>,
        now: Timestamp,
    ) -> Result<i64, StoreError>;

    /// See [`super::Store::versions`].
    async fn versions(&self, connection: &str, as_of: AsOf) -> Result<Vec<Version>, StoreError>;

    /// See [`super::Store::version`].
    async fn version(&self, connection: &str, view: &str, as_of: AsOf)
    -> Result<Option<Version>, StoreError>;

    /// See [`super::Store::oldest_version`].
    async fn oldest_version(&self, connection: &str, view: &str) -> Result<Option<Version>, StoreError>;

    /// See [`super::Store::versions_after`].
    async fn versions_after(
        &self,
        connection: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError>;

    /// See [`super::Store::counts_over_time`].
    async fn counts_over_time(
        &self,
        connection: &str,
        view: &str,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(Timestamp, u64)>, StoreError>;

    /// See [`super::Store::prune_versions`]; as many as go into one transaction.
    async fn prune_versions(
        &self,
        connection: &str,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, StoreError>;

    /// See [`super::Store::chunks_in_use`].
    async fn chunks_in_use(&self, connection: &str) -> Result<Vec<ContentId>, StoreError>;
}

/// The audit log, on some database.
#[async_trait]
pub(super) trait Audit {
    /// See [`super::Store::audit_begin`].
    async fn audit_begin(&self, act: Act, now: Timestamp) -> Result<i64, StoreError>;

    /// See [`super::Store::audit_end`].
    async fn audit_end(
        &self,
        number: i64,
        outcome: &str,
        count: Option<u64>,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// See [`super::Store::audit`].
    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>, StoreError>;

    /// Forgets up to `limit` of the entries begun before `before`, the oldest first, but not the newest of all; how many.
    async fn prune_audit(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError>;
}
