//! The composition root: the one place that knows all parts. Builds the service of a blueprint, runs it, and
//! stops it in order.

mod addresses;
mod audit;
mod blueprint;
mod clients;
mod files;
mod haste;
mod in_force;
mod listen;
mod online;
mod parts;
mod redaction;
mod refused;
mod sockets;
mod surroundings;
mod tls;
mod unread;
mod upkeep;
mod watch;
mod watched;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::dev::Server;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, watch::Receiver},
    task::JoinError,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::{
    audit::Files,
    in_force::{InForce, Shared},
    sockets::Sockets,
    tls::Certificate,
    upkeep::Upkeep,
    watch::Watch,
};
pub use self::{
    blueprint::Blueprint,
    clients::{source_client, target_client},
    online::{Compared, OnlineError},
    refused::refused,
    surroundings::surroundings,
    tls::{CertificateFound, TlsError, check_certificate},
};
use crate::{
    bangwo8,
    config::{MetricsAccess, Settings},
    dispatch::Dispatcher,
    http::{Actions, Api, MetricsDoor},
    poll::Poller,
    store::{Keyring, KeyringError, Limits, Place, Store, StoreError},
    telemetry::{Metrics, MetricsPush},
    ticketview::TicketViews,
    udesk,
};

/// Streams of ticket views open at once: twice what one process is measured with. Each is an open file to the system,
/// whose own limit may be lower.
const MAX_STREAMS: usize = 20_000;

/// Why the service could not be built.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum BuildError {
    #[error("the store can't be opened or read: {0}")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeyringError),
    #[error("the connection {connection}: {source}")]
    Client { connection: String, source: bangwo8::Error },
    #[error("the connection {connection}: {source}")]
    SourceClient { connection: String, source: udesk::Error },
    #[error("the subscriber {subscriber}: the HTTP client cannot start; check the machine's certificates")]
    Subscriber { subscriber: String },
    #[error("deskbridge panicked while it built its parts")]
    Panicked(#[from] JoinError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("can't listen on {listen}: {source}; choose another address with --listen")]
    Listen { listen: SocketAddr, source: io::Error },
}

/// Where the store is, with its keys.
pub fn place(settings: &Settings) -> Result<Place, KeyringError> {
    let keys = match settings.encryption_keys.as_os_str().is_empty() {
        true => Keyring::default(),
        false => Keyring::read(&settings.encryption_keys)?,
    };
    Ok(Place { url: settings.store.clone(), keys })
}

/// The service, listening but not yet working.
pub struct App {
    address: SocketAddr,
    server: Server,
    sockets: Sockets,
    dispatcher: Option<Dispatcher>,
    views: Receiver<Arc<TicketViews>>,
    poller: Poller,
    watch: Watch,
    upkeep: Upkeep,
    store: Store,
    actions: Actions,
    /// See [`Api::idle`].
    idle: CancellationToken,
    /// Cancelled when it begins to stop.
    stop: CancellationToken,
    grace: Duration,
    api: Arc<ArcSwap<Api>>,
    push: Option<MetricsPush>,
}

impl App {
    /// Opens the store, builds every part and listens.
    pub async fn build(blueprint: Blueprint, settings: &Settings) -> Result<Self, BuildError> {
        let store = Store::open(place(settings)?, Timestamp::now()).await?;
        let (workers, idle, stop) = (settings.workers, CancellationToken::new(), CancellationToken::new());
        let streams = Arc::new(Semaphore::new(MAX_STREAMS));
        let metrics = Arc::new(Metrics::new());
        let actions = Actions::new(Handle::current());
        let shared = Shared {
            store: store.clone(),
            metrics: metrics.clone(),
            metrics_door: metrics_door(settings.metrics),
            workers,
            webhook_allow: settings.webhook_allow.clone(),
            idle: idle.clone(),
            stop: stop.clone(),
            forbidden: Arc::default(),
            actions: actions.clone(),
            retention_days: settings.retention_days,
            streams,
        };
        let (path, seen) = (blueprint.config.path.clone(), blueprint.seen);
        let files = Files::of(&blueprint);
        let in_force = InForce::start(blueprint, shared).await?;
        let certificate = Certificate::load(settings, &metrics)?;
        let upkeep = Upkeep::start(store.clone(), metrics, limits(settings), in_force.api()).await?;
        let api = in_force.api();
        let patience = settings.patience;
        let sockets = Sockets::new(patience.idle + patience.head, patience.unread);
        let (server, address) = listen::listen(api.clone(), settings, certificate.as_ref(), &sockets)?;
        // Nothing is left that could end this start: the entry says what is so.
        files.found_at_start(&store).await?;
        let dispatcher =
            Dispatcher::new(store.clone(), in_force.targets(), Duration::from_secs(settings.lease_s.get()));
        let dispatcher = Some(dispatcher).filter(|_| workers > 0);
        let (views, poller) = (in_force.views(), Poller::new(in_force.polls()));
        let watch = Watch::new(path, seen, in_force, certificate);
        let grace = Duration::from_secs(settings.shutdown_grace_s);
        let push = None;
        Ok(Self {
            address,
            server,
            sockets,
            dispatcher,
            views,
            poller,
            watch,
            upkeep,
            store,
            actions,
            idle,
            stop,
            grace,
            api,
            push,
        })
    }

    /// Has the metrics sent to a collector while it works.
    pub fn pushing(self, push: Option<MetricsPush>) -> Self {
        Self { push, ..self }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Notified, it has the files of the configuration read at once, changed or not.
    pub fn reload(&self) -> Arc<Notify> {
        self.watch.asked()
    }

    /// Works until `shutdown`, then stops in order: no new requests, work under way finished, files closed.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let stop = self.stop;
        let handle = self.server.handle();
        let mut server = tokio::spawn(self.server);
        let workers = self.dispatcher.map(|dispatcher| tokio::spawn(dispatcher.run(stop.clone())));
        let hastened = tokio::spawn(haste::hasten(self.store.deliveries(), self.views.clone(), stop.clone()));
        let readings = tokio::spawn(TicketViews::run(self.views, stop.clone()));
        let polls = tokio::spawn(self.poller.run(stop.clone()));
        let watch = tokio::spawn(self.watch.run(stop.clone()));
        let upkeep = tokio::spawn(self.upkeep.run(stop.clone()));
        let closed = CancellationToken::new();
        let sockets = tokio::spawn(self.sockets.run(stop.clone(), closed.clone()));
        let pushed = tokio::spawn(push(self.push, self.api, self.idle.clone()));
        tracing::info!(address = %self.address, "listening");
        let ended = tokio::select! {
            ended = &mut server => Some(ended),
            () = shutdown => None,
        };
        tracing::info!("stopping: no new requests, finishing what is under way");
        stop.cancel();
        let deadline = Instant::now() + self.grace;
        let drained = async {
            let work = async {
                if let Some(workers) = workers {
                    workers.await?;
                }
                watch.await?;
                upkeep.await?;
                polls.await?;
                hastened.await?;
                readings.await
            };
            match tokio::time::timeout_at(deadline, work).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a worker ended by a panic"),
                Err(_) => tracing::warn!("work under way was cut off: it goes on at the next start"),
            }
            self.idle.cancel();
        };
        // Together: a request may wait for what a worker is at.
        let served = async {
            handle.stop(true).await;
            closed.cancel();
            // An action's caller may have left. Nobody can ask for another any more.
            if !self.actions.finish(deadline).await {
                tracing::warn!("operators' actions were cut off: the audit log says which");
            }
        };
        tokio::join!(served, drained);
        if let Err(error) = sockets.await {
            tracing::error!(%error, "who looks after connections ended by a panic");
        }
        if let Err(error) = pushed.await {
            tracing::error!(%error, "the exporter of metrics ended by a panic");
        }
        let store = self.store;
        tokio::task::spawn_blocking(move || store.close()).await.map_err(io::Error::other)?;
        tracing::info!("stopped");
        ended.map_or(Ok(()), |ended| ended.map_err(io::Error::other)?)
    }
}

/// Sends the metrics until nothing is counted any more.
async fn push(push: Option<MetricsPush>, api: Arc<ArcSwap<Api>>, idle: CancellationToken) {
    if let Some(push) = push {
        let gather = || {
            let api = api.load_full();
            async move { api.exposition().await }
        };
        push.run(gather, idle).await;
    }
}

fn metrics_door(access: MetricsAccess) -> MetricsDoor {
    match access {
        MetricsAccess::Open => MetricsDoor::Open,
        MetricsAccess::Key => MetricsDoor::Key,
        MetricsAccess::Off => MetricsDoor::Off,
    }
}

fn limits(settings: &Settings) -> Limits {
    let days =
        |days: u32| Some(Duration::from_secs(u64::from(days) * 24 * 60 * 60)).filter(|age| !age.is_zero());
    let (retention, audit) = (days(settings.retention_days), days(settings.audit_days));
    Limits { budget: settings.disk_budget_bytes, retention, audit }
}
