//! An event on its way through the journal: accepted, claimed by a worker, settled.

use jiff::Timestamp;

use super::{Answered, Effect, Link};
use crate::event::{Event, Ignored, Outcome};

/// What became of an event that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk now.
    New {
        /// Its place in the order of acceptance.
        sequence: i64,
    },
    /// The same bytes were accepted before.
    Duplicate {
        /// Their place in the order of acceptance.
        sequence: i64,
    },
    /// Other bytes were accepted under the same id.
    Conflict,
}

/// An event in the hands of a worker.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The event.
    pub event: Event,
    /// Its place in the order of acceptance.
    pub sequence: i64,
    /// When it was accepted or last replayed: its age for the retry policy counts from here.
    pub fresh_at: Timestamp,
    /// Number of this attempt among all of the event's, from 1. It is the token by which the worker settles.
    pub attempt: u32,
    /// Number of this attempt since `fresh_at`, from 1.
    pub tried: u32,
    /// How many of the attempts just before this one, since `fresh_at`, were never settled: they were broken off.
    pub interrupted: u32,
    /// The event's attempts before this one, oldest first.
    pub former: Vec<Former>,
    /// What the attempts before this one meant to make at the target, oldest first.
    pub effects: Vec<Effect>,
    /// How often an operator has asked for new request ids.
    pub key: u32,
    /// The mapping that an operator wants it delivered by, as its digest; the one in force otherwise.
    pub pinned: Option<String>,
    /// The target entity of the event's own entity, if there is one.
    pub link: Option<Link>,
}

impl Claimed {
    /// The lease that comes with it.
    pub fn hold(&self) -> Hold {
        Hold { connection: self.event.connection.clone(), sequence: self.sequence, attempt: self.attempt }
    }
}

/// Names a lease: an event is the worker's as long as the attempt is its newest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hold {
    /// Name of the connection.
    pub connection: String,
    /// The event's place in the order of acceptance.
    pub sequence: i64,
    /// The attempt's number.
    pub attempt: u32,
}

/// An attempt before the one at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// When it was claimed.
    pub started_at: Timestamp,
    /// True if it was settled; its process died otherwise.
    pub settled: bool,
    /// The code of what it ended with, unless it was delivered.
    pub code: Option<String>,
}

/// How an attempt ended, and all that is to be remembered of it.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// Name of the connection.
    pub connection: String,
    /// The event's place in the order of acceptance.
    pub sequence: i64,
    /// The attempt's number.
    pub attempt: u32,
    /// When it ended.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// False lets the lane go on although the event is dead.
    pub hold_lane: bool,
    /// The links to write with it.
    pub links: Vec<Link>,
    /// What did not reach the target.
    pub ignored: Vec<Ignored>,
    /// The HTTP calls made, as JSON text.
    pub calls: String,
    /// What came of its own intents, and of those of earlier attempts.
    pub answered: Vec<Answered>,
    /// Digest of the mapping that was used, if one was.
    pub mapping: Option<String>,
}

impl Settlement {
    /// True if the event still keeps its lane waiting.
    pub(super) fn holds_lane(&self) -> bool {
        match self.outcome {
            Outcome::Delivered(_) | Outcome::Skipped(_) => false,
            Outcome::Retry(..) | Outcome::Parked(_) => true,
            Outcome::Dead(_) => self.hold_lane,
        }
    }
}

/// Says that an event came to rest or to its next wait.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Name of the connection.
    pub connection: String,
    /// The event's place in the order of acceptance.
    pub sequence: i64,
}
