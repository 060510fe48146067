//! From a blueprint to the parts of a running service.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use secrecy::ExposeSecret;

use super::{Blueprint, BuildError, clients::Clients};
use crate::{
    bangwo8,
    config::{self, Connection, LinkMarker, OnDead, OnUncertain, PushPlace, Verify},
    dispatch::{self, Targets, breaker, retry},
    http::{ApiKeys, Key, Origins, Scope},
    intake::{self, Intake, PushToken, Signer, TokenPlace},
    mapping::Mapping,
    poll,
    store::Store,
    telemetry::Metrics,
    ticketview, udesk,
};

pub(super) struct Parts {
    pub(super) intake: Arc<Intake>,
    pub(super) keys: ApiKeys,
    pub(super) origins: Origins,
    pub(super) targets: Targets,
    pub(super) views: Vec<ticketview::Source>,
    pub(super) polls: poll::Sources,
    pub(super) connections: BTreeSet<String>,
    pub(super) rehearsals: HashMap<String, dispatch::Rehearsal>,
    pub(super) kept: Arc<dispatch::KeptMappings>,
    pub(super) clients: Clients,
}

/// Builds every part anew but the clients, which go on where their settings are those of `before`.
pub(super) fn build(
    blueprint: Blueprint,
    store: &Store,
    metrics: &Arc<Metrics>,
    workers: usize,
    before: &Clients,
) -> Result<Parts, BuildError> {
    let Blueprint { config, schemas, mappings, library, .. } = blueprint;
    let kept = Arc::new(dispatch::KeptMappings::new(library));
    let mut clients = Clients::default();
    let (mut sources, mut rehearsals) = (HashMap::new(), HashMap::new());
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
            let target = target(connection, client.clone(), mapping, kept.clone(), metrics.clone());
            let target = dispatch::Target { source: read, ..target };
            let target = dispatch::Target { concurrency: target.concurrency.min(workers), ..target };
            targets.insert(name.clone(), Arc::new(target));
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
    Ok(Parts { intake, keys, origins, targets, views, polls, connections, rehearsals, kept, clients })
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

fn target(
    connection: &Connection,
    client: bangwo8::Client,
    mapping: Arc<Mapping>,
    kept: Arc<dispatch::KeptMappings>,
    metrics: Arc<Metrics>,
) -> dispatch::Target {
    let (retry, breaker) = (&connection.retry, &connection.breaker);
    dispatch::Target {
        connection: connection.name.clone(),
        client,
        source: None,
        lookups: dispatch::Lookups::default(),
        mapping,
        kept,
        parameters: connection.parameters.clone(),
        skip: skip(connection),
        coalesce: connection.coalesce,
        retry: retry::Policy {
            max_attempts: retry.max_attempts.get(),
            max_age: Duration::from_secs(u64::from(retry.max_age_h.get()) * 3600),
            first_wait: Duration::from_millis(retry.first_wait_ms.get().into()),
            longest_wait: Duration::from_millis(retry.longest_wait_ms.get().into()),
        },
        breaker: breaker::Policy {
            failures: breaker.failures,
            pause: Duration::from_millis(breaker.pause_ms.get().into()),
            longest_pause: Duration::from_millis(breaker.longest_pause_ms.get().into()),
        },
        concurrency: connection.target.limits.concurrency.get(),
        hold_lane: connection.on_dead == OnDead::Park,
        marker: connection.target.link_marker.as_ref().map(|marker| match marker {
            LinkMarker::Tag => dispatch::Marker::Tag,
            LinkMarker::CustomField(key) => dispatch::Marker::Field(key.clone()),
        }),
        on_uncertain: match connection.on_uncertain {
            OnUncertain::Repeat => dispatch::OnUncertain::Repeat,
            OnUncertain::Park => dispatch::OnUncertain::Park,
        },
        drift_check: Duration::from_secs(connection.drift.check_s),
        metrics,
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
