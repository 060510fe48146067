//! How many events wait, for whoever asks often. Counting takes as long as they are many, so a count is kept for a while
//! that grows with what it cost, and says of when it is.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, timeout};

use super::{Backlog, Store, StoreError};

/// A count is kept for so many times its cost: counting takes a fiftieth of a processor at most.
const KEPT_TIMES: i32 = 50;
/// Longest that a count is kept: a clock that was set while it was made says nothing of its cost.
const KEPT_AT_MOST: SignedDuration = SignedDuration::from_mins(10);
/// A count that costs less is made anew for everybody who asks.
const CHEAP: SignedDuration = SignedDuration::from_millis(20);
/// How long one who asks waits for a new count while there is an old one.
const PATIENCE: Duration = Duration::from_millis(200);

/// How many events held their lane at a moment.
#[derive(Debug)]
pub struct Census {
    /// By connection and status.
    pub backlog: Vec<Backlog>,
    /// When they were counted.
    pub at: Timestamp,
    /// Until when they need not be counted again.
    until: Timestamp,
}

/// The last count, and who makes the next one.
#[derive(Default)]
pub(super) struct Counting {
    last: Mutex<Option<Arc<Census>>>,
    turn: tokio::sync::Mutex<()>,
}

impl Counting {
    fn last(&self) -> Option<Arc<Census>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last count, if it need not be made again.
    fn fresh(&self, now: Timestamp) -> Option<Arc<Census>> {
        self.last().filter(|census| census.at <= now && now < census.until)
    }

    fn keep(&self, census: Census) -> Arc<Census> {
        let census = Arc::new(census);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(census.clone());
        census
    }
}

impl Store {
    /// How many events of each connection hold their lane, by status, at a moment that is not long ago. The first count
    /// is waited for; later ones are, too, unless they take long: then the last one is answered meanwhile. `clock`
    /// tells the time.
    pub async fn census(&self, clock: fn() -> Timestamp) -> Result<Arc<Census>, StoreError> {
        if let Some(fresh) = self.counting.fresh(clock()) {
            return Ok(fresh);
        }
        let Some(last) = self.counting.last() else { return self.clone().count(clock).await };
        // A task of its own: the count goes on when nobody waits for it any more.
        match timeout(PATIENCE, tokio::spawn(self.clone().count(clock))).await {
            Ok(counted) => counted.map_err(|_| StoreError::Closed)?,
            Err(_) => Ok(last),
        }
    }

    async fn count(self, clock: fn() -> Timestamp) -> Result<Arc<Census>, StoreError> {
        let _turn = self.counting.turn.lock().await;
        let began = clock();
        // Whoever had the turn before has counted for all who waited for it.
        if let Some(fresh) = self.counting.fresh(began) {
            return Ok(fresh);
        }
        let backlog = self.engine.backlog().await?;
        let at = clock();
        let until = at.checked_add(kept(began.duration_until(at))).unwrap_or(at);
        Ok(self.counting.keep(Census { backlog, at, until }))
    }
}

/// For how long a count of this cost is kept.
fn kept(cost: SignedDuration) -> SignedDuration {
    if cost < CHEAP { SignedDuration::ZERO } else { cost.saturating_mul(KEPT_TIMES).min(KEPT_AT_MOST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_kept_in_proportion_to_its_cost_and_not_at_all_if_it_is_cheap() {
        assert_eq!(kept(SignedDuration::from_millis(19)), SignedDuration::ZERO);
        assert_eq!(kept(SignedDuration::from_millis(100)), SignedDuration::from_secs(5));
        assert_eq!(kept(SignedDuration::from_hours(1)), KEPT_AT_MOST);
        assert_eq!(kept(SignedDuration::from_secs(-5)), SignedDuration::ZERO, "the clock was set back");
    }
}
