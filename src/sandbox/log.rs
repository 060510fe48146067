//! What was asked of a simulator and what came of it. Credentials are never kept.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use super::call::Call;
use super::clock;

/// Requests kept; beyond it the oldest are dropped, which shows as a first `seq` above 1.
const MAX_ENTRIES: usize = 20_000;

#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    entries: VecDeque<Entry>,
    recorded: u64,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    seq: u64,
    at: String,
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

impl RequestLog {
    /// Records a request; `status` is `None` when the connection was reset instead of answered.
    pub(crate) fn record(
        &mut self,
        call: &Call,
        status: Option<u16>,
        fault: Option<&'static str>,
        effect: Option<Value>,
    ) {
        self.recorded += 1;
        if self.entries.len() >= MAX_ENTRIES {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            seq: self.recorded,
            at: clock::rfc3339_now(),
            method: call.method.clone(),
            path: call.path.clone(),
            query: without_sign(&call.query),
            requestid: call.header("requestid").map(str::to_owned),
            traceparent: call.header("traceparent").map(str::to_owned),
            auth: auth_scheme(call),
            body: call.json(),
            status,
            fault,
            effect,
        });
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

fn auth_scheme(call: &Call) -> &'static str {
    let scheme = call.header("authorization").and_then(|value| value.split(' ').next()).unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => "basic",
        "bearer" => "bearer",
        _ => "none",
    }
}

/// Udesk's signature of an empty query never changes, so it is as good as the secret.
fn without_sign(query: &str) -> String {
    let pairs = query.split('&').map(|pair| if pair.starts_with("sign=") { "sign=[redacted]" } else { pair });
    pairs.collect::<Vec<_>>().join("&")
}
