//! The composition root: the one place that knows all parts. Builds the service of a blueprint, runs it, and
//! stops it in order.

mod blueprint;
mod clients;
mod files;
mod haste;
mod in_force;
mod online;
mod parts;
mod upkeep;
mod watch;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App as Web, HttpServer, dev::Server, middleware::from_fn, web};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::{
    sync::{Notify, Semaphore, watch::Receiver},
    task::JoinError,
};
use tokio_util::sync::CancellationToken;

pub use self::{
    blueprint::Blueprint,
    clients::{source_client, target_client},
    online::{Compared, OnlineError},
};
use self::{
    in_force::{InForce, Shared},
    upkeep::Upkeep,
    watch::Watch,
};
use crate::{
    bangwo8,
    config::Settings,
    dispatch::Dispatcher,
    http::{self, Api},
    poll::Poller,
    store::{Limits, Store, StoreError},
    telemetry::Metrics,
    ticketview::TicketViews,
    udesk,
};

/// Longest wait for a request's head, so that a silent caller doesn't hold a connection.
const REQUEST_HEAD: Duration = Duration::from_secs(10);
/// Streams of ticket views open at once: twice what one process is measured with. Each is an open file to the system,
/// whose own limit may be lower.
const MAX_STREAMS: usize = 20_000;
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Why the service could not be built.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum BuildError {
    #[error("the store can't be opened or read: {0}")]
    Store(#[from] StoreError),
    #[error("the connection {connection}: {source}")]
    Client { connection: String, source: bangwo8::Error },
    #[error("the connection {connection}: {source}")]
    SourceClient { connection: String, source: udesk::Error },
    #[error("the subscriber {subscriber}: the HTTP client cannot start; check the machine's certificates")]
    Subscriber { subscriber: String },
    #[error("deskbridge panicked while it built its parts")]
    Panicked(#[from] JoinError),
    #[error("can't listen on {listen}: {source}; choose another address with --listen")]
    Listen { listen: SocketAddr, source: io::Error },
}

/// The service, listening but not yet working.
pub struct App {
    address: SocketAddr,
    server: Server,
    dispatcher: Option<Dispatcher>,
    views: Receiver<Arc<TicketViews>>,
    poller: Poller,
    watch: Watch,
    upkeep: Upkeep,
    store: Store,
    /// See [`Api::idle`].
    idle: CancellationToken,
    /// Cancelled when it begins to stop.
    stop: CancellationToken,
    grace: Duration,
}

impl App {
    /// Opens the store, builds every part and listens.
    pub async fn build(blueprint: Blueprint, settings: &Settings) -> Result<Self, BuildError> {
        let store = Store::open(&settings.store, Timestamp::now()).await?;
        let (workers, idle, stop) = (settings.workers, CancellationToken::new(), CancellationToken::new());
        let streams = Arc::new(Semaphore::new(MAX_STREAMS));
        let metrics = Arc::new(Metrics::new());
        let shared = Shared {
            store: store.clone(),
            metrics: metrics.clone(),
            workers,
            webhook_allow: settings.webhook_allow.clone(),
            idle: idle.clone(),
            stop: stop.clone(),
            streams,
        };
        let (path, seen) = (blueprint.config.path.clone(), blueprint.seen);
        let in_force = InForce::start(blueprint, shared).await?;
        let upkeep = Upkeep::start(store.clone(), metrics, limits(settings), in_force.api()).await?;
        let (server, address) = listen(in_force.api(), settings)?;
        let dispatcher =
            Dispatcher::new(store.clone(), in_force.targets(), Duration::from_secs(settings.lease_s.get()));
        let dispatcher = Some(dispatcher).filter(|_| workers > 0);
        let (views, poller) = (in_force.views(), Poller::new(in_force.polls()));
        let watch = Watch::new(path, seen, in_force);
        let grace = Duration::from_secs(settings.shutdown_grace_s);
        Ok(Self { address, server, dispatcher, views, poller, watch, upkeep, store, idle, stop, grace })
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
        tracing::info!(address = %self.address, "listening");
        let ended = tokio::select! {
            ended = &mut server => Some(ended),
            () = shutdown => None,
        };
        tracing::info!("stopping: no new requests, finishing what is under way");
        stop.cancel();
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
            match tokio::time::timeout(self.grace, work).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a worker ended by a panic"),
                Err(_) => tracing::warn!("work under way was cut off: it goes on at the next start"),
            }
            self.idle.cancel();
        };
        // Together: a request may wait for what a worker is at.
        tokio::join!(handle.stop(true), drained);
        let store = self.store;
        tokio::task::spawn_blocking(move || store.close()).await.map_err(io::Error::other)?;
        tracing::info!("stopped");
        ended.map_or(Ok(()), |ended| ended.map_err(io::Error::other)?)
    }
}

fn limits(settings: &Settings) -> Limits {
    let days = u64::from(settings.retention_days);
    let retention = Some(Duration::from_secs(days * 24 * 60 * 60)).filter(|age| !age.is_zero());
    Limits { budget: settings.disk_budget_bytes, retention }
}

fn listen(api: Arc<ArcSwap<Api>>, settings: &Settings) -> Result<(Server, SocketAddr), BuildError> {
    let (api, max_body) = (web::Data::from(api), settings.max_body_bytes);
    let service = move || {
        Web::new()
            .wrap(from_fn(http::front))
            .app_data(api.clone())
            .app_data(web::PayloadConfig::new(max_body))
            .configure(http::routes)
    };
    let listen = settings.listen;
    let bound = HttpServer::new(service)
        .disable_signals()
        .backlog(BACKLOG)
        .client_request_timeout(REQUEST_HEAD)
        .shutdown_timeout(settings.shutdown_grace_s)
        .bind(listen)
        .map_err(|source| BuildError::Listen { listen, source })?;
    let address = bound.addrs().first().copied().unwrap_or(listen);
    Ok((bound.run(), address))
}
