//! What became of events, for whoever asks: which of them, and how much of each.

use jiff::Timestamp;

use super::Effect;
use crate::event::{Event, EventId, EventType, Ignored, Lane, Reason, Status, TargetRef};

/// Which events to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this status.
    pub status: Option<Status>,
    /// Only this type.
    pub event_type: Option<EventType>,
    /// Only this lane.
    pub lane: Option<Lane>,
    /// Only with this reason, by its code.
    pub code: Option<String>,
    /// Only those accepted at or after.
    pub since: Option<Timestamp>,
    /// Only those accepted before.
    pub until: Option<Timestamp>,
    /// Only those accepted before this sequence.
    pub before: Option<i64>,
    /// Of a journal that nobody works on, what time it is: what waits is held there, too, and what a worker had in hand until
    /// then. Counts where parked and dead events are meant.
    pub unattended_at: Option<Timestamp>,
    /// At most so many.
    pub limit: usize,
}

/// Everything known of one event.
#[derive(Debug, Clone)]
pub struct Record {
    /// The short form.
    pub summary: Summary,
    /// The event itself.
    pub event: Event,
    /// What did not reach the target.
    pub ignored: Vec<Ignored>,
    /// When it is tried next, if it is.
    pub due_at: Option<Timestamp>,
    /// Every attempt, oldest first.
    pub attempts: Vec<Attempt>,
    /// What they meant to make at the target, oldest first.
    pub effects: Vec<Effect>,
}

/// One line of a list of events.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The event's identity.
    pub id: EventId,
    /// Place in the order of acceptance.
    pub sequence: i64,
    /// What happened.
    pub event_type: EventType,
    /// What it is about.
    pub lane: Lane,
    /// Where it stands.
    pub status: Status,
    /// Why.
    pub reason: Option<Reason>,
    /// Attempts started since it was accepted or replayed.
    pub attempts: u32,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// When its status last changed.
    pub updated_at: Timestamp,
    /// What it took effect on.
    pub target: Option<TargetRef>,
}

/// One attempt to deliver an event.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it was claimed.
    pub started_at: Timestamp,
    /// When it was settled; `None` while it runs, or for ever if its process died.
    pub finished_at: Option<Timestamp>,
    /// The status it led to; `None` as above.
    pub outcome: Option<String>,
    /// Why.
    pub reason: Option<Reason>,
    /// When the next attempt was set for.
    pub retry_at: Option<Timestamp>,
    /// The HTTP calls made, as JSON text.
    pub calls: String,
    /// Digest of the mapping that was used, if one was.
    pub mapping: Option<String>,
}

/// A lane that waits for an operator.
#[derive(Debug, Clone)]
pub struct HeldLane {
    /// The parked or dead event at its head.
    pub by: Summary,
    /// How many events wait behind it.
    pub waiting: u64,
}

/// How many events wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// Name of the connection.
    pub connection: String,
    /// Their status.
    pub status: Status,
    /// How many.
    pub events: u64,
}
