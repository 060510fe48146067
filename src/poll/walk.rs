//! One reading of a whole list, page after page.

use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use tracing::Span;

use super::{Source, failure::Failure};
use crate::{
    event::EventType,
    intake::Listed,
    telemetry,
    udesk::{self, Page, Ticket},
};

/// For how long a process leads without a further word: a page takes its turn at the client's limit, and its answer
/// has a time limit of its own.
const LEASE: Duration = Duration::from_secs(120);
/// Tickets of a page: the most that the vendor allows.
const PER_PAGE: u32 = 100;
/// Pages of a reading. A vendor whose pages do not end is given up on after ten million tickets.
const MAX_PAGES: u32 = 100_000;

/// What a reading came to.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Tickets that the list has.
    pub(super) tickets: u64,
    /// Of them, those changed since the bound.
    pub(super) changed: u64,
    /// Of them, those that were no event before.
    pub(super) new: u64,
    /// The newest change, by the source's clock.
    pub(super) newest: Option<Timestamp>,
    /// Age of the oldest change among the new ones when it was on disk, in seconds.
    pub(super) lag_s: i64,
}

/// A reading by the process of this name.
pub(super) struct Walk<'a> {
    pub(super) source: &'a Source,
    pub(super) holder: &'a str,
}

impl Walk<'_> {
    /// Reads the list to its end, and takes in what changed at `bound` or later, or nobody knows when. A list can't be
    /// asked for what changed, nor relied upon to be in any order.
    pub(super) async fn whole(&self, bound: Timestamp) -> Result<Read, Failure> {
        let mut read = Read::default();
        for page in 1..=MAX_PAGES {
            if !self.lead().await? {
                return Err(Failure::Overtaken);
            }
            let listed = self.page(page).await?;
            let more = listed.more;
            self.take(listed.items, bound, &mut read).await?;
            if !more {
                return Ok(read);
            }
        }
        Err(Failure::Endless(MAX_PAGES))
    }

    /// True if nobody else reads this connection's source for now.
    pub(super) async fn lead(&self) -> Result<bool, Failure> {
        self.until(LEASE).await
    }

    /// Lets another process read from now on.
    pub(super) async fn release(&self) -> Result<(), Failure> {
        self.until(Duration::ZERO).await.map(drop)
    }

    async fn until(&self, lease: Duration) -> Result<bool, Failure> {
        let now = Timestamp::now();
        let name = format!("poll/{}", self.source.connection);
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        Ok(self.source.store.lead(&name, self.holder, until, now).await?)
    }

    /// By family v1 where it is there: it is what pushes are read again by, so that both see the same ticket.
    async fn page(&self, page: u32) -> Result<Page<Ticket>, udesk::Error> {
        let (client, filter) = (&self.source.client, self.source.filter);
        match (client.has_v1(), filter) {
            (true, None) => client.v1().tickets_page(page, PER_PAGE).await,
            (true, Some(filter)) => client.v1().filter_tickets_page(filter, None, page, PER_PAGE).await,
            (false, None) => client.v2().tickets_page(page, PER_PAGE).await,
            (false, Some(filter)) => client.v2().filter_tickets_page(filter, page, PER_PAGE).await,
        }
    }

    /// All of a page at once: the store commits them together.
    async fn take(&self, tickets: Vec<Ticket>, bound: Timestamp, read: &mut Read) -> Result<(), Failure> {
        read.tickets += tickets.len() as u64;
        read.newest = tickets.iter().filter_map(|ticket| ticket.updated_at).chain(read.newest).max();
        let changed: Vec<Ticket> =
            tickets.into_iter().filter(|ticket| ticket.updated_at.is_none_or(|at| at >= bound)).collect();
        read.changed += changed.len() as u64;
        for new in
            try_join_all(changed.into_iter().map(|ticket| self.accept(ticket))).await?.into_iter().flatten()
        {
            read.new += 1;
            read.lag_s = read.lag_s.max(new.lag_s);
        }
        Ok(())
    }

    /// Each event is a trace of its own: a reading finds thousands.
    fn span(&self) -> Span {
        let connection = &self.source.connection;
        let name = format!("find {connection}");
        tracing::info_span!(parent: None, "find", otel.kind = "producer", otel.name = name, connection)
    }

    /// Nothing if it was an event already.
    async fn accept(&self, ticket: Ticket) -> Result<Option<New>, Failure> {
        let span = self.span();
        let traceparent = telemetry::traceparent_of(&span, None).unwrap_or_else(telemetry::new_traceparent);
        let listed = Listed {
            connection: self.source.connection.clone(),
            event_type: EventType::TicketUpdated,
            source_id: ticket.id.to_string(),
            time: ticket.updated_at,
            traceparent: Some(traceparent),
            data: ticket.raw.get().to_owned().into(),
        };
        if self.source.intake.accept_listed(listed).await?.duplicate {
            telemetry::forget(&span);
            return Ok(None);
        }
        self.source.metrics.accepted(&self.source.connection, false);
        let age = |at| Timestamp::now().duration_since(at).as_secs().max(0);
        Ok(Some(New { lag_s: ticket.updated_at.map_or(0, age) }))
    }
}

/// A ticket that became an event.
struct New {
    lag_s: i64,
}
