//! The simulator as a process of its own, and when what took effect in it, by its log.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    Result,
    process::{Process, free_address, until_it_answers},
};

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Longest wait for one more effect.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running simulator of Bangwo8.
pub(crate) struct Desk {
    _process: Process,
    url: String,
    log: BufReader<File>,
    /// The line that is not whole yet.
    begun: String,
}

/// When each ticket was made, by its subject.
pub(crate) struct Effects(HashMap<String, Timestamp>);

impl Effects {
    /// Tickets a second, from the first to the last.
    pub(crate) fn per_second(&self) -> f64 {
        let (first, last) = (self.0.values().min(), self.0.values().max());
        let seconds = first.zip(last).map_or(0.0, |(first, last)| last.duration_since(*first).as_secs_f64());
        (self.0.len().saturating_sub(1)) as f64 / seconds
    }

    /// From an event's 202 to its ticket, by its subject; nothing if it has none, zero if the ticket was first.
    pub(crate) fn since(&self, subject: &str, accepted_at: Timestamp) -> Option<Duration> {
        let effect = self.0.get(subject)?;
        Some(effect.duration_since(accepted_at).try_into().unwrap_or_default())
    }
}

impl Desk {
    pub(crate) async fn start(folder: &Path) -> Result<Self> {
        let (address, log) = (free_address()?, folder.join("desk.ndjson"));
        let child = Command::new(env!("CARGO_BIN_EXE_deskbridge"))
            .args(["sandbox", "--udesk-listen", "127.0.0.1:0", "--bangwo8-listen", &address, "--log"])
            .arg(&log)
            .stdout(Stdio::null())
            .spawn()?;
        let (process, url) = (Process(child), format!("http://{address}"));
        until_it_answers(&format!("{url}/_sandbox/")).await?;
        Ok(Self { _process: process, url, log: BufReader::new(File::open(log)?), begun: String::new() })
    }

    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// The tickets whose subject begins so, once there are so many.
    pub(crate) async fn effects(&mut self, prefix: &str, expected: usize) -> Result<Effects> {
        let mut effects = HashMap::new();
        let mut last = Timestamp::now();
        while effects.len() < expected {
            match self.next_effect()? {
                Some((subject, at)) if subject.starts_with(prefix) => {
                    effects.insert(subject, at);
                    last = Timestamp::now();
                }
                Some(_) => {}
                None if Timestamp::now().duration_since(last).unsigned_abs() > PATIENCE => {
                    return Err(
                        format!("{} of {expected} tickets of {prefix} were made", effects.len()).into()
                    );
                }
                None => tokio::time::sleep(LOOK_EVERY).await,
            }
        }
        Ok(Effects(effects))
    }

    /// The next ticket of the log with when it was made; nothing if its end is reached.
    pub(crate) fn next_effect(&mut self) -> Result<Option<(String, Timestamp)>> {
        while self.log.read_line(&mut self.begun)? > 0 {
            if !self.begun.ends_with('\n') {
                return Ok(None);
            }
            let line: Value = serde_json::from_str(&std::mem::take(&mut self.begun))?;
            let subject = line["body"]["ticket"]["subject"].as_str();
            if let (Some("ticket_created"), Some(subject)) = (line["effect"]["kind"].as_str(), subject) {
                return Ok(Some((subject.to_owned(), line["at"].as_str().unwrap_or_default().parse()?)));
            }
        }
        Ok(None)
    }
}
