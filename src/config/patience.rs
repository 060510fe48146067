//! How long callers are waited for. Not in the environment: what a caller may need doesn't differ between
//! installations, and a proxy in front has limits of its own. Tests shorten them.

use std::time::Duration;

/// What a connection ends by that makes no headway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Longest wait for a TLS handshake, and after it for the head of a request.
    pub head: Duration,
    /// Longest that a body may take.
    pub body: Duration,
    /// In each such time a body has to come on by a least amount.
    pub body_step: Duration,
    /// How long a connection is kept on which nothing is asked. Longer than common balancers keep theirs (60 s), so
    /// that it is they who close: the other way round, a request could meet a connection that is just being closed.
    pub idle: Duration,
    /// How long sent bytes may lie unread at the other end.
    pub unread: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            body: Duration::from_secs(60),
            body_step: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            unread: Duration::from_secs(30),
        }
    }
}
