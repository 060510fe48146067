//! When to try again. Pure: attempt, age and jitter in, time out. Whether to try again is [`table`]'s word.

pub mod table;

use std::time::Duration;

use jiff::Timestamp;

/// How long an event is tried.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Attempts at most, where the failure may be the event's own.
    pub max_attempts: u32,
    /// Age at most.
    pub max_age: Duration,
    /// Wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// Longest wait that the doubling reaches.
    pub longest_wait: Duration,
}

/// What made an attempt fail, as far as it matters to the next one.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    /// The attempts so far, this one among them, that may have failed by the event's own fault: their number is bounded.
    /// None if this one didn't: an outage or a wrong password befalls every event alike, and only age ends those, or
    /// an operator.
    pub counted: Option<u32>,
    /// The wait that the target asked for; zero if it asked for none.
    pub retry_after: Duration,
    /// When the connection is tried again, if it is held. An event waits no longer than that: its own wait may have
    /// come to an hour, and the outage may be over.
    pub held_until: Option<Timestamp>,
}

/// When to try again after attempt number `tried` (from 1) of an event that is `fresh_at` old; `None` if it was
/// tried often or long enough. The wait is between half and all of the doubled one, by `jitter` (0 to 1), so
/// that what failed together doesn't come back together; what the target asked for is honoured in full. No event
/// waits longer than its connection: that lets in one, and then as many as it had.
pub fn next(
    policy: &Policy,
    tried: u32,
    fresh_at: Timestamp,
    now: Timestamp,
    cause: Cause,
    jitter: f64,
) -> Option<Timestamp> {
    if cause.counted.is_some_and(|counted| counted >= policy.max_attempts) {
        return None;
    }
    let doubled = policy.first_wait.saturating_mul(1u32.checked_shl(tried - 1).unwrap_or(u32::MAX));
    let wait = doubled.min(policy.longest_wait).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0);
    let own = now.checked_add(wait).ok()?;
    let at =
        cause.held_until.map_or(own, |until| own.min(until)).max(now.checked_add(cause.retry_after).ok()?);
    let last = fresh_at.checked_add(policy.max_age).unwrap_or(Timestamp::MAX);
    (at <= last).then_some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: Policy = Policy {
        max_attempts: 12,
        max_age: Duration::from_secs(72 * 3600),
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_secs(3600),
    };

    const OUTAGE: Cause = Cause { counted: None, retry_after: Duration::ZERO, held_until: None };

    fn wait(tried: u32, retry_after: Option<u64>, jitter: f64) -> Option<i64> {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let retry_after = Duration::from_secs(retry_after.unwrap_or_default());
        let cause = Cause { counted: Some(tried), retry_after, ..OUTAGE };
        let at = next(&POLICY, tried, now, now, cause, jitter)?;
        Some(at.as_millisecond() - now.as_millisecond())
    }

    #[test]
    fn the_wait_doubles_until_its_bound() {
        assert_eq!(wait(1, None, 1.0), Some(1000));
        assert_eq!(wait(2, None, 1.0), Some(2000));
        assert_eq!(wait(11, None, 1.0), Some(1_024_000));
        assert_eq!(wait(1, None, 0.0), Some(500));
    }

    #[test]
    fn what_the_target_asks_for_is_honoured_in_full() {
        assert_eq!(wait(1, Some(30), 0.0), Some(30_000));
        assert_eq!(wait(5, Some(1), 1.0), Some(16_000));
    }

    #[test]
    fn the_last_attempt_and_the_last_hour_end_it() {
        assert_eq!(wait(12, None, 0.5), None);
        let fresh = Timestamp::from_second(1_700_000_000).unwrap();
        let late = fresh.checked_add(POLICY.max_age).unwrap();
        assert_eq!(next(&POLICY, 1, fresh, late, OUTAGE, 0.5), None);
    }

    #[test]
    fn an_outage_is_ended_by_age_alone() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        assert!(next(&POLICY, 500, now, now, OUTAGE, 0.5).is_some());
    }

    #[test]
    fn what_failed_while_its_connection_is_held_comes_back_with_it_however_often_it_was_tried() {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let until = now.checked_add(Duration::from_secs(30)).unwrap();
        let held = Cause { held_until: Some(until), ..OUTAGE };
        assert_eq!(next(&POLICY, 500, now, now, held, 0.5), Some(until));
        assert_eq!(next(&POLICY, 1, now, now, held, 1.0), now.checked_add(POLICY.first_wait).ok());
        let asked = Cause { retry_after: Duration::from_secs(60), ..held };
        assert_eq!(next(&POLICY, 1, now, now, asked, 0.5), now.checked_add(Duration::from_secs(60)).ok());
    }

    proptest! {
        #[test]
        fn every_wait_is_bounded(tried in 1u32..1000, jitter in 0.0f64..1.0) {
            let policy = Policy { max_attempts: u32::MAX, ..POLICY };
            let now = Timestamp::from_second(1_700_000_000).unwrap();
            let at = next(&policy, tried, now, now, OUTAGE, jitter).unwrap();
            let wait = at.as_millisecond() - now.as_millisecond();
            prop_assert!((500..=3_600_000).contains(&wait));
        }
    }
}
