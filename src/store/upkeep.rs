//! What keeps a store bounded: it measures itself, refuses events before the disk does, and forgets what is long done.
//! It never forgets an event that somebody still has to deliver or to look at. When to look is for others to say.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::{Size, Store, StoreError};

/// Bytes of its disk that a store leaves free for deliveries while it takes no more events: its write-ahead log may
/// grow by 64 MiB, and attempts and outcomes of what waits need as much.
pub const DISK_RESERVE: u64 = 128 * 1024 * 1024;
/// The smallest budget that makes sense: the write-ahead log of an embedded store alone may take as much.
pub const LEAST_BUDGET: u64 = 64 * 1024 * 1024;
/// Percent of the budget from which on no more events are taken.
const FULL: u64 = 95;
/// Percent of the budget above which the oldest settled events are forgotten before their age.
const HIGH: u64 = 90;
/// Percent of the budget down to which they are.
const LOW: u64 = 80;
/// Events, or notes of what was written to entities, forgotten in one transaction: others wait for it, some milliseconds.
const PIECE: usize = 256;
/// What was settled just now is kept even where room is short: somebody may be about to read the outcome.
const JUST_SETTLED: Duration = Duration::from_secs(5);
/// Free space that a store keeps for reuse, as a part of what is in use: taking it from the disk again costs more than it
/// is worth.
const SPARE_PART: u64 = 4;
/// Free space that is too little to give back.
const SPARE_BYTES: u64 = 16 * 1024 * 1024;

/// How much a store may hold, and for how long it keeps what is done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Bytes on disk; `None` for as many as the disk has, less [`DISK_RESERVE`].
    pub budget: Option<u64>,
    /// Age from which on settled events are forgotten, and what was last written to an entity; `None` for never.
    pub retention: Option<Duration>,
    /// Age from which on entries of the audit log are forgotten; `None` for never.
    pub audit: Option<Duration>,
}

/// How a store stands to its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What it holds.
    pub size: Size,
    /// How much room there is.
    pub room: Room,
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// No more events are taken.
    Full,
    /// The oldest settled events are to go.
    Tight,
    /// Enough, but what has begun to go goes on.
    Fair,
    /// Plenty.
    Ample,
}

/// What a piece of tidying did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Events forgotten because of their age.
    pub aged: u64,
    /// Events forgotten for want of room.
    pub evicted: u64,
    /// True if there is more to do.
    pub more: bool,
}

impl Store {
    /// Measures the store, and from now on takes events or refuses them accordingly.
    pub async fn look(&self, limits: &Limits) -> Result<Look, StoreError> {
        let size = self.engine.size().await?;
        self.gate.measured(left(&size, limits));
        Ok(Look { size, room: room(&size, limits) })
    }

    /// Forgets a piece of what is past its age (events, what was last written to entities, entries of the audit log), and with
    /// `evict` also of events that are not, the oldest first; then gives a
    /// piece of free space back to the disk, if there is much. Of several processes only one should.
    pub async fn tidy(
        &self,
        limits: &Limits,
        evict: bool,
        size: &Size,
        now: Timestamp,
    ) -> Result<Tidied, StoreError> {
        let (aged, faded) = match passed(limits.retention, now) {
            Some(before) => {
                (self.engine.prune(before, PIECE).await?, self.forget_old_written(before, PIECE).await?)
            }
            None => (0, 0),
        };
        let evicted = match passed(Some(JUST_SETTLED), now) {
            Some(before) if evict => self.engine.prune(before, PIECE).await?,
            _ => 0,
        };
        let logged = match passed(limits.audit, now) {
            Some(before) => self.prune_audit(before).await?,
            None => false,
        };
        let shrinking = (evict || is_wasteful(size)) && self.engine.shrink().await?;
        let more =
            logged || [aged, faded, evicted].contains(&(PIECE as u64)) || (shrinking && is_wasteful(size));
        Ok(Tidied { aged, evicted, more })
    }

    /// Forgets all settled events that came to rest before `before`, and what was last written before it to entities, piece by
    /// piece, and gives the space back to the disk; how many events. `tell` hears of each piece.
    pub async fn prune(&self, before: Timestamp, mut tell: impl FnMut(u64)) -> Result<u64, StoreError> {
        let mut pruned = 0;
        loop {
            let piece = self.engine.prune(before, PIECE).await?;
            pruned += piece;
            tell(piece);
            if piece < PIECE as u64 {
                break;
            }
        }
        while self.forget_old_written(before, PIECE).await? == PIECE as u64 {}
        while self.engine.shrink().await? {}
        Ok(pruned)
    }

    /// True while events are refused for want of room.
    pub fn is_full(&self) -> bool {
        self.gate.is_full()
    }

    /// Wakes whoever measures the store: since the last look so much was accepted that it may be full.
    pub fn strained(&self) -> Arc<Notify> {
        self.gate.strained()
    }
}

/// Before when something has reached an age. One from before all time is never reached.
fn passed(age: Option<Duration>, now: Timestamp) -> Option<Timestamp> {
    now.checked_sub(age?).ok()
}

fn percent(budget: u64, percent: u64) -> u64 {
    budget / 100 * percent
}

/// Bytes that may still be accepted.
fn left(size: &Size, limits: &Limits) -> u64 {
    let budget = limits.budget.map_or(u64::MAX, |budget| percent(budget, FULL).saturating_sub(size.used));
    let disk = size.free.map_or(u64::MAX, |free| free.saturating_sub(DISK_RESERVE));
    budget.min(disk)
}

fn room(size: &Size, limits: &Limits) -> Room {
    let above = |line| limits.budget.is_some_and(|budget| size.used > percent(budget, line));
    let less_free = |bytes| size.free.is_some_and(|free| free < bytes);
    if left(size, limits) == 0 {
        Room::Full
    } else if above(HIGH) || less_free(2 * DISK_RESERVE) {
        Room::Tight
    } else if above(LOW) || less_free(3 * DISK_RESERVE) {
        Room::Fair
    } else {
        Room::Ample
    }
}

fn is_wasteful(size: &Size) -> bool {
    size.taken.saturating_sub(size.used) > SPARE_BYTES.max(size.used / SPARE_PART)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn stands(used: u64, free: Option<u64>, budget: Option<u64>) -> Room {
        room(&Size { used, taken: used, free }, &Limits { budget, ..Limits::default() })
    }

    #[test]
    fn each_line_of_the_budget_is_where_it_is_said_to_be() {
        let of_budget = |used| stands(used * MIB, None, Some(1000 * MIB));
        assert_eq!(of_budget(800), Room::Ample);
        assert_eq!(of_budget(801), Room::Fair);
        assert_eq!(of_budget(901), Room::Tight);
        assert_eq!(of_budget(949), Room::Tight);
        assert_eq!(of_budget(950), Room::Full);
    }

    #[test]
    fn a_disk_that_runs_out_counts_without_a_budget_too() {
        let of_disk = |free| stands(MIB, Some(free), None);
        assert_eq!(of_disk(3 * DISK_RESERVE), Room::Ample);
        assert_eq!(of_disk(2 * DISK_RESERVE), Room::Fair);
        assert_eq!(of_disk(DISK_RESERVE + 1), Room::Tight);
        assert_eq!(of_disk(DISK_RESERVE), Room::Full);
        assert_eq!(stands(u64::MAX, None, None), Room::Ample, "nothing is known of a limit");
    }
}
