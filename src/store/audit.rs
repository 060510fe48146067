//! The audit log: what somebody had done, and which configuration was in force. What an entry's object and options mean,
//! the caller knows.
//!
//! Promises: an entry is on disk when `audit_begin` returns, so that nothing is done of which there is none; entries are
//! numbered in the order in which they were begun, and never change once they have ended; one that has not ended tells
//! of a process that died over it, or is at it.

use std::{collections::BTreeSet, fmt, str::FromStr};

use jiff::Timestamp;

use super::{
    Store, StoreError,
    tables::{AUDIT, Row, Value},
};
use crate::fault::{self, Point};

/// Entries forgotten in one transaction: others wait for it.
const PIECE: usize = 512;

/// The columns that an entry is begun with: its number, when, and its act.
pub(super) const BEGUN: &str = "number, at, actor, action, connection, object, options, trace_id";

/// What can be done of which an entry is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Action {
    ReplayEvent,
    DiscardEvent,
    ReplayDeadLetters,
    DiscardDeadLetters,
    RefreshTicketview,
    CreateStreamToken,
    EraseSubject,
    ApplyConfiguration,
    RefuseConfiguration,
}

impl Action {
    /// All of them, as they are called in entries.
    pub const ALL: [(&str, Self); 9] = [
        ("event.replay", Self::ReplayEvent),
        ("event.discard", Self::DiscardEvent),
        ("dead_letters.replay", Self::ReplayDeadLetters),
        ("dead_letters.discard", Self::DiscardDeadLetters),
        ("ticketview.refresh", Self::RefreshTicketview),
        ("stream.token", Self::CreateStreamToken),
        ("subject.erase", Self::EraseSubject),
        ("configuration.applied", Self::ApplyConfiguration),
        ("configuration.refused", Self::RefuseConfiguration),
    ];

    /// What it is called.
    pub fn as_str(self) -> &'static str {
        let known = Self::ALL.iter().find(|(_, action)| *action == self);
        known.map_or("", |(name, _)| name)
    }
}

/// A text that names no action.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownAction(String);

impl fmt::Display for UnknownAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Action::ALL.iter().map(|(name, _)| *name).collect();
        write!(f, "there is no action {:?}, only {}", self.0, names.join(", "))
    }
}

impl FromStr for Action {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        let known = Self::ALL.iter().find(|(name, _)| *name == text);
        known.map(|(_, action)| *action).ok_or_else(|| UnknownAction(text.to_owned()))
    }
}

/// What is about to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Name of the API key that asked for it; `None` where no key did.
    pub actor: Option<String>,
    /// What is done.
    pub action: Action,
    /// The connection's name, or that of a subscriber's journal; `None` where it is about none.
    pub connection: Option<String>,
    /// To what it is done, as JSON.
    pub object: Option<String>,
    /// How, as JSON.
    pub options: Option<String>,
    /// The trace that it belongs to.
    pub trace_id: Option<String>,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place among all entries, from 1.
    pub number: i64,
    /// When it was begun.
    pub at: Timestamp,
    /// As in [`Act`].
    pub actor: Option<String>,
    /// As in [`Action::ALL`], or what a newer version calls one that this one doesn't know.
    pub action: String,
    /// As in [`Act`].
    pub connection: Option<String>,
    /// As in [`Act`].
    pub object: Option<String>,
    /// As in [`Act`].
    pub options: Option<String>,
    /// As in [`Act`].
    pub trace_id: Option<String>,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
    /// What came of it: `done`, or the code of a problem.
    pub outcome: Option<String>,
    /// To how many things it was done, or how often it was tried.
    pub count: Option<u64>,
}

impl AuditEntry {
    /// As a row of the table has it.
    pub(super) fn of_row(row: &Row) -> Result<Self, StoreError> {
        let text = |column| match AUDIT.value(row, column) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let number = |column| match AUDIT.value(row, column) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        };
        let corrupt = |error: jiff::Error| StoreError::Corrupt(error.to_string());
        let time = |millis: i64| Timestamp::from_millisecond(millis).map_err(corrupt);
        Ok(Self {
            number: AUDIT.integer(row, "number"),
            at: time(AUDIT.integer(row, "at"))?,
            actor: text("actor"),
            action: AUDIT.text(row, "action").to_owned(),
            connection: text("connection"),
            object: text("object"),
            options: text("options"),
            trace_id: text("trace_id"),
            ended_at: number("ended_at").map(time).transpose()?,
            outcome: text("outcome"),
            count: number("count").and_then(|count| u64::try_from(count).ok()),
        })
    }
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// About this connection or a subscriber of it, or of this journal of a subscriber.
    pub connection: Option<String>,
    /// About these connections only, and none that are about no connection; `None` for all there are.
    pub connections: Option<BTreeSet<String>>,
    /// Of this action.
    pub action: Option<Action>,
    /// Begun at this time or later.
    pub since: Option<Timestamp>,
    /// Begun before this time.
    pub until: Option<Timestamp>,
    /// Only those with a lower number.
    pub before: Option<i64>,
    /// How many at most.
    pub limit: usize,
}

impl Store {
    /// Writes down what is about to be done; the entry's number. On disk when this returns: what can't be written down is
    /// not to be done.
    pub async fn audit_begin(&self, act: Act, now: Timestamp) -> Result<i64, StoreError> {
        let number = self.engine.audit_begin(act, now).await?;
        fault::here(Point::AuditAfterCommit);
        Ok(number)
    }

    /// Writes down what came of it, and to how many things it was done. An entry that has ended stays as it is.
    pub async fn audit_end(
        &self,
        number: i64,
        outcome: &str,
        count: Option<u64>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.engine.audit_end(number, outcome, count, now).await
    }

    /// One page of the entries that a filter meets, the newest first.
    pub async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>, StoreError> {
        self.engine.audit(filter).await
    }

    /// Forgets a piece of the entries that were begun before `before`, but never the newest of all, after which the next
    /// are numbered. True if there may be more.
    pub(super) async fn prune_audit(&self, before: Timestamp) -> Result<bool, StoreError> {
        Ok(self.engine.prune_audit(before, PIECE).await? == PIECE as u64)
    }
}
