//! From a blueprint to the parts of a running service.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use secrecy::ExposeSecret;

use super::{Blueprint, BuildError, clients::Clients, in_force::Shared};
use crate::{
    bangwo8,
    config::{self, Connection, LinkMarker, OnDead, OnUncertain, PushPlace, Verify},
    dispatch::{self, Targets, breaker, retry},
    http::{self, ApiKeys, Key, Origins, Scope},
    intake::{self, Intake, PushToken, Signer, TokenPlace},
    mapping::Mapping,
    poll,
    store::Store,
    telemetry::Metrics,
    ticketview, udesk, webhook,
};

/// Messages to one subscriber at once: each of another view, so that they may come in any order.
const MESSAGES_AT_ONCE: usize = 4;

pub(super) struct Parts {
    pub(super) intake: Arc<Intake>,
    pub(super) keys: ApiKeys,
    pub(super) origins: Origins,
    pub(super) targets: Targets,
    pub(super) views: Vec<ticketview::Source>,
    pub(super) polls: poll::Sources,
    pub(super) connections: BTreeSet<String>,
    pub(super) subscribers: BTreeMap<String, Vec<http::Subscriber>>,
    pub(super) rehearsals: HashMap<String, dispatch::Rehearsal>,
    pub(super) kept: Arc<dispatch::KeptMappings>,
    pub(super) clients: Clients,
}

/// Builds every part anew but the clients, which go on where their settings are those of `before`.
pub(super) fn build(blueprint: Blueprint, shared: &Shared, before: &Clients) -> Result<Parts, BuildError> {
    let Shared { store, metrics, workers, webhook_allow, .. } = shared;
    let Blueprint { config, schemas, mappings, library, .. } = blueprint;
    let kept = Arc::new(dispatch::KeptMappings::new(library));
    let mut clients = Clients::default();
    let (mut sources, mut rehearsals) = (HashMap::new(), HashMap::new());
    let mut subscribers: BTreeMap<String, Vec<http::Subscriber>> = BTreeMap::new();
    let (mut targets, mut views, mut polls) = (Targets::new(), Vec::new(), Vec::new());
    for connection in config.connections.values() {
        let name = connection.name.clone();
        let client = clients.target(connection, before)?;
        let read = clients.source(connection, before)?;
        if let Some((settings, client)) = connection.source.poll.as_ref().zip(read.clone()) {
            polls.push((connection, settings, client));
        }
        if let Some(mapping) = mappings.get(&name) {
            let (mapping, parameters) = (mapping.clone(), connection.parameters.clone());
            let rehearsal =
                dispatch::Rehearsal { mapping: mapping.clone(), parameters, skip: skip(connection) };
            rehearsals.insert(name.clone(), rehearsal);
            let desk = desk(connection, client.clone(), read, mapping, kept.clone());
            let to = dispatch::To::Desk(Box::new(desk));
            let at_once = connection.target.limits.concurrency.get();
            let target = dispatch::Target {
                hold_lane: connection.on_dead == OnDead::Park,
                ..target(connection, name.clone(), to, at_once.min(*workers), metrics)
            };
            targets.insert(name.clone(), Arc::new(target));
        }
        for settings in &connection.ticketviews.subscribers {
            let client = clients.subscriber(connection, settings, webhook_allow, before)?;
            let listed = listed(connection, settings, &client);
            let target = message_target(connection, settings, client, *workers, metrics);
            targets.insert(listed.journal.clone(), Arc::new(target));
            subscribers.entry(name.clone()).or_default().push(listed);
        }
        if connection.ticketviews.refresh_s > 0 {
            views.push(view_source(connection, client));
        }
        sources.insert(name, source(connection));
    }
    let connections = config.connections.keys().cloned().collect();
    let keys = ApiKeys::new(config.api_keys.iter().map(key).collect());
    let origins = Origins::new(config.connections.values().filter_map(origins).collect());
    let intake = Arc::new(Intake::new(sources, schemas, store.clone()));
    let polls = polls.into_iter().map(|poll| polled(poll, &intake, store, metrics)).collect();
    Ok(Parts {
        intake,
        keys,
        origins,
        targets,
        views,
        polls,
        connections,
        subscribers,
        rehearsals,
        kept,
        clients,
    })
}

/// A source that is read by its connection's settings.
type Poll<'a> = (&'a Connection, &'a config::Poll, udesk::Client);

fn polled(
    (connection, settings, client): Poll<'_>,
    intake: &Arc<Intake>,
    store: &Store,
    metrics: &Arc<Metrics>,
) -> (String, Arc<poll::Source>) {
    let source = poll::Source {
        connection: connection.name.clone(),
        client,
        every: Duration::from_secs(settings.every_s.get().into()),
        overlap: Duration::from_secs(settings.overlap_s.into()),
        since: settings.since,
        filter: settings.filter,
        intake: intake.clone(),
        store: store.clone(),
        metrics: metrics.clone(),
    };
    (connection.name.clone(), Arc::new(source))
}

/// Of events that don't hold their lane when they are dead.
fn target(
    connection: &Connection,
    name: String,
    to: dispatch::To,
    concurrency: usize,
    metrics: &Arc<Metrics>,
) -> dispatch::Target {
    let breaker = &connection.breaker;
    dispatch::Target {
        connection: name,
        to,
        retry: retry(&connection.retry),
        breaker: breaker::Policy {
            failures: breaker.failures,
            pause: Duration::from_millis(breaker.pause_ms.get().into()),
            longest_pause: Duration::from_millis(breaker.longest_pause_ms.get().into()),
        },
        concurrency,
        hold_lane: false,
        metrics: metrics.clone(),
    }
}

/// A change that could not be told is no reason to keep the later ones.
fn message_target(
    connection: &Connection,
    settings: &config::Subscriber,
    client: webhook::Subscriber,
    workers: usize,
    metrics: &Arc<Metrics>,
) -> dispatch::Target {
    let (journal, to) = (settings.journal(&connection.name), dispatch::To::Subscriber(client));
    let target = target(connection, journal, to, MESSAGES_AT_ONCE.min(workers), metrics);
    let retry = settings.retry.as_ref().map_or(target.retry, retry);
    dispatch::Target { retry, ..target }
}

fn listed(
    connection: &Connection,
    settings: &config::Subscriber,
    client: &webhook::Subscriber,
) -> http::Subscriber {
    http::Subscriber {
        name: settings.name.clone(),
        journal: settings.journal(&connection.name),
        origin: client.origin(),
        views: settings.views.clone(),
    }
}

fn retry(retry: &config::Retry) -> retry::Policy {
    retry::Policy {
        max_attempts: retry.max_attempts.get(),
        max_age: Duration::from_secs(u64::from(retry.max_age_h.get()) * 3600),
        first_wait: Duration::from_millis(retry.first_wait_ms.get().into()),
        longest_wait: Duration::from_millis(retry.longest_wait_ms.get().into()),
    }
}

fn desk(
    connection: &Connection,
    client: bangwo8::Client,
    source: Option<udesk::Client>,
    mapping: Arc<Mapping>,
    kept: Arc<dispatch::KeptMappings>,
) -> dispatch::Desk {
    dispatch::Desk {
        client,
        source,
        lookups: dispatch::Lookups::default(),
        mapping,
        kept,
        parameters: connection.parameters.clone(),
        skip: skip(connection),
        coalesce: connection.coalesce,
        marker: connection.target.link_marker.as_ref().map(|marker| match marker {
            LinkMarker::Tag => dispatch::Marker::Tag,
            LinkMarker::CustomField(key) => dispatch::Marker::Field(key.clone()),
        }),
        on_uncertain: match connection.on_uncertain {
            OnUncertain::Repeat => dispatch::OnUncertain::Repeat,
            OnUncertain::Park => dispatch::OnUncertain::Park,
        },
        drift_check: Duration::from_secs(connection.drift.check_s),
    }
}

fn skip(connection: &Connection) -> dispatch::Skip {
    let config::Skip { stale, unchanged } = connection.skip;
    dispatch::Skip { stale, unchanged }
}

fn view_source(connection: &Connection, client: bangwo8::Client) -> ticketview::Source {
    ticketview::Source {
        connection: connection.name.clone(),
        client,
        time_zone: connection.target.time_zone.clone(),
        every: Duration::from_secs(connection.ticketviews.refresh_s),
        history: Duration::from_secs(connection.ticketviews.history_days.saturating_mul(24 * 60 * 60)),
        subscribers: connection
            .ticketviews
            .subscribers
            .iter()
            .map(|it| subscription(connection, it))
            .collect(),
    }
}

fn subscription(connection: &Connection, settings: &config::Subscriber) -> ticketview::Subscription {
    ticketview::Subscription {
        name: settings.name.clone(),
        journal: settings.journal(&connection.name),
        views: settings.views.clone(),
    }
}

fn source(connection: &Connection) -> intake::Source {
    let mut source = intake::Source {
        vendor: connection.source.vendor.clone(),
        signers: Vec::new(),
        api_key: false,
        push_tokens: Vec::new(),
        rereads: connection.source.api.as_ref().is_some_and(|api| api.v1_secret.is_some()),
    };
    for way in &connection.source.verify {
        match way {
            Verify::ApiKey => source.api_key = true,
            Verify::PushToken { place, secret } => {
                let place = match place.clone() {
                    PushPlace::Body(field) => TokenPlace::Body(field),
                    PushPlace::Query(name) => TokenPlace::Query(name),
                };
                source.push_tokens.push(PushToken { place, secret: secret.clone() });
            }
            Verify::StandardWebhooks(keys) => {
                source.signers.extend(keys.iter().map(|key| Signer::new(key.expose())));
            }
        }
    }
    source
}

fn key(key: &config::ApiKey) -> Key {
    let scopes = key.scopes.iter().map(|scope| match scope {
        config::Scope::Ingest => Scope::Ingest,
        config::Scope::Read => Scope::Read,
        config::Scope::Operate => Scope::Operate,
        config::Scope::Admin => Scope::Admin,
    });
    Key::new(key.secret.expose_secret(), scopes.collect(), key.connections.clone())
}

/// Nothing of a connection that lets no page in.
fn origins(connection: &Connection) -> Option<(String, Vec<String>)> {
    let origins = connection.ticketviews.cors_origins.iter().map(|origin| origin.as_str().to_owned());
    Some((connection.name.clone(), origins.collect::<Vec<_>>())).filter(|(_, origins)| !origins.is_empty())
}
