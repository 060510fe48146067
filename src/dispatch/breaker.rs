//! How much a connection may do: nothing while its vendor fails or asks for a rest, one event to find out whether that is
//! over, and as many at once as the vendor bears. Pure: what happened, when, and chance in; a state out. It forgets
//! nothing but by what it is told, and knows neither events nor vendors.

use std::time::Duration;

use jiff::Timestamp;

/// When a connection is held, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Failures in a row, with no success between, that hold it; 0 never does.
    pub failures: u32,
    /// How long it is held; this doubles each time that it is tried in vain.
    pub pause: Duration,
    /// Longest that the doubling reaches: how late the end of an outage is noticed.
    pub longest_pause: Duration,
}

/// How a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum State {
    /// It works.
    Closed,
    /// The vendor has asked for a rest.
    Resting,
    /// It fails: nothing is tried.
    Open,
    /// It has failed, and one event is to find out whether it still does.
    HalfOpen,
}

/// What an attempt may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// So many more; none if only the end of an attempt makes room.
    For(usize),
    /// Nothing before this time.
    From(Timestamp),
}

/// An attempt that failed by what may befall every event of the connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    /// When it began.
    pub(super) began: Timestamp,
    /// The event, if it may be its own fault: one event alone doesn't hold the others.
    pub(super) suspect: Option<i64>,
    /// True if the vendor asks to be pressed less.
    pub(super) slower: bool,
    /// The rest that it asks for; zero if it asks for none.
    pub(super) rest: Duration,
}

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Breaker {
    policy: Policy,
    /// Attempts at once at most.
    most: usize,
    /// Attempts at once for now.
    width: usize,
    /// When that was last halved: attempts that began before say nothing of the new width.
    narrowed_at: Timestamp,
    /// Successes since it last changed.
    run: usize,
    /// Failures since the last success.
    in_a_row: u32,
    /// The last suspect among them.
    suspect: Option<i64>,
    /// How often it was held since the last success.
    held: u32,
    /// Nothing before this, and then one at a time.
    open_until: Option<Timestamp>,
    /// Nothing before this.
    rest_until: Timestamp,
}

impl Breaker {
    /// A connection that is taken to work, with at most so many attempts at once.
    pub(super) fn new(policy: Policy, most: usize) -> Self {
        Self {
            policy,
            most,
            width: most,
            narrowed_at: Timestamp::MIN,
            run: 0,
            in_a_row: 0,
            suspect: None,
            held: 0,
            open_until: None,
            rest_until: Timestamp::MIN,
        }
    }

    /// What may begin beside the attempts under way.
    pub(super) fn room(&self, under_way: usize, now: Timestamp) -> Room {
        if let Some(until) = self.held_until().filter(|until| *until > now) {
            return Room::From(until);
        }
        let width = if self.open_until.is_some() { 1 } else { self.width };
        Room::For(width.saturating_sub(under_way))
    }

    /// How it stands.
    pub(super) fn state(&self, now: Timestamp) -> State {
        match self.open_until {
            Some(until) if until > now => State::Open,
            _ if self.rest_until > now => State::Resting,
            Some(_) => State::HalfOpen,
            None => State::Closed,
        }
    }

    /// Attempts at once for now.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Nothing begins before this; past, if nothing is in the way.
    pub(super) fn held_until(&self) -> Option<Timestamp> {
        let rest = Some(self.rest_until).filter(|until| *until > Timestamp::MIN);
        self.open_until.max(rest)
    }

    /// The vendor has answered an attempt as it should. That ends a pause, but no rest that was asked for.
    pub(super) fn worked(&mut self) {
        (self.in_a_row, self.suspect, self.held, self.open_until) = (0, None, 0, None);
        self.run += 1;
        if self.run >= self.width && self.width < self.most {
            (self.width, self.run) = (self.width + 1, 0);
        }
    }

    /// An attempt has failed. `chance` (0 to 1) spreads the pauses of many processes.
    pub(super) fn failed(&mut self, failed: Failed, now: Timestamp, chance: f64) {
        if failed.slower {
            self.narrow(failed.began, now);
        }
        if !failed.rest.is_zero() {
            let until = now.checked_add(failed.rest).unwrap_or(Timestamp::MAX);
            self.rest_until = self.rest_until.max(until);
        }
        match self.open_until {
            // It was under way already: nothing new is known.
            Some(until) if failed.began < until => {}
            Some(_) => self.open(now, chance),
            None => self.count(failed.suspect, now, chance),
        }
    }

    /// The same suspect again is no news.
    fn count(&mut self, suspect: Option<i64>, now: Timestamp, chance: f64) {
        if suspect.is_some() && suspect == self.suspect {
            return;
        }
        self.suspect = suspect.or(self.suspect);
        self.in_a_row = self.in_a_row.saturating_add(1);
        if self.policy.failures > 0 && self.in_a_row >= self.policy.failures {
            self.open(now, chance);
        }
    }

    fn open(&mut self, now: Timestamp, chance: f64) {
        let doubled = self.policy.pause.saturating_mul(1u32.checked_shl(self.held).unwrap_or(u32::MAX));
        let pause = doubled.min(self.policy.longest_pause).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0);
        self.open_until = Some(now.checked_add(pause).unwrap_or(Timestamp::MAX));
        self.held = self.held.saturating_add(1);
    }

    /// Once for all that were under way together.
    fn narrow(&mut self, began: Timestamp, now: Timestamp) {
        if began >= self.narrowed_at {
            (self.width, self.narrowed_at) = ((self.width / 2).max(1), now);
        }
        self.run = 0;
    }
}

#[cfg(test)]
mod tests;
