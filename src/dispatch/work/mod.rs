//! An attempt under way: the calls of a plan, in order, each step idempotent by its own `Requestid`.

mod company;
mod doubt;
mod options;
mod ticket;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{failure::Failure, plan::Plan, written::Written};
use crate::{
    bangwo8::{Client, RequestId},
    event::{Event, Outcome, TargetRef},
    mapping::Fields,
    store::{Claimed, Link, LinkKey, Store},
};

/// Bytes of the hash that make a `Requestid`: as many as a UUID has.
const REQUEST_ID_BYTES: usize = 16;

pub(super) struct Work<'a> {
    client: Client,
    store: &'a Store,
    claimed: &'a Claimed,
    /// The source's version of what is applied.
    version: Option<i64>,
    /// The link of the event's own entity, as it is now.
    link: Option<Link>,
    /// Further links that the attempt made.
    others: Vec<Link>,
}

impl<'a> Work<'a> {
    pub(super) fn new(client: Client, store: &'a Store, claimed: &'a Claimed, version: Option<i64>) -> Self {
        Self { client, store, claimed, version, link: claimed.link.clone(), others: Vec::new() }
    }

    pub(super) async fn carry_out(&mut self, plan: Plan) -> Result<Outcome, Failure> {
        match plan {
            Plan::End(outcome) => Ok(outcome),
            Plan::CreateTicket { fields, reply } => self.create_ticket(&fields, reply).await,
            Plan::UpdateTicket { target, fields, reply } => self.update_ticket(target, &fields, reply).await,
            Plan::UpsertCompany { name, fields, new } => self.upsert_company(&name, &fields, &new).await,
            Plan::UpdateCompany { target, fields } => self.update_company(target, &fields).await,
            Plan::Options(change) => self.change_options(&change).await,
        }
    }

    /// The links to write with the settlement: only what was applied moves the version on.
    pub(super) fn links(&self, outcome: &Outcome) -> Vec<Link> {
        let delivered = matches!(outcome, Outcome::Delivered(_));
        let own = self.link.clone().and_then(|link| {
            let applied = delivered && self.version >= link.version;
            let version = if applied { self.version } else { link.version };
            (applied || self.claimed.link.is_none()).then_some(Link { version, ..link })
        });
        let others = self.others.iter().filter(|_| delivered).cloned();
        own.into_iter().chain(others).collect()
    }

    fn delivered(&self, id: &str) -> Outcome {
        let kind = self.claimed.event.lane.kind().to_owned();
        Outcome::Delivered(TargetRef { kind, id: id.to_owned() })
    }

    /// The event's entity stands for this one at the target from now on.
    fn linked(&mut self, target_id: &str) {
        let key = LinkKey::from(&self.claimed.event.lane);
        let written = self.link.take().and_then(|link| link.written);
        self.link = Some(Link { key, target_id: target_id.to_owned(), version: self.version, written });
    }

    /// These fields are at the target now.
    fn wrote(&mut self, fields: &Fields) {
        if let Some(link) = &mut self.link {
            link.written = Written::of(link).and(fields);
        }
    }

    /// The link goes to disk before a further call, so that a retry goes on from there.
    async fn keep_link(&self) -> Result<(), Failure> {
        if let Some(link) = self.link.clone() {
            self.store.put_link(&self.claimed.event.connection, link, Timestamp::now()).await?;
        }
        Ok(())
    }

    fn request_id(&self, step: &str) -> Result<RequestId, Failure> {
        request_id(&self.claimed.event, step)
    }
}

/// The fields as the client's type. What the mapping gives and the client can't send is a defect of ours, and no
/// reason to lose the event.
fn as_write<T: DeserializeOwned>(fields: &Fields) -> Result<T, Failure> {
    let failure =
        |error| Failure::Stuck("unwritable", format!("the mapping's result can't be sent: {error}"));
    fields.to().map_err(failure)
}

/// The same for every retry of one step of one event, and for no other.
fn request_id(event: &Event, step: &str) -> Result<RequestId, Failure> {
    let mut hash = Sha256::new();
    for part in [event.connection.as_str(), event.id.as_str(), step] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let id = hex::encode(&hash.finalize()[..REQUEST_ID_BYTES]);
    RequestId::new(id).map_err(|error| Failure::Stuck("unwritable", error.to_string()))
}
