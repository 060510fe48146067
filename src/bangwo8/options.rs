//! What a client needs to know before its first call.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use jiff::tz::{self, TimeZone};
use secrecy::SecretString;
use url::Url;

use crate::call::Watch;

/// How to reach one Bangwo8 tenant, and the limits to keep while doing so.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address in front of `/api`, e.g. `https://www.bangwo8.com`; a path prefix is kept.
    pub base_url: Url,
    /// Whose permissions the calls have. Several lists need an administrator (§3.3).
    pub auth: Auth,
    /// The zone of the vendor's timestamps, which carry none (§2.4).
    pub time_zone: TimeZone,
    /// Calls started per second, over all clones of the client; as many may start at once after a pause.
    pub requests_per_second: NonZeroU32,
    /// Calls in flight at once, over all clones of the client; at least 1.
    pub concurrency: usize,
    /// Time for one call from connecting to the last byte; waiting for the two limits above is not counted.
    pub timeout: Duration,
    /// The longest answer that is read.
    pub max_response_bytes: usize,
    /// Headers to send with every call, e.g. a `User-Agent` or a `Cookie` that a tenant turns out to need (§2).
    /// Their values count as secrets.
    pub headers: Vec<(String, SecretString)>,
    /// Who is told of the calls, if anybody.
    pub watch: Option<Arc<dyn Watch>>,
}

/// The two ways to sign in (§3).
#[derive(Clone, Debug)]
pub enum Auth {
    /// A Bangwo8 login, for tenants without API keys (§3.1).
    Basic {
        /// The login name; the tenant's main account.
        account: SecretString,
        /// Its password.
        password: SecretString,
    },
    /// Client credentials, exchanged for a token of an hour (§3.2).
    OAuth2 {
        /// The SecretID of the admin console.
        id: SecretString,
        /// The secret made with it.
        secret: SecretString,
    },
}

impl Options {
    /// Calls per second unless told otherwise. The vendor documents no limit (§2.2); this one is polite.
    pub const REQUESTS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
    /// Calls in flight unless told otherwise.
    pub const CONCURRENCY: usize = 8;
    /// Time for one call unless told otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(15);
    /// Longest answer unless told otherwise: 100 tickets with long descriptions fit several times.
    pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;

    /// Options with every limit at its default and times read as Asia/Shanghai.
    ///
    /// That zone has had no daylight saving since 1991, so a fixed offset of eight hours stands for it.
    pub fn new(base_url: Url, auth: Auth) -> Options {
        Options {
            base_url,
            auth,
            time_zone: tz::offset(8).to_time_zone(),
            requests_per_second: Options::REQUESTS_PER_SECOND,
            concurrency: Options::CONCURRENCY,
            timeout: Options::TIMEOUT,
            max_response_bytes: Options::MAX_RESPONSE_BYTES,
            headers: Vec::new(),
            watch: None,
        }
    }
}
