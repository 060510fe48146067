//! How the readings of ticket views stand.

use jiff::Timestamp;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::metrics::{Metrics, OfConnection, WithResult};

#[derive(Default)]
pub(super) struct TicketViewMetrics {
    lists: Family<WithResult, Counter>,
    reads: Family<WithResult, Counter>,
    calls: Family<OfConnection, Counter>,
    versions: Family<OfConnection, Counter>,
    views: Family<OfConnection, Gauge>,
    tickets: Family<OfConnection, Gauge>,
    oldest_s: Family<OfConnection, Gauge>,
}

impl TicketViewMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let lists = "Readings of a connection's list of views";
        registry.register("ticketview_refreshes", lists, self.lists.clone());
        registry.register("ticketview_reads", "Readings of a view's tickets", self.reads.clone());
        let calls = "Calls of Bangwo8 that readings of views have spent";
        registry.register("ticketview_calls", calls, self.calls.clone());
        let versions = "States of views that were written because they were new";
        registry.register("ticketview_versions", versions, self.versions.clone());
        registry.register("ticketview_views", "Views that are served", self.views.clone());
        registry.register("ticketview_tickets", "Tickets of all views that are served", self.tickets.clone());
        let oldest =
            "When the view that has gone without a reading the longest was last read, in Unix seconds";
        registry.register("ticketview_oldest_read_timestamp_seconds", oldest, self.oldest_s.clone());
    }
}

impl Metrics {
    /// A connection's list of views was read, or could not be.
    pub fn refresh(&self, connection: &str, result: &'static str) {
        let labels = WithResult { connection: connection.into(), result };
        self.ticketviews.lists.get_or_create(&labels).inc();
    }

    /// A view was read, or could not be.
    pub fn ticketview_read(&self, connection: &str, result: &'static str) {
        let labels = WithResult { connection: connection.into(), result };
        self.ticketviews.reads.get_or_create(&labels).inc();
    }

    /// A call is made for views.
    pub fn ticketview_call(&self, connection: &str) {
        self.ticketviews.calls.get_or_create(&OfConnection { connection: connection.into() }).inc();
    }

    /// So many new states of views are written.
    pub fn ticketview_versions(&self, connection: &str, versions: usize) {
        let of = OfConnection { connection: connection.into() };
        self.ticketviews.versions.get_or_create(&of).inc_by(versions as u64);
    }

    /// What is served of a connection: views, their tickets, and when the one that has waited the longest was read.
    pub fn ticketviews(&self, connection: &str, views: usize, tickets: usize, oldest: Option<Timestamp>) {
        let (of, count) =
            (OfConnection { connection: connection.into() }, |n| i64::try_from(n).unwrap_or(i64::MAX));
        self.ticketviews.views.get_or_create(&of).set(count(views));
        self.ticketviews.tickets.get_or_create(&of).set(count(tickets));
        if let Some(oldest) = oldest {
            self.ticketviews.oldest_s.get_or_create(&of).set(oldest.as_second());
        }
    }

    /// A connection's views are not read any more.
    pub fn no_ticketviews(&self, connection: &str) {
        let of = OfConnection { connection: connection.into() };
        self.ticketviews.views.remove(&of);
        self.ticketviews.tickets.remove(&of);
        self.ticketviews.oldest_s.remove(&of);
    }
}
