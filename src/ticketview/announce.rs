//! Tells subscribers what changed: each state that a view comes to becomes an event in the journal of each of them, and is
//! delivered from there as any other event is.
//!
//! Promises: one event for each state and subscriber, whichever process dies or takes over when. The state's number is
//! the event's id, which a journal takes once; and how far a subscriber was told is written down after its events are on
//! disk. Who is new hears of what comes after. What was pruned before it could be told is not told.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Reading, news::News};
use crate::{
    event::{Event, EventId, EventType, Lane},
    store::{Accepted, StoreError},
};

/// States that are told at once.
const SOME: usize = 50;
/// Wait after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(2);
/// For how long one of several processes does this, unless it says so again.
const TENURE: Duration = Duration::from_secs(10);

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
        format!("webhooks/{}", self.name)
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

    /// Tells for ever; ends at once where nobody listens.
    pub(super) async fn run(self) {
        while !self.reading.source.subscribers.is_empty() {
            match self.round().await {
                Ok(Some(told)) => self.reading.board.feed.beyond(told).await,
                // Another process does it, as long as it lives.
                Ok(None) => tokio::time::sleep(TENURE).await,
                Err(error) => {
                    let connection = &self.reading.source.connection;
                    tracing::error!(connection, %error, "subscribers could not be told what changed");
                    tokio::time::sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Tells some of what was not told yet. The number up to which everything was told then; nothing if that is another
    /// process's matter.
    async fn round(&self) -> Result<Option<i64>, StoreError> {
        let (reading, connection) = (self.reading, &self.reading.source.connection);
        if !self.leads().await? {
            return Ok(None);
        }
        let newest = reading.board.desk().version;
        let heard = self.heard(newest).await?;
        let from = heard.iter().copied().min().unwrap_or(newest);
        let (news, to) = reading.news_after(from, SOME).await?;
        if to == from {
            return Ok(Some(newest.max(from)));
        }
        for (subscription, heard) in reading.source.subscribers.iter().zip(heard) {
            let unheard = news.iter().filter(|news| news.cursor > heard && subscription.wants(&news.view));
            self.tell(subscription, unheard).await?;
            let (cursor, at) = (subscription.cursor(), to.max(heard).to_string());
            reading.store.put_cursor(connection, &cursor, &at, Timestamp::now()).await?;
        }
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

    /// Up to where each subscriber was told; up to `newest`, if it is new.
    async fn heard(&self, newest: i64) -> Result<Vec<i64>, StoreError> {
        let (store, source) = (&self.reading.store, &self.reading.source);
        let mut heard = Vec::with_capacity(source.subscribers.len());
        for subscription in &source.subscribers {
            let cursor = subscription.cursor();
            let kept = store.cursor(&source.connection, &cursor).await?.and_then(|at| at.parse().ok());
            if kept.is_none() {
                let now = Timestamp::now();
                store.put_cursor(&source.connection, &cursor, &newest.to_string(), now).await?;
            }
            heard.push(kept.unwrap_or(newest));
        }
        Ok(heard)
    }

    async fn tell(
        &self,
        subscription: &Subscription,
        news: impl Iterator<Item = &News>,
    ) -> Result<(), StoreError> {
        let (reading, journal) = (self.reading, &subscription.journal);
        let event = |news| event(&reading.source.connection, journal, news);
        let events: Vec<Event> = news.map(event).collect::<Result<_, _>>()?;
        if events.is_empty() {
            return Ok(());
        }
        let now = Timestamp::now();
        let mut accepted = reading.store.accept_all(journal, events.clone(), now).await?;
        if accepted.contains(&Accepted::Conflict) {
            // One was told already, when more was known of the state before it; the others were not accepted with it.
            accepted.clear();
            for event in events {
                accepted.push(reading.store.accept(event, now).await?);
            }
        }
        for accepted in accepted {
            reading.metrics.accepted(journal, !matches!(accepted, Accepted::New { .. }));
        }
        Ok(())
    }
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
    let data: &RawValue = serde_json::from_slice(&news.data).map_err(unwritable)?;
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
