//! An attempt under way: what all its parts need.

use super::{Target, calls::Calls, ledger::Ledger};
use crate::{
    bangwo8::Client,
    store::{Claimed, Store},
};

pub(super) struct Attempt<'a> {
    pub(super) target: &'a Target,
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
        store: &'a Store,
        claimed: &'a Claimed,
        traceparent: Option<String>,
    ) -> Self {
        let (client, recording) = target.client.recording(traceparent);
        let (calls, ledger) = (Calls::beside(recording), Ledger::new(store, claimed));
        Self { target, store, claimed, client, calls, ledger }
    }

    pub(super) fn connection(&self) -> &'a str {
        &self.claimed.event.connection
    }
}
