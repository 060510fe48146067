//! What happens to a request that a rule befalls.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Dice;
use super::latency::Latency;
use crate::sandbox::delivery::{Cut, Pace};
use crate::sandbox::reply::Reply;

/// Longest body that a fault may ask for: more than any client should read.
const MAX_REPEAT_BYTES: u64 = 1 << 40;
/// Longest pause between two pieces of a slow body.
const MAX_INTERVAL_MS: u64 = 60_000;

/// One thing that goes wrong, or none, and how late and how slowly the answer comes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// The connection closes without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<Reset>,
    /// The vendor's answer ends too early.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Cut>,
    /// 503 and a page of HTML.
    #[serde(skip_serializing_if = "is_false")]
    maintenance: bool,
    /// 429.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limited: Option<RateLimited>,
    /// The caller's token ends before the vendor looks at it.
    #[serde(skip_serializing_if = "is_false")]
    expire_token: bool,
    /// A body of so many bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<Latency>,
    /// The body comes in small pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    slow: Option<Pace>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reset {
    Before,
    After,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateLimited {
    /// What `Retry-After` says; none is sent if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after_s: Option<u32>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What a fault does to one request.
#[derive(Debug)]
pub(crate) enum Plan {
    ResetBefore,
    ResetAfter,
    Replace(Box<Reply>),
    /// The vendor's own answer, once the caller's token has ended.
    ExpireToken,
    /// The vendor's own answer (cut, late or slow, perhaps).
    Answer,
}

impl Fault {
    /// The name that the request log shows.
    pub(crate) fn name(&self) -> &'static str {
        match self.reset {
            Some(Reset::Before) => "reset-before",
            Some(Reset::After) => "reset-after",
            None if self.replaces_answer() => "answer",
            None if self.cut.is_some() => "cut",
            None if self.maintenance => "maintenance",
            None if self.rate_limited.is_some() => "rate-limited",
            None if self.expire_token => "expire-token",
            None if self.repeat_bytes.is_some() => "repeat-bytes",
            None if self.slow.is_some() => "slow",
            None => "delay",
        }
    }

    pub(super) fn delay(&self, dice: &mut Dice) -> Duration {
        let constant = self.delay_ms.map(Latency::Constant);
        self.latency.as_ref().or(constant.as_ref()).map(|latency| latency.throw(dice)).unwrap_or_default()
    }

    pub(crate) fn cut(&self) -> Option<Cut> {
        self.cut
    }

    pub(crate) fn pace(&self) -> Option<Pace> {
        self.slow
    }

    pub(crate) fn expires_token(&self) -> bool {
        self.expire_token
    }

    pub(crate) fn plan(&self) -> Plan {
        match self.reset {
            Some(Reset::Before) => Plan::ResetBefore,
            Some(Reset::After) => Plan::ResetAfter,
            None if self.expire_token => Plan::ExpireToken,
            None => self.replacement().map_or(Plan::Answer, |reply| Plan::Replace(Box::new(reply))),
        }
    }

    fn replacement(&self) -> Option<Reply> {
        if self.maintenance {
            return Some(Reply::maintenance());
        }
        if let Some(RateLimited { retry_after_s }) = self.rate_limited {
            return Some(Reply::too_many_requests(retry_after_s));
        }
        if let Some(bytes) = self.repeat_bytes {
            return Some(Reply::repeating(bytes));
        }
        let headers = self.headers.clone().unwrap_or_default().into_iter().collect();
        let status = self.status.unwrap_or(200);
        let reply = self.body.clone().map_or_else(|| Reply::empty(status), |body| Reply::json(status, body));
        self.replaces_answer().then(|| reply.with_headers(headers))
    }

    fn replaces_answer(&self) -> bool {
        self.status.is_some() || self.body.is_some() || self.headers.is_some()
    }

    /// The things that go wrong, of which there may be one.
    fn wrongs(&self) -> Vec<&'static str> {
        let wrongs = [
            ("status, headers and body", self.replaces_answer()),
            ("reset", self.reset.is_some()),
            ("cut", self.cut.is_some()),
            ("maintenance", self.maintenance),
            ("rate_limited", self.rate_limited.is_some()),
            ("expire_token", self.expire_token),
            ("repeat_bytes", self.repeat_bytes.is_some()),
        ];
        wrongs.into_iter().filter(|(_, is_planned)| *is_planned).map(|(name, _)| name).collect()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.check_combination()?;
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("fault.status: must be from 200 to 599".to_owned());
        }
        if self.repeat_bytes.is_some_and(|bytes| bytes > MAX_REPEAT_BYTES) {
            return Err(format!("fault.repeat_bytes: must be at most {MAX_REPEAT_BYTES}"));
        }
        let constant = self.delay_ms.map(Latency::Constant);
        for (name, latency) in [("delay_ms", &constant), ("latency", &self.latency)] {
            latency
                .iter()
                .try_for_each(|latency| latency.check().map_err(|why| format!("fault.{name}: {why}")))?;
        }
        if self.slow.is_some_and(|pace| pace.bytes == 0 || pace.interval_ms > MAX_INTERVAL_MS) {
            return Err(format!("fault.slow: needs bytes above 0 and interval_ms up to {MAX_INTERVAL_MS}"));
        }
        self.cut.iter().try_for_each(Cut::check)?;
        self.headers.iter().flatten().try_for_each(|(name, value)| check_header(name, value))
    }

    fn check_combination(&self) -> Result<(), String> {
        if self.delay_ms.is_some() && self.latency.is_some() {
            return Err("fault.latency: excludes delay_ms".to_owned());
        }
        match self.wrongs().as_slice() {
            [] if self.delay_ms.is_none() && self.latency.is_none() && self.slow.is_none() => {
                let known = json!(Self::MEMBERS).to_string();
                Err(format!("fault: needs one of {known}"))
            }
            [one, other, ..] => Err(format!("fault: {one} excludes {other}")),
            _ => Ok(()),
        }
    }

    const MEMBERS: [&str; 12] = [
        "status",
        "headers",
        "body",
        "reset",
        "cut",
        "maintenance",
        "rate_limited",
        "expire_token",
        "repeat_bytes",
        "delay_ms",
        "latency",
        "slow",
    ];
}

fn check_header(name: &str, value: &str) -> Result<(), String> {
    let valid = HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok();
    if valid { Ok(()) } else { Err(format!("fault.headers: {name:?} is not a valid header")) }
}
