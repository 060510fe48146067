//! Why a call was not sent, told by the types of its causes and never by their texts.

use std::{error::Error as StdError, fmt, io};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// What stood between here and the vendor before anything was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The host's name has no address, or nobody could be asked for it.
    Name,
    /// The address takes no connection, or broke it off before it stood.
    Refused,
    /// The connection did not stand in time.
    Silence,
    /// No agreement on TLS: a certificate that is not trusted, expired or of another host, or no TLS at all.
    Tls,
}

impl Obstacle {
    /// Of a failure to connect.
    pub(super) fn of(error: &reqwest::Error) -> Obstacle {
        if causes(error).any(|cause| cause.is::<Unresolved>()) {
            Obstacle::Name
        } else if causes(error).any(is_tls) {
            Obstacle::Tls
        } else if error.is_timeout() {
            Obstacle::Silence
        } else {
            Obstacle::Refused
        }
    }

    /// A stable name for records, metrics and rules.
    pub fn code(self) -> &'static str {
        match self {
            Obstacle::Name => "dns",
            Obstacle::Refused => "unreachable",
            Obstacle::Silence => "connect_timeout",
            Obstacle::Tls => "tls",
        }
    }
}

/// As the end of a sentence on the call that was not sent.
impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Obstacle::Name => "the host's name can't be resolved; check the base URL and the DNS",
            Obstacle::Refused => "Bangwo8 cannot be reached",
            Obstacle::Silence => "Bangwo8 cannot be reached: the connection did not stand in time",
            Obstacle::Tls => "no TLS connection; check the certificate and the machine's trusted ones",
        })
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause: &&(dyn StdError + 'static)| (*cause).source())
}

/// An I/O error holds its cause, which may be another, without naming it as its source.
fn is_tls(cause: &(dyn StdError + 'static)) -> bool {
    let held = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || held.is_some_and(|held| is_tls(held))
}

/// The machine's own resolver, whose failures can be told from those of connecting.
pub(super) struct SystemNames;

/// A name without an address.
#[derive(Debug, thiserror::Error)]
#[error("the name can't be resolved")]
struct Unresolved(#[source] io::Error);

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The port is the URL's.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(Unresolved)?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
