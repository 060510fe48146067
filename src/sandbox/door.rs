//! The way every request takes: control requests aside, a planned fault is looked up, the vendor acts, and
//! what happened is recorded. The vendors themselves know nothing of faults and records.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use actix_web::HttpResponse;
use serde_json::Value;

use super::call::Call;
use super::clock;
use super::control;
use super::delivery::{BrokenBody, Delivery};
use super::faults::{Fault, Faults, Plan};
use super::guard::lock;
use super::log::RequestLog;
use super::reply::Reply;
use super::switches::SharedSwitches;

/// One simulated vendor.
pub(crate) trait Vendor: fmt::Debug + Send + Sync {
    /// Acts on a request and answers it.
    fn answer(&self, call: &Call) -> Reply;
    /// The vendor's own control endpoints, if the request is for one of them.
    fn control(&self, call: &Call) -> Option<Reply>;
    /// Everything the vendor stores.
    fn state(&self) -> Value;
    /// The vendor's own control endpoints, for the index.
    fn control_index(&self) -> &'static [(&'static str, &'static str)];

    /// Whether callers authenticate with tokens that can end.
    fn has_tokens(&self) -> bool {
        false
    }

    /// Ends the token that a request carries, if it carries one.
    fn expire_token(&self, _: &Call) {}
}

#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) vendor: Box<dyn Vendor>,
    pub(crate) switches: SharedSwitches,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) log: Mutex<RequestLog>,
}

/// What the caller gets: an answer, or a connection that breaks.
#[derive(Debug)]
pub(crate) struct Outcome {
    reply: Option<Reply>,
    delivery: Delivery,
    pub(crate) delay: Duration,
}

impl Door {
    pub(crate) fn new(
        vendor: Box<dyn Vendor>,
        switches: SharedSwitches,
        faults: Faults,
        log: RequestLog,
    ) -> Self {
        Self { vendor, switches, faults: Mutex::new(faults), log: Mutex::new(log) }
    }

    pub(crate) fn receive(&self, call: &Call) -> Outcome {
        if control::is_for(call) {
            let reply = Some(control::answer(self, call));
            return Outcome { reply, delivery: Delivery::default(), delay: Duration::ZERO };
        }
        let stroke = lock(&self.faults).take(call);
        let (fault, delay) = stroke.map(|stroke| (stroke.fault, stroke.delay)).unzip();
        let (reply, effect) = self.act(call, fault.as_ref());
        let name = fault.as_ref().map(Fault::name);
        lock(&self.log).record(call, reply.as_ref().map(|reply| reply.status), name, effect);
        // A caller whose requests are refused as stale sees by it whose clock is wrong.
        let reply = reply.map(|reply| reply.dated(clock::http_now(&self.switches.get())));
        let delivery = fault.map(|fault| Delivery { cut: fault.cut(), pace: fault.pace() });
        Outcome { reply, delivery: delivery.unwrap_or_default(), delay: delay.unwrap_or_default() }
    }

    fn act(&self, call: &Call, fault: Option<&Fault>) -> (Option<Reply>, Option<Value>) {
        match fault.map_or(Plan::Answer, Fault::plan) {
            Plan::ResetBefore => (None, None),
            Plan::ResetAfter => (None, self.vendor.answer(call).effect),
            Plan::Replace(reply) => (Some(*reply), None),
            Plan::ExpireToken => {
                self.vendor.expire_token(call);
                self.answer(call)
            }
            Plan::Answer => self.answer(call),
        }
    }

    fn answer(&self, call: &Call) -> (Option<Reply>, Option<Value>) {
        let reply = self.vendor.answer(call);
        let effect = reply.effect.clone();
        (Some(reply), effect)
    }
}

impl Outcome {
    pub(crate) fn into_response(self) -> HttpResponse {
        match self.reply {
            Some(reply) => reply.into_response(self.delivery),
            None => HttpResponse::Ok().body(BrokenBody),
        }
    }
}
