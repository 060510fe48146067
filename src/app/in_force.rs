//! The configuration in force, and how another takes its place: as a whole or not at all.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::{
    sync::{Semaphore, watch},
    task::spawn_blocking,
};
use tokio_util::sync::CancellationToken;

use super::{
    Blueprint, BuildError,
    audit::{self, Files},
    clients::Clients,
    files::Fingerprint,
    parts::{self, Parts},
};
use crate::{
    config::Nets,
    dispatch::{Rehearsal, Targets},
    http::{Actions, Api, Forbidden, MetricsDoor},
    poll,
    store::Store,
    telemetry::Metrics,
    ticketview::TicketViews,
};

/// What every configuration of a process has in common.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) store: Store,
    pub(super) metrics: Arc<Metrics>,
    /// See [`Api::metrics_door`].
    pub(super) metrics_door: MetricsDoor,
    /// Deliveries at once for a connection.
    pub(super) workers: usize,
    /// Where subscribers may be beside the public Internet.
    pub(super) webhook_allow: Nets,
    /// See [`Api::idle`].
    pub(super) idle: CancellationToken,
    /// Cancelled when the service begins to stop.
    pub(super) stop: CancellationToken,
    /// See [`Api::forbidden`].
    pub(super) forbidden: Arc<Forbidden>,
    /// See [`Api::actions`].
    pub(super) actions: Actions,
    /// See [`Api::retention_days`].
    pub(super) retention_days: u32,
    /// See [`Api::streams`].
    pub(super) streams: Arc<Semaphore>,
}

/// What is replaced when the configuration changes.
pub(super) struct InForce {
    shared: Shared,
    api: Arc<ArcSwap<Api>>,
    targets: watch::Sender<Targets>,
    views: watch::Sender<Arc<TicketViews>>,
    polls: watch::Sender<poll::Sources>,
    clients: Clients,
}

impl InForce {
    /// The process's first configuration.
    pub(super) async fn start(blueprint: Blueprint, shared: Shared) -> Result<Self, BuildError> {
        let before = (Clients::default(), TicketViews::default());
        let Next { api, targets, views, polls, clients } =
            next(blueprint, &shared, &before.0, &before.1).await?;
        shared.metrics.configured(Timestamp::now());
        shared.metrics.keys(api.keys.uses());
        tokio::spawn(tell_stranded(shared.store.clone(), journals(&targets)));
        let (targets, views) = (watch::Sender::new(targets), watch::Sender::new(views));
        let (api, polls) = (Arc::new(ArcSwap::from_pointee(api)), watch::Sender::new(polls));
        Ok(Self { shared, api, targets, views, polls, clients })
    }

    /// What requests take theirs from.
    pub(super) fn api(&self) -> Arc<ArcSwap<Api>> {
        self.api.clone()
    }

    /// What workers take theirs from.
    pub(super) fn targets(&self) -> watch::Receiver<Targets> {
        self.targets.subscribe()
    }

    /// What is read of the ticket views.
    pub(super) fn views(&self) -> watch::Receiver<Arc<TicketViews>> {
        self.views.subscribe()
    }

    /// Whose lists of tickets are read.
    pub(super) fn polls(&self) -> watch::Receiver<poll::Sources> {
        self.polls.subscribe()
    }

    /// Puts another configuration in force. After an error, the one before still is.
    pub(super) async fn replace(&mut self, blueprint: Blueprint) -> Result<(), BuildError> {
        let (warnings, summary) = (blueprint.warnings().to_vec(), blueprint.summary());
        let before = self.views.borrow().clone();
        let connections = self.api.load().connections.clone();
        let files = Files::of(&blueprint);
        let next = next(blueprint, &self.shared, &self.clients, &before).await?;
        let entry = files.begin(&self.shared.store).await?;
        self.clients = next.clients;
        let journals = journals(&next.targets);
        // Workers first: nothing that the new intake has accepted is mapped by an older mapping.
        self.targets.send_replace(next.targets);
        self.views.send_replace(next.views);
        self.polls.send_replace(next.polls);
        self.shared.metrics.keys(next.api.keys.uses());
        // Streams look at once whether they may go on.
        self.api.swap(Arc::new(next.api)).ended.cancel();
        warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        if self.api.load().connections.is_empty() && !connections.is_empty() {
            tracing::error!(
                connections = connections.into_iter().collect::<Vec<_>>().join(","),
                "the changed configuration takes every connection away: senders are refused until one is put back"
            );
        }
        tracing::info!("the configuration was read again and is in force: {summary}");
        // Whoever sees it counted finds all of the above in the log.
        self.shared.metrics.reconfigured(Timestamp::now());
        audit::applied(&self.shared.store, entry).await;
        tokio::spawn(tell_stranded(self.shared.store.clone(), journals));
        Ok(())
    }

    /// Says that files were refused, to everybody who may look.
    pub(super) async fn refuse(&self, problems: Vec<String>, found: Option<Fingerprint>) {
        audit::refused(&self.shared.store, found, problems.len()).await;
        problems.iter().for_each(|problem| tracing::error!("{problem}"));
        tracing::error!(
            problems = problems.len(),
            "the changed configuration is refused: the one before stays in force until these are mended"
        );
        self.shared.metrics.configuration_refused();
        self.api.load().refused.store(Arc::new(problems));
    }
}

struct Next {
    api: Api,
    targets: Targets,
    views: Arc<TicketViews>,
    polls: poll::Sources,
    clients: Clients,
}

async fn next(
    blueprint: Blueprint,
    shared: &Shared,
    clients: &Clients,
    views: &TicketViews,
) -> Result<Next, BuildError> {
    let built = spawn_blocking({
        let (shared, clients) = (shared.clone(), clients.clone());
        move || parts::build(blueprint, &shared, &clients)
    });
    let Parts {
        intake,
        keys,
        origins,
        targets,
        views: sources,
        polls,
        connections,
        subscribers,
        rehearsals,
        kept,
        clients,
    } = built.await??;
    keep_mappings(&shared.store, &rehearsals).await?;
    let views = Arc::new(TicketViews::load(&shared.store, &shared.metrics, sources, views).await?);
    let api = Api {
        intake,
        store: shared.store.clone(),
        views: views.clone(),
        origins,
        keys,
        metrics: shared.metrics.clone(),
        metrics_door: shared.metrics_door,
        rehearsals,
        kept,
        connections,
        subscribers,
        refused: ArcSwap::default(),
        forbidden: shared.forbidden.clone(),
        actions: shared.actions.clone(),
        retention_days: shared.retention_days,
        streams: shared.streams.clone(),
        ended: shared.stop.child_token(),
        idle: shared.idle.clone(),
        clock: Timestamp::now,
    };
    Ok(Next { api, targets, views, polls, clients })
}

/// Before an event can be tried by a mapping, it is kept: the event may be wanted delivered by it later.
async fn keep_mappings(store: &Store, rehearsals: &HashMap<String, Rehearsal>) -> Result<(), BuildError> {
    for mapping in rehearsals.values().map(|rehearsal| &rehearsal.mapping) {
        store.keep_mapping(mapping.digest(), mapping.content(), Timestamp::now()).await?;
    }
    Ok(())
}

/// Names under which events are worked on.
fn journals(targets: &Targets) -> BTreeSet<String> {
    targets.keys().cloned().collect()
}

/// Tells of the events that nobody works on, since their connection is gone. They are not lost. Nothing waits for it:
/// counting takes as long as the queue is.
async fn tell_stranded(store: Store, journals: BTreeSet<String>) {
    let census = match store.census(Timestamp::now).await {
        Ok(census) => census,
        Err(error) => return tracing::error!(%error, "events of connections that are gone can't be counted"),
    };
    let mut stranded: BTreeMap<String, u64> = BTreeMap::new();
    for line in census.backlog.iter().filter(|line| !journals.contains(&line.connection)) {
        *stranded.entry(line.connection.clone()).or_default() += line.events;
    }
    for (connection, events) in stranded {
        tracing::warn!(
            connection,
            events,
            "events wait, but their connection is no longer configured: they go on when it is put back"
        );
    }
}
