//! Where the readings of a list stand: how far back the next one has to look, and when it is due. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far the source's clock may be behind ours. The first reading, which has nothing of the source's own to go by,
/// looks so much further back.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_hours(1);

/// As the store keeps it: JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// When the last reading that came to its end began; none has if this is not there.
    read_at: Option<Timestamp>,
    /// The newest change that it saw, by the source's clock.
    newest: Timestamp,
    /// The same of the reading before it. A list has no order that could be relied upon: an element that changes its
    /// page while the pages are read is passed over, and the next reading must find it.
    before: Timestamp,
}

impl Cursor {
    /// Before the first reading, which begins with changes of `since`, or with those of about `now`.
    pub(super) fn first(since: Option<Timestamp>, now: Timestamp) -> Self {
        let from = since.unwrap_or_else(|| now.checked_sub(CLOCK_SKEW).unwrap_or(now));
        Self { read_at: None, newest: from, before: from }
    }

    pub(super) fn read_at(&self) -> Option<Timestamp> {
        self.read_at
    }

    /// The oldest change that the next reading has to look at.
    pub(super) fn bound(&self, overlap: Duration) -> Timestamp {
        let overlap = SignedDuration::try_from(overlap).unwrap_or(SignedDuration::MAX);
        self.before.checked_sub(overlap).unwrap_or(Timestamp::MIN)
    }

    /// How long the next reading has to wait, if it is not due.
    pub(super) fn wait(&self, every: Duration, now: Timestamp) -> Option<Duration> {
        let passed = Duration::try_from(now.duration_since(self.read_at?)).unwrap_or_default();
        every.checked_sub(passed).filter(|wait| !wait.is_zero())
    }

    /// After a whole reading, which began at `now` and saw no change newer than `newest`. A change from the future would
    /// have all others passed over until then.
    pub(super) fn next(&self, newest: Option<Timestamp>, now: Timestamp) -> Self {
        let latest = now.checked_add(CLOCK_SKEW).unwrap_or(now);
        let newest = newest.map_or(self.newest, |newest| newest.min(latest).max(self.newest));
        Self { read_at: Some(now), newest, before: self.newest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn each_change_is_looked_at_by_two_readings_and_the_overlap() {
        let first = Cursor::first(Some(at(10_000)), at(50_000));
        let second = first.next(Some(at(20_000)), at(50_000));
        let third = second.next(Some(at(30_000)), at(50_300));
        assert_eq!(second.bound(Duration::from_secs(120)), at(9_880));
        assert_eq!(third.bound(Duration::from_secs(120)), at(19_880));
    }

    #[test]
    fn nothing_new_moves_nothing_and_the_future_is_not_believed() {
        let first = Cursor::first(None, at(50_000));
        assert_eq!(first.bound(Duration::ZERO), at(46_400));
        let second = first.next(None, at(50_000));
        assert_eq!(second.newest, at(46_400));
        assert_eq!(second.next(Some(at(9_999_999)), at(50_300)).newest, at(53_900));
        assert_eq!(second.next(Some(at(1)), at(50_300)).newest, at(46_400));
    }

    #[test]
    fn a_reading_is_due_when_its_time_has_passed_since_the_last_one_began() {
        let every = Duration::from_secs(300);
        let first = Cursor::first(None, at(0));
        assert_eq!(first.wait(every, at(0)), None);
        let second = first.next(None, at(1_000));
        assert_eq!(second.wait(every, at(1_100)), Some(Duration::from_secs(200)));
        assert_eq!(second.wait(every, at(1_300)), None);
        assert_eq!(
            second.wait(every, at(500)),
            Some(every),
            "a clock that was set back keeps nothing waiting longer"
        );
    }
}
