//! From a connection's settings to the clients of its two vendors. Nothing is sent yet.

use std::{collections::HashMap, time::Duration};

use super::BuildError;
use crate::{
    bangwo8,
    config::{Auth, Connection, Nets, SourceApi, Subscriber, Target},
    udesk, webhook,
};

/// The clients of a configuration by connection, each with the settings it was built from.
#[derive(Clone, Default)]
pub(super) struct Clients {
    targets: HashMap<String, (Target, bangwo8::Client)>,
    sources: HashMap<String, (SourceApi, udesk::Client)>,
    /// By the name in the journal.
    subscribers: HashMap<String, (Subscriber, webhook::Subscriber)>,
}

impl Clients {
    /// The client of a connection's target: the one in `before` if the settings are the same. A second one would
    /// have a token and a rate limit of its own, and press the vendor twice as hard.
    pub(super) fn target(
        &mut self,
        connection: &Connection,
        before: &Self,
    ) -> Result<bangwo8::Client, BuildError> {
        let (name, settings) = (connection.name.clone(), &connection.target);
        let client = match before.targets.get(&name) {
            Some((same, client)) if same == settings => client.clone(),
            _ => target_client(connection)
                .map_err(|source| BuildError::Client { connection: name.clone(), source })?,
        };
        self.targets.insert(name, (settings.clone(), client.clone()));
        Ok(client)
    }

    /// Likewise of its source, where it has an API.
    pub(super) fn source(
        &mut self,
        connection: &Connection,
        before: &Self,
    ) -> Result<Option<udesk::Client>, BuildError> {
        let Some(settings) = &connection.source.api else { return Ok(None) };
        let name = connection.name.clone();
        let client = match before.sources.get(&name) {
            Some((same, client)) if same == settings => Some(client.clone()),
            _ => source_client(connection)
                .map_err(|source| BuildError::SourceClient { connection: name.clone(), source })?,
        };
        self.sources.extend(client.clone().map(|client| (name, (settings.clone(), client))));
        Ok(client)
    }

    /// Likewise of a subscriber, which may be in the nets that are allowed beside the public ones.
    pub(super) fn subscriber(
        &mut self,
        connection: &Connection,
        settings: &Subscriber,
        allowed: &Nets,
        before: &Self,
    ) -> Result<webhook::Subscriber, BuildError> {
        let journal = settings.journal(&connection.name);
        let client = match before.subscribers.get(&journal) {
            Some((same, client)) if same == settings => client.clone(),
            _ => {
                let options = webhook::Options {
                    url: settings.url.clone(),
                    keys: settings.keys.iter().map(|key| webhook::Key::new(key.expose())).collect(),
                    allowed: allowed.0.clone(),
                };
                webhook::Subscriber::new(options)
                    .map_err(|_| BuildError::Subscriber { subscriber: journal.clone() })?
            }
        };
        self.subscribers.insert(journal, (settings.clone(), client.clone()));
        Ok(client)
    }
}

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
