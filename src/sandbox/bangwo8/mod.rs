//! The Bangwo8 data API.
//!
//! A request passes the same steps in the same order: who calls ([`auth`]), what for ([`route`]), may they,
//! was it sent before ([`requestids`]). Then one function per endpoint acts on the [`desk`].

mod assets;
mod attachments;
mod auth;
mod bindings;
mod companies;
mod contacts;
mod control;
mod custom_fields;
mod customer_groups;
mod desk;
mod enums;
mod fields;
mod generated;
mod list;
mod meanwhile;
mod option_tree;
mod options;
mod order;
mod page;
mod people;
mod picker;
mod query;
mod rejection;
mod render;
mod requestids;
mod route;
mod selection;
mod sent;
mod single;
mod templates;
mod ticket;
mod ticket_changes;
mod token;
mod view_control;
mod view_filter;
mod views;
mod write;
mod written;

use std::sync::Mutex;
use std::time::Instant;

use serde_json::{Value, json};

use super::call::Call;
use super::door::Vendor;
use super::generate::Generator;
use super::guard::lock;
use super::limiter::Limiter;
use super::reply::Reply;
use super::switches::{RateLimit, SharedSwitches, Switches};
use auth::Caller;
use desk::Desk;
use meanwhile::Meanwhile;
use rejection::Rejection;
use requestids::Requestids;
use route::{Action, Body, Permission};
use token::Tokens;

/// The simulator: what the vendor stores, and what it remembers about callers.
#[derive(Debug)]
pub(crate) struct Bangwo8 {
    account: Mutex<Account>,
    switches: SharedSwitches,
}

/// One lock for all of it, so that two requests with one `Requestid` can never both take effect.
#[derive(Debug)]
struct Account {
    desk: Desk,
    tokens: Tokens,
    requestids: Requestids,
    limiter: Limiter,
    meanwhile: Meanwhile,
}

/// What an endpoint makes of a request.
type Answer = Result<Reply, Rejection>;

/// What an endpoint knows of a request once it is admitted.
struct Admitted<'a> {
    call: &'a Call,
    /// The id in the path; `""` for an endpoint whose path has none.
    id: &'a str,
    caller: Caller,
    switches: Switches,
}

impl Bangwo8 {
    pub(crate) fn seeded(switches: SharedSwitches, generator: Generator) -> serde_json::Result<Self> {
        let desk = Desk::seeded(generator)?;
        let account = Account {
            desk,
            tokens: Tokens::default(),
            requestids: Requestids::default(),
            limiter: Limiter::default(),
            meanwhile: Meanwhile::default(),
        };
        Ok(Self { account: Mutex::new(account), switches })
    }
}

impl Vendor for Bangwo8 {
    fn answer(&self, call: &Call) -> Reply {
        let switches = self.switches.get();
        let account = &mut *lock(&self.account);
        if let Some(reply) = account.above_limit(switches) {
            return reply;
        }
        if call.path == token::PATH {
            return token::answer(&mut account.tokens, call, switches);
        }
        if let Some(file) = attachments::file(&account.desk, &call.path) {
            return file;
        }
        account.answer(call, switches).unwrap_or_else(|rejection| rejection.reply(&switches))
    }

    fn control(&self, call: &Call) -> Option<Reply> {
        control::answer(&mut lock(&self.account), call, self.switches.get())
    }

    fn state(&self) -> Value {
        json!(lock(&self.account).desk)
    }

    fn has_tokens(&self) -> bool {
        true
    }

    fn expire_token(&self, call: &Call) {
        if let Some(token) = auth::bearer(call) {
            lock(&self.account).tokens.expire(token);
        }
    }

    fn control_index(&self) -> &'static [(&'static str, &'static str)] {
        control::INDEX
    }
}

impl Account {
    /// What a request gets while there have been too many. No document tells of a limit, so the answers are the
    /// usual ones, and tokens count like everything else.
    fn above_limit(&mut self, switches: Switches) -> Option<Reply> {
        if switches.rate_limit == RateLimit::Off {
            return None;
        }
        let wait = self.limiter.admit(switches.rate_limit_per_minute, Instant::now()).err()?;
        let seconds = u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1);
        Some(match switches.rate_limit {
            RateLimit::Unavailable => Reply::maintenance().with_header("retry-after", seconds.to_string()),
            RateLimit::Off | RateLimit::TooManyRequests => Reply::too_many_requests(Some(seconds)),
        })
    }

    fn answer(&mut self, call: &Call, switches: Switches) -> Answer {
        let caller = auth::caller(call, &self.tokens, &self.desk).ok_or(Rejection::Unauthorized)?;
        let (endpoint, id) = route::find(call).ok_or(Rejection::NotFound)?;
        if endpoint.permission == Permission::Administrator && !caller.is_admin {
            return Err(Rejection::Forbidden);
        }
        let admitted = Admitted { call, id, caller, switches };
        match endpoint.action {
            Action::Read(act) => {
                let reply = act(&self.desk, &admitted)?;
                self.meanwhile.after(call, &mut self.desk, &switches);
                Ok(reply)
            }
            Action::Write(Body::Json, _) if call.media_type().as_deref() != Some("application/json") => {
                Err(Rejection::BadRequest("Content-Type must be application/json"))
            }
            Action::Write(_, act) => self.requestids.once(&admitted, || act(&mut self.desk, &admitted)),
        }
    }
}
