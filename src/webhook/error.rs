//! Why a message was not taken.

use std::{error::Error as StdError, io, iter, time::Duration};

/// Why a message was not taken. No variant keeps the address, which may hold a token of its owner's, nor anything of the
/// answer but its status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host's name has no address, or nobody could be asked for it.
    #[error("the host's name can't be resolved; check the subscriber's url and the DNS")]
    Name,
    /// Every address of the host is one that may not be called.
    #[error(
        "the host has no address that may be called: only public ones over https may, and the nets that \
         DESKBRIDGE_WEBHOOK_ALLOW lists"
    )]
    Address,
    /// The address takes no connection, or broke it off before it stood.
    #[error("the receiver can't be reached")]
    Unreachable,
    /// The connection did not stand in time.
    #[error("the receiver can't be reached: the connection did not stand in time")]
    Silence,
    /// No agreement on TLS.
    #[error("no TLS connection with the receiver; check its certificate and the machine's trusted ones")]
    Tls,
    /// Sent, and no whole answer in time.
    #[error("the receiver did not answer within {} s", .after.as_secs())]
    TimedOut {
        /// How long was waited.
        after: Duration,
    },
    /// Sent, and the connection broke before the answer.
    #[error("the connection broke before the receiver answered")]
    Unanswered,
    /// An answer that says something else than "taken".
    #[error("the receiver answered HTTP {status}{}", advice(*.status))]
    Status {
        /// The HTTP status: no 2xx.
        status: u16,
        /// The wait that it asks for.
        retry_after: Option<Duration>,
    },
}

impl Error {
    /// A stable name for records, metrics and rules.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Name => "dns",
            Self::Address => "address_refused",
            Self::Unreachable => "unreachable",
            Self::Silence => "connect_timeout",
            Self::Tls => "tls",
            Self::TimedOut { .. } => "timeout",
            Self::Unanswered => "unanswered",
            Self::Status { status: 410, .. } => "gone",
            Self::Status { status: 429, .. } => "rate_limited",
            Self::Status { status: 408 | 425 | 500.., .. } => "unavailable",
            Self::Status { status: 300..=399, .. } => "redirected",
            Self::Status { .. } => "not_taken",
        }
    }

    /// By the types of its causes and never by their texts.
    pub(super) fn of(error: &reqwest::Error, limit: Duration) -> Self {
        if causes(error).any(|cause| cause.is::<Unresolved>()) {
            Self::Name
        } else if causes(error).any(|cause| cause.is::<Refused>()) {
            Self::Address
        } else if causes(error).any(is_tls) {
            Self::Tls
        } else {
            match (error.is_connect(), error.is_timeout()) {
                (true, true) => Self::Silence,
                (true, false) => Self::Unreachable,
                (false, true) => Self::TimedOut { after: limit },
                (false, false) => Self::Unanswered,
            }
        }
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        410 => ": it wants no more messages; take the subscriber out of the connections file",
        300..=399 => ", a redirect, which is not followed: write the address it leads to",
        401 | 403 => ": it doesn't accept the signature, perhaps; compare the secrets",
        404 => ": check the subscriber's url",
        _ => "",
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    iter::successors(error.source(), |cause: &&(dyn StdError + 'static)| (*cause).source())
}

/// An I/O error holds its cause, which may be another, without naming it as its source.
fn is_tls(cause: &(dyn StdError + 'static)) -> bool {
    let held = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || held.is_some_and(|held| is_tls(held))
}

/// A name without an address.
#[derive(Debug, thiserror::Error)]
#[error("the name can't be resolved")]
pub(super) struct Unresolved(#[source] pub(super) io::Error);

/// A name without an address that may be called.
#[derive(Debug, thiserror::Error)]
#[error("none of the name's addresses may be called")]
pub(super) struct Refused;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_the_code_of_what_follows_from_it() {
        let code = |status| Error::Status { status, retry_after: None }.code();
        assert_eq!([301, 308].map(code), ["redirected"; 2]);
        assert_eq!([400, 401, 404, 422].map(code), ["not_taken"; 4]);
        assert_eq!([408, 425, 500, 503, 599].map(code), ["unavailable"; 5]);
        assert_eq!([410, 429].map(code), ["gone", "rate_limited"]);
        assert_eq!(code(100), "not_taken");
    }
}
