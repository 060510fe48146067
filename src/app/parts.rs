//! From a blueprint to the parts of a running service.

mod sources;
mod targets;
mod views;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

use self::sources::Poll;
use super::{Blueprint, BuildError, clients::Clients, in_force::Shared};
use crate::{
    bangwo8,
    config::{Config, Connection},
    dispatch::{self, Targets},
    http::{self, ApiKeys, Origins},
    intake::{self, Intake, Schemas},
    mapping::Mapping,
    poll, ticketview, udesk,
};

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
    let Blueprint { config, schemas, mappings, library, .. } = blueprint;
    let mut builder = Builder::new(shared, before, dispatch::KeptMappings::new(library));
    for connection in config.connections.values() {
        builder.add(connection, mappings.get(&connection.name))?;
    }
    Ok(builder.finish(&config, schemas))
}

/// The parts as they come together, one connection after the other.
struct Builder<'a> {
    shared: &'a Shared,
    before: &'a Clients,
    kept: Arc<dispatch::KeptMappings>,
    clients: Clients,
    sources: HashMap<String, intake::Source>,
    polls: Vec<Poll<'a>>,
    targets: Targets,
    rehearsals: HashMap<String, dispatch::Rehearsal>,
    views: Vec<ticketview::Source>,
    subscribers: BTreeMap<String, Vec<http::Subscriber>>,
}

impl<'a> Builder<'a> {
    fn new(shared: &'a Shared, before: &'a Clients, kept: dispatch::KeptMappings) -> Self {
        Self {
            shared,
            before,
            kept: Arc::new(kept),
            clients: Clients::default(),
            sources: HashMap::new(),
            polls: Vec::new(),
            targets: Targets::new(),
            rehearsals: HashMap::new(),
            views: Vec::new(),
            subscribers: BTreeMap::new(),
        }
    }

    fn add(&mut self, connection: &'a Connection, mapping: Option<&Arc<Mapping>>) -> Result<(), BuildError> {
        let client = self.clients.target(connection, &self.shared.metrics, self.before)?;
        let read = self.clients.source(connection, &self.shared.metrics, self.before)?;
        if let Some((settings, client)) = connection.source.poll.as_ref().zip(read.clone()) {
            self.polls.push((connection, settings, client));
        }
        if let Some(mapping) = mapping {
            self.add_desk(connection, client.clone(), read, mapping);
        }
        self.add_subscribers(connection)?;
        if connection.ticketviews.refresh_s > 0 {
            self.views.push(views::view_source(connection, client));
        }
        let limit = self.clients.limiter(connection, self.before);
        self.sources.insert(connection.name.clone(), sources::source(connection, limit));
        Ok(())
    }

    fn add_desk(
        &mut self,
        connection: &Connection,
        client: bangwo8::Client,
        read: Option<udesk::Client>,
        mapping: &Arc<Mapping>,
    ) {
        let Shared { workers, metrics, .. } = self.shared;
        let name = connection.name.clone();
        let (mapping, parameters) = (mapping.clone(), connection.parameters.clone());
        let skip = targets::skip(connection);
        self.rehearsals
            .insert(name.clone(), dispatch::Rehearsal { mapping: mapping.clone(), parameters, skip });
        let desk = targets::desk(connection, client, read, mapping, self.kept.clone());
        let target = targets::desk_target(connection, desk, *workers, metrics);
        self.targets.insert(name, Arc::new(target));
    }

    fn add_subscribers(&mut self, connection: &Connection) -> Result<(), BuildError> {
        let Shared { workers, metrics, webhook_allow, .. } = self.shared;
        for settings in &connection.ticketviews.subscribers {
            let client =
                self.clients.subscriber(connection, settings, webhook_allow, metrics, self.before)?;
            let listed = views::listed(connection, settings, &client);
            let target = targets::message_target(connection, settings, client, *workers, metrics);
            self.targets.insert(listed.journal.clone(), Arc::new(target));
            self.subscribers.entry(connection.name.clone()).or_default().push(listed);
        }
        Ok(())
    }

    fn finish(self, config: &Config, schemas: Schemas) -> Parts {
        let Self { shared, before, kept, mut clients, sources, .. } = self;
        let keys = config.api_keys.iter().map(|key| clients.key(key, before)).collect();
        let intake = Arc::new(Intake::new(sources, schemas, shared.store.clone()));
        let polled = |poll| sources::polled(poll, &intake, &shared.store, &shared.metrics);
        Parts {
            polls: self.polls.into_iter().map(polled).collect(),
            keys: ApiKeys::new(keys, Timestamp::now),
            origins: Origins::new(config.connections.values().filter_map(views::origins).collect()),
            targets: self.targets,
            views: self.views,
            connections: config.connections.keys().cloned().collect(),
            subscribers: self.subscribers,
            rehearsals: self.rehearsals,
            kept,
            clients,
            intake,
        }
    }
}
