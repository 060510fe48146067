//! What can go wrong, named by what the caller can do about it.

use std::time::Duration;

use super::{network::Obstacle, request::Endpoint};

/// Why a call gave no result.
///
/// The texts name the call and what was wrong with it. They may carry the vendor's own message, never a body,
/// a header or a query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection: nothing was sent, so repeating is safe.
    #[error("{call} was not sent: {obstacle}")]
    Unreachable {
        /// The call.
        call: Endpoint,
        /// What stood in the way.
        obstacle: Obstacle,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// The request went out and the answer did not come, or not whole: the connection broke.
    #[error("{call} got no whole answer")]
    Unanswered {
        /// The call.
        call: Endpoint,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// The request went out, or was about to, and the answer was not whole in time.
    #[error("{call} got no whole answer in time")]
    TimedOut {
        /// The call.
        call: Endpoint,
        /// What the network said.
        #[source]
        source: reqwest::Error,
    },
    /// The credentials are refused, also with a fresh token.
    #[error("{call} was refused: the credentials are not accepted")]
    Unauthorized {
        /// The call.
        call: Endpoint,
    },
    /// The credentials are good, but not for this call (§3.3).
    #[error("{call} was refused: the account lacks the permission")]
    Forbidden {
        /// The call.
        call: Endpoint,
    },
    /// There is no such resource.
    #[error("{call} found nothing")]
    NotFound {
        /// The call.
        call: Endpoint,
    },
    /// Too many calls; nothing was done.
    #[error("{call} was refused: too many requests")]
    RateLimited {
        /// The call.
        call: Endpoint,
        /// How long to wait, if the vendor said so.
        retry_after: Option<Duration>,
    },
    /// The vendor is failing or under maintenance (HTTP 5xx).
    #[error("{call} failed at Bangwo8: HTTP {status}")]
    Unavailable {
        /// The call.
        call: Endpoint,
        /// The HTTP status.
        status: u16,
        /// How long to wait, if the vendor said so.
        retry_after: Option<Duration>,
    },
    /// Something by that name is there already (code 110026, §2.3).
    #[error("{call} was refused: it exists already")]
    AlreadyExists {
        /// The call.
        call: Endpoint,
        /// The id of what is there, if the answer named it.
        id: Option<String>,
    },
    /// The URL names nothing in the vendor's API (code 100047, §5): a wrong base address, or a path that this
    /// tenant has not.
    #[error("{call} was refused: Bangwo8 has no such address; check the base URL")]
    InvalidResourceUri {
        /// The call.
        call: Endpoint,
    },
    /// There is no field with the id in the path (§7.3).
    #[error("{call} was refused: there is no such field; read the fields again and use an id of theirs")]
    FieldNotFound {
        /// The call.
        call: Endpoint,
    },
    /// The field takes no options (code 10001, §7.3).
    #[error("{call} was refused: only a drop-down field has options to write")]
    NotADropDown {
        /// The call.
        call: Endpoint,
    },
    /// An option has no name (§7.3).
    #[error("{call} was refused: every option needs a name")]
    OptionNameEmpty {
        /// The call.
        call: Endpoint,
    },
    /// Two options of one request have the same name (§7.3).
    #[error("{call} was refused: two options have the same name; name each of them differently")]
    OptionNameRepeated {
        /// The call.
        call: Endpoint,
    },
    /// The field has no option with the given ids (§7.4).
    #[error("{call} was refused: the field has no such option; read its options again")]
    OptionNotFound {
        /// The call.
        call: Endpoint,
    },
    /// An option was to be removed without saying which (§7.4).
    #[error("{call} was refused: name the option by its optionId or its extendId")]
    OptionIdMissing {
        /// The call.
        call: Endpoint,
    },
    /// There is no such contact to bind (§9.5).
    #[error("{call} was refused: there is no such contact; create it first or correct its id")]
    ContactNotFound {
        /// The call.
        call: Endpoint,
    },
    /// The contact is bound to an external id already (§9.5).
    #[error("{call} was refused: the contact is bound already; look the binding up or change it")]
    AlreadyBound {
        /// The call.
        call: Endpoint,
    },
    /// The vendor understood and declined; repeating the same changes nothing.
    #[error("{call} was refused: {code} {message}")]
    Rejected {
        /// The call.
        call: Endpoint,
        /// The vendor's code, or `http_<status>` if it gave none.
        code: String,
        /// The vendor's own text, shortened; may be empty.
        message: String,
    },
    /// A success status with an answer that is not JSON or has not the documented shape.
    #[error("{call} was answered with something unusable: {why}")]
    BadAnswer {
        /// The call.
        call: Endpoint,
        /// What was wrong with the answer.
        why: &'static str,
        /// Where the JSON broke off, if it did.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The answer is longer than the limit and was not read further.
    #[error("{call} was answered with more than {limit} bytes")]
    TooLarge {
        /// The call.
        call: Endpoint,
        /// The limit in bytes.
        limit: usize,
    },
    /// It was created, but the answer does not say under which id. Creating it again makes a second one.
    #[error("{call} succeeded, but the answer has no id")]
    CreatedIdUnknown {
        /// The call.
        call: Endpoint,
    },
    /// The client cannot be built, or a request not be written, from what it was given.
    #[error("the Bangwo8 client is misconfigured: {why}")]
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
            Error::Unreachable { obstacle, .. } => obstacle.code(),
            Error::Unanswered { .. } => "unanswered",
            Error::TimedOut { .. } => "timeout",
            Error::Unauthorized { .. } => "unauthorized",
            Error::Forbidden { .. } => "forbidden",
            Error::NotFound { .. } => "not_found",
            Error::RateLimited { .. } => "rate_limited",
            Error::Unavailable { .. } => "unavailable",
            Error::AlreadyExists { .. } => "already_exists",
            Error::InvalidResourceUri { .. } => "invalid_resource_uri",
            Error::FieldNotFound { .. } => "field_not_found",
            Error::NotADropDown { .. } => "not_a_drop_down",
            Error::OptionNameEmpty { .. } => "option_name_empty",
            Error::OptionNameRepeated { .. } => "option_name_repeated",
            Error::OptionNotFound { .. } => "option_not_found",
            Error::OptionIdMissing { .. } => "option_id_missing",
            Error::ContactNotFound { .. } => "contact_not_found",
            Error::AlreadyBound { .. } => "already_bound",
            Error::Rejected { .. } => "rejected",
            Error::BadAnswer { .. } => "bad_answer",
            Error::TooLarge { .. } => "too_large",
            Error::CreatedIdUnknown { .. } => "created_id_unknown",
            Error::Configuration { .. } => "configuration",
        }
    }

    /// Whether repeating can help. Ask [`effect_unknown`](Error::effect_unknown) too before repeating a write.
    pub fn retry(&self) -> Retry {
        match self {
            Error::RateLimited { retry_after, .. } | Error::Unavailable { retry_after, .. } => {
                Retry::Later { after: *retry_after }
            }
            Error::Unreachable { .. }
            | Error::Unanswered { .. }
            | Error::TimedOut { .. }
            | Error::BadAnswer { .. } => Retry::Later { after: None },
            _ => Retry::Never,
        }
    }

    /// Whether a write may have been carried out although it failed: look before repeating it (§15.1, 7).
    ///
    /// A 503 counts as not carried out, because the vendor documents it as maintenance (§2.1); every other 5xx
    /// is open. [`CreatedIdUnknown`](Error::CreatedIdUnknown) is no unknown effect: it is there.
    pub fn effect_unknown(&self) -> bool {
        match self {
            Error::Unavailable { call, status, .. } => call.writes && *status != 503,
            Error::Unanswered { call, .. }
            | Error::TimedOut { call, .. }
            | Error::BadAnswer { call, .. }
            | Error::TooLarge { call, .. } => call.writes,
            _ => false,
        }
    }
}
