//! What an operator does with events that wait for one: tries them again, or gives them up.

use jiff::Timestamp;

use super::{Filter, Replay, Store, StoreError};
use crate::event::EventId;

/// Events replayed or discarded in one transaction: others wait for it.
const SOME: usize = 500;

impl Store {
    /// Lets a parked or dead event be tried again, its attempts counted from one, in its old place in the lane: before
    /// all that were accepted later, and after one that is being delivered already.
    ///
    /// Errors: `NotFound`; `WrongStatus` when it is neither parked nor dead.
    pub async fn replay(
        &self,
        connection: &str,
        id: &EventId,
        how: Replay,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.engine.replay(connection, id, how, now).await?;
        self.bells.arrived(connection);
        Ok(())
    }

    /// Replays all parked and dead events that a filter meets, in the order of their acceptance; how many. The
    /// filter's limit doesn't count. What was replayed before an error stays replayed.
    pub async fn replay_all(
        &self,
        connection: &str,
        filter: Filter,
        how: Replay,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let filter = Filter { limit: SOME, ..filter };
        let (mut after, mut done) = (0, 0);
        loop {
            let some = self.engine.replay_some(connection, filter.clone(), after, how, now).await?;
            let Some(last) = some.last() else { return Ok(done) };
            (after, done) = (*last, done + some.len() as u64);
            self.bells.arrived(connection);
        }
    }

    /// Gives up a parked or dead event; its lane goes on.
    ///
    /// Errors: as `replay`.
    pub async fn discard(&self, connection: &str, id: &EventId, now: Timestamp) -> Result<(), StoreError> {
        let sequence = self.engine.discard(connection, id, now).await?;
        self.bells.arrived(connection);
        self.bells.settled(connection.to_owned(), sequence);
        Ok(())
    }

    /// As `discard`, of a journal that nobody works on: an event that waits can be given up there, too, and so can one that a
    /// worker had in hand whose lease has ended.
    pub async fn discard_unattended(
        &self,
        connection: &str,
        id: &EventId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = self.engine.event(connection, id).await?.ok_or(StoreError::NotFound)?;
        let (sequence, status) = (record.summary.sequence, record.summary.status);
        if record.event.is_erased() {
            return Err(StoreError::Erased);
        }
        if self.engine.give_up(connection, vec![sequence], now).await?.is_empty() {
            return Err(StoreError::WrongStatus { status, wanted: "discarded" });
        }
        self.bells.arrived(connection);
        self.bells.settled(connection.to_owned(), sequence);
        Ok(())
    }

    /// Discards all parked and dead events that a filter meets; how many. As `replay_all`.
    pub async fn discard_all(
        &self,
        connection: &str,
        filter: Filter,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let filter = Filter { limit: SOME, ..filter };
        let (mut after, mut done) = (0, 0);
        loop {
            let some = self.engine.discard_some(connection, filter.clone(), after, now).await?;
            let Some(last) = some.last() else { return Ok(done) };
            (after, done) = (*last, done + some.len() as u64);
            self.bells.arrived(connection);
            some.into_iter().for_each(|sequence| self.bells.settled(connection.to_owned(), sequence));
        }
    }

    /// How many parked and dead events a filter meets.
    pub async fn count_held(&self, connection: &str, filter: Filter) -> Result<u64, StoreError> {
        self.engine.count_held(connection, filter).await
    }
}
