//! A limit of requests a minute. Whom it holds and what a caller above it gets is the vendor's to say.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::switches::PerMinute;

const MINUTE: Duration = Duration::from_secs(60);

/// The requests admitted in the last minute.
#[derive(Debug, Default)]
pub(crate) struct Limiter(VecDeque<Instant>);

impl Limiter {
    /// Admits a request, or tells how long it is until one would be admitted. A request that is not admitted
    /// does not count.
    pub(crate) fn admit(&mut self, limit: PerMinute, now: Instant) -> Result<(), Duration> {
        let begun = |admitted: &Instant| now.saturating_duration_since(*admitted) < MINUTE;
        while self.0.front().is_some_and(|oldest| !begun(oldest)) {
            self.0.pop_front();
        }
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        // The limit may have been lowered since, so more than it may stand here.
        match self.0.len().checked_sub(limit).and_then(|above| self.0.get(above)) {
            Some(blocking) => Err(MINUTE.saturating_sub(now.saturating_duration_since(*blocking))),
            None => {
                self.0.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_request_of_a_minute_leaves_room_when_the_minute_is_over() {
        let mut limiter = Limiter::default();
        let (limit, begin) = (PerMinute::default(), Instant::now());
        for second in 0..60 {
            assert_eq!(limiter.admit(limit, begin + Duration::from_millis(500 * second)), Ok(()));
        }
        let later = begin + Duration::from_secs(31);
        assert_eq!(limiter.admit(limit, later), Err(Duration::from_secs(29)));
        assert_eq!(limiter.admit(limit, begin + MINUTE), Ok(()));
        assert!(limiter.admit(limit, begin + MINUTE).is_err());
    }
}
