//! What a client needs to know before its first call.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use secrecy::SecretString;
use url::Url;

use crate::call::Watch;

/// How to reach one Udesk tenant, and the limits to keep while doing so.
#[derive(Clone, Debug)]
pub struct Options {
    /// The tenant's address, e.g. `https://acme.udesk.cn` or `https://acme.s2.udesk.cn`; a path prefix is kept.
    pub base_url: Url,
    /// The shared secret of family v1 (§1.1); without it no call of that family can be made.
    pub v1_secret: Option<SecretString>,
    /// The credentials of family v2 (§1.2); without them no call of that family can be made.
    pub v2: Option<V2Credentials>,
    /// Calls of family v1 started in any minute, over all clones of the client.
    pub v1_requests_per_minute: NonZeroU32,
    /// Calls of family v2 started in any minute, over all clones of the client.
    pub v2_requests_per_minute: NonZeroU32,
    /// Calls in flight at once, over all clones of the client; at least 1.
    pub concurrency: usize,
    /// Time for one call from connecting to the last byte; waiting for the limits above is not counted.
    pub timeout: Duration,
    /// The longest answer that is read.
    pub max_response_bytes: usize,
    /// Who is told of the calls, if anybody.
    pub watch: Option<Arc<dyn Watch>>,
}

/// Who signs the calls of family v2.
#[derive(Clone, Debug)]
pub struct V2Credentials {
    /// The e-mail of the tenant's super administrator, as plain text.
    pub email: SecretString,
    /// The tenant's API token; it is hashed and never sent.
    pub token: SecretString,
}

impl Options {
    /// Calls a minute unless told otherwise: what v2 allows "for any API", taken to mean in total. For v1 no
    /// figure is documented (§1.4).
    pub const REQUESTS_PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);
    /// Calls in flight unless told otherwise: at one call a second more than these only wait for each other.
    pub const CONCURRENCY: usize = 4;
    /// Time for one call unless told otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(15);
    /// Longest answer unless told otherwise: 100 tickets with long contents fit several times.
    pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

    /// Options with every limit at its default and no credentials yet: add those of [`v1`](Options::v1), of
    /// [`v2`](Options::v2) or both.
    pub fn new(base_url: Url) -> Options {
        Options {
            base_url,
            v1_secret: None,
            v2: None,
            v1_requests_per_minute: Options::REQUESTS_PER_MINUTE,
            v2_requests_per_minute: Options::REQUESTS_PER_MINUTE,
            concurrency: Options::CONCURRENCY,
            timeout: Options::TIMEOUT,
            max_response_bytes: Options::MAX_RESPONSE_BYTES,
            watch: None,
        }
    }

    /// With the shared secret of family v1.
    #[must_use]
    pub fn v1(mut self, secret: SecretString) -> Options {
        self.v1_secret = Some(secret);
        self
    }

    /// With the administrator's e-mail and the API token of family v2.
    #[must_use]
    pub fn v2(mut self, email: SecretString, token: SecretString) -> Options {
        self.v2 = Some(V2Credentials { email, token });
        self
    }
}
