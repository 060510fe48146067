//! The pace of one connection, shared by its attempts, and told: in the log once a change, in the metrics and in the
//! checks of readiness.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::{
    Target,
    breaker::{Breaker, Failed, Room, State},
};
use crate::telemetry::{Metrics, Pace};

/// What the attempts of a connection have found out about its vendors.
pub(super) struct Flow {
    connection: String,
    metrics: Arc<Metrics>,
    known: Mutex<Known>,
}

struct Known {
    breaker: Breaker,
    told: Told,
    /// The code of the last failure.
    code: String,
}

/// What others were told last.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Told {
    state: State,
    width: usize,
    until: Option<Timestamp>,
}

impl Told {
    fn of(breaker: &Breaker, now: Timestamp) -> Self {
        let until = breaker.held_until().filter(|until| *until > now);
        Self { state: breaker.state(now), width: breaker.width(), until }
    }
}

impl Flow {
    /// Nothing is found out yet.
    pub(super) fn new(target: &Target) -> Self {
        let breaker = Breaker::new(target.breaker, target.concurrency);
        let told = Told::of(&breaker, Timestamp::now());
        let known = Known { breaker, told, code: String::new() };
        let (connection, metrics) = (target.connection.clone(), target.metrics.clone());
        let flow = Self { connection, metrics, known: Mutex::new(known) };
        flow.show(&flow.known());
        flow
    }

    /// What may begin beside the attempts under way.
    pub(super) fn room(&self, under_way: usize) -> Room {
        let now = Timestamp::now();
        let mut known = self.known();
        let room = known.breaker.room(under_way, now);
        self.tell(&mut known, now);
        room
    }

    /// A vendor has answered an attempt as it should.
    pub(super) fn worked(&self) {
        let now = Timestamp::now();
        let mut known = self.known();
        known.breaker.worked();
        self.tell(&mut known, now);
    }

    /// An attempt has failed. Returns when the connection is tried again, if it is held now.
    pub(super) fn failed(&self, failed: Failed, code: &str) -> Option<Timestamp> {
        let now = Timestamp::now();
        let mut known = self.known();
        known.breaker.failed(failed, now, rand::random());
        code.clone_into(&mut known.code);
        self.tell(&mut known, now);
        known.told.until
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells what has changed.
    fn tell(&self, known: &mut Known, now: Timestamp) {
        let told = Told::of(&known.breaker, now);
        let before = std::mem::replace(&mut known.told, told);
        if before != told {
            self.show(known);
        }
        if before.state != told.state {
            self.log(known);
        }
    }

    fn log(&self, known: &Known) {
        let (connection, code) = (&self.connection, &known.code);
        let until = known.told.until.map(tracing::field::display);
        match known.told.state {
            State::Open => {
                tracing::warn!(connection, reason.code = code, until, "the connection fails: its events wait")
            }
            State::Resting => {
                tracing::warn!(
                    connection,
                    reason.code = code,
                    until,
                    "the vendor asks for a rest: events wait"
                )
            }
            State::HalfOpen => tracing::info!(connection, "one event finds out whether the connection works"),
            State::Closed => tracing::info!(connection, "the connection works: its events go on"),
        }
    }

    fn show(&self, known: &Known) {
        let (Told { state, width, until }, code) = (known.told, &known.code);
        let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
        let (state, detail) = match state {
            State::Closed => ("closed", "works".to_owned()),
            State::Open => ("open", format!("fails ({code}): its events wait{until}")),
            State::Resting => ("resting", format!("was asked for a rest ({code}): its events wait{until}")),
            State::HalfOpen => {
                ("half_open", format!("has failed ({code}): one event finds out whether it still does"))
            }
        };
        self.metrics.pace(&self.connection, Pace { state, width, detail });
    }
}
