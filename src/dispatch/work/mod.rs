//! An attempt under way: the calls of a plan, in order, each step idempotent by its own `Requestid`.

pub(super) mod company;
pub(super) mod doubt;
mod marker;
mod options;
mod ticket;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

pub(super) use self::options::{cascade_option, option};
pub use self::{doubt::OnUncertain, marker::Marker};
use super::{
    Desk, attempt::Attempt, failure::Failure, ledger::Ledger, plan::Plan, prepare::Prepared,
    version::Version, written::Written,
};
use crate::{
    bangwo8::{Client, Error, InvalidRequestId, RequestId},
    event::{Ignored, Outcome, Reason, TargetRef},
    fault::{self, Point},
    mapping::Fields,
    store::{Claimed, Link, LinkKey, Store},
};

/// Bytes of the hash that make a `Requestid`: as many as a UUID has.
const REQUEST_ID_BYTES: usize = 16;

/// How far a source's clock may be ahead of ours.
const MAX_CLOCK_SKEW_MS: i64 = 24 * 3600 * 1000;

pub(super) struct Work<'a> {
    client: Client,
    store: &'a Store,
    claimed: &'a Claimed,
    desk: &'a Desk,
    ledger: &'a Ledger<'a>,
    /// True if what is written was read at the source, and may have changed since the last attempt.
    reread: bool,
    /// The source's version of what is applied.
    version: Version,
    /// The link of the event's own entity, as it is now.
    link: Option<Link>,
    /// Further links that the attempt made.
    others: Vec<Link>,
    fields: Progress,
    /// What the record should say beside the outcome.
    pub(super) notes: Vec<Ignored>,
}

/// How far the entity's own fields have come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nothing was sent.
    Untouched,
    /// Something was sent, and not confirmed yet.
    Sent,
    /// The target has what the source has.
    Applied,
    /// It had that already.
    Equal,
}

impl<'a> Work<'a> {
    pub(super) fn new(attempt: &'a Attempt<'a>, prepared: &Prepared) -> Self {
        let (claimed, link) = (attempt.claimed, attempt.claimed.link.clone());
        Self {
            client: attempt.client.clone(),
            store: attempt.store,
            claimed,
            desk: attempt.desk,
            ledger: &attempt.ledger,
            reread: prepared.reread,
            version: Version {
                time: prepared.version.time.filter(|time| !is_future(*time)),
                ..prepared.version
            },
            link,
            others: Vec::new(),
            fields: Progress::Untouched,
            notes: Vec::new(),
        }
    }

    pub(super) async fn carry_out(&mut self, plan: Plan) -> Result<Outcome, Failure> {
        match plan {
            Plan::End(outcome) => Ok(outcome),
            Plan::Unchanged => Ok(self.unchanged()),
            Plan::CreateTicket { fields, then } => self.create_ticket(&fields, then).await,
            Plan::UpdateTicket { target, fields, equal, then } => {
                if equal {
                    self.fields = Progress::Equal;
                }
                self.update_ticket(target, &fields, then).await
            }
            Plan::UpsertCompany { name, fields, new } => self.upsert_company(&name, &fields, &new).await,
            Plan::UpdateCompany { target, fields } => self.update_company(target, &fields).await,
            Plan::Options(change) => self.change_options(&change).await,
        }
    }

    /// The links to write with the settlement. Only fields that were applied move the version on: a reply alone
    /// says nothing of them. What was sent and not confirmed may be there or not, so that nothing is known of what
    /// was written last.
    pub(super) fn links(&self, outcome: &Outcome) -> Vec<Link> {
        let done = matches!(outcome, Outcome::Delivered(_) | Outcome::Skipped(_));
        let applied = matches!(self.fields, Progress::Applied | Progress::Equal);
        let doubtful = !applied && (self.fields == Progress::Sent || (!done && self.is_doubtful()));
        let own = self.link.clone().filter(|_| applied || doubtful || self.claimed.link.is_none());
        let own = own.map(|link| {
            let (version, written) = (link.version, Written::of(&link));
            let written = if doubtful { written.unknown() } else { written };
            let (version, written) = match applied {
                true => (version.max(self.version.time), written.at(self.version.sequence)),
                false => (version, written),
            };
            Link { version, written: written.text(), ..link }
        });
        let others = self.others.iter().filter(|_| done).cloned();
        own.into_iter().chain(others).collect()
    }

    fn unchanged(&mut self) -> Outcome {
        self.fields = Progress::Equal;
        Outcome::Skipped(Reason::new("unchanged", "the source has what was last written to the target"))
    }

    fn delivered(&self, id: &str) -> Outcome {
        let kind = self.claimed.event.lane.kind().to_owned();
        Outcome::Delivered(TargetRef { kind, id: id.to_owned() })
    }

    /// The event's entity stands for this one at the target from now on.
    fn linked(&mut self, target_id: &str) {
        let key = LinkKey::from(&self.claimed.event.lane);
        let (version, written) = self.link.take().map_or((None, None), |link| (link.version, link.written));
        self.link = Some(Link { key, target_id: target_id.to_owned(), version, written });
    }

    /// Fields are about to be sent.
    fn sending(&mut self) {
        self.fields = Progress::Sent;
    }

    /// These fields are at the target now.
    fn wrote(&mut self, fields: &Fields) {
        self.fields = Progress::Applied;
        if let Some(link) = &mut self.link {
            link.written = Written::of(link).and(fields).text();
        }
    }

    /// The link goes to disk before a further call, so that a retry goes on from there.
    async fn keep_link(&self) -> Result<(), Failure> {
        match self.link.clone() {
            Some(link) => self.keep(link).await,
            None => Ok(()),
        }
    }

    /// As `keep_link`, for another one.
    async fn keep(&self, link: Link) -> Result<(), Failure> {
        Ok(self.store.put_link_of(&self.claimed.hold(), link, Timestamp::now()).await?)
    }

    /// True if an attempt before this one may have had an effect that nobody knows of.
    fn is_doubtful(&self) -> bool {
        doubt::since(&self.claimed.former).is_some()
    }

    /// The same for every retry of one step of one event, and for no other.
    fn once(&self, step: &str) -> Result<RequestId, Failure> {
        Ok(request_id(self.claimed, &[self.claimed.event.id.as_str(), step])?)
    }

    /// A new one for each attempt.
    fn each_time(&self, step: &str) -> Result<RequestId, Failure> {
        let attempt = self.claimed.attempt.to_string();
        Ok(request_id(self.claimed, &[self.claimed.event.id.as_str(), step, &attempt])?)
    }

    /// A step that may happen twice without harm, and had better not. A retry repeats its id, so that the vendor can
    /// tell; if it refuses the repetition, the step goes through under a new one. What was read again may have
    /// changed since the last attempt: it is a new request each time.
    async fn repeatable<T, F>(&self, step: &str, call: impl Fn(Client, RequestId) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let call = |id| called(call(self.client.clone(), id));
        if self.reread {
            return Ok(call(self.each_time(step)?).await?);
        }
        match call(self.once(step)?).await {
            // An attempt before may have come further than this step.
            Err(Error::Rejected { .. }) if self.claimed.attempt > 1 => Ok(call(self.each_time(step)?).await?),
            answered => Ok(answered?),
        }
    }
}

/// A writing call, between two places to die.
pub(super) async fn called<T>(call: impl Future<Output = T>) -> T {
    fault::here(Point::CallBefore);
    let answered = call.await;
    fault::here(Point::CallAfter);
    answered
}

/// A version from the future would make every later event stale: it is applied, but not remembered.
fn is_future(version: i64) -> bool {
    version > Timestamp::now().as_millisecond() + MAX_CLOCK_SKEW_MS
}

/// The fields as the client's type. What the mapping gives and the client can't send is a defect of ours, and no
/// reason to lose the event.
fn as_write<T: DeserializeOwned>(fields: &Fields) -> Result<T, Failure> {
    let failure =
        |error| Failure::Stuck("unwritable", format!("the mapping's result can't be sent: {error}"));
    fields.to().map_err(failure)
}

/// The hash of what makes a request of an event's connection one of a kind. An operator can ask for new ones.
pub(super) fn request_id(claimed: &Claimed, parts: &[&str]) -> Result<RequestId, InvalidRequestId> {
    RequestId::new(digest(claimed, parts))
}

/// As text of 32 hex digits.
pub(super) fn digest(claimed: &Claimed, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    let key = if claimed.key == 0 { String::new() } else { claimed.key.to_string() };
    let asked_for = Some(key.as_str()).filter(|key| !key.is_empty());
    for part in [claimed.event.connection.as_str()].iter().chain(parts).chain(&asked_for) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hex::encode(&hash.finalize()[..REQUEST_ID_BYTES])
}
