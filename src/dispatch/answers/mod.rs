//! Answers to what a mapping asks: by the links in the store, by the target's lists and by both vendors' fields.
//!
//! It promises that a list is read once however many ask, that an answer is no older than the limits below, and that
//! what is not in a list is looked for in a new one before it is said not to be there. It decides nothing about the
//! event: what becomes of one without an answer is the mapping's word.

mod cached;
mod choice;
mod found;
mod lists;
mod lookups;
mod missed;
mod people;
pub(super) mod place;
mod singles;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

pub(super) use self::found::Found;
pub use self::{
    cached::Reading,
    lookups::{FieldLists, LookUpError, Lookups},
};
use super::{
    attempt::Attempt,
    failure::Failure,
    work::{company, request_id},
};
use crate::{
    bangwo8::{self, AccountSource, BindingKey, CompanyWrite, Field},
    mapping::{By, Kind, Question},
    store::LinkKey,
};

/// How long a list is used: agents, templates and fields change by hand, a few times a day.
const LIST_AGE: SignedDuration = SignedDuration::from_mins(10);
/// How old a list may be to say that something is not in it. Also the least time between two readings because of
/// what is not there, which must not become one for each event.
const MISSING_AGE: SignedDuration = SignedDuration::from_secs(3);
/// How long the answer of a call of its own is used.
const SINGLE_AGE: SignedDuration = SignedDuration::from_mins(5);
/// How long it is believed that there is none of what was looked for: shorter, since somebody may be about to make it.
const NONE_AGE: SignedDuration = SignedDuration::from_mins(1);

/// What is found to each of an event's questions, all asked at once.
pub(super) async fn of(
    attempt: &Attempt<'_>,
    questions: &[Question],
) -> Result<Vec<(Question, Found)>, Failure> {
    let asked = questions.iter().map(|question| async {
        let found = Asking { attempt, question }.found().await.map_err(Failure::LookUp)?;
        Ok((question.clone(), found))
    });
    try_join_all(asked).await
}

/// One question of one attempt.
struct Asking<'a> {
    attempt: &'a Attempt<'a>,
    question: &'a Question,
}

impl Asking<'_> {
    async fn found(&self) -> Result<Found, Arc<LookUpError>> {
        match self.question {
            Question::Link { kind, source_id } => self.linked(*kind, source_id).await.map_err(Arc::new),
            Question::Vendor { kind: Kind::Agent | Kind::Template, .. } | Question::Choice { .. } => {
                self.listed().await
            }
            Question::Vendor { .. } | Question::Create { .. } => self.single().await,
        }
    }

    async fn linked(&self, kind: Kind, source_id: &str) -> Result<Found, LookUpError> {
        let key = LinkKey { kind: kind.as_str().to_owned(), source_id: source_id.to_owned() };
        let link = self.attempt.store.link(self.attempt.connection(), &key).await?;
        Ok(Found::of(link.map(|link| found::id(&link.target_id))))
    }

    /// What is not in the list may have been added since it was read.
    async fn listed(&self) -> Result<Found, Arc<LookUpError>> {
        let missed = &self.attempt.desk.lookups.missed;
        let (found, read_at) = self.in_list(self.since(LIST_AGE)).await?;
        let fresh = self.since(MISSING_AGE);
        let known = read_at >= fresh || missed.is_noted_since(self.question, self.since(NONE_AGE));
        if found != Found::None || known {
            return Ok(found);
        }
        let (found, read_at) = self.in_list(fresh).await?;
        if found == Found::None {
            missed.note(self.question, read_at);
        }
        Ok(found)
    }

    /// What is found in lists that were read since, and when that was.
    async fn in_list(&self, since: Timestamp) -> Result<(Found, Timestamp), Arc<LookUpError>> {
        let (lookups, client) = (&self.attempt.desk.lookups, &self.attempt.client);
        match self.question {
            Question::Vendor { kind: Kind::Agent, by, value } => {
                let list = lookups.agents.get(|read| read.at >= since, || lists::agents(client)).await?;
                Ok((people::agent(&list.value, *by, value), list.at))
            }
            Question::Vendor { kind: Kind::Template, by: By::Name, value } => {
                let list =
                    lookups.templates.get(|read| read.at >= since, || lists::templates(client)).await?;
                Ok((people::template(&list.value, value), list.at))
            }
            Question::Choice { field, value, key, send, of } => {
                let (source, calls) = (self.attempt.desk.source.as_ref(), &self.attempt.calls);
                let fields = lookups.fields_since(*of, client, source, calls, since).await?;
                let of_key = fields.target.value.iter().filter(|field| field.key.as_ref() == Some(key));
                let of_key: Vec<&Field> = of_key.collect();
                let found = choice::choice(fields.source.value.get(field), &of_key, value, *send);
                Ok((found, fields.target.at.min(fields.source.at)))
            }
            _ => Ok((Found::None, Timestamp::MAX)),
        }
    }

    async fn single(&self) -> Result<Found, Arc<LookUpError>> {
        let (some, none) = (self.since(SINGLE_AGE), self.since(NONE_AGE));
        let good = |read: &Reading<Found>| match *read.value {
            Found::One(_) => read.at >= some,
            Found::None | Found::Several => read.at >= none,
        };
        let place = self.attempt.desk.lookups.singles.of(self.question);
        let found = place.get(good, || self.asked()).await?;
        Ok((*found.value).clone())
    }

    async fn asked(&self) -> Result<Found, LookUpError> {
        match self.question {
            Question::Vendor { kind: Kind::Company, by: By::Name, value } => {
                let id = self.attempt.client.company_named(value.trim()).await?;
                Ok(Found::of(id.map(|id| found::id(id.as_str()))))
            }
            Question::Vendor { kind: Kind::Contact, by: By::Binding, value } => {
                self.bound(value.trim()).await
            }
            Question::Create { kind: Kind::Company, name } => self.made(name.trim()).await,
            // Nothing is documented by which the others could be found or made.
            _ => Ok(Found::None),
        }
    }

    async fn bound(&self, open_id: &str) -> Result<Found, LookUpError> {
        if open_id.is_empty() {
            return Ok(Found::None);
        }
        let bindings = self.attempt.client.bindings(AccountSource::Open, BindingKey::OpenId(open_id)).await;
        match bindings {
            Ok(bindings) => Ok(Found::of(bindings.iter().map(|it| found::id(it.contact_id.as_str())))),
            Err(bangwo8::Error::ContactNotFound { .. }) => Ok(Found::None),
            Err(error) => Err(error.into()),
        }
    }

    /// The company of this name, whoever made it. Its link is left to its own events: its source id is not known here.
    async fn made(&self, name: &str) -> Result<Found, LookUpError> {
        if name.is_empty() {
            return Ok(Found::None);
        }
        let (claimed, ledger) = (self.attempt.claimed, &self.attempt.ledger);
        let once = request_id(claimed, &[claimed.event.id.as_str(), "company of this name", name])?;
        let write = CompanyWrite { company_name: Some(name.to_owned()), ..CompanyWrite::default() };
        // One event can ask for several.
        let step = format!("company {}", once.as_str());
        let making = company::Making { client: &self.attempt.client, ledger, step: &step, once: &once };
        let made: company::Made = making.named_or_made::<LookUpError>(name, &write).await?;
        self.attempt.desk.lookups.companies_changed();
        Ok(Found::One(found::id(made.id().as_str())))
    }

    /// The oldest reading that will do. An operator who replays an event has changed something: what was learnt
    /// before is not believed.
    fn since(&self, max_age: SignedDuration) -> Timestamp {
        let claimed = self.attempt.claimed;
        let replayed = claimed.attempt != claimed.tried;
        let age = before(max_age);
        if replayed { age.max(claimed.fresh_at) } else { age }
    }
}

fn before(age: SignedDuration) -> Timestamp {
    Timestamp::now().checked_sub(age).unwrap_or(Timestamp::MIN)
}
