//! The HTTP interface: every route on one screen, handlers that extract, call once and answer.

mod events;
mod explain;
mod filter;
mod health;
mod in_force;
mod intake;
mod keys;
mod operate;
mod preview;
mod problem;
mod records;
mod subscribers;
mod ticketviews;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use actix_web::{
    FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::{in_force::InForce, problem::Problem, ticketviews::compatible};
pub use self::{
    keys::{ApiKeys, Key, Scope},
    subscribers::Subscriber,
    ticketviews::Origins,
};
use crate::{
    dispatch::{KeptMappings, Rehearsal},
    intake::Intake,
    store::Store,
    telemetry::Metrics,
    ticketview::TicketViews,
};

/// What the handlers work with: all of one configuration. The application's data is an `ArcSwap` of it, so that a new
/// configuration takes the place of another at once.
pub struct Api {
    /// The way in.
    pub intake: Arc<Intake>,
    /// The journal.
    pub store: Store,
    /// The snapshots.
    pub views: Arc<TicketViews>,
    /// Whose pages may read the snapshots.
    pub origins: Origins,
    /// Who may call.
    pub keys: ApiKeys,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The mappings of the connections, to be tried.
    pub rehearsals: HashMap<String, Rehearsal>,
    /// The mappings of before.
    pub kept: Arc<KeptMappings>,
    /// Names of the connections.
    pub connections: BTreeSet<String>,
    /// Who is sent what changes in the ticket views of a connection.
    pub subscribers: BTreeMap<String, Vec<Subscriber>>,
    /// What is wrong with the files as they are now; empty if they say what is in force.
    pub refused: ArcSwap<Vec<String>>,
    /// A place for each stream that may be open at once.
    pub streams: Arc<Semaphore>,
    /// Cancelled when another configuration is in force, and when the service begins to stop.
    pub ended: CancellationToken,
    /// Cancelled once no worker will settle anything any more: the service is stopping.
    pub idle: CancellationToken,
    /// What time it is: only the composition root knows a clock.
    pub clock: fn() -> Timestamp,
}

impl Api {
    /// The subscribers of a connection.
    fn subscribers_of(&self, connection: &str) -> &[Subscriber] {
        self.subscribers.get(connection).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What stands before the routes, as middleware of the whole application.
pub async fn front(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    ticketviews::front(request, next).await
}

/// Every route.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/livez", web::get().to(health::live))
        .route("/readyz", web::get().to(health::ready))
        .route("/startupz", web::get().to(health::ready))
        .route("/metrics", web::get().to(health::metrics))
        .service(
            web::scope("/v1/connections/{connection}")
                .service(
                    web::resource("/events")
                        .route(web::post().to(intake::accept))
                        .route(web::get().to(events::list))
                        .default_service(web::to(no_route)),
                )
                .route("/lanes", web::get().to(events::held_lanes))
                .route("/preview", web::post().to(preview::preview))
                .route("/events/{id}", web::get().to(events::one))
                .route("/events/{id}/explain", web::get().to(explain::explain))
                .route("/events/{id}/replay", web::post().to(operate::replay))
                .route("/events/{id}/discard", web::post().to(operate::discard))
                .route("/dead-letters/replay", web::post().to(operate::replay_all))
                .route("/dead-letters/discard", web::post().to(operate::discard_all))
                .route("/links/{kind}/{source_id}", web::get().to(events::link))
                .service(read("/ticketviews", ticketviews::list))
                .service(read("/ticketviews/subscribers", subscribers::list))
                .service(read("/ticketviews/counts", ticketviews::counts))
                .service(
                    web::resource("/ticketviews/stream")
                        .route(web::get().to(ticketviews::stream))
                        .default_service(web::to(ticketviews::only_get)),
                )
                .service(
                    web::resource("/ticketviews/stream/tokens")
                        .route(web::post().to(ticketviews::create_token))
                        .default_service(web::to(ticketviews::only_create)),
                )
                .service(read("/ticketviews/{id}", ticketviews::one))
                .service(read("/ticketviews/{id}/tickets", ticketviews::tickets))
                .service(read("/ticketviews/{id}/count", ticketviews::count))
                .service(read("/ticketviews/{id}/changes", ticketviews::changes))
                .service(read("/ticketviews/{id}/trend", ticketviews::trend))
                .service(
                    web::resource("/ticketviews/{id}/refresh")
                        .route(web::post().to(ticketviews::refresh))
                        .default_service(web::to(ticketviews::only_post)),
                )
                .service(
                    web::scope("/bangwo8/api/v1")
                        .service(read("/ticketviews.json", compatible::list))
                        .service(read("/ticketviews/show_many.json", compatible::counts))
                        .service(read("/ticketviews/{id}.json", compatible::one))
                        .service(read("/ticketviews/{id}/tickets.json", compatible::tickets))
                        .service(read("/ticketviews/{id}/count.json", compatible::count))
                        .default_service(web::to(compatible::not_here)),
                ),
        )
        .default_service(web::to(no_route));
}

/// An address of ticket views that is read.
fn read<H, Args>(path: &str, handler: H) -> Resource
where
    H: Handler<Args, Output: Responder> + Copy,
    Args: FromRequest + 'static,
{
    web::resource(path)
        .route(web::get().to(handler))
        .route(web::head().to(handler))
        .default_service(web::to(ticketviews::only_read))
}

async fn no_route(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::no_route(request.method().as_str(), request.path()))
}
