//! Signed requests, ready to be written to a socket. They are built before a round, never during one.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::Result;

/// The connection's signing key; the service is given the same one as a Standard Webhooks secret.
pub(crate) const KEY: &[u8] = b"a key that only a benchmark uses";

pub(crate) fn secret() -> String {
    format!("whsec_{}", BASE64.encode(KEY))
}

/// An event to make many of, each different: no two events of a run share an id or a ticket.
pub(crate) struct Template {
    event: Value,
    subject: String,
    sequence: u64,
    /// Blanks behind each event.
    padding: String,
}

impl Template {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let event: Value = serde_json::from_slice(&text)?;
        if !event["data"].is_object() {
            return Err(format!("{}: not an event with an object in `data`", path.display()).into());
        }
        let subject = event["data"]["subject"].as_str().unwrap_or_default().to_owned();
        Ok(Self { event, subject, sequence: 0, padding: String::new() })
    }

    /// Bodies of about this many bytes from now on.
    pub(crate) fn pad(&mut self, body_bytes: usize) {
        self.padding = " ".repeat(body_bytes.saturating_sub(self.event.to_string().len()));
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.event.to_string().len() + self.padding.len()
    }

    pub(crate) fn batch(&mut self, count: usize) -> Batch {
        let mut batch = Batch { padding: self.padding.clone(), ..Batch::default() };
        for _ in 0..count {
            let start = batch.bytes.len();
            self.next().write_request(&mut batch.bytes, self.padding.len());
            batch.ranges.push(start..batch.bytes.len());
        }
        batch
    }

    pub(crate) fn next(&mut self) -> Signed {
        self.sequence += 1;
        let id = format!("bench-{}", self.sequence);
        self.event["id"] = id.clone().into();
        self.event["data"]["id"] = self.sequence.into();
        self.event["data"]["subject"] = format!("{} {}", self.subject, self.sequence).into();
        Signed::new(id, self.event.to_string() + &self.padding)
    }
}

/// A body with what proves who sent it.
#[derive(Clone)]
pub(crate) struct Signed {
    pub(crate) id: String,
    timestamp: u64,
    pub(crate) body: String,
    pub(crate) signature: Vec<u8>,
}

impl Signed {
    fn new(id: String, body: String) -> Self {
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut signed = Self { id, timestamp, body, signature: Vec::new() };
        signed.signature = signed.mac().finalize().into_bytes().to_vec();
        signed
    }

    /// The keyed hash over what Standard Webhooks signs: `id.timestamp.body`.
    pub(crate) fn mac(&self) -> Hmac<Sha256> {
        let mut mac = Hmac::new_from_slice(KEY).expect("HMAC takes a key of any length");
        mac.update(format!("{}.{}.", self.id, self.timestamp).as_bytes());
        mac.update(self.body.as_bytes());
        mac
    }

    /// `webhook-timestamp` and `webhook-signature`.
    pub(crate) fn headers(&self) -> (String, String) {
        (self.timestamp.to_string(), format!("v1,{}", BASE64.encode(&self.signature)))
    }

    /// All but the last bytes of the body, `padding` of them.
    fn write_request(&self, out: &mut Vec<u8>, padding: usize) {
        let (timestamp, signatures) = self.headers();
        let head = format!(
            "POST /v1/connections/bench/events HTTP/1.1\r\n\
             Host: 127.0.0.1\r\n\
             Content-Type: application/json\r\n\
             Content-Length: {}\r\n\
             webhook-id: {}\r\n\
             webhook-timestamp: {}\r\n\
             webhook-signature: {}\r\n\r\n",
            self.body.len(),
            self.id,
            timestamp,
            signatures,
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&self.body.as_bytes()[..self.body.len() - padding]);
    }
}

/// The requests of one round, in one piece of memory.
#[derive(Default)]
pub(crate) struct Batch {
    bytes: Vec<u8>,
    ranges: Vec<Range<usize>>,
    padding: String,
}

impl Batch {
    pub(crate) fn get(&self, index: usize) -> Option<&[u8]> {
        self.ranges.get(index).map(|range| &self.bytes[range.clone()])
    }

    /// To be sent behind every request.
    pub(crate) fn padding(&self) -> &[u8] {
        self.padding.as_bytes()
    }
}
