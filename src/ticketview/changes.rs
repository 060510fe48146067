//! What changed in a view since a cursor, with the tickets that somebody needs to catch up.
//!
//! Promises: what is told turns the view's tickets as of the cursor into those of now exactly, however much happened in
//! between, by whichever process and before whichever restart. A state that is no longer kept is never guessed at.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Reading, Served, TicketViews, Unavailable, compare,
    desk::{Desk, Stale},
    diff::{Changed, Diff, Placed},
    entry::{Entry, Id},
    feed::MOST_VERSIONS,
    keep,
    prepared::{Body, Encoding, http_date, tag},
    serve::seconds_since,
    view::View,
};
use crate::store::{AsOf, Store, StoreError};

/// Tickets that one answer speaks of at most: beyond, reading all of them anew in pages is the better way.
pub const MAX_CHANGES: usize = 10_000;
/// Bytes of tickets that one answer has at most, for the same reason: it is made in memory.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Rows that are read at once: bounds what is in memory beside the answer.
const ROWS: usize = 500;
/// Longest wait for this process to learn of a version that another one has written.
const CATCHING_UP: Duration = Duration::from_secs(5);
/// When who has waited in vain for that comes back, in seconds: about when another look is taken.
const BEHIND_S: u64 = 2;
/// Part of every entity tag: the same states give other bytes once the answer's shape or this program changes.
const SHAPE: &str = concat!("changes 1 ", env!("CARGO_PKG_VERSION"));

/// Why it can't be told what changed since a cursor.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    /// What the cursor stands for is no longer kept.
    #[error(
        "what the view was at cursor {0} is no longer kept: read its tickets anew and go on from the cursor that comes with them"
    )]
    Expired(i64),
    /// More changed than one answer tells.
    #[error(
        "{0} tickets changed since then, more than the {MAX_CHANGES} that are told at once: read the tickets anew and go \
         on from the cursor that comes with them"
    )]
    TooMany(usize),
    /// What changed is more than one answer has room for.
    #[error(
        "the tickets that changed since then take more than the {} MiB that are told at once: read the tickets anew and \
         go on from the cursor that comes with them",
        MOST_BYTES / (1024 * 1024)
    )]
    TooLarge,
    /// More happened than anybody goes through for a stream.
    #[error(
        "the views changed {0} times since then, more than the {MOST_VERSIONS} times that are gone through: read the \
         tickets anew and go on from the cursor that comes with them"
    )]
    TooManyVersions(usize),
    /// Another process has given out the cursor, and this one doesn't know of it yet.
    #[error("what the cursor {cursor} stands for was not read here yet: ask again")]
    Behind {
        /// What was asked for.
        cursor: i64,
        /// When to ask again, in seconds.
        retry_after_s: u64,
    },
    /// No answer has ever had this cursor.
    #[error(
        "the cursor {0} was never given out here: take one from an answer with tickets, or 0 for everything"
    )]
    Unknown(i64),
    /// There is no such view, or nothing of it yet.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StoreError> for CursorError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Two states of a view: as of a cursor, and now.
pub struct Since {
    store: Store,
    connection: String,
    before: Option<Arc<View>>,
    after: Arc<View>,
    stale: Option<Stale>,
    read_at: Timestamp,
    /// Names the body before there is one: it is made of nothing but the states.
    tag: String,
}

/// As it is sent.
#[derive(Serialize)]
struct Told<'a> {
    cursor: i64,
    count: usize,
    added: Vec<Added>,
    changed: Vec<Differing>,
    moved: Vec<Moved>,
    removed: Vec<Id>,
    stale: Option<&'a Stale>,
}

#[derive(Serialize)]
struct Added {
    position: usize,
    ticket: Box<RawValue>,
}

#[derive(Serialize)]
struct Differing {
    id: Id,
    fields: Vec<String>,
    ticket: Box<RawValue>,
}

#[derive(Serialize)]
struct Moved {
    id: Id,
    position: usize,
}

impl TicketViews {
    /// The states that a cursor and now stand for. Of cursor 0 there was nothing.
    pub async fn since(&self, connection: &str, id: &str, cursor: i64) -> Result<Since, CursorError> {
        let (reading, desk) = self.desk_from(connection, cursor).await?;
        let store = reading.store.clone();
        let standing = desk.enabled(id)?;
        let after = standing.view.clone();
        let before = as_of(&store, connection, &after, cursor).await?;
        let stale = desk.stale_of(standing).cloned();
        let (tag, read_at) = (named(connection, before.as_deref(), &after, stale.as_ref()), standing.read_at);
        Ok(Since { store, connection: connection.to_owned(), before, after, stale, read_at, tag })
    }

    /// The desk of now, which knows of everything up to a cursor that was given out anywhere.
    pub(super) async fn desk_from(
        &self,
        connection: &str,
        cursor: i64,
    ) -> Result<(&Arc<Reading>, Arc<Desk>), CursorError> {
        let (reading, desk) = self.desk(connection)?;
        if cursor <= desk.version {
            return Ok((reading, desk));
        }
        if reading.store.versions_after(connection, cursor - 1, 1).await?.is_empty() {
            return Err(CursorError::Unknown(cursor));
        }
        // Another process has it; this one is about to.
        let there = reading.board.wait_for(|desk| (desk.version >= cursor).then_some(()));
        // An answer with an older cursor would take its reader back.
        match tokio::time::timeout(CATCHING_UP, there).await {
            Ok(()) => Ok(self.desk(connection)?),
            Err(_) => Err(CursorError::Behind { cursor, retry_after_s: BEHIND_S }),
        }
    }
}

impl Since {
    /// True if this is an entity tag, in its quotes, of what would be answered, in whichever encoding.
    pub fn is_known_by(&self, etag: &str) -> bool {
        Encoding::ALL.iter().any(|encoding| encoding.tagged(&self.tag) == etag)
    }

    /// An answer without a body.
    pub fn unread(&self) -> Served {
        self.served(Body::named(self.tag.clone(), Bytes::new()))
    }

    /// `{"cursor","count","added":[{"position","ticket"}],"changed":[{"id","fields","ticket"}],"moved":[{"id","position"}],
    /// "removed":[…],"stale"}`. A ticket of which only what isn't shown has changed is not told of.
    pub async fn changes(&self) -> Result<Served, CursorError> {
        let Self { store, connection, before, after, stale, .. } = self;
        let before = before.as_ref().map_or(&[][..], |before| &before.chunks);
        let diff = Diff::between(before, &after.chunks);
        if diff.len() > MAX_CHANGES {
            return Err(CursorError::TooMany(diff.len()));
        }
        let mut room = Room(MOST_BYTES);
        let told = Told {
            cursor: after.version,
            count: after.count,
            added: added(store, connection, &diff.added, &mut room).await?,
            changed: changed(store, connection, diff.changed, &mut room).await?,
            moved: diff.moved.into_iter().map(|Placed { position, it }| Moved { id: it, position }).collect(),
            removed: diff.removed,
            stale: stale.as_ref(),
        };
        let bytes = serde_json::to_vec(&told).map_err(Unavailable::from)?;
        Ok(self.served(Body::named(self.tag.clone(), bytes.into())))
    }

    fn served(&self, body: Body) -> Served {
        Served {
            body,
            last_modified: http_date(self.after.changed_at),
            age_s: Some(seconds_since(self.read_at)),
            stale: self.stale.as_ref().map(|stale| stale.reason.clone()),
        }
    }
}

/// A view as it was when a number was the newest, if there was anything of it then.
pub(super) async fn as_of(
    store: &Store,
    connection: &str,
    view: &Arc<View>,
    number: i64,
) -> Result<Option<Arc<View>>, CursorError> {
    if number >= view.version {
        return Ok(Some(view.clone()));
    }
    if number == 0 {
        return Ok(None);
    }
    match store.version(connection, &view.id, AsOf::Number(number)).await? {
        Some(version) if version.about.is_none() => Ok(None),
        Some(version) => Ok(Some(Arc::new(keep::load(store, connection, &version, Some(view)).await?))),
        None => {
            let oldest = store.oldest_version(connection, &view.id).await?;
            if oldest.is_none_or(|oldest| oldest.prior == 0) {
                Ok(None)
            } else {
                Err(CursorError::Expired(number))
            }
        }
    }
}

/// Bytes of tickets that an answer may still take up.
struct Room(usize);

impl Room {
    fn take(&mut self, ticket: &RawValue) -> Result<(), CursorError> {
        self.0 = self.0.checked_sub(ticket.get().len()).ok_or(CursorError::TooLarge)?;
        Ok(())
    }
}

async fn added(
    store: &Store,
    connection: &str,
    added: &[Placed<Entry>],
    room: &mut Room,
) -> Result<Vec<Added>, CursorError> {
    let mut told = Vec::with_capacity(added.len());
    for some in added.chunks(ROWS) {
        let entries: Vec<Entry> = some.iter().map(|added| added.it.clone()).collect();
        let rows = keep::rows(store, connection, &entries).await?;
        for (added, row) in some.iter().zip(rows) {
            room.take(&row.ticket)?;
            told.push(Added { position: added.position, ticket: row.ticket });
        }
    }
    Ok(told)
}

async fn changed(
    store: &Store,
    connection: &str,
    changed: Vec<Changed>,
    room: &mut Room,
) -> Result<Vec<Differing>, CursorError> {
    let mut told = Vec::with_capacity(changed.len());
    for some in changed.chunks(ROWS) {
        for (changed, (fields, ticket)) in some.iter().zip(differences(store, connection, some).await?) {
            if !fields.is_empty() {
                room.take(&ticket)?;
                told.push(Differing { id: changed.id.clone(), fields, ticket });
            }
        }
    }
    Ok(told)
}

/// Of each of some tickets, which of its fields changed, and what it is now.
pub(super) async fn differences(
    store: &Store,
    connection: &str,
    changed: &[Changed],
) -> Result<Vec<(Vec<String>, Box<RawValue>)>, StoreError> {
    let entry = |changed: &Changed, row| Entry { id: changed.id.clone(), row };
    let before: Vec<Entry> = changed.iter().map(|changed| entry(changed, changed.before)).collect();
    let after: Vec<Entry> = changed.iter().map(|changed| entry(changed, changed.after)).collect();
    let before = keep::rows(store, connection, &before).await?;
    let after = keep::rows(store, connection, &after).await?;
    let rows = before.into_iter().zip(after);
    Ok(rows.map(|(before, after)| (compare::fields(&before.ticket, &after.ticket), after.ticket)).collect())
}

/// What names the changes between two states.
fn named(connection: &str, before: Option<&View>, after: &View, stale: Option<&Stale>) -> String {
    let state = |view: &View| (view.version, view.changed_at);
    tag(format!("{:?}", (SHAPE, connection, &after.id, before.map(state), state(after), stale)).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_room_for_so_many_bytes_and_no_more() {
        let ticket = serde_json::value::to_raw_value(&"打印机离线").unwrap();
        let mut room = Room(2 * ticket.get().len() + 1);
        assert!((0..2).all(|_| room.take(&ticket).is_ok()));
        assert!(matches!(room.take(&ticket), Err(CursorError::TooLarge)));
        assert!(CursorError::TooLarge.to_string().contains("more than the 32 MiB"));
    }
}
