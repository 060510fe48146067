//! Where a connection's desk lies for everybody who serves from it, and who is told that another lies there.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Notify;

use super::{Reading, asks::Asks, desk::Desk, feed::Feed, page_cache::PageCache};

/// What a connection has for as long as it is configured, whatever else of its configuration changes.
pub(super) struct Board {
    desk: ArcSwap<Desk>,
    /// Rung for all who wait at each change.
    changed: Notify,
    pub(super) asks: Asks,
    /// What was made of it and of states before it.
    pub(super) pages: PageCache,
    /// Who listens is told from here.
    pub(super) feed: Feed,
}

impl Board {
    pub(super) fn new(desk: Desk) -> Self {
        let feed = Feed::new(desk.version);
        Self {
            desk: ArcSwap::from_pointee(desk),
            changed: Notify::new(),
            asks: Asks::default(),
            pages: PageCache::default(),
            feed,
        }
    }

    /// The desk of the moment.
    pub(super) fn desk(&self) -> Arc<Desk> {
        self.desk.load_full()
    }

    /// Replaces the desk. Only one writes at a time: who reads the views, or who follows another process that does.
    pub(super) fn put(&self, desk: Desk) {
        let version = desk.version;
        self.desk.store(Arc::new(desk));
        self.feed.reached(version);
        self.changed.notify_waiters();
    }

    /// The first desk that something can be said of.
    pub(super) async fn wait_for<T>(&self, wanted: impl Fn(&Desk) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            if let Some(found) = wanted(&self.desk.load()) {
                return found;
            }
            changed.await;
        }
    }
}

impl Reading {
    /// Counts what is served.
    pub(super) fn measure(&self) {
        let desk = self.board.desk();
        let views = desk.views.values();
        let tickets = views.clone().map(|standing| standing.view.count).sum();
        let oldest = views.clone().map(|standing| standing.read_at).min().or(desk.read_at);
        self.metrics.ticketviews(&self.source.connection, views.len(), tickets, oldest);
    }
}
