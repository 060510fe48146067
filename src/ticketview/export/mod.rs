//! All tickets of a view in one stream, a line each, for what loads tables.
//!
//! Promises: every line is of one and the same state of the view, whatever happens to it meanwhile; of however many
//! tickets, a few are in memory at a time.

mod csv;
mod pack;

use std::{borrow::Cow, io, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, stream};
use jiff::Timestamp;

use self::pack::Pack;
use super::{
    Encoding, Reading, TicketViews, Unavailable, keep,
    prepared::{http_date, tag},
    row::Row,
    serve::seconds_since,
    view::View,
};
use crate::store::{Store, StoreError};

/// Tickets that are in memory at a time: about 100 KB as a rule, and few enough for the largest that there are.
const ROWS: usize = 100;
/// Tells programs that it is UTF-8, in which spreadsheets else don't believe.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// Part of every entity tag: the same tickets give other bytes once the lines' shape or this program changes.
const SHAPE: &str = concat!("export 1 ", env!("CARGO_PKG_VERSION"));

/// A line a ticket, in one of the ways that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// JSON.
    Ndjson,
    /// RFC 4180, with a header.
    Csv {
        /// Begins with a byte order mark.
        bom: bool,
        /// Heads custom fields by what people call them.
        names: bool,
    },
}

/// A view's tickets on their way.
pub struct Export {
    view: Arc<View>,
    store: Store,
    connection: String,
    lines: Lines,
    /// Seconds since the view was last read successfully; `None` of what was in force before.
    pub age_s: Option<u64>,
    /// The code of the error for which it is older than it should be.
    pub stale: Option<Cow<'static, str>>,
}

/// Why a stream breaks off.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The rows could not be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row could not be read.
    #[error("a kept ticket can't be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// The stream could not be compressed.
    #[error("an export could not be compressed: {0}")]
    Unpackable(#[from] io::Error),
}

impl TicketViews {
    /// All tickets of a view, as they are now or as they were known at a time.
    pub async fn export(
        &self,
        connection: &str,
        id: &str,
        as_of: Option<Timestamp>,
        lines: Lines,
    ) -> Result<Export, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        if let Some(at) = as_of {
            let view = Arc::new(self.as_of(connection, at)?.whole(id).await?);
            return Ok(reading.export(view, lines, None, None));
        }
        let standing = desk.enabled(id)?;
        let stale = desk.stale_of(standing).map(|stale| stale.reason.clone());
        Ok(reading.export(standing.view.clone(), lines, Some(seconds_since(standing.read_at)), stale))
    }
}

impl Reading {
    fn export(
        &self,
        view: Arc<View>,
        lines: Lines,
        age_s: Option<u64>,
        stale: Option<Cow<'static, str>>,
    ) -> Export {
        let (store, connection) = (self.store.clone(), self.source.connection.clone());
        Export { view, store, connection, lines, age_s, stale }
    }
}

impl Export {
    /// Number of the state of the view that it is of: where changes go on from.
    pub fn cursor(&self) -> i64 {
        self.view.version
    }

    /// The view's id.
    pub fn view(&self) -> &str {
        &self.view.id
    }

    /// When the view last changed, as HTTP writes it.
    pub fn last_modified(&self) -> Bytes {
        http_date(self.view.changed_at)
    }

    /// Strong entity tag, in its quotes: the same content is written the same way.
    pub fn etag(&self, encoding: Encoding) -> Bytes {
        let mut content = format!("{SHAPE} {:?} {:?}", self.lines, self.view.card.columns).into_bytes();
        self.view.chunks.iter().for_each(|chunk| content.extend(chunk.id.0));
        encoding.tagged(&tag(&content))
    }

    /// The bytes. One that fails breaks off, so that nobody takes it for whole.
    pub fn stream(self, encoding: Encoding) -> impl Stream<Item = Result<Bytes, Broken>> {
        stream::try_unfold(Progress::Start { export: self, encoding }, Progress::next)
    }
}

/// How far a stream is.
enum Progress {
    Start { export: Export, encoding: Encoding },
    Rows { export: Export, pack: Box<Pack>, from: usize },
    Done,
}

impl Progress {
    async fn next(self) -> Result<Option<(Bytes, Self)>, Broken> {
        match self {
            Self::Start { export, encoding } => {
                let mut pack = Box::new(Pack::new(encoding)?);
                let head = pack.put(&export.head())?;
                Ok(Some((head.into(), Self::Rows { export, pack, from: 0 })))
            }
            Self::Rows { export, mut pack, from } => {
                let to = from + ROWS;
                let lines = export.body(from..to).await?;
                let ready = pack.put(&lines)?;
                if to < export.view.count {
                    return Ok(Some((ready.into(), Self::Rows { export, pack, from: to })));
                }
                Ok(Some(([ready, pack.end()?].concat().into(), Self::Done)))
            }
            Self::Done => Ok(None),
        }
    }
}

impl Export {
    fn head(&self) -> Vec<u8> {
        match self.lines {
            Lines::Ndjson => Vec::new(),
            Lines::Csv { bom, names } => {
                let header = csv::header(&self.view.card.columns, names);
                if bom { [BOM, &header].concat() } else { header }
            }
        }
    }

    async fn body(&self, range: std::ops::Range<usize>) -> Result<Vec<u8>, Broken> {
        let rows = keep::rows(&self.store, &self.connection, &self.view.slice(range)).await?;
        let mut lines = Vec::new();
        for row in rows {
            lines.extend(self.line(&row)?);
        }
        Ok(lines)
    }

    fn line(&self, row: &Row) -> serde_json::Result<Vec<u8>> {
        match self.lines {
            Lines::Ndjson => Ok(format!("{}\n", row.ticket.get()).into_bytes()),
            Lines::Csv { .. } => csv::ticket(&row.ticket, &self.view.card.columns),
        }
    }
}
