//! Reads a connection's views, in the one process that does: what is due next, what came of it, and the desk that follows.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use super::{
    Reading,
    desk::{Desk, Key, Reason, Stale, Standing},
    failure::Failure,
    fields::Fields,
    keep::Change,
    read::{Read, is_enabled},
    schedule::{Schedule, Step},
    view::Draft,
};
use crate::{
    bangwo8::{AsSent, TicketView},
    store::StoreError,
};

/// A view that changes faster than it can be read is served as it was for so many times the longest time between two
/// readings; then it is served as it was last read, marked.
const PATIENCE: i32 = 10;
/// Wait after another process has written in this one's turn: two that believe it theirs don't keep each other busy.
const OUTRUN_PAUSE: Duration = Duration::from_secs(1);

/// A connection's views as they are being read.
pub(super) struct Leader<'a> {
    reading: &'a Reading,
    schedule: Schedule,
    fields: Fields,
    /// The list as it was last read.
    listed: BTreeMap<Key, AsSent<TicketView>>,
}

impl<'a> Leader<'a> {
    pub(super) fn new(reading: &'a Reading) -> Self {
        let now = Instant::now();
        let schedule = Schedule::new(reading.source.every, now);
        let fields = Fields::new(!reading.board.desk().views.is_empty());
        Self { reading, schedule, fields, listed: BTreeMap::new() }
    }

    /// Reads for ever.
    pub(super) async fn run(mut self) {
        loop {
            self.heed();
            match self.schedule.next(Instant::now()) {
                Step::List => self.read_list().await,
                Step::View(view) => self.read_view(&view).await,
                Step::Wait(until) => tokio::select! {
                    () = tokio::time::sleep_until(until) => {}
                    () = self.reading.board.asks.rung() => {}
                },
            }
        }
    }

    /// Takes what was asked for since.
    fn heed(&mut self) {
        let (wanted, now) = (self.reading.board.asks.take(), Instant::now());
        wanted.views.iter().for_each(|view| self.schedule.want(view, now));
        if wanted.tickets.is_empty() {
            return;
        }
        for standing in self.reading.board.desk().views.values() {
            if standing.view.entries().any(|entry| wanted.tickets.contains(&entry.id)) {
                self.schedule.hasten(&standing.view.id, now);
            }
        }
        self.schedule.hasten_list(now);
    }

    async fn read_list(&mut self) {
        let started = Timestamp::now();
        let span = self.span("list");
        let read = self.list(started).instrument(span).await;
        self.reading.measure();
        let result = read.as_ref().err().map_or("ok", Failure::code);
        self.reading.metrics.refresh(&self.reading.source.connection, result);
        match read {
            Ok(()) => {}
            Err(Failure::Store(StoreError::Outrun)) => self.catch_up(started).await,
            Err(failure) => self.down(&failure, started),
        }
    }

    /// What the calls of one reading stand in.
    fn span(&self, what: &'static str) -> Span {
        let connection = &self.reading.source.connection;
        let name = format!("read ticket views {connection}");
        tracing::info_span!("ticketviews", otel.name = name, connection, ticketviews.read = what)
    }

    /// Another process has written: what was read is put beside what it wrote.
    async fn catch_up(&mut self, started: Timestamp) {
        tokio::time::sleep(OUTRUN_PAUSE).await;
        if let Err(error) = self.reading.catch_up().await {
            self.down(&error.into(), started);
        }
    }

    async fn list(&mut self, started: Timestamp) -> Result<(), Failure> {
        let (client, now) = (self.reading.source.client.in_background(), Instant::now());
        if self.fields.is_due(now) {
            self.reading.metrics.ticketview_call(&self.reading.source.connection);
            self.fields.read(&client, now).await?;
        }
        self.reading.metrics.ticketview_call(&self.reading.source.connection);
        let listed = client.list_ticketviews_as_sent().await?;
        self.listed = listed.into_iter().map(|view| (Key::new(&view.it.id), view)).collect();
        let changes = self.changes(&self.reading.board.desk());
        self.reading.commit(changes, |desk| self.note_list(desk, started)).await?;
        let desk = self.reading.board.desk();
        let enabled = self.listed.iter().filter(|(_, view)| is_enabled(&view.it));
        let differs = |key: &Key, view: &TicketView| {
            let known = desk.views.get(key).map(|standing| standing.view.count as u64);
            known.zip(view.ticket_count).is_some_and(|(known, listed)| known != listed)
        };
        self.schedule.listed(enabled.map(|(key, view)| (key.id(), differs(key, &view.it))), Instant::now());
        Ok(())
    }

    /// What the list alone says: views that are gone or switched off, and other words about those that are read.
    fn changes(&self, desk: &Desk) -> Vec<Change> {
        let gone = desk.views.keys().filter(|key| !self.listed.contains_key(key));
        let mut changes: Vec<Change> = gone.map(|key| Change::Gone(key.id().to_owned())).collect();
        for (key, listed) in &self.listed {
            let known = desk.views.get(key).map(|standing| &standing.view);
            let draft = match (known, is_enabled(&listed.it)) {
                (Some(known), true) if known.card.enabled => Draft {
                    id: key.id().to_owned(),
                    card: self.reading.card(listed, known.card.columns.clone()),
                    chunks: known.chunks.clone(),
                },
                // Its tickets are read first.
                (_, true) => continue,
                (_, false) => Draft {
                    id: key.id().to_owned(),
                    card: self.reading.card(listed, [].into()),
                    chunks: Vec::new(),
                },
            };
            if known.is_none_or(|known| !draft.equals(known)) {
                changes.push(Change::To(draft.into()));
            }
        }
        changes
    }

    /// The list was read: what is switched off is as fresh as it, and what was never read is yet to be.
    fn note_list(&self, desk: &mut Desk, now: Timestamp) {
        (desk.tried_at, desk.stale) = (Some(now), None);
        for standing in desk.views.values_mut().filter(|standing| !standing.view.card.enabled) {
            let view = standing.view.clone();
            *standing = Standing { view, read_at: now, tried_at: now, stale: None }.into();
        }
        let mut before = std::mem::take(&mut desk.unread);
        for (key, _) in self.listed.iter().filter(|(_, view)| is_enabled(&view.it)) {
            if desk.views.get(key).is_none_or(|standing| !standing.view.card.enabled) {
                let reason = before.remove(key).flatten();
                desk.unread.insert(key.clone(), reason);
            }
        }
        note_whole(desk, now);
    }

    async fn read_view(&mut self, id: &str) {
        let started = Timestamp::now();
        let span = self.span("view");
        let read = self.view(id, started).instrument(span).await;
        let result = read.as_ref().err().map_or("ok", Failure::code);
        self.reading.metrics.ticketview_read(&self.reading.source.connection, result);
        match read {
            Ok(changed) => self.schedule.read(id, changed, Instant::now()),
            Err(Failure::Store(StoreError::Outrun)) => self.catch_up(started).await,
            Err(failure @ Failure::Store(_)) => self.down(&failure, started),
            Err(failure) => self.failed(id, &failure, started),
        }
    }

    /// Whether the view is in another state than before.
    async fn view(&mut self, id: &str, now: Timestamp) -> Result<bool, Failure> {
        let key = Key::new(id);
        let Some(listed) = self.listed.get(&key) else { return Ok(false) };
        let desk = self.reading.board.desk();
        let before = desk.views.get(&key).filter(|standing| standing.view.card.enabled);
        let known = before.map(|standing| &*standing.view);
        let read = self.reading.read_view(listed, known, &mut self.fields).await?;
        if !read.whole && before.is_some_and(|standing| self.is_young(standing, now)) {
            return Err(Failure::Changing);
        }
        let Read { draft, whole } = read;
        let changed = known.is_none_or(|known| !draft.equals(known));
        let changes = if changed { vec![Change::To(draft.into())] } else { Vec::new() };
        let since = before.map(|standing| standing.read_at);
        self.reading.commit(changes, |desk| note_view(desk, &key, now, since, whole)).await?;
        if whole { Ok(changed) } else { Err(Failure::Changing) }
    }

    fn is_young(&self, standing: &Standing, now: Timestamp) -> bool {
        let patience = i64::try_from(self.reading.source.every.as_secs()).unwrap_or(i64::MAX);
        let age = now.duration_since(standing.read_at).as_secs();
        age < patience.saturating_mul(PATIENCE.into())
    }

    /// Marks all: nothing can be read, in a try that began at `now`.
    fn down(&mut self, failure: &Failure, now: Timestamp) {
        let reason = Reason::from(failure.code());
        let mut desk = Desk::clone(&self.reading.board.desk());
        if desk.stale.as_ref().is_none_or(|stale| stale.reason != reason) {
            let connection = &self.reading.source.connection;
            tracing::warn!(connection, error = %failure, "the ticket views could not be read");
        }
        let since = desk.stale.as_ref().map_or(desk.read_at, |stale| stale.since);
        (desk.tried_at, desk.stale) = (Some(now), Some(Stale { since, reason }));
        self.reading.board.put(desk);
        self.schedule.down(failure.retry_after(), rand::random(), Instant::now());
    }

    /// Marks one view, which was tried from `now` on.
    fn failed(&mut self, id: &str, failure: &Failure, now: Timestamp) {
        let (key, reason) = (Key::new(id), Reason::from(failure.code()));
        let mut desk = Desk::clone(&self.reading.board.desk());
        let known = desk.views.get(&key).and_then(|standing| standing.stale.as_ref());
        if known.is_none_or(|stale| stale.reason != reason) {
            let connection = &self.reading.source.connection;
            tracing::warn!(connection, view = id, error = %failure, "a ticket view could not be read");
        }
        if let Some(standing) = desk.views.get_mut(&key) {
            let Standing { view, read_at, .. } = Standing::clone(standing);
            let stale = Some(Stale { since: Some(read_at), reason: reason.clone() });
            *standing = Standing { view, read_at, tried_at: now, stale }.into();
        }
        if let Some(unread) = desk.unread.get_mut(&key) {
            *unread = Some(reason);
        }
        if desk.read_at.is_none() {
            note_whole(&mut desk, now);
        }
        self.reading.board.put(desk);
        let (common, asked) = (failure.is_common(), failure.retry_after());
        self.schedule.failed(id, common, asked, rand::random(), Instant::now());
    }
}

/// The view was read at `now`, be it that it changed all the time.
fn note_view(desk: &mut Desk, key: &Key, now: Timestamp, since: Option<Timestamp>, whole: bool) {
    let Some(standing) = desk.views.get_mut(key) else { return };
    let (read_at, stale) = match whole {
        true => (now, None),
        false => (since.unwrap_or(now), Some(Stale { since, reason: Failure::Changing.code().into() })),
    };
    *standing = Standing { view: standing.view.clone(), read_at, tried_at: now, stale }.into();
    desk.unread.remove(key);
    note_whole(desk, now);
}

/// The first desk is served when each view on it was tried.
fn note_whole(desk: &mut Desk, now: Timestamp) {
    if desk.stale.is_none() && (desk.read_at.is_some() || desk.unread.values().all(Option::is_some)) {
        desk.read_at = Some(now);
    }
}
