//! Jobs for the writer that share a transaction.

use super::{
    accept::Offer,
    claim::{Renewal, Wanted},
    notify::Ringer,
    session::Answers,
    settle::Ended,
    writer::Reply,
};
use crate::store::{Accepted, Claimed, Hold, Intent, StoreError};

/// Jobs in one transaction at most: bounds how long the first of them waits for the last.
const JOBS: usize = 1024;
/// Bytes of events in one transaction, before the last: the server takes a message of 1 GiB at most, and has every one
/// in memory.
const BYTES: usize = 16 * 1024 * 1024;

/// Something to be done, and where the answer goes.
pub(super) struct Call<I, O> {
    pub(super) input: I,
    reply: Reply<O>,
}

impl<I, O> Call<I, O> {
    pub(super) fn new(input: I, reply: Reply<O>) -> Self {
        Self { input, reply }
    }

    fn answer(self, answer: Result<O, StoreError>) {
        // Nobody waits any more when a caller was cut off: the work is done all the same.
        if self.reply.send(answer).is_err() {
            tracing::debug!("a caller left before its write was committed");
        }
    }
}

/// What the writer does.
pub(super) enum Job {
    Accept(Call<Offer, Accepted>),
    Renew(Call<Renewal, Vec<Hold>>),
    Intend(Call<Intent, ()>),
    Settle(Call<Ended, ()>),
    Claim(Call<Wanted, Vec<Claimed>>),
}

/// The jobs of one transaction, by kind.
#[derive(Default)]
pub(super) struct Group {
    pub(super) accepts: Vec<Call<Offer, Accepted>>,
    pub(super) renewals: Vec<Call<Renewal, Vec<Hold>>>,
    pub(super) intents: Vec<Call<Intent, ()>>,
    pub(super) settles: Vec<Call<Ended, ()>>,
    pub(super) claims: Vec<Call<Wanted, Vec<Claimed>>>,
    bytes: usize,
}

impl Group {
    pub(super) fn one(job: Job) -> Self {
        let mut group = Self::default();
        group.add(job);
        group
    }

    pub(super) fn add(&mut self, job: Job) {
        match job {
            Job::Accept(call) => {
                self.bytes += call.input.size();
                self.accepts.push(call);
            }
            Job::Renew(call) => self.renewals.push(call),
            Job::Intend(call) => self.intents.push(call),
            Job::Settle(call) => self.settles.push(call),
            Job::Claim(call) => self.claims.push(call),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.accepts.len() + self.renewals.len() + self.intents.len() + self.settles.len() + self.claims.len()
    }

    pub(super) fn has_room(&self) -> bool {
        self.len() < JOBS && self.bytes < BYTES
    }

    /// The connections whose journals are written to.
    pub(super) fn connections(&self) -> impl Iterator<Item = &str> {
        let accepts = self.accepts.iter().map(|call| call.input.connection());
        let renewals =
            self.renewals.iter().flat_map(|call| call.input.holds.iter().map(|it| it.connection.as_str()));
        let intents = self.intents.iter().map(|call| call.input.hold.connection.as_str());
        let settles = self.settles.iter().map(|call| call.input.settlement.connection.as_str());
        let claims = self.claims.iter().map(|call| call.input.connection.as_str());
        accepts.chain(renewals).chain(intents).chain(settles).chain(claims)
    }

    /// Tells everybody what became of it, and other replicas what there is for them.
    pub(super) fn answer(self, answers: Answers, ringer: &Ringer) {
        for (call, accepted) in self.accepts.into_iter().zip(answers.accepted) {
            if matches!(accepted, Accepted::New { .. }) {
                ringer.arrived(call.input.connection());
            }
            call.answer(Ok(accepted));
        }
        self.renewals.into_iter().zip(answers.renewed).for_each(|(call, held)| call.answer(Ok(held)));
        for (call, written) in self.intents.into_iter().zip(answers.intended) {
            call.answer(written.then_some(()).ok_or(StoreError::LeaseLost));
        }
        for (call, done) in self.settles.into_iter().zip(answers.settled) {
            let settlement = &call.input.settlement;
            if done.settled {
                ringer.settled(&settlement.connection, settlement.sequence);
            }
            if done.advanced {
                ringer.arrived(&settlement.connection);
            }
            call.answer(done.settled.then_some(()).ok_or(StoreError::LeaseLost));
        }
        self.claims.into_iter().zip(answers.claimed).for_each(|(call, claimed)| call.answer(Ok(claimed)));
    }

    /// Tells everybody that nothing came of it.
    pub(super) fn refuse(self, error: impl Fn() -> StoreError) {
        self.accepts.into_iter().for_each(|call| call.answer(Err(error())));
        self.renewals.into_iter().for_each(|call| call.answer(Err(error())));
        self.intents.into_iter().for_each(|call| call.answer(Err(error())));
        self.settles.into_iter().for_each(|call| call.answer(Err(error())));
        self.claims.into_iter().for_each(|call| call.answer(Err(error())));
    }

    /// The jobs one by one.
    pub(super) fn split(self) -> impl Iterator<Item = Job> {
        let accepts = self.accepts.into_iter().map(Job::Accept);
        let renewals = self.renewals.into_iter().map(Job::Renew);
        let intents = self.intents.into_iter().map(Job::Intend);
        let settles = self.settles.into_iter().map(Job::Settle);
        let claims = self.claims.into_iter().map(Job::Claim);
        accepts.chain(renewals).chain(intents).chain(settles).chain(claims)
    }
}
