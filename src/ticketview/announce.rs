//! Tells subscribers what changed: each state that a view comes to becomes an event in the journal of each of them, and is
//! delivered from there as any other event is.
//!
//! Promises: one event for each state and subscriber, whichever process dies or takes over when. The state's number is
//! the event's id, which a journal takes once; and how far a subscriber was told is written down after its events are on
//! disk. Who is new hears of what comes after, and who was a subscriber before is new. What was pruned before it could be
//! told is not told. None waits for another, and what can't be told to one is left out.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Reading, news::News};
use crate::{
    event::{Event, EventId, EventType, Lane},
    json,
    store::{Accepted, StoreError},
};

/// States that are told at once.
const SOME: usize = 50;
/// Wait after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(2);
/// For how long one of several processes does this, unless it says so again.
const TENURE: Duration = Duration::from_secs(10);

/// Tries of an event that the store refuses for good, before it is left out.
const TRIES: u32 = 3;
/// What the names of all cursors of subscribers begin with.
const CURSORS: &str = "webhooks/";

/// Somebody who is told what changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its name within the connection.
    pub name: String,
    /// The connection that its events belong to in the journal.
    pub journal: String,
    /// Ids of the views that it hears of; `None` for all.
    pub views: Option<BTreeSet<String>>,
}

impl Subscription {
    fn wants(&self, view: &str) -> bool {
        self.views.as_ref().is_none_or(|views| views.contains(view))
    }

    /// Under what it is kept how far it was told.
    fn cursor(&self) -> String {
        format!("{CURSORS}{}", self.name)
    }
}

/// Tells the subscribers of one connection.
pub(super) struct Announcer<'a> {
    reading: &'a Reading,
    /// This process among others.
    holder: String,
}

impl<'a> Announcer<'a> {
    pub(super) fn new(reading: &'a Reading) -> Self {
        Self { reading, holder: format!("{:016x}", rand::random::<u64>()) }
    }

    /// Tells for ever; ends where nobody listens. Each is told for itself, so that none waits for another.
    pub(super) async fn run(self) {
        while let Err(error) = self.forget_strangers().await {
            self.failed("*", &error).await;
        }
        join_all(self.reading.source.subscribers.iter().map(|subscription| self.keep_told(subscription)))
            .await;
    }

    async fn keep_told(&self, subscription: &Subscription) {
        loop {
            match self.round(subscription).await {
                Ok(Some(told)) => self.reading.board.feed.beyond(told).await,
                // Another process does it, as long as it lives.
                Ok(None) => tokio::time::sleep(TENURE).await,
                Err(error) => self.failed(&subscription.name, &error).await,
            }
        }
    }

    async fn failed(&self, subscriber: &str, error: &StoreError) {
        let connection = &self.reading.source.connection;
        tracing::error!(connection, subscriber, %error, "subscribers could not be told what changed");
        tokio::time::sleep(STORE_PAUSE).await;
    }

    /// Forgets how far those were told who are no longer subscribers: who comes back is new.
    async fn forget_strangers(&self) -> Result<(), StoreError> {
        let (store, source) = (&self.reading.store, &self.reading.source);
        for (cursor, _) in store.cursors(&source.connection, CURSORS).await? {
            if !source.subscribers.iter().any(|subscription| subscription.cursor() == cursor) {
                store.forget_cursor(&source.connection, &cursor).await?;
            }
        }
        Ok(())
    }

    /// Tells some of what was not told yet. The number up to which everything was told then; nothing if that is another
    /// process's matter.
    async fn round(&self, subscription: &Subscription) -> Result<Option<i64>, StoreError> {
        let (reading, connection) = (self.reading, &self.reading.source.connection);
        if !self.leads().await? {
            return Ok(None);
        }
        let newest = reading.board.desk().version;
        let heard = self.heard(subscription, newest).await?;
        let (news, to) = reading.news_after(heard, SOME).await?;
        if to == heard {
            return Ok(Some(newest.max(heard)));
        }
        self.tell(subscription, news.iter().filter(|news| subscription.wants(&news.view))).await?;
        reading
            .store
            .put_cursor(connection, &subscription.cursor(), &to.to_string(), Timestamp::now())
            .await?;
        Ok(Some(to))
    }

    async fn leads(&self) -> Result<bool, StoreError> {
        let store = &self.reading.store;
        if !store.is_shared() {
            return Ok(true);
        }
        let now = Timestamp::now();
        let (name, until) = (format!("webhooks/{}", self.reading.source.connection), now.checked_add(TENURE));
        store.lead(&name, &self.holder, until.unwrap_or(now), now).await
    }

    /// Up to where a subscriber was told; up to `newest`, if it is new.
    async fn heard(&self, subscription: &Subscription, newest: i64) -> Result<i64, StoreError> {
        let (store, connection) = (&self.reading.store, &self.reading.source.connection);
        let cursor = subscription.cursor();
        if let Some(heard) = store.cursor(connection, &cursor).await?.and_then(|at| at.parse().ok()) {
            return Ok(heard);
        }
        store.put_cursor(connection, &cursor, &newest.to_string(), Timestamp::now()).await?;
        Ok(newest)
    }

    async fn tell(
        &self,
        subscription: &Subscription,
        news: impl Iterator<Item = &News>,
    ) -> Result<(), StoreError> {
        let (reading, journal) = (self.reading, &subscription.journal);
        let mut events = Vec::new();
        for news in news {
            match event(&reading.source.connection, journal, news) {
                Ok(event) => events.push(event),
                Err(error) => lost(journal, news.cursor, &error),
            }
        }
        if events.is_empty() {
            return Ok(());
        }
        let accepted = match reading.store.accept_all(journal, events.clone(), Timestamp::now()).await {
            Err(error) if error.may_pass() => return Err(error),
            // One was told already, when more was known of the state before it, or can't be kept; the others were not
            // accepted with it.
            Err(_) => self.each(events).await?,
            Ok(accepted) if accepted.contains(&Accepted::Conflict) => self.each(events).await?,
            Ok(accepted) => accepted,
        };
        for accepted in accepted {
            reading.metrics.accepted(journal, !matches!(accepted, Accepted::New { .. }));
        }
        Ok(())
    }

    /// Accepts each for itself, and leaves out what the store won't have however often it is asked.
    async fn each(&self, events: Vec<Event>) -> Result<Vec<Accepted>, StoreError> {
        let mut accepted = Vec::with_capacity(events.len());
        for event in events {
            for trial in 1..=TRIES {
                match self.reading.store.accept(event.clone(), Timestamp::now()).await {
                    Ok(one) => {
                        accepted.push(one);
                        break;
                    }
                    Err(error) if error.may_pass() => return Err(error),
                    Err(error) if trial == TRIES => {
                        lost(&event.connection, event.version.unwrap_or_default(), &error);
                    }
                    // It may have been the error of another event that was written with it.
                    Err(_) => tokio::time::sleep(STORE_PAUSE).await,
                }
            }
        }
        Ok(accepted)
    }
}

/// Says that a message can't be told, now or later.
fn lost(journal: &str, cursor: i64, error: &StoreError) {
    tracing::error!(journal, cursor, %error, "a change can't be told to a subscriber, and is left out");
}

/// The event of a view's change, of which every byte follows from the state: told again, it is known again.
fn event(connection: &str, journal: &str, news: &News) -> Result<Event, StoreError> {
    #[derive(Serialize)]
    struct Body<'a> {
        id: &'a str,
        r#type: EventType,
        time: Timestamp,
        connection: &'a str,
        data: &'a RawValue,
    }
    let unwritable = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
    let (id, event_type) = (news.cursor.to_string(), EventType::TicketviewChanged);
    let data: &RawValue = json::from_slice(&news.data).map_err(unwritable)?;
    let body = Body { id: &id, r#type: event_type, time: news.at, connection, data };
    let body = serde_json::to_vec(&body).map_err(unwritable)?;
    let end = body.len() - 1;
    let lane = Lane::new(event_type.entity(), &news.view);
    Ok(Event {
        connection: journal.to_owned(),
        id: EventId::stored(id),
        event_type,
        lane: lane.map_err(|invalid| StoreError::Corrupt(invalid.to_string()))?,
        time: Some(news.at),
        traceparent: None,
        data: end - news.data.len()..end,
        body: body.into(),
        digest: None,
        hint: false,
        version: Some(news.cursor),
        verified_by: Some(Event::READ.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_an_event_is_the_news_and_its_bytes_are_always_the_same() {
        let at = "2026-11-22T18:00:00Z".parse().unwrap();
        let news =
            News { view: "15".into(), cursor: 7, at, data: r#"{"ticketview_id":15,"removed":[1]}"#.into() };
        let told = event("acme", "acme.wallboard", &news).unwrap();
        assert_eq!(told.data(), &news.data[..]);
        assert_eq!((told.lane.to_string().as_str(), told.id.as_str()), ("ticketview:15", "7"));
        assert_eq!(told.body, event("acme", "acme.wallboard", &news).unwrap().body);
        assert_eq!(
            told.body,
            r#"{"id":"7","type":"ticketview.changed","time":"2026-11-22T18:00:00Z","connection":"acme","data":{"ticketview_id":15,"removed":[1]}}"#
        );
    }
}
