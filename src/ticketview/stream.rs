//! One who listens to what becomes of a connection's views.

use std::{collections::BTreeSet, sync::Arc};

use super::{Reading, TicketViews, Unavailable, changes::CursorError, desk::Desk, feed::Batch};
use crate::store::AsOf;

/// What a listener hears.
#[derive(Debug)]
pub enum Told {
    /// What happened.
    News(Arc<Batch>),
    /// It can't be told what happened up to this cursor: everything is to be read anew.
    Anew {
        /// What is known from now on.
        cursor: i64,
        /// Why.
        why: Arc<CursorError>,
    },
}

/// Listens to the views of a connection.
pub struct Listener {
    reading: Arc<Reading>,
    views: Option<BTreeSet<String>>,
    cursor: i64,
    /// False before it is known that the cursor was ever given out.
    sure: bool,
}

impl TicketViews {
    /// Listens to these views, or to all with `None`: from now on, or from a cursor on. Who comes back with a cursor
    /// may name views that are gone meanwhile: that is among the news.
    ///
    /// Errors: `UnknownView` for one that there is not, `Off`, `Pending`, or the store's.
    pub async fn listen(
        &self,
        connection: &str,
        views: Option<BTreeSet<String>>,
        since: Option<i64>,
    ) -> Result<Listener, Unavailable> {
        let (reading, desk) = self.desk(connection)?;
        for view in views.iter().flatten() {
            known(reading, &desk, view, since.is_some()).await?;
        }
        Ok(Listener {
            reading: reading.clone(),
            views,
            cursor: since.unwrap_or(desk.version),
            sure: since.is_none(),
        })
    }
}

impl Listener {
    /// Everything up to here is known.
    pub fn cursor(&self) -> i64 {
        self.cursor
    }

    /// True if the listener asked for news of this view.
    pub fn wants(&self, view: &str) -> bool {
        self.views.as_ref().is_none_or(|views| views.contains(view))
    }

    /// Waits until there is something to hear. Nothing is lost if it is dropped while it waits.
    pub async fn stirred(&self) {
        if self.sure {
            self.reading.board.feed.beyond(self.cursor).await;
        }
    }

    /// What has happened since it was last asked: nothing, perhaps.
    ///
    /// Errors: the store's.
    pub async fn hear(&mut self) -> Result<Told, Unavailable> {
        let (known, desk) = (self.cursor, self.reading.board.desk());
        let (store, connection) = (&self.reading.store, &self.reading.source.connection);
        // Another process may have given out what this one doesn't know yet.
        self.sure = true;
        if known > desk.version && store.versions_after(connection, known - 1, 1).await?.is_empty() {
            return Ok(self.anew(CursorError::Unknown(known).into()));
        }
        match self.reading.board.feed.since(store, connection, known, &desk).await? {
            Ok(batch) => {
                self.cursor = batch.to;
                Ok(Told::News(batch))
            }
            Err(why) => Ok(self.anew(why)),
        }
    }

    /// The same listener under another configuration, if that still has the views.
    pub fn under(mut self, views: &TicketViews) -> Result<Self, Unavailable> {
        self.reading = views.reading(&self.reading.source.connection)?.clone();
        Ok(self)
    }

    fn anew(&mut self, why: Arc<CursorError>) -> Told {
        self.cursor = self.reading.board.desk().version;
        Told::Anew { cursor: self.cursor, why }
    }
}

async fn known(reading: &Reading, desk: &Desk, view: &str, gone_too: bool) -> Result<(), Unavailable> {
    let Err(unknown) = desk.enabled(view) else { return Ok(()) };
    let connection = &reading.source.connection;
    let was = gone_too && reading.store.version(connection, view, AsOf::Now).await?.is_some();
    if was { Ok(()) } else { Err(unknown) }
}
