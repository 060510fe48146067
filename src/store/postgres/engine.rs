//! What the store asks of PostgreSQL: what workers and senders do goes to the writer, everything else over the pool.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::sleep;

use super::{
    Postgres,
    accept::{self, Offer},
    claim::{self, Renewal, Wanted},
    events,
    group::{Call, Job},
    keep, lock, locked, millis, operate, rows,
    settle::Ended,
    upkeep,
};
use crate::{
    event::{Event, EventId, Lane},
    store::{
        Accepted, Backlog, Claimed, Effect, Filter, HeldLane, Hold, Intent, Link, LinkKey, Record, Replay,
        Settlement, Size, StoreError, Summary, UNCERTAIN,
        engine::Engine,
        tables::{Row, Table},
    },
};

/// Before a settlement is sent again whose answer was lost with the way to the server: what took effect at the target
/// should be known, and a server is back within seconds or not soon.
const SETTLE_AGAIN: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

#[async_trait]
impl Engine for Postgres {
    async fn accept(&self, event: Event, now: Timestamp) -> Result<Accepted, StoreError> {
        let offer = Offer::new(event, now)?;
        self.writer.offer(|reply| Job::Accept(Call::new(offer, reply))).await
    }

    async fn accept_all(
        &self,
        connection: &str,
        events: Vec<Event>,
        now: Timestamp,
    ) -> Result<Vec<Accepted>, StoreError> {
        let offers = events.into_iter().map(|event| Offer::new(event, now));
        let offers = offers.collect::<Result<Vec<Offer>, StoreError>>()?;
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, connection).await?;
        let accepted = accept::all(&tx, &offers).await?;
        // Dropped, a transaction leaves nothing behind.
        if !accepted.contains(&Accepted::Conflict) {
            self.commit(tx).await?;
            self.ring(connection, &[]);
        }
        Ok(accepted)
    }

    async fn claim(
        &self,
        connection: &str,
        limit: usize,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let wanted = Wanted::new(connection, limit, lease, now)?;
        self.writer.write(|reply| Job::Claim(Call::new(wanted, reply))).await
    }

    async fn renew(&self, holds: Vec<Hold>, until: Timestamp) -> Result<Vec<Hold>, StoreError> {
        let renewal = Renewal { holds, until: millis(until) };
        self.writer.write(|reply| Job::Renew(Call::new(renewal, reply))).await
    }

    async fn next_due(&self, connection: &str) -> Result<Option<Timestamp>, StoreError> {
        events::next_due(&self.pool.get().await?, connection).await
    }

    async fn next_in_lane(
        &self,
        connection: &str,
        lane: &Lane,
        after: i64,
    ) -> Result<Option<(i64, Event)>, StoreError> {
        events::next_in_lane(&self.pool.get().await?, connection, lane, after).await
    }

    async fn open_effects(
        &self,
        connection: &str,
        lane: &Lane,
        step: &str,
        except: i64,
    ) -> Result<Vec<Effect>, StoreError> {
        events::open_effects(&self.pool.get().await?, connection, lane, step, except).await
    }

    async fn intend(&self, intent: Intent) -> Result<(), StoreError> {
        self.writer.write(|reply| Job::Intend(Call::new(intent, reply))).await
    }

    async fn settle(&self, settlement: Settlement) -> Result<(), StoreError> {
        let mut pauses = SETTLE_AGAIN.iter();
        let mut again = false;
        loop {
            let ended = Ended { settlement: settlement.clone(), again };
            match (self.writer.write(|reply| Job::Settle(Call::new(ended, reply))).await, pauses.next()) {
                (Err(StoreError::Unreachable(_)), Some(pause)) => sleep(*pause).await,
                (result, _) => return result,
            }
            again = true;
        }
    }

    async fn replay(
        &self,
        connection: &str,
        id: &EventId,
        how: Replay,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, connection).await?;
        let sequence = operate::held(&tx, connection, id, "replayed").await?;
        operate::waive(&tx, connection, &[sequence], now).await?;
        operate::replay(&tx, connection, &[sequence], how, now).await?;
        self.commit(tx).await?;
        self.ring(connection, &[]);
        Ok(())
    }

    async fn discard(&self, connection: &str, id: &EventId, now: Timestamp) -> Result<i64, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, connection).await?;
        let sequence = operate::held(&tx, connection, id, "discarded").await?;
        operate::discard(&tx, connection, &[sequence], now).await?;
        self.commit(tx).await?;
        self.ring(connection, &[sequence]);
        Ok(sequence)
    }

    async fn replay_some(
        &self,
        connection: &str,
        filter: Filter,
        after: i64,
        how: Replay,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, connection).await?;
        let sequences = operate::some(&tx, connection, &filter, after).await?;
        // Who replays whatever there is has not looked: the target is asked again.
        if filter.code.as_deref() == Some(UNCERTAIN) {
            operate::waive(&tx, connection, &sequences, now).await?;
        }
        operate::replay(&tx, connection, &sequences, how, now).await?;
        self.commit(tx).await?;
        self.ring(connection, &[]);
        Ok(sequences)
    }

    async fn discard_some(
        &self,
        connection: &str,
        filter: Filter,
        after: i64,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, connection).await?;
        let sequences = operate::some(&tx, connection, &filter, after).await?;
        operate::discard(&tx, connection, &sequences, now).await?;
        self.commit(tx).await?;
        self.ring(connection, &sequences);
        Ok(sequences)
    }

    async fn count_held(&self, connection: &str, filter: Filter) -> Result<u64, StoreError> {
        operate::count(&self.pool.get().await?, connection, &filter).await
    }

    async fn event(&self, connection: &str, id: &EventId) -> Result<Option<Record>, StoreError> {
        events::record(&self.pool.get().await?, connection, id).await
    }

    async fn events(&self, connection: &str, filter: Filter) -> Result<Vec<Summary>, StoreError> {
        events::list(&self.pool.get().await?, connection, &filter).await
    }

    async fn held_lanes(&self, connection: &str, filter: Filter) -> Result<Vec<HeldLane>, StoreError> {
        events::held_lanes(&self.pool.get().await?, connection, &filter).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // To renew nothing is a transaction all the same.
        let nothing = Renewal { holds: Vec::new(), until: 0 };
        self.writer.write(|reply| Job::Renew(Call::new(nothing, reply))).await.map(drop)
    }

    async fn backlog(&self) -> Result<Vec<Backlog>, StoreError> {
        events::backlog(&self.pool.get().await?).await
    }

    async fn link(&self, connection: &str, key: &LinkKey) -> Result<Option<Link>, StoreError> {
        keep::find_link(&self.pool.get().await?, connection, key).await
    }

    async fn is_linked(&self, kind: &str, target_id: &str) -> Result<bool, StoreError> {
        keep::is_linked(&self.pool.get().await?, kind, target_id).await
    }

    async fn put_link(&self, connection: &str, link: Link, now: Timestamp) -> Result<(), StoreError> {
        keep::put_link(&self.pool.get().await?, connection, &link, now).await
    }

    async fn put_link_of(&self, hold: &Hold, link: Link, now: Timestamp) -> Result<(), StoreError> {
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, &hold.connection).await?;
        keep::check_hold(&tx, hold).await?;
        keep::put_link(&tx, &hold.connection, &link, now).await?;
        self.commit(tx).await
    }

    async fn keep_mapping(&self, digest: &str, content: &str, now: Timestamp) -> Result<(), StoreError> {
        keep::keep_mapping(&self.pool.get().await?, digest, content, now).await
    }

    async fn mapping(&self, digest: &str) -> Result<Option<String>, StoreError> {
        keep::mapping(&self.pool.get().await?, digest).await
    }

    async fn cursor(&self, connection: &str, name: &str) -> Result<Option<String>, StoreError> {
        keep::cursor(&self.pool.get().await?, connection, name).await
    }

    async fn put_cursor(
        &self,
        connection: &str,
        name: &str,
        at: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        keep::put_cursor(&self.pool.get().await?, connection, name, at, now).await
    }

    async fn cursors(&self, connection: &str, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        keep::cursors(&self.pool.get().await?, connection, prefix).await
    }

    async fn forget_cursor(&self, connection: &str, name: &str) -> Result<(), StoreError> {
        keep::forget_cursor(&self.pool.get().await?, connection, name).await
    }

    async fn lead(
        &self,
        name: &str,
        holder: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        keep::lead(&self.pool.get().await?, name, holder, until, now).await
    }

    async fn size(&self) -> Result<Size, StoreError> {
        upkeep::size(&self.pool.get().await?).await
    }

    async fn prune(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError> {
        upkeep::prune(&self.pool.get().await?, millis(before), limit).await
    }

    async fn written_between(
        &self,
        since: i64,
        before: i64,
        limit: usize,
    ) -> Result<Vec<(String, Link)>, StoreError> {
        keep::written_between(&self.pool.get().await?, since, before, limit).await
    }

    async fn shrink(&self) -> Result<bool, StoreError> {
        // What is free is used again, and stays the server's.
        Ok(false)
    }

    async fn rows(
        &self,
        table: &'static Table,
        after: Option<Row>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        rows::page(&self.pool.get().await?, table, after, limit).await
    }

    async fn count_rows(&self, table: &'static Table) -> Result<u64, StoreError> {
        rows::count(&self.pool.get().await?, table).await
    }

    async fn put_rows(&self, table: &'static Table, rows: Vec<Row>) -> Result<(), StoreError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await.map_err(super::failed)?;
        rows::put(&tx, table, &rows).await?;
        self.commit(tx).await
    }

    async fn change_rows(&self, table: &'static Table, changes: Vec<(Row, Row)>) -> Result<u64, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await.map_err(super::failed)?;
        // As whoever writes to a journal: nobody waits in a circle for rows that are locked one by one.
        lock::connections(&tx, changes.iter().map(|(row, _)| table.text(row, "connection"))).await?;
        let changed = rows::change(&tx, table, &changes).await?;
        self.commit(tx).await?;
        Ok(changed)
    }

    async fn change_rows_at_rest(
        &self,
        connection: &str,
        lane: &str,
        table: &'static Table,
        changes: Vec<(Row, Row)>,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, connection).await?;
        if !claim::revoke_ended_leases(&tx, connection, lane, now).await? {
            return Ok(None);
        }
        let changed = rows::change(&tx, table, &changes).await?;
        self.commit(tx).await?;
        Ok(Some(changed))
    }

    async fn is_lane_in_hand(
        &self,
        connection: &str,
        lane: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        claim::is_lane_in_hand(&self.pool.get().await?, connection, lane, now).await
    }

    async fn give_up(
        &self,
        connection: &str,
        sequences: Vec<i64>,
        now: Timestamp,
    ) -> Result<Vec<i64>, StoreError> {
        let mut client = self.pool.get().await?;
        let tx = locked(&mut client, connection).await?;
        let given_up = operate::at_rest(&tx, connection, &sequences, now).await?;
        operate::discard(&tx, connection, &given_up, now).await?;
        self.commit(tx).await?;
        self.ring(connection, &given_up);
        Ok(given_up)
    }

    async fn scrub(&self) -> Result<bool, StoreError> {
        // Old versions of rows go with the server's vacuum, and its log is its own.
        Ok(true)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn commits(&self) -> u64 {
        self.writer.commits()
    }

    fn statements(&self) -> u64 {
        self.writer.statements()
    }

    fn close(&self) {
        self.writer.close();
        self.pool.close();
    }
}
