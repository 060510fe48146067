//! An attempt under way: what all its parts need.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::Timestamp;

use super::{Target, breaker::Failed, calls::Calls, flow::Flow, ledger::Ledger, retry::table::Matter};
use crate::{
    bangwo8::Client,
    store::{Claimed, Store},
};

pub(super) struct Attempt<'a> {
    pub(super) target: &'a Target,
    flow: &'a Flow,
    began: Timestamp,
    failed: AtomicBool,
    pub(super) store: &'a Store,
    pub(super) claimed: &'a Claimed,
    /// Notes its calls for the record.
    pub(super) client: Client,
    pub(super) calls: Calls,
    pub(super) ledger: Ledger<'a>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        target: &'a Target,
        flow: &'a Flow,
        store: &'a Store,
        claimed: &'a Claimed,
        traceparent: Option<String>,
    ) -> Self {
        let (client, recording) = target.client.recording(traceparent);
        let (calls, failed) = (Calls::beside(recording), AtomicBool::default());
        let ledger = Ledger::new(store, claimed);
        Self { target, flow, began: Timestamp::now(), failed, store, claimed, client, calls, ledger }
    }

    /// It has ended. If nothing failed and the target answered, the connection works.
    pub(super) fn ended(&self) {
        if !self.failed.load(Ordering::Relaxed) && self.calls.target_answered() {
            self.flow.worked();
        }
    }

    /// It has failed by what may befall others too. Returns when the connection is tried again, if it is held.
    pub(super) fn failed(&self, matter: Matter, rest: Duration, code: &str) -> Option<Timestamp> {
        self.failed.store(true, Ordering::Relaxed);
        let suspect = (matter == Matter::Unclear).then_some(self.claimed.sequence);
        let failed = Failed { began: self.began, suspect, slower: matter == Matter::Pace, rest };
        self.flow.failed(failed, code)
    }

    pub(super) fn connection(&self) -> &'a str {
        &self.claimed.event.connection
    }
}
