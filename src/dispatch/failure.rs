//! From what went wrong to what becomes of the event: tried again, dead, or parked for an operator.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use super::{
    answers::LookUpError,
    retry::{
        self, Cause,
        table::{self, Case, Matter, Then},
    },
    turn::Turn,
};
use crate::{
    bangwo8::{Endpoint, Error, InvalidRequestId, Obstacle, Retry},
    event::{Outcome, Reason},
    mapping::Refusal,
    store::{Claimed, StoreError},
    udesk, webhook,
};

/// Why an attempt came to nothing.
pub(super) enum Failure {
    Call(Error),
    /// Reading the entity at its source failed.
    Source(udesk::Error),
    /// The subscriber did not take it.
    Message(webhook::Error),
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

/// What a failure comes to, for the event and for its connection: by its row in the table, by how long the event was
/// tried, and by what else fails.
pub(super) fn failed(turn: &Turn<'_>, failure: &Failure) -> Outcome {
    let Judged { case, reason, retry_after } = judged(failure);
    let row = case.row();
    let held_until = match row.matter {
        Matter::Event | Matter::Ours => None,
        matter => turn.failed(matter, retry_after, &reason.code),
    };
    // While nothing gets through, it isn't the event's fault.
    let counts = row.then == Then::Attempts && held_until.is_none();
    let counted = counts.then(|| 1 + counted_before(turn.claimed));
    match row.then {
        Then::Attempts | Then::Age => again(turn, reason, Cause { counted, retry_after, held_until }),
        Then::Dies => Outcome::Dead(reason),
        Then::Parks => Outcome::Parked(reason),
        Then::Skips => Outcome::Skipped(reason),
    }
}

/// The attempts since the event was accepted or replayed whose failure may have been its own. One that was broken off
/// may have been broken off by it.
fn counted_before(claimed: &Claimed) -> u32 {
    let fresh = usize::try_from(claimed.tried.saturating_sub(1)).unwrap_or(usize::MAX);
    let before = claimed.former.iter().rev().take(fresh);
    let counted = before.filter(|attempt| attempt.code.as_deref().is_none_or(table::counts)).count();
    u32::try_from(counted).unwrap_or(u32::MAX)
}

fn again(turn: &Turn<'_>, reason: Reason, cause: Cause) -> Outcome {
    let (policy, claimed) = (&turn.target.retry, turn.claimed);
    let now = Timestamp::now();
    match retry::next(policy, claimed.tried, claimed.fresh_at, now, cause, rand::random()) {
        Some(at) => Outcome::Retry(reason, at),
        None => Outcome::Dead(reason),
    }
}

/// Which row of the table a failure belongs to, and its own words.
struct Judged {
    case: Case,
    reason: Reason,
    /// The wait that the vendor asked for; zero if it asked for none.
    retry_after: Duration,
}

impl Judged {
    fn new(case: Case, code: &str, message: String) -> Self {
        Self { case, reason: Reason::new(code, message), retry_after: Duration::ZERO }
    }
}

fn judged(failure: &Failure) -> Judged {
    match failure {
        Failure::Call(error) => of_target(error, error.code(), error.to_string()),
        Failure::Source(error) => of_source(error),
        Failure::Message(error) => of_subscriber(error),
        Failure::LookUp(error) => of_look_up(error),
        Failure::Store(error) => Judged::new(Case::Store, "store", error.to_string()),
        Failure::OutOfTime => {
            let why = "the attempt took too long and was given up";
            Judged::new(Case::OutOfTime, "out_of_time", why.into())
        }
        Failure::Refused(refusal) => Judged::new(Case::Unmapped, refusal.code, refusal.to_string()),
        Failure::Stuck(code, why) => Judged::new(Case::Stuck, code, why.clone()),
    }
}

/// Codes of its own: an attempt that ended while it looked something up has written nothing, so that the next one has
/// nothing to be in doubt about.
fn of_look_up(error: &LookUpError) -> Judged {
    match error {
        LookUpError::Target(error) => {
            let code = format!("lookup_{}", error.code());
            of_target(error, &code, format!("looking something up: {error}"))
        }
        // It is a list: nothing is gone.
        LookUpError::Source(error @ udesk::Error::NotFound { .. }) => {
            Judged::new(Case::SourceBadAnswer, "source_bad_answer", format!("reading at the source: {error}"))
        }
        LookUpError::Source(error) => of_source(error),
        LookUpError::Store(error) => Judged::new(Case::Store, "lookup_store", error.to_string()),
        LookUpError::Unwritable(error) => Judged::new(Case::Stuck, "unwritable", error.to_string()),
    }
}

fn of_target(error: &Error, code: &str, message: String) -> Judged {
    let after = if let Retry::Later { after } = error.retry() { after } else { None };
    Judged { retry_after: after.unwrap_or_default(), ..Judged::new(case_of(error), code, message) }
}

fn of_subscriber(error: &webhook::Error) -> Judged {
    let after = if let webhook::Error::Status { retry_after, .. } = error { *retry_after } else { None };
    let judged = Judged::new(case_of_message(error), error.code(), error.to_string());
    Judged { retry_after: after.unwrap_or_default(), ..judged }
}

/// Any answer but a 2xx is a failure (Standard Webhooks, "Operational considerations"): 410 ends it, and all others may
/// be a mistake at the receiver that is mended.
fn case_of_message(error: &webhook::Error) -> Case {
    match error {
        webhook::Error::Name => Case::Name,
        webhook::Error::Address => Case::AddressRefused,
        webhook::Error::Unreachable => Case::Unreachable,
        webhook::Error::Silence => Case::ConnectTimeout,
        webhook::Error::Tls => Case::Tls,
        webhook::Error::TimedOut { .. } => Case::Timeout,
        webhook::Error::Unanswered => Case::Unanswered,
        webhook::Error::Status { status, .. } => match status {
            300..=399 => Case::Redirected,
            408 | 425 => Case::RequestTimeout,
            410 => Case::Gone,
            429 => Case::RateLimited,
            503 => Case::Maintenance,
            502 | 504 => Case::Gateway,
            500.. => Case::ServerError,
            _ => Case::NotTaken,
        },
    }
}

fn case_of(error: &Error) -> Case {
    match error {
        Error::Unreachable { obstacle, .. } => match obstacle {
            Obstacle::Name => Case::Name,
            Obstacle::Refused => Case::Unreachable,
            Obstacle::Silence => Case::ConnectTimeout,
            Obstacle::Tls => Case::Tls,
        },
        Error::TimedOut { .. } => Case::Timeout,
        Error::Unanswered { .. } => Case::Unanswered,
        Error::Unavailable { status, .. } => match status {
            408 | 425 => Case::RequestTimeout,
            503 => Case::Maintenance,
            502 | 504 => Case::Gateway,
            _ => Case::ServerError,
        },
        Error::RateLimited { .. } => Case::RateLimited,
        Error::Unauthorized { .. } => Case::Unauthorized,
        Error::Forbidden { .. } => Case::Forbidden,
        Error::Configuration { .. } => Case::Configuration,
        Error::InvalidResourceUri { .. } => Case::NoSuchAddress,
        Error::NotFound { call } if names_entity(call) => Case::NotFound,
        Error::NotFound { .. } => Case::NoSuchAddress,
        Error::BadAnswer { .. } => Case::BadAnswer,
        Error::TooLarge { .. } => Case::TooLarge,
        Error::CreatedIdUnknown { .. } => Case::CreatedIdUnknown,
        Error::AlreadyExists { .. }
        | Error::FieldNotFound { .. }
        | Error::NotADropDown { .. }
        | Error::OptionNameEmpty { .. }
        | Error::OptionNameRepeated { .. }
        | Error::OptionNotFound { .. }
        | Error::OptionIdMissing { .. }
        | Error::ContactNotFound { .. }
        | Error::AlreadyBound { .. }
        | Error::Rejected { .. } => Case::Declined,
    }
}

/// Only what names an entity can be gone; anything else must be there, and the base URL leads somewhere else.
fn names_entity(call: &Endpoint) -> bool {
    call.path.split('/').any(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}

fn of_source(error: &udesk::Error) -> Judged {
    let (case, code) = match error {
        udesk::Error::NotFound { .. } => {
            let message = "the source has no such ticket any more; nothing was changed at the target";
            return Judged::new(Case::SourceGone, "source_gone", message.into());
        }
        udesk::Error::Unauthorized { .. }
        | udesk::Error::UnknownTenant { .. }
        | udesk::Error::Configuration { .. } => (Case::SourceUnauthorized, "source_unauthorized"),
        // An answer of another shape may be about this ticket alone.
        udesk::Error::BadAnswer { .. } | udesk::Error::TooLarge { .. } => {
            (Case::SourceBadAnswer, "source_bad_answer")
        }
        error if error.is_temporary() => (Case::SourceUnavailable, "source_unavailable"),
        _ => (Case::SourceRefused, "source_refused"),
    };
    let after = if let udesk::Retry::Later { after } = error.retry() { after } else { None };
    let message = format!("reading at the source: {error}");
    Judged { retry_after: after.unwrap_or_default(), ..Judged::new(case, code, message) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::dispatch::retry::table::Effect;

    /// An error for each row that a call to the target can come to and that needs no network to be made.
    fn errors() -> Vec<Error> {
        let call = || Endpoint::post(&["tickets"]);
        let unavailable = |status| Error::Unavailable { call: call(), status, retry_after: None };
        let mut errors = vec![
            Error::RateLimited { call: call(), retry_after: Some(Duration::from_secs(7)) },
            Error::Unauthorized { call: call() },
            Error::Forbidden { call: call() },
            Error::NotFound { call: call() },
            Error::NotFound { call: Endpoint::put(&["tickets", "7"]) },
            Error::InvalidResourceUri { call: call() },
            Error::AlreadyExists { call: call(), id: None },
            Error::Rejected { call: call(), code: "403".into(), message: String::new() },
            Error::BadAnswer { call: call(), why: "it is not JSON", source: None },
            Error::TooLarge { call: call(), limit: 1 },
            Error::CreatedIdUnknown { call: call() },
            Error::Configuration { why: "no credentials", source: None },
        ];
        errors.extend([408, 425, 500, 501, 502, 503, 504, 507, 520].map(unavailable));
        errors
    }

    #[test]
    fn the_table_says_of_an_effect_what_the_client_says() {
        for error in errors() {
            let row = case_of(&error).row();
            assert_eq!(row.effect == Effect::Possible, error.effect_unknown(), "{error}");
        }
    }

    #[test]
    fn every_error_has_a_code_of_its_row() {
        for error in errors() {
            let row = case_of(&error).row();
            assert!(row.codes.contains(&error.code()), "{error}: {row:?}");
        }
    }

    #[test]
    fn every_way_of_a_message_to_fail_has_a_code_of_its_row() {
        use webhook::Error::{Address, Name, Silence, Status, TimedOut, Tls, Unanswered, Unreachable};
        let unsent = [Name, Address, Unreachable, Silence, Tls, Unanswered];
        let timed_out = TimedOut { after: Duration::from_secs(1) };
        let statuses = (100..600).filter(|status| !(200..300).contains(status));
        let answers = statuses.map(|status| Status { status, retry_after: None });
        for error in unsent.into_iter().chain([timed_out]).chain(answers) {
            let row = case_of_message(&error).row();
            assert!(row.codes.contains(&error.code()), "{error}: {row:?}");
        }
    }

    #[test]
    fn only_a_404_of_an_entity_is_the_events_own() {
        assert_eq!(case_of(&Error::NotFound { call: Endpoint::get(&["tickets"]) }), Case::NoSuchAddress);
        assert_eq!(case_of(&Error::NotFound { call: Endpoint::get(&["tickets", "52"]) }), Case::NotFound);
    }

    #[test]
    fn a_failed_look_up_has_a_code_of_its_own_and_keeps_the_wait_that_was_asked_for() {
        let limited = Error::RateLimited {
            call: Endpoint::get(&["supports"]),
            retry_after: Some(Duration::from_secs(7)),
        };
        let judged = judged(&Failure::LookUp(Arc::new(limited.into())));
        assert_eq!((judged.case, judged.reason.code.as_str()), (Case::RateLimited, "lookup_rate_limited"));
        assert_eq!(judged.retry_after, Duration::from_secs(7));
    }
}
