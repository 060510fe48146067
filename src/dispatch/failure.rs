//! From what went wrong to what becomes of the event: tried again, dead, or parked for an operator.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    Target,
    answers::LookUpError,
    retry::{self, Cause},
};
use crate::{
    bangwo8::{Error, InvalidRequestId, Retry},
    event::{Outcome, Reason},
    mapping::Refusal,
    store::{Claimed, StoreError},
    udesk,
};

/// Why an attempt came to nothing.
pub(super) enum Failure {
    Call(Error),
    /// Reading the entity at its source failed.
    Source(udesk::Error),
    /// What the mapping asks could not be looked up.
    LookUp(Arc<LookUpError>),
    Store(StoreError),
    OutOfTime,
    /// The mapping has no answer for what the event says.
    Refused(Refusal),
    /// It can't be done as it is, and waiting doesn't help: a code and what an operator can do.
    Stuck(&'static str, String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<InvalidRequestId> for Failure {
    fn from(error: InvalidRequestId) -> Self {
        Self::Stuck("unwritable", error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Retry, dead or parked: by what was said and by how long it was tried.
pub(super) fn failed(target: &Target, claimed: &Claimed, failure: &Failure) -> Outcome {
    match judged(failure) {
        Verdict::Final(outcome) => outcome,
        Verdict::Again(reason, cause) => {
            let (tried, fresh_at, now) = (claimed.tried, claimed.fresh_at, Timestamp::now());
            match retry::next(&target.retry, tried, fresh_at, now, cause, rand::random()) {
                Some(at) => Outcome::Retry(reason, at),
                None => Outcome::Dead(reason),
            }
        }
    }
}

/// What a failure means for the event.
enum Verdict {
    /// Trying again can help.
    Again(Reason, Cause),
    Final(Outcome),
}

fn judged(failure: &Failure) -> Verdict {
    match failure {
        Failure::Call(error) => of_target(error, Reason::new(error.code(), error.to_string())),
        Failure::Source(error) => of_source(error),
        Failure::LookUp(error) => of_look_up(error),
        Failure::Store(error) => own("store", error.to_string()),
        Failure::OutOfTime => own("out_of_time", "the attempt took too long and was given up".into()),
        Failure::Refused(refusal) => parked(refusal.code, refusal.to_string()),
        Failure::Stuck(code, why) => parked(code, why.clone()),
    }
}

/// May be the event's own.
fn own(code: &str, why: String) -> Verdict {
    Verdict::Again(Reason::new(code, why), Cause { counts: true, retry_after: Duration::ZERO })
}

fn parked(code: &str, why: String) -> Verdict {
    Verdict::Final(Outcome::Parked(Reason::new(code, why)))
}

fn of_target(error: &Error, reason: Reason) -> Verdict {
    match (lasting(error), error.retry()) {
        (Lasting::No, retry) => Verdict::Again(reason, cause(error, retry)),
        (Lasting::Refused, _) => Verdict::Final(Outcome::Dead(reason)),
        (Lasting::Uncertain, _) => Verdict::Final(Outcome::Parked(reason)),
    }
}

/// Codes of its own: an attempt that ended while it looked something up has written nothing, so that the next one has
/// nothing to be in doubt about.
fn of_look_up(error: &LookUpError) -> Verdict {
    let reason =
        |code: &str| Reason::new(&format!("lookup_{code}"), format!("looking something up: {error}"));
    match error {
        LookUpError::Target(error) => of_target(error, reason(error.code())),
        // It is a list: nothing is gone.
        LookUpError::Source(udesk::Error::NotFound { .. }) => {
            own("source_bad_answer", format!("reading at the source: {error}"))
        }
        LookUpError::Source(error) => of_source(error),
        LookUpError::Store(error) => own("lookup_store", error.to_string()),
        LookUpError::Unwritable(error) => parked("unwritable", error.to_string()),
    }
}

/// A source that can't be reached or refuses us is the connection's matter: the event waits as long as that lasts.
/// An entity that is gone has nothing to apply any more.
fn of_source(error: &udesk::Error) -> Verdict {
    let reason = |code: &str| Reason::new(code, format!("reading at the source: {error}"));
    let after = if let udesk::Retry::Later { after } = error.retry() { after } else { None };
    let cause = |counts| Cause { counts, retry_after: after.unwrap_or_default() };
    match error {
        udesk::Error::NotFound { .. } => {
            let message = "the source has no such ticket any more; nothing was changed at the target";
            Verdict::Final(Outcome::Skipped(Reason::new("source_gone", message)))
        }
        udesk::Error::Unauthorized { .. }
        | udesk::Error::UnknownTenant { .. }
        | udesk::Error::Configuration { .. } => Verdict::Again(reason("source_unauthorized"), cause(false)),
        // An answer of another shape may be about this ticket alone.
        udesk::Error::BadAnswer { .. } | udesk::Error::TooLarge { .. } => {
            Verdict::Again(reason("source_bad_answer"), cause(true))
        }
        error if error.is_temporary() => Verdict::Again(reason("source_unavailable"), cause(false)),
        _ => Verdict::Final(Outcome::Parked(reason("source_refused"))),
    }
}

enum Lasting {
    No,
    Refused,
    Uncertain,
}

/// An outage, a limit or a wrong password is the connection's matter; anything else may be the event's.
fn cause(error: &Error, retry: Retry) -> Cause {
    let of_connection = matches!(
        error,
        Error::Unreachable { .. }
            | Error::Unauthorized { .. }
            | Error::Forbidden { .. }
            | Error::Configuration { .. }
            | Error::RateLimited { .. }
            | Error::InvalidResourceUri { .. }
            | Error::Unavailable { status: 502..=504, .. }
    ) || is_of_address(error);
    let after = if let Retry::Later { after } = retry { after } else { None };
    Cause { counts: !of_connection, retry_after: after.unwrap_or_default() }
}

/// Whether the same call would fail again. Credentials and the address are the connection's matter, not the
/// event's: once they are put right, every waiting event must still be there.
fn lasting(error: &Error) -> Lasting {
    match error {
        Error::Unauthorized { .. }
        | Error::Forbidden { .. }
        | Error::Configuration { .. }
        | Error::InvalidResourceUri { .. } => Lasting::No,
        error if is_of_address(error) => Lasting::No,
        // The answer was too long to be one: whether there was an effect is looked up at the next attempt.
        Error::TooLarge { .. } => Lasting::No,
        Error::CreatedIdUnknown { .. } => Lasting::Uncertain,
        other => match (other.retry(), other.effect_unknown()) {
            (Retry::Later { .. }, _) => Lasting::No,
            (Retry::Never, true) => Lasting::Uncertain,
            (Retry::Never, false) => Lasting::Refused,
        },
    }
}

/// A resource that must exist is not found: the base URL leads somewhere else. Only what names an entity can be gone.
fn is_of_address(error: &Error) -> bool {
    let Error::NotFound { call } = error else { return false };
    let names_entity = call.path.split('/').any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    !names_entity
}
