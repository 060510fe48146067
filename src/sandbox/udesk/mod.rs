//! The Udesk open API: both families of one tenant on one port, and the triggers that tell of its tickets.
//!
//! `/api/*` is v1 and `/open_api_v1/*` is v2, each with its own signature, envelope and words. They act on one
//! [`desk`]; what they change there reaches the request log as effects and the [`triggers`] as events.
//! Section signs point into the vendor contract; **\[S\]** there marks what nobody documents and this simulator
//! chose.

mod control;
mod desk;
mod endpoints;
mod moment;
mod triggers;
mod v1;
mod v2;

use std::sync::Mutex;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::clock;
use super::door::Vendor;
use super::generate::Generator;
use super::guard::lock;
use super::limiter::Limiter;
use super::reply::Reply;
use super::switches::{SharedSwitches, Switches, UdeskRateLimit};
use desk::{Change, Desk};
use triggers::Triggers;
use v2::Nonces;

/// The simulator: what the vendor stores, and what it remembers about callers.
#[derive(Debug)]
pub(crate) struct Udesk {
    account: Mutex<Account>,
    switches: SharedSwitches,
}

#[derive(Debug)]
struct Account {
    desk: Desk,
    triggers: Triggers,
    nonces: Nonces,
    limiter: Limiter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V1,
    V2,
}

impl Udesk {
    pub(crate) fn seeded(switches: SharedSwitches, generator: Generator) -> serde_json::Result<Self> {
        let account = Account {
            desk: Desk::seeded(generator)?,
            triggers: Triggers::new(generator.seed),
            nonces: Nonces::default(),
            limiter: Limiter::default(),
        };
        Ok(Self { account: Mutex::new(account), switches })
    }
}

impl Vendor for Udesk {
    fn answer(&self, call: &Call) -> Reply {
        let switches = self.switches.get();
        let now = clock::now(&switches);
        let account = &mut *lock(&self.account);
        let reply = account.answer(call, switches, now);
        account.tell(reply, &switches)
    }

    fn control(&self, call: &Call) -> Option<Reply> {
        let switches = self.switches.get();
        let now = clock::now(&switches);
        let account = &mut *lock(&self.account);
        let reply = control::answer(&mut account.desk, &mut account.triggers, call, now)?;
        Some(account.tell(reply, &switches))
    }

    fn state(&self) -> Value {
        let account = lock(&self.account);
        let mut state = json!(account.desk);
        state["triggers"] = json!(account.triggers.all());
        state
    }

    fn control_index(&self) -> &'static [(&'static str, &'static str)] {
        control::INDEX
    }
}

impl Account {
    fn answer(&mut self, call: &Call, switches: Switches, now: Timestamp) -> Reply {
        let Some(family) = Family::of(call) else {
            return Reply::json(404, json!({"error": "404 Not Found"}));
        };
        if !self.admits(family, &switches) {
            return family.limited();
        }
        match family {
            Family::V1 => v1::answer(&mut self.desk, call, switches, now),
            Family::V2 => v2::answer(&mut self.desk, &mut self.nonces, call, switches, now),
        }
    }

    fn admits(&mut self, family: Family, switches: &Switches) -> bool {
        let limited = match switches.udesk_rate_limit {
            UdeskRateLimit::Off => false,
            UdeskRateLimit::V2 => family == Family::V2,
            UdeskRateLimit::Both => true,
        };
        !limited || self.limiter.admit(switches.udesk_rate_limit_per_minute, Instant::now()).is_ok()
    }

    /// Tells the request log and the triggers of what a request changed. The last change is what was asked for;
    /// what it brought about before, such as a new customer, stands beside it.
    fn tell(&mut self, reply: Reply, switches: &Switches) -> Reply {
        let changes = std::mem::take(&mut self.desk.changes);
        self.triggers.fire(&changes, &self.desk, switches.udesk_delivery);
        let mut effects: Vec<Value> = changes.iter().map(Change::effect).collect();
        let Some(mut effect) = effects.pop() else { return reply };
        if !effects.is_empty() {
            effect["with"] = Value::Array(effects);
        }
        reply.with_effect(effect)
    }
}

impl Family {
    fn of(call: &Call) -> Option<Self> {
        match call.path.split('/').nth(1)? {
            "api" => Some(Self::V1),
            "open_api_v1" => Some(Self::V2),
            _ => None,
        }
    }

    /// How exceeding the limit looks is not documented (§1.4 \[S\]).
    fn limited(self) -> Reply {
        let code = match self {
            Self::V1 => "status",
            Self::V2 => "code",
        };
        Reply::json(429, json!({code: 2999, "message": "rate limited (simulated)"}))
    }
}
