//! The way every request takes: control requests aside, a planned fault is looked up, the vendor acts, and
//! what happened is recorded. The vendors themselves know nothing of faults and records.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;
use std::{io, pin::Pin, task};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use serde_json::Value;

use super::call::Call;
use super::control;
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
    pub(crate) delay: Duration,
}

impl Door {
    pub(crate) fn new(vendor: Box<dyn Vendor>, switches: SharedSwitches) -> Self {
        Self { vendor, switches, faults: Mutex::default(), log: Mutex::default() }
    }

    pub(crate) fn receive(&self, call: &Call) -> Outcome {
        if control::is_for(call) {
            return Outcome { reply: Some(control::answer(self, call)), delay: Duration::ZERO };
        }
        let fault = lock(&self.faults).take(call);
        let (reply, effect) = self.act(call, fault.as_ref());
        let name = fault.as_ref().map(Fault::name);
        lock(&self.log).record(call, reply.as_ref().map(|reply| reply.status), name, effect);
        Outcome { reply, delay: fault.map(|fault| fault.delay()).unwrap_or_default() }
    }

    fn act(&self, call: &Call, fault: Option<&Fault>) -> (Option<Reply>, Option<Value>) {
        match fault.map_or(Plan::Answer, Fault::plan) {
            Plan::ResetBefore => (None, None),
            Plan::ResetAfter => (None, self.vendor.answer(call).effect),
            Plan::Replace(reply) => (Some(reply), None),
            Plan::Answer => {
                let reply = self.vendor.answer(call);
                let effect = reply.effect.clone();
                (Some(reply), effect)
            }
        }
    }
}

impl Outcome {
    pub(crate) fn into_response(self) -> HttpResponse {
        match self.reply {
            Some(reply) => reply.into_response(),
            None => HttpResponse::Ok().body(BrokenBody),
        }
    }
}

/// A body that fails at its first byte. The server gives the connection up before it has written anything, so
/// the caller sees it close without even a status line.
struct BrokenBody;

impl MessageBody for BrokenBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(1)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> task::Poll<Option<Result<Bytes, Self::Error>>> {
        task::Poll::Ready(Some(Err(io::Error::other("connection reset by a planned fault"))))
    }
}
