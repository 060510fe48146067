//! What can go wrong with a Udesk call, named by what the caller can do about it.

use std::time::Duration;

use super::{code::Cause, draft::Inexpressible, request::Endpoint};

/// Why a call gave no result.
///
/// The texts name the call and what was wrong with it. They may carry the vendor's own message, in which
/// whatever looks like an e-mail address, a telephone number or a key is masked; never a body or a query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection: nothing was sent, so repeating is safe.
    #[error("{call} was not sent: Udesk cannot be reached")]
    Unreachable {
        /// The call.
        call: Endpoint,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// The request went out and the answer did not come, or not whole.
    #[error("{call} got no whole answer")]
    Unanswered {
        /// The call.
        call: Endpoint,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// The vendor or something before it is failing: HTTP 408, 425 or 5xx.
    #[error("{call} failed at Udesk: HTTP {status}")]
    Unavailable {
        /// The call.
        call: Endpoint,
        /// The HTTP status.
        status: u16,
        /// How long to wait, if the vendor said so.
        retry_after: Option<Duration>,
    },
    /// The answer is not JSON: it is taken to come from something between here and the vendor (§6.3).
    #[error("{call} was answered with something else than JSON: HTTP {status}")]
    NotJson {
        /// The call.
        call: Endpoint,
        /// The HTTP status.
        status: u16,
    },
    /// Too many calls; nothing was done. How Udesk says this is not documented; HTTP 429 is assumed (§1.4).
    #[error("{call} was refused: too many requests")]
    RateLimited {
        /// The call.
        call: Endpoint,
        /// How long to wait, if the vendor said so.
        retry_after: Option<Duration>,
    },
    /// The signature is wrong (v1 2002, v2 2059 twice in a row): the secret, or e-mail and token, have to be
    /// corrected.
    ///
    /// A clock that is wrong by minutes gives the same code in v2. `clock_behind_seconds` tells the two apart.
    #[error("{call} was refused: the signature is not accepted{}", skew(*clock_behind_seconds))]
    Unauthorized {
        /// The call.
        call: Endpoint,
        /// In v2, by how many seconds this machine's clock is behind the vendor's `Date` header (negative:
        /// ahead), if there was one.
        clock_behind_seconds: Option<i64>,
    },
    /// There is no tenant at the address (v2 2002): the base URL has to be corrected.
    #[error("{call} was refused: there is no tenant at this address")]
    UnknownTenant {
        /// The call.
        call: Endpoint,
    },
    /// There is no such ticket (v1 1003), or a success without the thing that was asked for.
    #[error("{call} found nothing")]
    NotFound {
        /// The call.
        call: Endpoint,
    },
    /// No customer has the e-mail (v1 1002 and 1004).
    #[error("{call} was refused: no customer has this e-mail")]
    CustomerUnknown {
        /// The call.
        call: Endpoint,
    },
    /// Udesk understood and declined; repeating the same changes nothing.
    #[error("{call} was refused: {number} {message} ({})", cause.explanation())]
    Rejected {
        /// The call.
        call: Endpoint,
        /// The vendor's code.
        number: i64,
        /// What the code means for this call.
        cause: Cause,
        /// The vendor's own text, shortened and masked; may be empty.
        message: String,
    },
    /// A parameter did not pass the validation (§6.2): an `error` text without a code.
    #[error("{call} was refused: {message}")]
    Invalid {
        /// The call.
        call: Endpoint,
        /// The vendor's own text, shortened and masked.
        message: String,
    },
    /// What was to be written has no spelling in the call; nothing was sent.
    #[error("{call} cannot say it")]
    Inexpressible {
        /// The call.
        call: Endpoint,
        /// What, and why.
        #[source]
        source: Inexpressible,
    },
    /// A success in JSON of another shape than the documented ones.
    #[error("{call} was answered with something unusable: {why}")]
    BadAnswer {
        /// The call.
        call: Endpoint,
        /// What was wrong with the answer.
        why: &'static str,
    },
    /// The answer is longer than the limit and was not read further.
    #[error("{call} was answered with more than {limit} bytes")]
    TooLarge {
        /// The call.
        call: Endpoint,
        /// The limit in bytes.
        limit: usize,
    },
    /// The list goes on, but the vendor shows no more of it (§5.2, §5.3). What came before is not all.
    #[error("{call} reaches no further than {reach} records")]
    OutOfReach {
        /// The call.
        call: Endpoint,
        /// How many records can be read.
        reach: u64,
    },
    /// It was created, but the answer does not say under which id. Creating it again makes a second one.
    #[error("{call} succeeded, but the answer has no id")]
    CreatedIdUnknown {
        /// The call.
        call: Endpoint,
    },
    /// The client cannot be built, or a request not be made, from what it was given.
    #[error("the Udesk client is misconfigured: {why}")]
    Configuration {
        /// What to correct.
        why: &'static str,
        /// What the HTTP library said.
        #[source]
        source: Option<reqwest::Error>,
    },
}

/// Whether the same request can succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not without somebody changing something.
    Never,
    /// Yes, and not before `after` if the vendor named a time.
    Later {
        /// The vendor's wish.
        after: Option<Duration>,
    },
}

impl Error {
    /// A stable name for records, metrics and rules.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Unreachable { .. } => "unreachable",
            Error::Unanswered { .. } => "unanswered",
            Error::Unavailable { .. } => "unavailable",
            Error::NotJson { .. } => "not_json",
            Error::RateLimited { .. } => "rate_limited",
            Error::Unauthorized { .. } => "unauthorized",
            Error::UnknownTenant { .. } => "unknown_tenant",
            Error::NotFound { .. } => "not_found",
            Error::CustomerUnknown { .. } => "customer_unknown",
            Error::Rejected { .. } => "rejected",
            Error::Invalid { .. } => "invalid",
            Error::Inexpressible { .. } => "inexpressible",
            Error::BadAnswer { .. } => "bad_answer",
            Error::TooLarge { .. } => "too_large",
            Error::OutOfReach { .. } => "out_of_reach",
            Error::CreatedIdUnknown { .. } => "created_id_unknown",
            Error::Configuration { .. } => "configuration",
        }
    }

    /// Whether repeating can help (§6.3). Ask [`effect_unknown`](Error::effect_unknown) too before repeating a
    /// write.
    pub fn retry(&self) -> Retry {
        match self {
            Error::RateLimited { retry_after, .. } | Error::Unavailable { retry_after, .. } => {
                Retry::Later { after: *retry_after }
            }
            Error::Unreachable { .. }
            | Error::Unanswered { .. }
            | Error::NotJson { .. }
            | Error::BadAnswer { .. } => Retry::Later { after: None },
            _ => Retry::Never,
        }
    }

    /// Whether the same call can succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        self.retry() != Retry::Never
    }

    /// Whether something may have been added although the call failed: look for it before repeating, since no
    /// call takes an idempotency key (§6.3). A change without a comment can be repeated blindly.
    pub fn effect_unknown(&self) -> bool {
        match self {
            Error::Unanswered { call, .. }
            | Error::Unavailable { call, .. }
            | Error::NotJson { call, .. }
            | Error::BadAnswer { call, .. }
            | Error::TooLarge { call, .. } => call.operation.adds(),
            _ => false,
        }
    }
}

/// A difference that no network delay explains; the vendor's tolerance is not documented (§1.3).
const NOTEWORTHY_SKEW_SECONDS: i64 = 60;

fn skew(behind: Option<i64>) -> String {
    match behind {
        Some(behind) if behind >= NOTEWORTHY_SKEW_SECONDS => {
            format!("; this machine's clock is {behind} s behind the vendor's")
        }
        Some(behind) if behind <= -NOTEWORTHY_SKEW_SECONDS => {
            format!("; this machine's clock is {} s ahead of the vendor's", behind.unsigned_abs())
        }
        _ => String::new(),
    }
}
