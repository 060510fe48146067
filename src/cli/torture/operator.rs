//! The person at the journal: waits until all is quiet, and does with what is parked what its record advises.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{super::Failure, effects::Effects, stage::Stage};
use crate::torture::{Ended, Record, What};

/// Between two looks whether all is quiet.
const LOOK: Duration = Duration::from_millis(100);
/// How long nothing may change before it is said that it never ends: longer than any lease and any wait of a retry.
const STUCK: Duration = Duration::from_secs(330);
/// How long the service may take to answer again.
const RECOVERY: Duration = Duration::from_secs(60);
/// Events on a page.
const PAGE: usize = 500;
/// Reasons that say: it may have taken effect or not, go and look.
const UNCERTAIN: [&str; 3] = ["uncertain", "outcome_unknown", "created_id_unknown"];
/// The reason that says: the process died of it or beside it, too often to go on without being asked.
const INTERRUPTED: &str = "interrupted";

pub(super) struct Operator {
    client: reqwest::Client,
    events: String,
    key: String,
    /// Events of which it was said that their outcome can't be told.
    uncertain: HashSet<String>,
    /// Those of them that are left as they are.
    left: BTreeSet<String>,
}

impl Operator {
    pub(super) fn of(stage: &Stage) -> Result<Self, Failure> {
        Ok(Self {
            client: reqwest::Client::new(),
            events: stage.urls().into_iter().next().ok_or_else(|| Failure::work("no process"))?,
            key: stage.key.clone(),
            uncertain: HashSet::new(),
            left: BTreeSet::new(),
        })
    }

    /// True if the journal has no event yet.
    pub(super) async fn is_new(&self) -> Result<bool, Failure> {
        Ok(self.page(&[("limit", "1".into())]).await?.is_empty())
    }

    /// polls: the journal, until every event has ended, or waits behind one that can't.
    pub(super) async fn settle(&mut self, effects: &mut Effects) -> Result<(), Failure> {
        let (mut before, mut since) = (usize::MAX, Instant::now());
        while since.elapsed() < STUCK {
            self.look_after(effects).await?;
            let open = self.open().await?;
            match open {
                0 => return Ok(()),
                open if open != before => (before, since) = (open, Instant::now()),
                _ => {}
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Where every event after the `floor`th of the journal stands, newest first.
    pub(super) async fn records(&self, floor: i64, effects: &Effects) -> Result<Vec<Record>, Failure> {
        let held = self.held_lanes().await?;
        let mut records = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.page(&[("limit", PAGE.to_string()), ("cursor", cursor.clone())]).await?;
            for event in &page {
                let sequence = event["sequence"].as_i64().unwrap_or_default();
                if sequence <= floor {
                    return Ok(records);
                }
                records.push(self.record(event, sequence, &held, effects).await?);
                cursor = sequence.to_string();
            }
            if page.len() < PAGE {
                return Ok(records);
            }
        }
    }

    async fn record(
        &self,
        event: &Value,
        sequence: i64,
        held: &HashSet<String>,
        effects: &Effects,
    ) -> Result<Record, Failure> {
        let (id, status) = (text(event, "/id").to_owned(), text(event, "/status"));
        let reason = text(event, "/reason/code").to_owned();
        let ended = match status {
            "delivered" | "skipped" => Ended::Applied,
            "discarded" => Ended::GivenUp,
            "parked" => Ended::Held(reason),
            "dead" => Ended::Refused(reason),
            "accepted" if held.contains(text(event, "/lane")) => Ended::Behind,
            other => Ended::Open(other.to_owned()),
        };
        let uncertain = self.uncertain.contains(&id) || self.is_marked(&id, effects).await?;
        Ok(Record { event: id, sequence, ended, uncertain })
    }

    /// True if the record of a reply that came more than once says that it may have.
    async fn is_marked(&self, id: &str, effects: &Effects) -> Result<bool, Failure> {
        let replies = effects.of_event(id).into_iter().filter(|effect| effect.what == What::Replied);
        if replies.count() < 2 {
            return Ok(false);
        }
        let record = self.answer(self.client.get(format!("{}/{id}", self.events))).await?;
        let ignored = record["ignored"].as_array().cloned().unwrap_or_default();
        Ok(ignored.iter().any(|part| part["reason"] == "possibly_twice"))
    }

    /// Does with each parked event what its record says. One whose ticket or company is there already stays: to give
    /// it up would leave the later events of its lane without what they are about.
    async fn look_after(&mut self, effects: &mut Effects) -> Result<(), Failure> {
        let parked = self.page(&[("status", "parked".into()), ("limit", PAGE.to_string())]).await?;
        for event in parked {
            let (id, code) = (text(&event, "/id").to_owned(), text(&event, "/reason/code"));
            if UNCERTAIN.contains(&code) && !self.left.contains(&id) {
                self.uncertain.insert(id.clone());
                effects.look()?;
                let done = effects.of_event(&id);
                match done.first().map(|effect| effect.what) {
                    None => self.order(&id, "replay", json!({ "key": "new" })).await?,
                    Some(What::Replied | What::Changed) => self.order(&id, "discard", Value::Null).await?,
                    Some(What::Made) => drop(self.left.insert(id)),
                }
            } else if code == INTERRUPTED {
                self.order(&id, "replay", json!({})).await?;
            }
        }
        Ok(())
    }

    async fn order(&self, id: &str, what: &str, how: Value) -> Result<(), Failure> {
        let request = self.client.post(format!("{}/{id}/{what}", self.events));
        let request = if how.is_null() { request } else { request.json(&how) };
        self.answer(request).await.map(drop)
    }

    /// How many events have neither ended nor a reason to wait; as many as a page has, at most.
    async fn open(&self) -> Result<usize, Failure> {
        let mut open = 0;
        for status in ["delivering", "retrying"] {
            open += self.page(&[("status", status.into()), ("limit", PAGE.to_string())]).await?.len();
        }
        let waiting = self.page(&[("status", "accepted".into()), ("limit", PAGE.to_string())]).await?;
        if waiting.is_empty() {
            return Ok(open);
        }
        let held = self.held_lanes().await?;
        Ok(open + waiting.iter().filter(|event| !held.contains(text(event, "/lane"))).count())
    }

    /// The lanes that wait for a person.
    async fn held_lanes(&self) -> Result<HashSet<String>, Failure> {
        let mut held = HashSet::new();
        for status in ["parked", "dead"] {
            let page = self.page(&[("status", status.into()), ("limit", PAGE.to_string())]).await?;
            held.extend(page.iter().map(|event| text(event, "/lane").to_owned()));
        }
        Ok(held)
    }

    async fn page(&self, query: &[(&str, String)]) -> Result<Vec<Value>, Failure> {
        let query: Vec<_> = query.iter().filter(|(_, value)| !value.is_empty()).collect();
        let body = self.answer(self.client.get(&self.events).query(&query)).await?;
        Ok(body["events"].as_array().cloned().unwrap_or_default())
    }

    /// polls: the service, as long as it can't answer: its database may have died a moment ago.
    async fn answer(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let begun = Instant::now();
        loop {
            let again = request.try_clone().ok_or_else(|| Failure::work("a call can't be made again"))?;
            match self.once(again).await {
                Err(_) if begun.elapsed() < RECOVERY => tokio::time::sleep(LOOK).await,
                answered => return answered,
            }
        }
    }

    async fn once(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let answer = request.bearer_auth(&self.key).send().await.map_err(Failure::work)?;
        let status = answer.status();
        let body = answer.json::<Value>().await.map_err(Failure::work)?;
        if status.is_success() {
            return Ok(body);
        }
        Err(Failure::Work(format!("an operator's call was refused with {status}: {body}")))
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
