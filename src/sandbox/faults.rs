//! Planned misbehaviour: which requests fail next, and how.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::reply::Reply;

/// Longest delay a fault may ask for.
const MAX_DELAY_MS: u64 = 120_000;
/// Most rules that may wait at a time.
const MAX_RULES: usize = 1_000;
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

/// Rules in the order they were added. The first one that matches a request is used.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: VecDeque<Rule>,
}

/// Which requests, how many of them, and what happens to them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// A prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// How many requests are left; 0 = every one until the rules are cleared.
    #[serde(default = "once")]
    times: u32,
    fault: Fault,
}

fn once() -> u32 {
    1
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reset: Option<Reset>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reset {
    Before,
    After,
}

/// What a fault does to one request.
#[derive(Debug)]
pub(crate) enum Plan {
    ResetBefore,
    ResetAfter,
    Replace(Reply),
    /// The vendor's own answer (late, perhaps).
    Answer,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: Rule) -> Result<(), String> {
        if self.rules.len() >= MAX_RULES {
            return Err(format!("more than {MAX_RULES} rules are waiting; DELETE clears them"));
        }
        rule.check()?;
        self.rules.push_back(rule);
        Ok(())
    }

    /// The fault planned for this request; uses the rule up by one.
    pub(crate) fn take(&mut self, call: &Call) -> Option<Fault> {
        let index = self.rules.iter().position(|rule| rule.matches(call))?;
        let rule = self.rules.get_mut(index)?;
        let fault = rule.fault.clone();
        match rule.times {
            0 => {}
            1 => drop(self.rules.remove(index)),
            left => rule.times = left - 1,
        }
        Some(fault)
    }

    pub(crate) fn waiting(&self) -> &VecDeque<Rule> {
        &self.rules
    }

    pub(crate) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.rules).len()
    }
}

impl Rule {
    fn matches(&self, call: &Call) -> bool {
        self.method.as_ref().is_none_or(|method| *method == call.method)
            && self.path.as_ref().is_none_or(|prefix| call.path.starts_with(prefix))
    }

    fn check(&self) -> Result<(), String> {
        if let Some(method) = &self.method
            && !METHODS.contains(&method.as_str())
        {
            return Err(format!("method: {method:?} is not one of {METHODS:?}"));
        }
        if let Some(path) = &self.path
            && !path.starts_with('/')
        {
            return Err(format!("path: {path:?} must start with /"));
        }
        self.fault.check()
    }
}

impl Fault {
    /// The name that the request log shows.
    pub(crate) fn name(&self) -> &'static str {
        match self.plan() {
            Plan::ResetBefore => "reset-before",
            Plan::ResetAfter => "reset-after",
            Plan::Replace(_) => "answer",
            Plan::Answer => "delay",
        }
    }

    pub(crate) fn delay(&self) -> Duration {
        Duration::from_millis(self.delay_ms.unwrap_or(0))
    }

    pub(crate) fn plan(&self) -> Plan {
        match self.reset {
            Some(Reset::Before) => Plan::ResetBefore,
            Some(Reset::After) => Plan::ResetAfter,
            None if self.replaces_answer() => Plan::Replace(self.reply()),
            None => Plan::Answer,
        }
    }

    fn replaces_answer(&self) -> bool {
        self.status.is_some() || self.body.is_some() || self.headers.is_some()
    }

    fn reply(&self) -> Reply {
        let headers = self.headers.clone().unwrap_or_default().into_iter().collect();
        Reply { status: self.status.unwrap_or(200), headers, body: self.body.clone(), effect: None }
    }

    fn check(&self) -> Result<(), String> {
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("fault.status: must be from 200 to 599".to_owned());
        }
        if self.delay_ms.is_some_and(|delay| delay > MAX_DELAY_MS) {
            return Err(format!("fault.delay_ms: must be at most {MAX_DELAY_MS}"));
        }
        if self.reset.is_some() && self.replaces_answer() {
            return Err("fault.reset: excludes status, headers and body".to_owned());
        }
        if self.reset.is_none() && !self.replaces_answer() && self.delay_ms.is_none() {
            return Err("fault: needs one of status, headers, body, delay_ms, reset".to_owned());
        }
        self.headers.iter().flatten().try_for_each(|(name, value)| check_header(name, value))
    }
}

fn check_header(name: &str, value: &str) -> Result<(), String> {
    let valid = HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok();
    if valid { Ok(()) } else { Err(format!("fault.headers: {name:?} is not a valid header")) }
}
