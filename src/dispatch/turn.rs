//! A claimed event's turn, wherever it goes: what the attempt's end means to the others of its connection.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use jiff::Timestamp;

use super::{Target, breaker::Failed, flow::Flow, retry::table::Matter};
use crate::store::Claimed;

pub(super) struct Turn<'a> {
    pub(super) target: &'a Target,
    pub(super) claimed: &'a Claimed,
    flow: &'a Flow,
    began: Timestamp,
    failed: AtomicBool,
}

impl<'a> Turn<'a> {
    pub(super) fn new(target: &'a Target, flow: &'a Flow, claimed: &'a Claimed) -> Self {
        Self { target, claimed, flow, began: Timestamp::now(), failed: AtomicBool::default() }
    }

    /// It has ended. If nothing failed and the target answered, the connection works.
    pub(super) fn ended(&self, answered: bool) {
        if answered && !self.failed.load(Ordering::Relaxed) {
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
}
