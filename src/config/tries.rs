//! How long an event is tried, when nothing is tried, and what becomes of an event that can't go on.

use std::num::NonZeroU32;

use serde::Deserialize;

/// How long an event is tried.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Attempts at most.
    pub max_attempts: NonZeroU32,
    /// Hours at most, from its acceptance.
    pub max_age_h: NonZeroU32,
    /// Wait before the second attempt, in milliseconds; it doubles with each further one.
    pub first_wait_ms: NonZeroU32,
    /// Longest wait that the doubling reaches, in milliseconds.
    pub longest_wait_ms: NonZeroU32,
}

impl Default for Retry {
    fn default() -> Self {
        const ATTEMPTS: NonZeroU32 = NonZeroU32::new(12).unwrap();
        const HOURS: NonZeroU32 = NonZeroU32::new(72).unwrap();
        const FIRST: NonZeroU32 = NonZeroU32::new(1000).unwrap();
        const LONGEST: NonZeroU32 = NonZeroU32::new(3_600_000).unwrap();
        Self { max_attempts: ATTEMPTS, max_age_h: HOURS, first_wait_ms: FIRST, longest_wait_ms: LONGEST }
    }
}

/// When a connection is held because everything fails, and for how long.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Breaker {
    /// Failures in a row that hold it; 0 never does.
    pub failures: u32,
    /// How long it is held before one event is tried, in milliseconds; this doubles each time that fails too.
    pub pause_ms: NonZeroU32,
    /// Longest that the doubling reaches, in milliseconds.
    pub longest_pause_ms: NonZeroU32,
}

impl Default for Breaker {
    /// Five: fewer than go at once, so that an outage costs each event one attempt at most. Five minutes: so late the end
    /// of an outage is noticed.
    fn default() -> Self {
        const PAUSE: NonZeroU32 = NonZeroU32::new(30_000).unwrap();
        const LONGEST: NonZeroU32 = NonZeroU32::new(300_000).unwrap();
        Self { failures: 5, pause_ms: PAUSE, longest_pause_ms: LONGEST }
    }
}

/// What a dead event does to its lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDead {
    /// The lane waits for an operator.
    #[default]
    Park,
    /// The lane goes on.
    Skip,
}

/// What happens when a call was not answered, and looking at the target doesn't tell whether it made something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUncertain {
    /// It is repeated under the same `Requestid`.
    #[default]
    Repeat,
    /// The event waits for an operator.
    Park,
}
