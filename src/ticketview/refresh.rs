//! Reads a connection's views, and swaps what changed in at once.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    Reading, Views, key,
    normalize::{self, FieldBook},
    snapshot::{Desk, Stale, View},
};
use crate::{
    bangwo8::{Error, Retry, TicketView},
    store::{Snapshot, StoreError},
};

/// Why a reading failed.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Vendor(#[from] Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a view could not be written as JSON: {0}")]
    Unwritable(#[from] serde_json::Error),
}

impl Failure {
    fn code(&self) -> &'static str {
        match self {
            Self::Vendor(error) => error.code(),
            Self::Store(_) => "store",
            Self::Unwritable(_) => "unwritable",
        }
    }

    fn retry_after(&self) -> Duration {
        match self {
            Self::Vendor(error) => match error.retry() {
                Retry::Later { after } => after.unwrap_or_default(),
                Retry::Never => Duration::ZERO,
            },
            _ => Duration::ZERO,
        }
    }
}

/// A view with its count.
#[derive(Serialize)]
struct About {
    #[serde(flatten)]
    about: normalize::About,
    ticket_count: Option<u64>,
}

impl Reading {
    /// Reads for ever.
    pub(super) async fn keep_fresh(&self) {
        loop {
            let failed = self.refresh().await.err();
            if let Some(failure) = &failed {
                self.mark_stale(failure);
            }
            let result = failed.as_ref().map_or("ok", Failure::code);
            self.metrics.refresh(&self.source.connection, result);
            let asked = failed.as_ref().map_or(Duration::ZERO, Failure::retry_after);
            tokio::time::sleep(self.source.every.max(asked)).await;
        }
    }

    /// One reading: the list of views, then the tickets of each enabled one. The new desk takes the old one's
    /// place only when all of it is there and kept.
    async fn refresh(&self) -> Result<(), Failure> {
        let before = self.desk.load_full();
        let now = Timestamp::now();
        let mut views = Views::new();
        let fields = FieldBook::new(&self.source.client.ticket_fields().await?);
        for listed in self.source.client.list_ticketviews().await? {
            let old = before.views.get(&key(&listed.id));
            let mut view = match (self.read(&listed, &fields, now).await, old) {
                (Ok(view), _) => view,
                // This view alone can't be read, now or later: it stays as it was, and the others go on.
                (Err(Failure::Vendor(error)), Some(old)) if error.retry() == Retry::Never => {
                    tracing::warn!(connection = self.source.connection, view = listed.id, %error, "a view is left as it was");
                    old.clone()
                }
                (Err(failure), _) => return Err(failure),
            };
            if let Some(old) = old.filter(|old| old.same_content(&view)) {
                view.changed_at = old.changed_at;
            }
            views.insert(key(&listed.id), view);
        }
        self.keep(&before, &views).await?;
        self.desk.store(Arc::new(Desk { views, read_at: Some(now), stale: None }));
        Ok(())
    }

    async fn read(&self, listed: &TicketView, fields: &FieldBook, now: Timestamp) -> Result<View, Failure> {
        let enabled = listed.active != Some(false);
        let tickets = if enabled { self.tickets(&listed.id, fields).await? } else { Vec::new() };
        let count = if enabled { Some(tickets.len() as u64) } else { listed.ticket_count };
        let about = serde_json::value::to_raw_value(&About {
            about: normalize::view(listed, &self.source.time_zone),
            ticket_count: count,
        })?;
        Ok(View { about, enabled, tickets, changed_at: now })
    }

    async fn tickets(&self, view: &str, fields: &FieldBook) -> Result<Vec<Box<RawValue>>, Failure> {
        let mut tickets = Vec::new();
        let mut stream = pin!(self.source.client.ticketview_tickets(view));
        while let Some(ticket) = stream.try_next().await? {
            tickets.push(normalize::ticket(&ticket, fields, &self.source.time_zone)?);
        }
        Ok(tickets)
    }

    /// Only what changed goes to disk.
    async fn keep(&self, before: &Desk, views: &Views) -> Result<(), Failure> {
        let unchanged = |id: &(usize, String), view: &View| {
            before.views.get(id).is_some_and(|old| old.changed_at == view.changed_at)
        };
        let mut changed = Vec::new();
        for (id, view) in views.iter().filter(|(id, view)| !unchanged(id, view)) {
            let (view_id, changed_at) = (id.1.clone(), view.changed_at);
            changed.push(Snapshot { view: view_id, changed_at, content: view.content()? });
        }
        let gone: Vec<String> =
            before.views.keys().filter(|id| !views.contains_key(*id)).map(|id| id.1.clone()).collect();
        if !changed.is_empty() || !gone.is_empty() {
            self.store.put_snapshots(&self.source.connection, changed, gone).await?;
        }
        Ok(())
    }

    fn mark_stale(&self, failure: &Failure) {
        let before = self.desk.load_full();
        let (connection, reason) = (&self.source.connection, failure.code());
        if before.stale.as_ref().is_none_or(|stale| stale.reason != reason) {
            tracing::warn!(connection, error = %failure, "the ticket views could not be read");
        }
        let stale = Some(Stale { since: before.read_at, reason });
        self.desk.store(Arc::new(Desk { views: before.views.clone(), read_at: before.read_at, stale }));
    }
}
