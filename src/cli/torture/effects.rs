//! What the simulated vendor did, from its own log.

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek, SeekFrom},
    path::PathBuf,
};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{super::Failure, events};
use crate::{
    json,
    torture::{Effect, What},
};

/// The effects of a round so far.
pub(super) struct Effects {
    log: PathBuf,
    /// Bytes of the log that were read.
    read: u64,
    pub(super) seen: Vec<Effect>,
    /// When each was.
    pub(super) times: Vec<Timestamp>,
}

#[derive(Deserialize)]
struct Line {
    at: Timestamp,
    vendor: String,
    body: Value,
    effect: Option<Value>,
}

impl Effects {
    pub(super) fn of(log: PathBuf) -> Self {
        Self { log, read: 0, seen: Vec::new(), times: Vec::new() }
    }

    /// Forgets what was seen: another round begins.
    pub(super) fn begin(&mut self) {
        self.seen.clear();
        self.times.clear();
    }

    /// Reads what the log has more by now.
    pub(super) fn look(&mut self) -> Result<(), Failure> {
        let mut file = BufReader::new(File::open(&self.log).map_err(Failure::work)?);
        file.seek(SeekFrom::Start(self.read)).map_err(Failure::work)?;
        let mut line = String::new();
        while file.read_line(&mut line).map_err(Failure::work)? > 0 && line.ends_with('\n') {
            self.read += line.len() as u64;
            let entry: Line = json::from_str(&line).map_err(Failure::work)?;
            if let Some(effect) = effect(&entry) {
                self.seen.push(effect);
                self.times.push(entry.at);
            }
            line.clear();
        }
        Ok(())
    }

    pub(super) fn of_event(&self, event: &str) -> Vec<&Effect> {
        self.seen.iter().filter(|effect| effect.event == event).collect()
    }
}

/// Nothing if the call had no effect, or was answered as its first time was.
fn effect(line: &Line) -> Option<Effect> {
    let effect = line.effect.as_ref().filter(|_| line.vendor == "bangwo8")?;
    let what = match effect["kind"].as_str()? {
        "ticket_created" | "company_created" => What::Made,
        "ticket_updated" | "company_updated" => What::Changed,
        "reply_added" => What::Replied,
        _ => return None,
    };
    let id = effect["ticketId"].as_u64().or_else(|| effect["uId"].as_u64())?;
    let body = line.body.to_string();
    let event = events::mark_in(&body).unwrap_or("an event without a mark").to_owned();
    Some(Effect { event, what, target: id.to_string() })
}
