//! What was asked of a simulator and what came of it. Credentials are never kept.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde_json::Value;

use super::call::Call;
use super::guard::lock;
use super::{clock, redact};

/// Requests kept; beyond it the oldest are dropped, which shows as a first `seq` above 1.
const MAX_ENTRIES: usize = 20_000;
/// A longer body is not kept: it would crowd the memory out, and no test reads it.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// A file to which both simulators append a line for each request, as it happens.
#[derive(Debug, Clone)]
pub(crate) struct LogFile(Arc<Mutex<File>>);

#[derive(Debug)]
pub(crate) struct RequestLog {
    vendor: &'static str,
    entries: VecDeque<Entry>,
    recorded: u64,
    file: Option<LogFile>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    seq: u64,
    at: String,
    vendor: &'static str,
    method: String,
    path: String,
    query: String,
    requestid: Option<String>,
    traceparent: Option<String>,
    auth: &'static str,
    body: Option<Value>,
    status: Option<u16>,
    fault: Option<&'static str>,
    effect: Option<Value>,
}

impl LogFile {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(path).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("the request log {} can't be opened: {error}", path.display()),
            )
        })?;
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    /// A line is written whole, so two simulators' lines never mix. A full disk loses the line and nothing else:
    /// the record in memory is the one that tests read.
    fn append(&self, entry: &Entry) {
        let mut line = line(entry);
        line.push('\n');
        if let Err(error) = lock(&self.0).write_all(line.as_bytes()) {
            tracing::warn!(%error, "the request log could not be written");
        }
    }
}

impl RequestLog {
    pub(crate) fn new(vendor: &'static str, file: Option<LogFile>) -> Self {
        Self { vendor, entries: VecDeque::new(), recorded: 0, file }
    }

    /// Records a request; `status` is `None` when the connection was reset instead of answered.
    pub(crate) fn record(
        &mut self,
        call: &Call,
        status: Option<u16>,
        fault: Option<&'static str>,
        effect: Option<Value>,
    ) {
        self.recorded += 1;
        let entry = Entry {
            seq: self.recorded,
            at: clock::rfc3339_now(),
            vendor: self.vendor,
            method: call.method.clone(),
            path: call.path.clone(),
            query: redact::query(&call.query),
            requestid: call.header("requestid").map(str::to_owned),
            traceparent: call.header("traceparent").map(str::to_owned),
            auth: auth_scheme(call),
            body: body(call),
            status,
            fault,
            effect,
        };
        self.file.iter().for_each(|file| file.append(&entry));
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// The kept requests of a method and a path prefix, oldest first.
    pub(crate) fn select(&self, method: Option<&str>, path: Option<&str>) -> Vec<&Entry> {
        self.entries
            .iter()
            .filter(|entry| method.is_none_or(|method| entry.method.eq_ignore_ascii_case(method)))
            .filter(|entry| path.is_none_or(|prefix| entry.path.starts_with(prefix)))
            .collect()
    }

    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.entries).len()
    }
}

/// One line of JSON a request.
pub(crate) fn ndjson(entries: &[&Entry]) -> String {
    entries.iter().map(|entry| line(entry) + "\n").collect()
}

fn line(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap_or_default()
}

/// An uploaded file is not the log's business, even one that happens to be JSON.
fn body(call: &Call) -> Option<Value> {
    let is_file = call.media_type().is_some_and(|kind| !kind.ends_with("json"));
    if is_file || call.body.len() > MAX_BODY_BYTES { None } else { call.json().map(redact::body) }
}

fn auth_scheme(call: &Call) -> &'static str {
    let scheme = call.header("authorization").and_then(|value| value.split(' ').next()).unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => "basic",
        "bearer" => "bearer",
        _ => "none",
    }
}
