//! What goes into the store and what comes out.

use jiff::Timestamp;

use crate::event::{Event, EventId, EventType, Ignored, Lane, Outcome, Reason, Status, TargetRef};

/// The code with which an event is parked when nobody can tell whether a call of it was carried out. Replayed by its id,
/// or with others of this code, it is tried again without another look: an operator has looked.
pub const UNCERTAIN: &str = "uncertain";

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The setting names an engine that this build doesn't have.
    #[error(
        "unknown store: write sqlite:PATH or postgres://USER@HOST/DATABASE, e.g. sqlite:data/deskbridge.db"
    )]
    UnknownEngine,
    /// Two processes on one file would break the order of lanes.
    #[error("{0} is in use by another deskbridge process: stop it, or give this one a store of its own")]
    InUse(String),
    /// The file comes from a newer version.
    #[error(
        "the store's schema is version {found}, this deskbridge knows up to {known}: run a newer deskbridge"
    )]
    TooNew {
        /// The file's version.
        found: i64,
        /// This build's version.
        known: i64,
    },
    /// The file comes from an older version, and whoever opened it may only read.
    #[error(
        "the store's schema is version {found}, this deskbridge reads {known}: run deskbridge store upgrade, or start the service, which does it"
    )]
    TooOld {
        /// The file's version.
        found: i64,
        /// This build's version.
        known: i64,
    },
    /// It holds part of another store, and working with it would lose the rest.
    #[error(
        "a copy into this store was not finished: run deskbridge store copy again, or take the store away"
    )]
    Unfinished,
    /// It can't be copied into.
    #[error("the store to copy into is not empty: name a new one")]
    NotEmpty,
    /// Too much waits for the disk already; nothing was stored.
    #[error("the store can't keep up; try again later")]
    Overloaded,
    /// The disk or the budget for it is used up; nothing was stored.
    #[error(
        "the store is full: raise DESKBRIDGE_DISK_BUDGET_BYTES, make room on the disk, or discard what waits"
    )]
    Full,
    /// The event is no longer this attempt's: its lease ended and somebody else has it.
    #[error("the lease on the event was lost")]
    LeaseLost,
    /// Another process has written versions of the connection's ticket views since; nothing was stored.
    #[error("another process has written newer versions of the ticket views")]
    Outrun,
    /// There is no such event.
    #[error("there is no such event")]
    NotFound,
    /// The event's status doesn't allow it.
    #[error("the event is {}: only a parked or dead event can be {wanted}", .status.as_str())]
    WrongStatus {
        /// Where the event stands.
        status: Status,
        /// What was asked for.
        wanted: &'static str,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A row can't be read back as what it was written as.
    #[error("the store holds a row that can't be read: {0}")]
    Corrupt(String),
    /// The file's pages don't agree with one another, or are none.
    #[error(
        "the store's file is damaged ({0}): stop deskbridge, put a copy of the file with its -wal aside, see how bad it \
         is by `sqlite3 FILE 'PRAGMA integrity_check'`, and go back to a backup or to what `sqlite3 FILE .recover` saves"
    )]
    Damaged(String),
    /// The file or its folder can be read only.
    #[error(
        "the store's file may not be written: give the account that deskbridge runs as the right to write it and \
         its folder"
    )]
    ReadOnly,
    /// The database's own error.
    #[error("the database failed: {0}")]
    Database(#[source] rusqlite::Error),
    /// The address of a PostgreSQL can't be read or followed. The text never holds it: it has a password.
    #[error("the address of the store can't be used: {0}; write postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Address(String),
    /// There is no way to PostgreSQL, or it broke. What was being written may be there or not: do it again.
    #[error("the store can't be reached: {0}")]
    Unreachable(String),
    /// PostgreSQL doesn't want to, and won't later.
    #[error("the store refused: {0}")]
    Refused(String),
    /// The engine can't keep such an event; nothing was stored.
    #[error("the store can't keep the event: {0}")]
    Unstorable(&'static str),
    /// The file's or folder's own error.
    #[error("{path}: {source}")]
    File {
        /// What was opened.
        path: String,
        /// Why it failed.
        source: std::io::Error,
    },
}

impl StoreError {
    /// True if the same may succeed a little later: the disk, the file or the server may come back.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Overloaded | Self::Full | Self::ReadOnly | Self::Database(_) | Self::Unreachable(_) => true,
            _ => matches!(self, Self::File { .. }),
        }
    }

    /// True if nothing failed and nothing was written: the answer is no.
    pub(super) fn is_refusal(&self) -> bool {
        matches!(self, Self::LeaseLost | Self::Outrun | Self::NotFound | Self::WrongStatus { .. })
    }

    /// The same error for another one whom it befell.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Database(error) => Self::Corrupt(error.to_string()),
            Self::Full => Self::Full,
            Self::Unreachable(why) => Self::Unreachable(why.clone()),
            Self::Refused(why) => Self::Refused(why.clone()),
            Self::ReadOnly => Self::ReadOnly,
            Self::Damaged(how) => Self::Damaged(how.clone()),
            Self::LeaseLost => Self::LeaseLost,
            Self::Outrun => Self::Outrun,
            Self::NotFound => Self::NotFound,
            Self::WrongStatus { status, wanted } => Self::WrongStatus { status: *status, wanted },
            other => Self::Corrupt(other.to_string()),
        }
    }
}

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

/// Written down before a call that makes something at the target, so that nobody has to guess afterwards what may be
/// there.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Whose call it is.
    pub hold: Hold,
    /// Which of the event's calls, e.g. `create`.
    pub step: String,
    /// What tells the vendor a repetition.
    pub request_id: String,
    /// By what the thing can be recognised at the target, as JSON text. The store doesn't look inside.
    pub sent: String,
    /// When.
    pub at: Timestamp,
}

/// What an event's attempt meant to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The attempt's number.
    pub attempt: u32,
    /// Which of its calls.
    pub step: String,
    /// What tells the vendor a repetition.
    pub request_id: String,
    /// By what it can be recognised, as JSON text.
    pub sent: String,
    /// When the call was about to be made.
    pub started_at: Timestamp,
    /// When it became known what came of it; `None` while nobody knows.
    pub answered_at: Option<Timestamp>,
    /// What it made, if it made something.
    pub target_id: Option<String>,
}

/// What came of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The attempt that wrote it.
    pub attempt: u32,
    /// Which of its calls.
    pub step: String,
    /// What it made; `None` if nothing.
    pub target_id: Option<String>,
}

/// How an operator wants an event to be tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replay {
    /// By which mapping.
    pub mapping: ReplayMapping,
    /// Under which request ids.
    pub key: ReplayKey,
}

/// By which mapping an event is tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReplayMapping {
    /// The one in force.
    #[default]
    Current,
    /// The one that it was first tried by.
    Pinned,
}

/// Under which request ids an event is tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReplayKey {
    /// The same as before: the vendor can tell what it did already.
    #[default]
    Same,
    /// New ones: the vendor takes it for something new.
    New,
}

/// What a store holds and may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes in use.
    pub used: u64,
    /// Bytes that it takes from the disk: what is in use, and what is free for reuse.
    pub taken: u64,
    /// Bytes free on its disk; `None` where that can't be seen, as on another machine.
    pub free: Option<u64>,
}

/// What a store holds, for whoever looks after it.
#[derive(Debug, Clone)]
pub struct Stats {
    /// The schema's version.
    pub schema: i64,
    /// What it takes.
    pub size: Size,
    /// True if it can give free space back to the disk; otherwise it only uses it again.
    pub gives_back: bool,
    /// Events by connection and status, settled ones too.
    pub events: Vec<Backlog>,
    /// When the oldest event that holds its lane was accepted or last replayed.
    pub oldest_waiting: Option<Timestamp>,
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

/// Names a source entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkKey {
    /// Kind of entity, e.g. `ticket`.
    pub kind: String,
    /// The source's id.
    pub source_id: String,
}

impl From<&Lane> for LinkKey {
    fn from(lane: &Lane) -> Self {
        Self { kind: lane.kind().to_owned(), source_id: lane.source_id().to_owned() }
    }
}

/// A source entity and the target entity that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The source entity.
    pub key: LinkKey,
    /// The target's id.
    pub target_id: String,
    /// The source's version (update time in unix milliseconds) that was last applied.
    pub version: Option<i64>,
    /// What was last written to the target entity, in the words of whoever wrote it. The store doesn't look inside;
    /// `None` leaves what is there.
    pub written: Option<String>,
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

/// A lane that waits for an operator.
#[derive(Debug, Clone)]
pub struct HeldLane {
    /// The parked or dead event at its head.
    pub by: Summary,
    /// How many events wait behind it.
    pub waiting: u64,
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
    /// At most so many.
    pub limit: usize,
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

/// Says that an event came to rest or to its next wait.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Name of the connection.
    pub connection: String,
    /// The event's place in the order of acceptance.
    pub sequence: i64,
}

/// The newest reading of a ticket view. The store doesn't look inside `content`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The view's id.
    pub view: String,
    /// When the content last changed.
    pub changed_at: Timestamp,
    /// The reading.
    pub content: Vec<u8>,
}
