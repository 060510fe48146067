//! Of several processes on one store one reads a connection's views, and the others follow it and stand ready.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use tokio::time::Instant;

use super::{
    Reading,
    desk::Desk,
    follow::{STATE, State},
    lead::Leader,
};
use crate::store::StoreError;

/// For how long a process reads without a further word: so long nobody does after it died.
const TENURE: Duration = Duration::from_secs(15);
/// Time between two words, and between two looks whether somebody has to take over.
const WORD_EVERY: Duration = Duration::from_secs(4);
/// Time between two looks at what others want, and of those others at what was written, should its news be lost.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Time between two notes of how fresh the views are, unless somebody waits for one.
const NOTE_EVERY: Duration = Duration::from_secs(5);
/// The beginning of the names under which a view and a ticket are kept that another process wants to have read.
const WANTED_VIEW: &str = "ticketviews/ask/";
const WANTED_TICKET: &str = "ticketviews/haste/";
/// Tickets that a process passes on at a look. More than that are found by the list of views or in their turn.
const MOST_TICKETS: usize = 100;

impl Reading {
    /// Reads for ever, or follows whoever does. `holder` is this process among others.
    pub(super) async fn keep_fresh(&self, holder: &str) {
        if !self.store.is_shared() {
            tokio::join!(Leader::new(self).run(), self.keep_pruned());
            return;
        }
        loop {
            self.follow_until_turn(holder).await;
            tracing::info!(connection = self.source.connection, "this process reads the ticket views");
            tokio::select! {
                () = self.keep_turn(holder) => {}
                () = Leader::new(self).run() => {}
                () = self.keep_pruned() => {}
                () = self.serve_others() => {}
            }
            tracing::info!(connection = self.source.connection, "another process reads the ticket views");
        }
    }

    /// Lets another process read from now on. Nothing is lost if it fails: the turn ends by itself.
    pub(super) async fn release(&self, holder: &str) {
        if self.store.is_shared() {
            self.turn(holder, Duration::ZERO).await.ok();
        }
    }

    /// True if this process reads for so long from now.
    async fn turn(&self, holder: &str, tenure: Duration) -> Result<bool, StoreError> {
        let (now, name) = (Timestamp::now(), format!("ticketviews/{}", self.source.connection));
        let until = now.checked_add(tenure).unwrap_or(Timestamp::MAX);
        self.store.lead(&name, holder, until, now).await
    }

    /// Returns when the turn is another's, or may be.
    async fn keep_turn(&self, holder: &str) {
        let mut sure_until = Instant::now() + TENURE;
        loop {
            tokio::time::sleep(WORD_EVERY).await;
            let asked = Instant::now();
            match self.turn(holder, TENURE).await {
                Ok(true) => sure_until = asked + TENURE,
                Ok(false) => return,
                Err(_) if Instant::now() >= sure_until => return,
                Err(_) => {}
            }
        }
    }

    /// Follows until it is this process's turn to read, with all in hand that was written so far.
    async fn follow_until_turn(&self, holder: &str) {
        let news = self.store.view_news(&self.source.connection);
        let (mut word_at, mut failing) = (Instant::now(), false);
        loop {
            let is_time = word_at <= Instant::now();
            match self.look(is_time.then_some(holder)).await {
                Ok(true) => return,
                Ok(false) => failing = false,
                Err(error) => {
                    if !failing {
                        tracing::warn!(connection = self.source.connection, %error, "what is known of ticket views can't be read");
                    }
                    failing = true;
                }
            }
            if is_time {
                word_at = Instant::now() + WORD_EVERY;
            }
            tokio::select! {
                () = news.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Whether it is this process's turn, if it stands ready; if not, what the other one wrote is taken in, and told what is
    /// wanted of it.
    async fn look(&self, ready: Option<&str>) -> Result<bool, StoreError> {
        if let Some(holder) = ready
            && self.turn(holder, TENURE).await?
        {
            self.catch_up().await?;
            return Ok(true);
        }
        self.follow().await?;
        self.measure();
        self.pass_on().await?;
        Ok(false)
    }

    /// Tells the process that reads what is wanted of this one.
    async fn pass_on(&self) -> Result<(), StoreError> {
        let (wanted, now) = (self.board.asks.take(), Timestamp::now());
        let views = wanted.views.iter().map(|view| format!("{WANTED_VIEW}{view}"));
        let tickets = wanted.tickets.iter().take(MOST_TICKETS).map(|id| format!("{WANTED_TICKET}{id}"));
        for name in views.chain(tickets) {
            self.store.put_cursor(&self.source.connection, &name, &now.to_string(), now).await?;
        }
        Ok(())
    }

    /// Does what other processes want, and tells them how fresh the views are.
    async fn serve_others(&self) {
        let mut served = Served::default();
        loop {
            if let Err(error) = served.look(self).await {
                tracing::debug!(connection = self.source.connection, %error, "other processes can't be told of ticket views");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// What others were told and what they wait for.
#[derive(Default)]
struct Served {
    /// Views that others want.
    waiting: BTreeMap<String, Ask>,
    told: Option<(State, Instant)>,
}

/// That a view is wanted.
struct Ask {
    /// As the other process wrote it.
    place: String,
    /// The time of this process at which it was asked for here.
    at: Timestamp,
}

impl Served {
    async fn look(&mut self, reading: &Reading) -> Result<(), StoreError> {
        self.heed(reading).await?;
        let desk = reading.board.desk();
        let answered: Vec<String> = self
            .waiting
            .iter()
            .filter(|(view, ask)| was_tried(&desk, view, ask.at))
            .map(|(view, _)| view.clone())
            .collect();
        self.tell(reading, &desk, !answered.is_empty()).await?;
        for view in answered {
            self.forget(reading, &view).await?;
        }
        Ok(())
    }

    /// Unless it was asked for again since: the next look finds that.
    async fn forget(&mut self, reading: &Reading, view: &str) -> Result<(), StoreError> {
        let (connection, name) = (&reading.source.connection, format!("{WANTED_VIEW}{view}"));
        let place = reading.store.cursor(connection, &name).await?;
        if self.waiting.get(view).is_some_and(|ask| Some(&ask.place) == place.as_ref()) {
            reading.store.forget_cursor(connection, &name).await?;
            self.waiting.remove(view);
        }
        Ok(())
    }

    async fn heed(&mut self, reading: &Reading) -> Result<(), StoreError> {
        let connection = &reading.source.connection;
        for (name, _) in reading.store.cursors(connection, WANTED_TICKET).await? {
            reading.board.asks.ticket(name.strip_prefix(WANTED_TICKET).unwrap_or_default());
            reading.store.forget_cursor(connection, &name).await?;
        }
        let wanted = reading.store.cursors(connection, WANTED_VIEW).await?;
        // What is no longer there was forgotten by another, and is asked for anew if it comes back.
        self.waiting
            .retain(|view, _| wanted.iter().any(|(name, _)| name.strip_prefix(WANTED_VIEW) == Some(view)));
        for (name, place) in wanted {
            let view = name.strip_prefix(WANTED_VIEW).unwrap_or_default();
            if self.waiting.get(view).is_none_or(|ask| ask.place != place) {
                self.waiting.insert(view.to_owned(), Ask { place, at: Timestamp::now() });
                reading.board.asks.view(view);
            }
        }
        Ok(())
    }

    async fn tell(&mut self, reading: &Reading, desk: &Desk, at_once: bool) -> Result<(), StoreError> {
        let state = State::of(desk);
        let told = self
            .told
            .as_ref()
            .is_some_and(|(told, at)| *told == state || (!at_once && *at + NOTE_EVERY > Instant::now()));
        if told {
            return Ok(());
        }
        let text = serde_json::to_string(&state).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        reading.store.put_cursor(&reading.source.connection, STATE, &text, Timestamp::now()).await?;
        self.told = Some((state, Instant::now()));
        Ok(())
    }
}

/// True for a view that was tried since, or can't be.
fn was_tried(desk: &Desk, view: &str, since: Timestamp) -> bool {
    let down = desk.stale.is_some() && desk.tried_at >= Some(since);
    let tried = desk.enabled(view).is_ok_and(|standing| standing.tried_at >= since);
    let unknown = !desk.unread.contains_key(&super::desk::Key::new(view)) && desk.enabled(view).is_err();
    down || tried || unknown
}
