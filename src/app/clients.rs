//! From a connection's settings to the clients of its two vendors. Nothing is sent yet.

use std::time::Duration;

use crate::{
    bangwo8,
    config::{Auth, Connection},
    udesk,
};

/// The client of a connection's target.
///
/// # Errors
/// [`bangwo8::Error::Configuration`] for settings that no client can be built from.
pub fn target_client(connection: &Connection) -> Result<bangwo8::Client, bangwo8::Error> {
    let target = &connection.target;
    let auth = match target.auth.clone() {
        Auth::Basic { account, password } => bangwo8::Auth::Basic { account, password },
        Auth::Oauth2 { id, secret } => bangwo8::Auth::OAuth2 { id, secret },
    };
    bangwo8::Client::new(bangwo8::Options {
        time_zone: target.time_zone.clone(),
        requests_per_second: target.limits.requests_per_second,
        concurrency: target.limits.concurrency.get(),
        timeout: Duration::from_millis(target.limits.timeout_ms.get().into()),
        headers: target.headers.clone(),
        ..bangwo8::Options::new(target.base_url.clone(), auth)
    })
}

/// The client of a connection's source, where it has one that can be read.
///
/// # Errors
/// [`udesk::Error::Configuration`] for settings that no client can be built from.
pub fn source_client(connection: &Connection) -> Result<Option<udesk::Client>, udesk::Error> {
    let Some(api) = &connection.source.api else { return Ok(None) };
    let per_minute = api.requests_per_minute.unwrap_or(udesk::Options::REQUESTS_PER_MINUTE);
    let options = udesk::Options {
        v1_requests_per_minute: per_minute,
        v2_requests_per_minute: per_minute,
        v1_secret: api.v1_secret.clone(),
        v2: api.v2.clone().map(|(email, token)| udesk::V2Credentials { email, token }),
        ..udesk::Options::new(api.base_url.clone())
    };
    udesk::Client::new(options).map(Some)
}
