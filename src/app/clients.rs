//! From settings to what goes on from one configuration to the next where they are the same: the clients of the vendors,
//! and what is left of limits. Nothing is sent yet.

use std::{collections::HashMap, sync::Arc, time::Duration};

use secrecy::ExposeSecret;

use super::{BuildError, watched::Watched};
use crate::{
    bangwo8,
    config::{self, ApiKey, Auth, Connection, Nets, RateLimit, SourceApi, Subscriber, Target},
    http::{Key, Scope},
    intake::{Limit, Limiter},
    telemetry::Metrics,
    udesk, webhook,
};

/// The clients of a configuration by connection, each with the settings it was built from.
#[derive(Clone, Default)]
pub(super) struct Clients {
    targets: HashMap<String, (Target, bangwo8::Client)>,
    sources: HashMap<String, (SourceApi, udesk::Client)>,
    /// By the name in the journal.
    subscribers: HashMap<String, (Subscriber, webhook::Subscriber)>,
    /// By name.
    keys: HashMap<String, Arc<Key>>,
    /// Of a connection's senders.
    limiters: HashMap<String, Arc<Limiter>>,
}

impl Clients {
    /// The client of a connection's target: the one in `before` if the settings are the same. A second one would
    /// have a token and a rate limit of its own, and press the vendor twice as hard.
    pub(super) fn target(
        &mut self,
        connection: &Connection,
        metrics: &Arc<Metrics>,
        before: &Self,
    ) -> Result<bangwo8::Client, BuildError> {
        let (name, settings) = (connection.name.clone(), &connection.target);
        let client = match before.targets.get(&name) {
            Some((same, client)) if same == settings => client.clone(),
            _ => target_of(connection, Some(metrics))
                .map_err(|source| BuildError::Client { connection: name.clone(), source })?,
        };
        self.targets.insert(name, (settings.clone(), client.clone()));
        Ok(client)
    }

    /// Likewise of its source, where it has an API.
    pub(super) fn source(
        &mut self,
        connection: &Connection,
        metrics: &Arc<Metrics>,
        before: &Self,
    ) -> Result<Option<udesk::Client>, BuildError> {
        let Some(settings) = &connection.source.api else { return Ok(None) };
        let name = connection.name.clone();
        let client = match before.sources.get(&name) {
            Some((same, client)) if same == settings => Some(client.clone()),
            _ => source_of(connection, Some(metrics))
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
        metrics: &Arc<Metrics>,
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
                    watch: Some(Arc::new(Watched::new(&settings.url, metrics))),
                };
                webhook::Subscriber::new(options)
                    .map_err(|_| BuildError::Subscriber { subscriber: journal.clone() })?
            }
        };
        self.subscribers.insert(journal, (settings.clone(), client.clone()));
        Ok(client)
    }

    /// An API key, with what was counted of the one of its name before.
    pub(super) fn key(&mut self, settings: &ApiKey, before: &Self) -> Arc<Key> {
        let key = key(settings);
        let key = match before.keys.get(&settings.name) {
            Some(earlier) => key.after(earlier),
            None => key,
        };
        let key = Arc::new(key);
        self.keys.insert(settings.name.clone(), key.clone());
        key
    }

    /// The limit of a connection's senders: what is left of the one in `before` if it is the same.
    pub(super) fn limiter(&mut self, connection: &Connection, before: &Self) -> Option<Arc<Limiter>> {
        let limit = connection.source.limit.map(limit)?;
        let limiter = match before.limiters.get(&connection.name) {
            Some(same) if same.limit() == limit => same.clone(),
            _ => Arc::new(Limiter::new(limit)),
        };
        self.limiters.insert(connection.name.clone(), limiter.clone());
        Some(limiter)
    }
}

fn key(key: &ApiKey) -> Key {
    let scopes = key.scopes.iter().map(|scope| match scope {
        config::Scope::Ingest => Scope::Ingest,
        config::Scope::Read => Scope::Read,
        config::Scope::Operate => Scope::Operate,
        config::Scope::Admin => Scope::Admin,
    });
    let before = key.secret_before.as_ref().map(|secret| secret.expose_secret());
    Key::new(&key.name, key.secret.expose_secret(), scopes.collect(), key.connections.clone())
        .with_before(before)
        .with_limiter(key.limit.map(limit).map(Limiter::new))
}

fn limit(limit: RateLimit) -> Limit {
    Limit { requests_per_second: limit.requests_per_second, burst: limit.burst() }
}

/// The client of a connection's target.
///
/// # Errors
/// [`bangwo8::Error::Configuration`] for settings that no client can be built from.
pub fn target_client(connection: &Connection) -> Result<bangwo8::Client, bangwo8::Error> {
    target_of(connection, None)
}

fn target_of(
    connection: &Connection,
    metrics: Option<&Arc<Metrics>>,
) -> Result<bangwo8::Client, bangwo8::Error> {
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
        watch: metrics.map(|metrics| Arc::new(Watched::new(&target.base_url, metrics)) as _),
        ..bangwo8::Options::new(target.base_url.clone(), auth)
    })
}

/// The client of a connection's source, where it has one that can be read.
///
/// # Errors
/// [`udesk::Error::Configuration`] for settings that no client can be built from.
pub fn source_client(connection: &Connection) -> Result<Option<udesk::Client>, udesk::Error> {
    source_of(connection, None)
}

fn source_of(
    connection: &Connection,
    metrics: Option<&Arc<Metrics>>,
) -> Result<Option<udesk::Client>, udesk::Error> {
    let Some(api) = &connection.source.api else { return Ok(None) };
    let per_minute = api.requests_per_minute.unwrap_or(udesk::Options::REQUESTS_PER_MINUTE);
    let options = udesk::Options {
        v1_requests_per_minute: per_minute,
        v2_requests_per_minute: per_minute,
        v1_secret: api.v1_secret.clone(),
        watch: metrics.map(|metrics| Arc::new(Watched::new(&api.base_url, metrics)) as _),
        v2: api.v2.clone().map(|(email, token)| udesk::V2Credentials { email, token }),
        ..udesk::Options::new(api.base_url.clone())
    };
    udesk::Client::new(options).map(Some)
}
