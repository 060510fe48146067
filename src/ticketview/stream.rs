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
        why: CursorError,
    },
}

/// Listens to the views of a connection.
pub struct Listener {
    reading: Arc<Reading>,
    views: Option<BTreeSet<String>>,
    cursor: i64,
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
        Ok(Listener { reading: reading.clone(), views, cursor: since.unwrap_or(desk.version) })
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

    /// Waits for what happens next. Nothing is lost if it is dropped while it waits.
    ///
    /// Errors: the store's.
    pub async fn next(&mut self) -> Result<Told, Unavailable> {
        let known = self.cursor;
        let board = &self.reading.board;
        if known > board.desk().version && !self.is_given_out().await? {
            return Ok(self.anew(CursorError::Unknown(known)));
        }
        board.feed.beyond(known).await;
        let (store, connection) = (&self.reading.store, &self.reading.source.connection);
        match board.feed.since(store, connection, known, &board.desk()).await {
            Ok(batch) => {
                self.cursor = batch.to;
                Ok(Told::News(batch))
            }
            Err(CursorError::Unavailable(error)) => Err(error),
            Err(why) => Ok(self.anew(why)),
        }
    }

    /// The same listener under another configuration, if that still has the views.
    pub fn under(mut self, views: &TicketViews) -> Result<Self, Unavailable> {
        self.reading = views.reading(&self.reading.source.connection)?.clone();
        Ok(self)
    }

    /// True if another process has given the cursor out, and this one will hear of it.
    async fn is_given_out(&self) -> Result<bool, Unavailable> {
        let (store, connection) = (&self.reading.store, &self.reading.source.connection);
        Ok(!store.versions_after(connection, self.cursor - 1, 1).await?.is_empty())
    }

    fn anew(&mut self, why: CursorError) -> Told {
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
