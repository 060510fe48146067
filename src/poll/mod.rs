//! Reads the tickets that changed at a source whose pushes can't be relied upon, again and again.
//!
//! Promises: a change is an event on disk before the next reading starts from a later one, whatever breaks off in
//! between; what was read before is not an event again, since an event's id is a hash of what it says. Of several
//! processes on one store only one reads a connection's source at a time. It knows nothing of what becomes of the
//! events, and presses the source no harder than the client's own limit lets it.

mod cursor;
mod failure;
mod walk;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use self::{cursor::Cursor, failure::Failure, walk::Walk};
use crate::{intake::Intake, json, store::Store, telemetry::Metrics, udesk};

/// Bytes of the name by which a process leads.
const HOLDER_BYTES: usize = 8;
/// Wait while another process reads.
const BUSY_PAUSE: Duration = Duration::from_secs(5);
/// Longest wait after a reading that failed, unless the source asks for more.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A connection whose source is read.
pub struct Source {
    /// Name of the connection.
    pub connection: String,
    /// The vendor.
    pub client: udesk::Client,
    /// Time between the begins of two readings.
    pub every: Duration,
    /// How long before the newest change known every change is looked at again.
    pub overlap: Duration,
    /// The first reading's oldest change; about when it begins if not set.
    pub since: Option<Timestamp>,
    /// A stored filter whose tickets are read in place of all.
    pub filter: Option<u64>,
    /// The way in.
    pub intake: Arc<Intake>,
    /// Where the cursors are.
    pub store: Store,
    /// Where readings are counted.
    pub metrics: Arc<Metrics>,
}

/// The sources of all connections that are read, by the connection's name.
pub type Sources = HashMap<String, Arc<Source>>;

/// The readings of all connections.
pub struct Poller {
    sources: watch::Receiver<Sources>,
    holder: String,
}

impl Poller {
    /// Readings of the sources of each moment: one under way goes on with the source it began with, unless its
    /// connection is taken away.
    pub fn new(sources: watch::Receiver<Sources>) -> Self {
        Self { sources, holder: hex::encode(rand::random::<[u8; HOLDER_BYTES]>()) }
    }

    /// Reads until `stop`. A reading under way is broken off: the next one begins where it began.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut readers = JoinSet::new();
        let mut known = HashSet::new();
        while !stop.is_cancelled() {
            let named: Vec<String> = self.sources.borrow_and_update().keys().cloned().collect();
            for connection in named.into_iter().filter(|name| known.insert(name.clone())) {
                let reader =
                    Reader { connection, sources: self.sources.clone(), holder: self.holder.clone() };
                let stop = stop.clone();
                readers.spawn(async move {
                    tokio::select! { () = stop.cancelled() => {}, () = reader.run() => {} }
                });
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Ok(()) = self.sources.changed() => {}
            }
        }
        readers.join_all().await;
    }
}

/// Reads the source of one connection.
struct Reader {
    connection: String,
    sources: watch::Receiver<Sources>,
    holder: String,
}

impl Reader {
    async fn run(mut self) {
        let mut failing = None;
        loop {
            let source = self.sources.borrow_and_update().get(&self.connection).cloned();
            let Some(source) = source else {
                match self.sources.changed().await {
                    Ok(()) => continue,
                    Err(_) => return,
                }
            };
            if let Some(pause) = self.while_wanted(source.turn(&self.holder, &mut failing)).await {
                tokio::select! {
                    changed = self.sources.changed() => if changed.is_err() { return },
                    () = tokio::time::sleep(pause) => {}
                }
            }
            if !self.sources.borrow().contains_key(&self.connection) {
                failing = None;
                source.metrics.unpolled(&self.connection);
            }
        }
    }

    /// What it comes to, or nothing once the connection is not read any more.
    async fn while_wanted<T>(&self, turn: impl Future<Output = T>) -> Option<T> {
        let mut sources = self.sources.clone();
        let gone = async {
            if sources.wait_for(|sources| !sources.contains_key(&self.connection)).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! { ended = turn => Some(ended), () = gone => None }
    }
}

impl Source {
    /// Reads if a reading is due and nobody else is at it. Returns how long to wait before the next turn.
    async fn turn(&self, holder: &str, failing: &mut Option<&'static str>) -> Duration {
        let ended = self.read_if_due(holder).await;
        let code = ended.as_ref().err().map(Failure::code);
        if let Err(failure) = &ended {
            if *failing != code {
                tracing::warn!(connection = self.connection, error = %failure, "the source's list could not be read");
            }
            self.metrics.poll_failed(&self.connection, failure.code(), failure.to_string());
        } else if failing.is_some() {
            tracing::info!(connection = self.connection, "the source's list can be read again");
        }
        *failing = code;
        ended.unwrap_or_else(|failure| failure.retry_after().max(self.every.min(LONGEST_PAUSE)))
    }

    async fn read_if_due(&self, holder: &str) -> Result<Duration, Failure> {
        let now = Timestamp::now();
        if let Some(wait) = self.wait(&self.cursor(now).await?, now) {
            return Ok(wait);
        }
        let walk = Walk { source: self, holder };
        if !walk.lead().await? {
            return Ok(BUSY_PAUSE);
        }
        // Whoever led before may just have read.
        let cursor = self.cursor(now).await?;
        if let Some(wait) = self.wait(&cursor, now) {
            return Ok(wait);
        }
        let span = tracing::info_span!(
            "poll",
            otel.name = format!("poll {}", self.connection),
            connection = self.connection
        );
        let read = walk.whole(cursor.bound(self.overlap)).instrument(span).await;
        if let Ok(read) = &read {
            self.put_cursor(&cursor.next(read.newest, now), now).await?;
        }
        walk.release().await?;
        let read = read?;
        self.metrics.polled(&self.connection, now, read.lag_s);
        tracing::info!(
            connection = self.connection,
            read.tickets,
            read.changed,
            read.new,
            "the source's list was read"
        );
        Ok(self.every)
    }

    /// How long the next reading has to wait, if it is not due: this process or another has read.
    fn wait(&self, cursor: &Cursor, now: Timestamp) -> Option<Duration> {
        let wait = cursor.wait(self.every, now)?;
        self.metrics.polled_before(&self.connection, cursor.read_at()?);
        Some(wait)
    }

    /// Where the readings stand. The first one's beginning is kept, so that a restart doesn't move it.
    async fn cursor(&self, now: Timestamp) -> Result<Cursor, Failure> {
        if let Some(text) = self.store.cursor(&self.connection, &self.list()).await? {
            return Ok(json::from_str(&text)?);
        }
        let first = Cursor::first(self.since, now);
        self.put_cursor(&first, now).await?;
        Ok(first)
    }

    async fn put_cursor(&self, cursor: &Cursor, now: Timestamp) -> Result<(), Failure> {
        let text = serde_json::to_string(cursor)?;
        Ok(self.store.put_cursor(&self.connection, &self.list(), &text, now).await?)
    }

    /// What the list is called in the store: how far one was read says nothing of another.
    fn list(&self) -> String {
        match self.filter {
            None => "poll/tickets".to_owned(),
            Some(filter) => format!("poll/filters/{filter}"),
        }
    }
}
