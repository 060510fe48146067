//! Which reading is next, and when. Pure: it is told the time and what came of each reading.
//!
//! A view that changes is read twice as often each time it has, down to an eighth of the longest time between two
//! readings; one that doesn't goes back there by and by. What is longest overdue comes first, so that many views share
//! what the vendor lets through, whatever their pace. The list of views is the probe: while it can't be read nothing
//! else is tried, and the first that is asked of a vendor that comes back is the list, once.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

/// A view that changes all the time is read so many times as often as one that never does.
const AT_MOST_TIMES: u32 = 8;
/// Shortest time between two readings of a view that nobody asked for.
const LEAST_PACE: Duration = Duration::from_secs(1);
/// Time that a reading of a view or of the list has to be ago before deliveries hasten another.
const LEAST_HASTE: Duration = Duration::from_secs(2);
/// The most that the list is held back, whatever its pace: a ticket that comes to a view shows within seconds.
const MOST_HASTE: Duration = Duration::from_secs(5);
/// Longest first wait after a reading that failed; it doubles each time that the next fails too.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The most that it doubles to while nothing can be read: so late the vendor's return is noticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The same of a view that fails alone.
const LONGEST_OWN_PAUSE: Duration = Duration::from_secs(600);

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Read the list of views.
    List,
    /// Read the tickets of this view.
    View(String),
    /// Nothing before then.
    Wait(Instant),
}

/// A part of a wait, from 0 to 1, that is left to chance: those who failed together don't come back together.
pub(super) type Chance = f64;

/// When what of a connection is read.
pub(super) struct Schedule {
    /// Longest time between two readings.
    every: Duration,
    list_due: Instant,
    /// Deliveries want the list from then on, if nothing is more urgent.
    list_hastened: Option<Instant>,
    listed_at: Option<Instant>,
    /// A view failed as others may: the list is read first of all.
    probing: bool,
    /// How often in a row the list could not be read.
    failures: u32,
    views: BTreeMap<String, Plan>,
}

#[derive(Debug)]
struct Plan {
    due: Instant,
    pace: Duration,
    /// An operator waits for it.
    wanted: bool,
    read_at: Option<Instant>,
    failures: u32,
}

impl Schedule {
    /// Everything is due.
    pub(super) fn new(every: Duration, now: Instant) -> Self {
        Self {
            every,
            list_due: now,
            list_hastened: None,
            listed_at: None,
            probing: false,
            failures: 0,
            views: BTreeMap::new(),
        }
    }

    pub(super) fn next(&self, now: Instant) -> Step {
        if self.list_due <= now {
            return Step::List;
        } else if self.is_held_up() {
            return Step::Wait(self.list_due);
        }
        let first = self.views.iter().min_by_key(|(_, plan)| (!plan.wanted, plan.due));
        let list = self.list_hastened.unwrap_or(self.list_due).min(self.list_due);
        match first {
            // Only what is overdue longer goes before the list, so that neither keeps the other from being read.
            Some((view, plan)) if plan.due <= now && (plan.wanted || plan.due <= list) => {
                Step::View(view.clone())
            }
            _ if list <= now => Step::List,
            Some((_, plan)) => Step::Wait(plan.due.min(list)),
            None => Step::Wait(list),
        }
    }

    /// Nothing is read before the list.
    fn is_held_up(&self) -> bool {
        self.probing || self.failures > 0
    }

    /// The list was read and has these enabled views. Those that came, and those whose count `differs` from what is known,
    /// are due; after a time when nothing could be read all are.
    pub(super) fn listed<'a>(&mut self, enabled: impl Iterator<Item = (&'a str, bool)>, now: Instant) {
        let back = self.failures > 0;
        let mut before = std::mem::take(&mut self.views);
        for (view, differs) in enabled {
            let mut plan = before.remove(view).unwrap_or_else(|| Plan::new(self.every, now));
            if differs || back {
                plan.due = plan.due.min(now);
            }
            if back {
                plan.failures = 0;
            }
            self.views.insert(view.to_owned(), plan);
        }
        (self.failures, self.probing, self.list_hastened) = (0, false, None);
        (self.listed_at, self.list_due) = (Some(now), now + self.every);
    }

    /// Nothing can be read. Returns when it is tried again.
    pub(super) fn down(&mut self, asked: Duration, chance: Chance, now: Instant) -> Instant {
        let first = self.every.min(FIRST_PAUSE);
        let pause = pause(first, LONGEST_PAUSE.max(self.every), self.failures, chance);
        self.failures = self.failures.saturating_add(1);
        (self.list_due, self.list_hastened) = (now + pause.max(asked), None);
        self.list_due
    }

    /// A view was read.
    pub(super) fn read(&mut self, view: &str, changed: bool, now: Instant) {
        let (every, least) = (self.every, (self.every / AT_MOST_TIMES).max(LEAST_PACE).min(self.every));
        let Some(plan) = self.views.get_mut(view) else { return };
        plan.pace = if changed { plan.pace / 2 } else { plan.pace + plan.pace / 2 }.clamp(least, every);
        (plan.wanted, plan.failures, plan.read_at) = (false, 0, Some(now));
        plan.due = now + plan.pace;
    }

    /// A view could not be read. If others may fail likewise the list is next, to see whether it is this view alone, but
    /// not before the vendor wants to be asked again.
    pub(super) fn failed(&mut self, view: &str, common: bool, asked: Duration, chance: Chance, now: Instant) {
        let first = self.every.min(FIRST_PAUSE);
        let longest = LONGEST_OWN_PAUSE.max(self.every);
        if common {
            (self.list_due, self.list_hastened, self.probing) = (now + asked, None, true);
        }
        let Some(plan) = self.views.get_mut(view) else { return };
        plan.wanted = false;
        plan.due = now + pause(first, longest, plan.failures, chance).max(asked);
        plan.failures = plan.failures.saturating_add(1);
    }

    /// An operator wants a view now, and to know if nothing can be read.
    pub(super) fn want(&mut self, view: &str, now: Instant) {
        if self.failures > 0 {
            self.list_due = now;
        }
        if let Some(plan) = self.views.get_mut(view) {
            (plan.wanted, plan.due) = (true, plan.due.min(now));
        }
    }

    /// A ticket of a view was changed. One that failed waits all the same.
    pub(super) fn hasten(&mut self, view: &str, now: Instant) {
        if let Some(plan) = self.views.get_mut(view).filter(|plan| plan.failures == 0) {
            let soonest = plan.read_at.map_or(now, |at| now.max(at + LEAST_HASTE));
            plan.due = plan.due.min(soonest);
        }
    }

    /// Tickets were changed: the list shows which views have gained or lost one. Not while nothing can be read.
    pub(super) fn hasten_list(&mut self, now: Instant) {
        if !self.is_held_up() {
            let least = (self.every / AT_MOST_TIMES).clamp(LEAST_HASTE, MOST_HASTE);
            let soonest = self.listed_at.map_or(now, |at| now.max(at + least));
            self.list_hastened.get_or_insert(soonest);
        }
    }
}

impl Plan {
    fn new(pace: Duration, now: Instant) -> Self {
        Self { due: now, pace, wanted: false, read_at: None, failures: 0 }
    }
}

/// From half of the doubled time to all of it.
fn pause(first: Duration, longest: Duration, failures: u32, chance: Chance) -> Duration {
    let whole = first.saturating_mul(1_u32.checked_shl(failures.min(31)).unwrap_or(u32::MAX)).min(longest);
    whole.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests;
