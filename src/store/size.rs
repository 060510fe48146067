//! How much a store holds.

use jiff::Timestamp;

use super::Backlog;

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
