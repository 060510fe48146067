//! How an event's attempts end, and where it stands then.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Invalid;

/// Where an accepted event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On disk, waiting for its turn.
    Accepted,
    /// A worker is at it.
    Delivering,
    /// An attempt failed; the next one has its time.
    Retrying,
    /// It can't go on without an operator, and its lane waits for it.
    Parked,
    /// In effect at the target. Final.
    Delivered,
    /// Rightly without effect, with a reason. Final.
    Skipped,
    /// Refused for good, or out of attempts. Final unless replayed.
    Dead,
    /// Given up by an operator. Final.
    Discarded,
}

impl Status {
    /// Every status, in the order of an event's life.
    pub const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Delivering,
        Self::Retrying,
        Self::Parked,
        Self::Delivered,
        Self::Skipped,
        Self::Dead,
        Self::Discarded,
    ];

    /// The name on the wire and on disk.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Delivering => "delivering",
            Self::Retrying => "retrying",
            Self::Parked => "parked",
            Self::Delivered => "delivered",
            Self::Skipped => "skipped",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
        }
    }

    /// True if no worker will touch the event again by itself.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Parked | Self::Delivered | Self::Skipped | Self::Dead | Self::Discarded)
    }
}

impl FromStr for Status {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|s| s.as_str() == text);
        known.ok_or(Invalid(
            "must be one of accepted, delivering, retrying, parked, delivered, skipped, dead, discarded",
        ))
    }
}

/// The entity at the target that an event took effect on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRef {
    /// Kind of entity, e.g. `ticket`.
    pub kind: String,
    /// The target's id.
    pub id: String,
}

/// Why an event stands as it does: a stable code and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable snake_case code, e.g. `unknown_value`.
    pub code: String,
    /// What happened and, where somebody can do something, what.
    pub message: String,
}

impl Reason {
    /// A reason of `code` and `message`.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// A part of the source's data that did not reach the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ignored {
    /// JSON Pointer into the event's `data`.
    pub pointer: String,
    /// `no_row`, `no_table_entry` or `no_parameter`.
    pub reason: String,
}

/// The result of one attempt to deliver an event. The status of the event follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The target has it.
    Delivered(TargetRef),
    /// Nothing was to be done.
    Skipped(Reason),
    /// It failed and is tried again at the given time.
    Retry(Reason, Timestamp),
    /// It waits for an operator, and its lane with it.
    Parked(Reason),
    /// It failed for good.
    Dead(Reason),
}

impl Outcome {
    /// The status that an event has after this outcome.
    pub fn status(&self) -> Status {
        match self {
            Self::Delivered(_) => Status::Delivered,
            Self::Skipped(_) => Status::Skipped,
            Self::Retry(..) => Status::Retrying,
            Self::Parked(_) => Status::Parked,
            Self::Dead(_) => Status::Dead,
        }
    }

    /// Why, where there is more to say than that it was delivered.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Delivered(_) => None,
            Self::Skipped(reason) | Self::Retry(reason, _) | Self::Parked(reason) | Self::Dead(reason) => {
                Some(reason)
            }
        }
    }
}
