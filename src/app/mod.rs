//! The composition root: the one place that knows all parts. Builds the service of a blueprint, runs it, and
//! stops it in order.

mod blueprint;
mod clients;
mod online;
mod parts;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App as Web, HttpServer, dev::Server, web};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

pub use self::{
    blueprint::Blueprint,
    clients::{source_client, target_client},
    online::{Compared, OnlineError},
};
use crate::{
    bangwo8,
    config::Settings,
    dispatch::Dispatcher,
    http::{self, Api},
    store::{Store, StoreError},
    telemetry::Metrics,
    ticketview::TicketViews,
    udesk,
};

/// Longest wait for a request's head, so that a silent caller doesn't hold a connection.
const REQUEST_HEAD: Duration = Duration::from_secs(10);
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// Why the service could not be built.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum BuildError {
    #[error("the store can't be opened: {0}")]
    Store(#[from] StoreError),
    #[error("the connection {connection}: {source}")]
    Client { connection: String, source: bangwo8::Error },
    #[error("the connection {connection}: {source}")]
    SourceClient { connection: String, source: udesk::Error },
    #[error("can't listen on {listen}: {source}; choose another address with --listen")]
    Listen { listen: SocketAddr, source: io::Error },
}

/// The service, listening but not yet working.
pub struct App {
    address: SocketAddr,
    server: Server,
    dispatcher: Option<Dispatcher>,
    views: Arc<TicketViews>,
    store: Store,
    /// See [`Api::idle`].
    idle: CancellationToken,
    grace: Duration,
}

impl App {
    /// Opens the store, builds every part and listens.
    pub async fn build(blueprint: Blueprint, settings: &Settings) -> Result<Self, BuildError> {
        let metrics = Arc::new(Metrics::new());
        let store = Store::open(&settings.store, Timestamp::now())?;
        let parts = parts::build(blueprint, &store, &metrics, settings.workers)?;
        let views = Arc::new(TicketViews::load(store.clone(), metrics.clone(), parts.views).await?);
        let idle = CancellationToken::new();
        let api = Api {
            intake: parts.intake,
            store: store.clone(),
            views: views.clone(),
            keys: parts.keys,
            metrics,
            connections: parts.connections,
            idle: idle.clone(),
            clock: Timestamp::now,
        };
        let (server, address) = listen(api, settings)?;
        let dispatcher = Dispatcher::new(store.clone(), parts.targets);
        let dispatcher = Some(dispatcher).filter(|_| settings.workers > 0);
        let grace = Duration::from_secs(settings.shutdown_grace_s);
        Ok(Self { address, server, dispatcher, views, store, idle, grace })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Works until `shutdown`, then stops in order: no new requests, work under way finished, files closed.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let stop = CancellationToken::new();
        let handle = self.server.handle();
        let mut server = tokio::spawn(self.server);
        let workers = self.dispatcher.map(|dispatcher| tokio::spawn(dispatcher.run(stop.clone())));
        let readings = tokio::spawn(self.views.run(stop.clone()));
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

fn listen(api: Api, settings: &Settings) -> Result<(Server, SocketAddr), BuildError> {
    let (api, max_body) = (web::Data::new(api), settings.max_body_bytes);
    let service = move || {
        Web::new().app_data(api.clone()).app_data(web::PayloadConfig::new(max_body)).configure(http::routes)
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
