//! An attempt at a desk, under way: what all its parts need.

use super::{Desk, calls::Calls, ledger::Ledger};
use crate::{
    bangwo8::Client,
    store::{Claimed, Store},
};

pub(super) struct Attempt<'a> {
    pub(super) desk: &'a Desk,
    pub(super) store: &'a Store,
    pub(super) claimed: &'a Claimed,
    /// Notes its calls for the record.
    pub(super) client: Client,
    pub(super) calls: Calls,
    pub(super) ledger: Ledger<'a>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(
        desk: &'a Desk,
        store: &'a Store,
        claimed: &'a Claimed,
        traceparent: Option<String>,
    ) -> Self {
        let (client, recording) = desk.client.recording(traceparent);
        let (calls, ledger) = (Calls::beside(recording), Ledger::new(store, claimed));
        Self { desk, store, claimed, client, calls, ledger }
    }

    pub(super) fn connection(&self) -> &'a str {
        &self.claimed.event.connection
    }
}
