//! Why the store could not do what was asked.

use crate::event::Status;

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
        "the store's schema is version {found}, this deskbridge knows up to {known}: run a newer deskbridge, or go back as \
         docs/operations/upgrading.md says"
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
    /// A file, named by a slip, that is something else.
    #[error("this is no store of deskbridge: {0}")]
    NoStore(&'static str),
    /// It is in no file of ours.
    #[error("a PostgreSQL has backups of its own: use pg_dump, as docs/operations/store.md shows")]
    NoFile,
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
    /// What the event said was erased.
    #[error("what the event said was erased: only that it was there is still known")]
    Erased,
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
    /// The store was written under an encryption key that this process doesn't have.
    #[error(
        "the store holds values under the encryption key {0}: put it into the file that DESKBRIDGE_ENCRYPTION_KEYS names, \
         behind the first if it shall not encrypt any more"
    )]
    KeyMissing(String),
    /// The store was written under another key of the same name.
    #[error(
        "the encryption key {0} is not the one that the store was written under: put that one back into the file that \
         DESKBRIDGE_ENCRYPTION_KEYS names, and give the new one a name of its own"
    )]
    KeyWrong(String),
    /// The system gave no random bytes.
    #[error("nothing can be encrypted: the system gives no random bytes")]
    Unsealable,
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
        matches!(
            self,
            Self::LeaseLost | Self::Outrun | Self::NotFound | Self::Erased | Self::WrongStatus { .. }
        )
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
            Self::Erased => Self::Erased,
            Self::WrongStatus { status, wanted } => Self::WrongStatus { status: *status, wanted },
            other => Self::Corrupt(other.to_string()),
        }
    }
}
