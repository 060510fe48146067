//! What can go wrong with a Udesk call, named by what the caller can do about it.

/// Why a call gave no result. `call` is method and path, never the query, which holds the signature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No answer, or not a whole one, or one of HTTP 429 and 5xx, or not JSON: try again later (§6.3). All calls
    /// are reads, so repeating is safe.
    #[error("{call} got no usable answer{}", status.map(|status| format!(": HTTP {status}")).unwrap_or_default())]
    Unavailable {
        /// The call.
        call: String,
        /// The HTTP status, if an answer began.
        status: Option<u16>,
        /// What the network said.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// The signature is wrong (2002): the secret has to be corrected.
    #[error("{call} was refused: the signature is not accepted")]
    Unauthorized {
        /// The call.
        call: String,
    },
    /// There is no such ticket (1003).
    #[error("{call} found nothing")]
    NotFound {
        /// The call.
        call: String,
    },
    /// Udesk understood and declined; repeating the same changes nothing. Many causes share the code 1001 (§6.1).
    #[error("{call} was refused: {} {message}", code.map_or_else(|| "invalid parameter".to_owned(), |code| code.to_string()))]
    Rejected {
        /// The call.
        call: String,
        /// The vendor's code; nothing for a parameter that did not pass its validation (§6.2).
        code: Option<i64>,
        /// The vendor's own text, shortened.
        message: String,
    },
    /// JSON of another shape than the documented ones.
    #[error("{call} was answered with something unusable: {why}")]
    BadAnswer {
        /// The call.
        call: String,
        /// What was wrong with the answer.
        why: &'static str,
    },
    /// The answer is longer than the limit and was not read further.
    #[error("{call} was answered with more than {limit} bytes")]
    TooLarge {
        /// The call.
        call: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// The client cannot be built from its options.
    #[error("the Udesk client is misconfigured: {why}")]
    Configuration {
        /// What to correct.
        why: &'static str,
        /// What the HTTP library said.
        #[source]
        source: Option<reqwest::Error>,
    },
}

impl Error {
    /// A stable name for records and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Error::Unavailable { .. } => "unavailable",
            Error::Unauthorized { .. } => "unauthorized",
            Error::NotFound { .. } => "not_found",
            Error::Rejected { .. } => "rejected",
            Error::BadAnswer { .. } => "bad_answer",
            Error::TooLarge { .. } => "too_large",
            Error::Configuration { .. } => "configuration",
        }
    }

    /// Whether the same call can succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Error::Unavailable { .. })
    }
}
