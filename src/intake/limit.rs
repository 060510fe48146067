//! How often somebody may call. Each limiter is one process's own.

use std::{fmt, num::NonZeroU32, time::Duration};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

/// How often somebody may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests a second in the long run.
    pub requests_per_second: NonZeroU32,
    /// Requests at once after a rest.
    pub burst: NonZeroU32,
}

/// Counts requests against a limit (GCRA). What is refused counts for nothing, so that who waits as long as it is told
/// gets through.
pub struct Limiter {
    limit: Limit,
    clock: DefaultClock,
    bucket: DefaultDirectRateLimiter,
}

impl Limiter {
    /// A limiter that nobody has used yet.
    pub fn new(limit: Limit) -> Self {
        let clock = DefaultClock::default();
        let quota = Quota::per_second(limit.requests_per_second).allow_burst(limit.burst);
        Self { limit, bucket: RateLimiter::direct_with_clock(quota, clock.clone()), clock }
    }

    /// What it allows.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// Takes one request. Error: seconds to wait, one at least.
    pub fn take(&self) -> Result<(), u64> {
        self.bucket.check().map_err(|early| whole_seconds(early.wait_time_from(self.clock.now())))
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.limit.fmt(f)
    }
}

/// `Retry-After` has no fractions, and who comes back too early is refused again.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(requests_per_second: u32, burst: u32) -> Limiter {
        let number = |n| NonZeroU32::new(n).unwrap();
        Limiter::new(Limit { requests_per_second: number(requests_per_second), burst: number(burst) })
    }

    #[test]
    fn a_burst_is_let_through_and_then_no_more() {
        let limiter = limiter(1, 3);
        let taken: Vec<_> = (0..4).map(|_| limiter.take()).collect();
        assert_eq!(taken, [Ok(()), Ok(()), Ok(()), Err(1)]);
    }

    #[test]
    fn seconds_are_rounded_up_and_never_none() {
        for (wait, seconds) in [(0, 1), (1, 1), (999, 1), (1000, 1), (1001, 2), (60_000, 60)] {
            assert_eq!(whole_seconds(Duration::from_millis(wait)), seconds, "{wait} ms");
        }
    }

    #[test]
    fn the_highest_limit_of_a_file_works() {
        let limiter = limiter(1_000_000, 1_000_000);
        assert!((0..1000).all(|_| limiter.take().is_ok()));
    }
}
