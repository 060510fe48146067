//! What the store keeps of ticket views: their versions, and the pieces that versions are made of. Doesn't look into
//! either: what a piece is, and which pieces belong to a version beside its chunks, the caller knows.
//!
//! Promises: versions of a connection are numbered without a gap in the order of their commits, and their times never
//! go back; a piece that was put is there until it is forgotten, and one that was put again meanwhile isn't forgotten.

use std::{collections::HashMap, fmt, sync::Arc};

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::{Store, StoreError};

/// Pieces, and bytes of them before the last, written in one transaction: accepts wait for it, some milliseconds.
const PIECES: usize = 128;
const PIECE_BYTES: usize = 1024 * 1024;
/// Contents read by one statement, and ids forgotten by one: bounds what is in memory twice, and who waits.
const IDS: usize = 512;
/// Versions forgotten in one transaction: each may have hundreds of kilobytes.
const VERSIONS: usize = 64;

/// The name of some content: the first half of its SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId(pub [u8; 16]);

impl ContentId {
    /// The name of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut half = [0; 16];
        half.iter_mut().zip(Sha256::digest(bytes)).for_each(|(to, from)| *to = from);
        Self(half)
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Content that is kept by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its name.
    pub id: ContentId,
    /// The content.
    pub content: Vec<u8>,
}

/// A state of a view that isn't kept yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// The view's id.
    pub view: String,
    /// What is known of the view itself, in the words of whoever wrote it; `None` when the view is gone.
    pub about: Option<String>,
    /// How many tickets it has.
    pub count: u64,
    /// The pieces that list them, in their order.
    pub chunks: Vec<ContentId>,
}

/// A state that a view was in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its place among all versions of the connection's views, from 1.
    pub number: i64,
    /// Number of the view's version before, kept or not; 0 for its first.
    pub prior: i64,
    /// The view's id.
    pub view: String,
    /// Since when, to the millisecond.
    pub at: Timestamp,
    /// What is known of the view itself; `None` when the view is gone.
    pub about: Option<String>,
    /// How many tickets it has.
    pub count: u64,
    /// The pieces that list them, in their order.
    pub chunks: Vec<ContentId>,
}

/// A moment in the history of a connection's views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsOf {
    /// When the version of this number was committed.
    Number(i64),
    /// A time, to the millisecond.
    Time(Timestamp),
    /// The newest.
    Now,
}

impl Store {
    /// Keeps pieces. Those that are there already are only marked as used at `now`. Others may write between some of
    /// them and the next: what fails leaves those before it kept.
    ///
    /// Error: `Full` while no events are taken: what room is left is for deliveries.
    pub async fn put_pieces(
        &self,
        connection: &str,
        pieces: Vec<Piece>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut pieces = pieces.into_iter();
        loop {
            let some = some(&mut pieces);
            if some.is_empty() {
                return Ok(());
            }
            self.has_room()?;
            self.engine.put_pieces(connection, self.keys.sealed_pieces(connection, some)?, now).await?;
        }
    }

    /// Commits versions in one transaction, numbered from the one after `after`. Their time is `now`, or that of the
    /// version before if that is later. The last number.
    ///
    /// Errors: `Outrun` when `after` is not the connection's highest number, 0 where there is none: another process wrote;
    /// `Full` as of pieces.
    pub async fn put_versions(
        &self,
        connection: &str,
        after: i64,
        versions: Vec<NewVersion>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        self.has_room()?;
        self.commit_versions(connection, after, versions, now).await
    }

    /// As `put_versions`, of views that are gone. Done whatever room there is: what they were can be forgotten then.
    ///
    /// Error: `Outrun`, as of these.
    pub async fn close_views(
        &self,
        connection: &str,
        after: i64,
        views: Vec<String>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let gone = |view| NewVersion { view, about: None, count: 0, chunks: Vec::new() };
        self.commit_versions(connection, after, views.into_iter().map(gone).collect(), now).await
    }

    async fn commit_versions(
        &self,
        connection: &str,
        after: i64,
        versions: Vec<NewVersion>,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let versions = self.keys.sealed_versions(connection, versions)?;
        let last = self.engine.put_versions(connection, after, versions, now).await?;
        self.bells.viewed(connection);
        Ok(last)
    }

    fn opened(&self, connection: &str, versions: Vec<Version>) -> Result<Vec<Version>, StoreError> {
        versions.into_iter().map(|version| self.keys.opened_version(connection, version)).collect()
    }

    fn has_room(&self) -> Result<(), StoreError> {
        if self.is_full() { Err(StoreError::Full) } else { Ok(()) }
    }

    /// Contents by their names; one that isn't there is missing in the answer.
    pub async fn pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
    ) -> Result<HashMap<ContentId, Vec<u8>>, StoreError> {
        let mut pieces = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(IDS) {
            let some = self.engine.pieces(connection, ids.to_vec()).await?;
            let some = some.into_iter().map(|(id, content)| Piece { id, content });
            let some = some.map(|piece| self.keys.opened_piece(connection, piece));
            for piece in some {
                let Piece { id, content } = piece?;
                pieces.insert(id, content);
            }
        }
        Ok(pieces)
    }

    /// Each view's newest version as of then, those of views that are gone included, in the order of the views' ids.
    pub async fn versions(&self, connection: &str, as_of: AsOf) -> Result<Vec<Version>, StoreError> {
        self.opened(connection, self.engine.versions(connection, as_of).await?)
    }

    /// One view's newest version as of then.
    pub async fn version(
        &self,
        connection: &str,
        view: &str,
        as_of: AsOf,
    ) -> Result<Option<Version>, StoreError> {
        let version = self.engine.version(connection, view, as_of).await?;
        version.map(|version| self.keys.opened_version(connection, version)).transpose()
    }

    /// A view's oldest version that is still kept.
    pub async fn oldest_version(&self, connection: &str, view: &str) -> Result<Option<Version>, StoreError> {
        let version = self.engine.oldest_version(connection, view).await?;
        version.map(|version| self.keys.opened_version(connection, version)).transpose()
    }

    /// Versions of all views after a number, in their order, at most `limit`.
    pub async fn versions_after(
        &self,
        connection: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Version>, StoreError> {
        self.opened(connection, self.engine.versions_after(connection, after, limit).await?)
    }

    /// When the number of a view's tickets became what, between `since` and before `until`, oldest first, after the one
    /// in force at `since`; at most `limit`.
    pub async fn counts_over_time(
        &self,
        connection: &str,
        view: &str,
        since: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<(Timestamp, u64)>, StoreError> {
        self.engine.counts_over_time(connection, view, since, until, limit).await
    }

    /// Forgets up to `limit` versions, the oldest first, that were followed by another of their view before `before`;
    /// how many. Each view keeps its newest, and so the connection its highest number.
    pub async fn prune_versions(
        &self,
        connection: &str,
        before: Timestamp,
        limit: usize,
    ) -> Result<u64, StoreError> {
        let mut left = limit;
        while left > 0 {
            let some = left.min(VERSIONS);
            let pruned = self.engine.prune_versions(connection, before, some).await? as usize;
            left -= pruned;
            if pruned < some {
                break;
            }
        }
        Ok((limit - left) as u64)
    }

    /// The chunks of all versions that are kept, each once.
    pub async fn chunks_in_use(&self, connection: &str) -> Result<Vec<ContentId>, StoreError> {
        self.engine.chunks_in_use(connection).await
    }

    /// Names of pieces last used before `before`, in their order, those after `after`, at most `limit`.
    pub async fn old_pieces(
        &self,
        connection: &str,
        before: Timestamp,
        after: Option<ContentId>,
        limit: usize,
    ) -> Result<Vec<ContentId>, StoreError> {
        self.engine.old_pieces(connection, before, after, limit).await
    }

    /// Forgets those of the pieces that were last used before `before`; how many.
    pub async fn forget_pieces(
        &self,
        connection: &str,
        ids: Vec<ContentId>,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for ids in ids.chunks(PIECES) {
            forgotten += self.engine.forget_pieces(connection, ids.to_vec(), before).await?;
        }
        Ok(forgotten)
    }

    /// Wakes one who waits for new versions of the connection's views, after each `put_versions` of whichever process. A
    /// hint: it may wake for nothing, and news of other processes may be lost, so who waits looks now and then all the same.
    pub fn view_news(&self, connection: &str) -> Arc<Notify> {
        self.bells.view_news(connection)
    }

    /// True if other processes may work on the same store.
    pub fn is_shared(&self) -> bool {
        self.engine.is_shared()
    }
}

/// The next pieces that go into one transaction; none when all went.
fn some(pieces: &mut impl Iterator<Item = Piece>) -> Vec<Piece> {
    let (mut some, mut bytes) = (Vec::new(), 0);
    while some.len() < PIECES
        && bytes < PIECE_BYTES
        && let Some(piece) = pieces.next()
    {
        bytes += piece.content.len();
        some.push(piece);
    }
    some
}

/// Ids one after the other, as engines keep them.
pub(super) fn bytes(ids: &[ContentId]) -> Vec<u8> {
    ids.iter().flat_map(|id| id.0).collect()
}

/// What `bytes` wrote.
pub(super) fn ids(bytes: &[u8]) -> Result<Vec<ContentId>, StoreError> {
    match bytes.as_chunks() {
        (ids, []) => Ok(ids.iter().copied().map(ContentId).collect()),
        _ => Err(StoreError::Corrupt("ids of pieces that are cut off".to_owned())),
    }
}
