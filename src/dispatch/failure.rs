//! From what went wrong to what becomes of the event: tried again, dead, or parked for an operator.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    Target,
    retry::{self, Cause},
};
use crate::{
    bangwo8::{Error, Retry},
    event::{Outcome, Reason},
    store::{Claimed, StoreError},
    udesk,
};

/// Why an attempt came to nothing.
pub(super) enum Failure {
    Call(Error),
    /// Reading the entity again at its source failed.
    Source(udesk::Error),
    Store(StoreError),
    OutOfTime,
    /// It can't be done as it is, and waiting doesn't help: a code and what an operator can do.
    Stuck(&'static str, String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Retry, dead or parked: by what was said and by how long it was tried.
pub(super) fn failed(target: &Target, claimed: &Claimed, failure: &Failure) -> Outcome {
    let own = |reason| (reason, Cause { counts: true, retry_after: Duration::ZERO });
    let (reason, cause) = match failure {
        Failure::Call(error) => {
            let reason = Reason::new(error.code(), error.to_string());
            match (lasting(error), error.retry()) {
                (Lasting::No, retry) => (reason, cause(error, retry)),
                (Lasting::Refused, _) => return Outcome::Dead(reason),
                (Lasting::Uncertain, _) => return Outcome::Parked(reason),
            }
        }
        Failure::Source(error) => match source_failure(error) {
            Ok(retried) => retried,
            Err(outcome) => return outcome,
        },
        Failure::Store(error) => own(Reason::new("store", error.to_string())),
        Failure::OutOfTime => own(Reason::new("out_of_time", "the attempt took too long and was given up")),
        Failure::Stuck(code, why) => return Outcome::Parked(Reason::new(code, why.clone())),
    };
    let (tried, fresh_at, now) = (claimed.tried, claimed.fresh_at, Timestamp::now());
    match retry::next(&target.retry, tried, fresh_at, now, cause, rand::random()) {
        Some(at) => Outcome::Retry(reason, at),
        None => Outcome::Dead(reason),
    }
}

/// A source that can't be reached or refuses us is the connection's matter: the event waits as long as that lasts.
/// An entity that is gone has nothing to apply any more.
fn source_failure(error: &udesk::Error) -> Result<(Reason, Cause), Outcome> {
    let reason = |code: &str| Reason::new(code, format!("reading again at the source: {error}"));
    let after = if let udesk::Retry::Later { after } = error.retry() { after } else { None };
    let cause = |counts| Cause { counts, retry_after: after.unwrap_or_default() };
    match error {
        udesk::Error::NotFound { .. } => {
            let message = "the source has no such ticket any more; nothing was changed at the target";
            Err(Outcome::Skipped(Reason::new("source_gone", message)))
        }
        udesk::Error::Unauthorized { .. }
        | udesk::Error::UnknownTenant { .. }
        | udesk::Error::Configuration { .. } => Ok((reason("source_unauthorized"), cause(false))),
        // An answer of another shape may be about this ticket alone.
        udesk::Error::BadAnswer { .. } | udesk::Error::TooLarge { .. } => {
            Ok((reason("source_bad_answer"), cause(true)))
        }
        error if error.is_temporary() => Ok((reason("source_unavailable"), cause(false))),
        _ => Err(Outcome::Parked(reason("source_refused"))),
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
