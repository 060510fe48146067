//! Forgets what was stored about a person, and not that something was: an event keeps its id, its lane, its times and its
//! outcome, and is known again when it is sent again.
//!
//! What was begun can be done again: an event's own content goes last, so that it is found as long as anything of it is
//! left.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Store, StoreError,
    connections::is_of,
    copy::Pages,
    tables::{ATTEMPTS, DELIVERIES, EFFECTS, EVENTS, LINKS, Row, Table, Value},
};
use crate::event::{EventId, Lane, Status, Subject};

/// What is to be forgotten.
#[derive(Debug)]
pub struct Erasure {
    /// Of which connection, with the messages to its subscribers; `None` for all of which anything is kept, configured or not.
    pub connection: Option<String>,
    /// About whom.
    pub subject: Subject,
    /// True gives up events that have not come to rest, and forgets them, too.
    pub discard_waiting: bool,
    /// True changes nothing.
    pub dry_run: bool,
}

/// What was forgotten, or would be.
#[derive(Debug, Default)]
pub struct Erased {
    /// Events of connections.
    pub events: u64,
    /// Messages to their subscribers.
    pub messages: u64,
    /// Notes of what was to be made at the target.
    pub effects: u64,
    /// Notes of what was last written to the target's entities.
    pub links: u64,
    /// What is left.
    pub waiting: Vec<Waiting>,
    /// False if a reader of the file still held what was there before: it goes with the next writes.
    pub scrubbed: bool,
    /// Entities counted in `links`: several events can be about one.
    linked: BTreeSet<(String, String)>,
}

impl Erased {
    /// One more, with its effects, and whether there was a note of what was last written to its entity.
    fn count(&mut self, journal: String, lane: Lane, effects: u64, was_written: bool) {
        match journal.contains('.') {
            true => self.messages += 1,
            false => self.events += 1,
        }
        self.effects += effects;
        if was_written && self.linked.insert((journal, lane.to_string())) {
            self.links += 1;
        }
    }
}

/// An event that holds something of the person and is left: it has not come to rest, or a worker has it or another event of its
/// lane in hand. Then the erasure is to be asked for again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The journal it is in: the connection's name, or its and a subscriber's.
    pub journal: String,
    /// Its id.
    pub id: EventId,
    /// Where it stands.
    pub status: Status,
}

impl Erasure {
    fn covers(&self, journal: &str) -> bool {
        self.connection.as_deref().is_none_or(|connection| is_of(journal, connection))
    }

    /// True if no journal from this one on is covered.
    fn is_behind(&self, journal: &str) -> bool {
        self.connection.as_ref().is_some_and(|connection| !journal.starts_with(connection.as_str()))
    }
}

impl Store {
    /// Forgets the content of all events that hold something of a person, event by event. Reads through everything.
    pub async fn erase(&self, erasure: &Erasure, now: Timestamp) -> Result<Erased, StoreError> {
        let mut erased = Erased { scrubbed: true, ..Erased::default() };
        for (journal, sequence) in self.holding(erasure).await? {
            self.erase_event(erasure, &journal, sequence, now, &mut erased).await?;
        }
        if !erasure.dry_run {
            erased.scrubbed = self.engine.scrub().await?;
        }
        Ok(erased)
    }

    /// The events that hold something of the person, or whose attempts or effects do, by journal and sequence.
    async fn holding(&self, erasure: &Erasure) -> Result<BTreeSet<(String, i64)>, StoreError> {
        let mut found = BTreeSet::new();
        let connection: Vec<Value> = erasure.connection.clone().map(Value::Text).into_iter().collect();
        for (table, from) in [(EVENTS, &[][..]), (ATTEMPTS, &connection), (EFFECTS, &connection)] {
            let mut pages = Pages::of(table, Some(table.least(from)));
            'pages: while let Some(page) = pages.next(self).await? {
                for row in page {
                    let journal = table.text(&row, "connection");
                    if table.key > 1 && erasure.is_behind(journal) {
                        break 'pages;
                    }
                    if erasure.covers(journal) && self.is_about(table, &row, &erasure.subject)? {
                        found.insert((journal.to_owned(), table.integer(&row, "seq")));
                    }
                }
            }
        }
        Ok(found)
    }

    fn is_about(&self, table: &Table, row: &Row, subject: &Subject) -> Result<bool, StoreError> {
        let row = self.keys.opened_row(table, row.clone())?;
        let content = table.columns.iter().zip(&row).filter(|(column, _)| column.seal.is_some());
        Ok(content.into_iter().any(|(_, value)| match value {
            Value::Text(text) => subject.is_in(text.as_bytes()),
            Value::Bytes(bytes) => subject.is_in(bytes),
            Value::Null | Value::Integer(_) => false,
        }))
    }

    async fn erase_event(
        &self,
        erasure: &Erasure,
        journal: &str,
        sequence: i64,
        now: Timestamp,
        erased: &mut Erased,
    ) -> Result<(), StoreError> {
        let key = [Value::Text(journal.to_owned()), Value::Integer(sequence)];
        let Some(delivery) = self.row(DELIVERIES, &key).await? else { return Ok(()) };
        let Some(event) = self.row(EVENTS, &[Value::Integer(sequence)]).await? else { return Ok(()) };
        let lane: Lane = parsed(EVENTS.text(&event, "lane"))?;
        let mut waiting = Waiting {
            journal: journal.to_owned(),
            id: EventId::stored(EVENTS.text(&event, "id").to_owned()),
            status: parsed(DELIVERIES.text(&delivery, "status"))?,
        };
        let forgotten = match self.comes_to_rest(erasure, &mut waiting, &delivery, now).await? {
            true => self.forget_written(journal, &lane, erasure.dry_run, now).await?,
            false => None,
        };
        let Some(forgotten) = forgotten else {
            erased.waiting.push(waiting);
            return Ok(());
        };
        let effects = self.rows_of(EFFECTS, &key).await?;
        erased.count(waiting.journal, lane, effects.len() as u64, forgotten);
        if erasure.dry_run {
            return Ok(());
        }
        self.blank(EFFECTS, &key, &[("sent", NOTHING), ("answered_at", millis(now))]).await?;
        self.blank(ATTEMPTS, &key, &[("message", Value::Null), ("calls", Value::Null)]).await?;
        let told = &[("message", Value::Null), ("ignored", Value::Null)];
        self.blank(DELIVERIES, &key, told).await?;
        self.blank(EVENTS, &[Value::Integer(sequence)], &[("body", Value::Bytes(Vec::new()))]).await
    }

    /// True if an event is at rest, or was given up, or would be; false if a worker has it or another of its lane in hand, or it
    /// is to be kept.
    async fn comes_to_rest(
        &self,
        erasure: &Erasure,
        waiting: &mut Waiting,
        delivery: &Row,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (journal, status) = (waiting.journal.as_str(), waiting.status);
        // Whoever has another event of the lane in hand would write again what is known of both.
        if self.engine.is_lane_in_hand(journal, DELIVERIES.text(delivery, "lane"), now).await? {
            return Ok(false);
        }
        if matches!(status, Status::Delivered | Status::Skipped | Status::Discarded) {
            return Ok(true);
        }
        if !erasure.discard_waiting || erasure.dry_run {
            return Ok(erasure.discard_waiting);
        }
        let given_up = self.give_up(journal, DELIVERIES.integer(delivery, "seq"), now).await?;
        if given_up {
            waiting.status = Status::Discarded;
        }
        Ok(given_up)
    }

    /// False if a worker has the event in hand.
    async fn give_up(&self, journal: &str, sequence: i64, now: Timestamp) -> Result<bool, StoreError> {
        let given_up = self.engine.give_up(journal, vec![sequence], now).await?;
        self.bells.arrived(journal);
        given_up.iter().for_each(|sequence| self.bells.settled(journal.to_owned(), *sequence));
        Ok(!given_up.is_empty())
    }

    /// What was written to a lane's entity is then taken for unknown, but not how new it was. True if there was something; none if
    /// a worker was given it meanwhile, who would write it again.
    async fn forget_written(
        &self,
        journal: &str,
        lane: &Lane,
        dry_run: bool,
        now: Timestamp,
    ) -> Result<Option<bool>, StoreError> {
        for _ in 0..TRIES {
            let link = self.engine.link(journal, &lane.into()).await?;
            let change = link.and_then(|link| self.forgetting(journal, link));
            let (changes, name) = (Vec::from_iter(change), lane.to_string());
            let meant = changes.len() as u64;
            if dry_run {
                return Ok(Some(meant > 0));
            }
            match self.engine.change_rows_at_rest(journal, &name, LINKS, changes, now).await? {
                Some(changed) if changed == meant => return Ok(Some(meant > 0)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
        Err(StoreError::Overloaded)
    }

    /// Sets columns of the rows of a key; those that were set already stay as they are where the value is a time.
    async fn blank(
        &self,
        table: &'static Table,
        key: &[Value],
        values: &[(&str, Value)],
    ) -> Result<(), StoreError> {
        let blanked = |row: &Row| {
            let columns = table.columns.iter().zip(row);
            let value =
                |name: &str| values.iter().find(|(column, _)| *column == name).map(|(_, value)| value);
            let blanked = columns.map(|(column, old)| match (value(column.name), old) {
                (Some(Value::Integer(_)), Value::Integer(_)) | (None, _) => old.clone(),
                (Some(new), _) => new.clone(),
            });
            blanked.collect::<Row>()
        };
        for _ in 0..TRIES {
            let rows = self.rows_of(table, key).await?;
            let changes = rows.into_iter().map(|row| (row.clone(), blanked(&row)));
            let changes: Vec<_> = changes.filter(|(before, after)| before != after).collect();
            let meant = changes.len() as u64;
            if self.engine.change_rows(table, changes).await? == meant {
                return Ok(());
            }
        }
        Err(StoreError::Overloaded)
    }

    /// The row of a key.
    async fn row(&self, table: &'static Table, key: &[Value]) -> Result<Option<Row>, StoreError> {
        let mut before = key.to_vec();
        if let Some(Value::Integer(last)) = before.last_mut() {
            *last -= 1;
        }
        let found = self.engine.rows(table, Some(before), 1).await?.pop();
        Ok(found.filter(|row| row.starts_with(key)))
    }

    /// The rows of a table whose keys begin so.
    async fn rows_of(&self, table: &'static Table, key: &[Value]) -> Result<Vec<Row>, StoreError> {
        if key.len() == table.key {
            return Ok(self.row(table, key).await?.into_iter().collect());
        }
        let mut pages = Pages::of(table, Some(table.least(key)));
        let mut rows = Vec::new();
        while let Some(page) = pages.next(self).await? {
            let all = rows.len() + page.len();
            rows.extend(page.into_iter().take_while(|row| row.starts_with(key)));
            if rows.len() < all {
                break;
            }
        }
        Ok(rows)
    }
}

/// Times that rows are read and emptied before it is given up, where others (who encrypt under another key) write them
/// meanwhile.
const TRIES: usize = 5;
const NOTHING: Value = Value::Text(String::new());

fn millis(now: Timestamp) -> Value {
    Value::Integer(now.as_millisecond())
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| StoreError::Corrupt(format!("{text}: {error}")))
}
