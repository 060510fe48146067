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

use actix_web::{HttpRequest, HttpResponse, web};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use self::{in_force::InForce, problem::Problem};
pub use self::{
    keys::{ApiKeys, Key, Scope},
    subscribers::Subscriber,
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
                .route("/ticketviews", web::get().to(ticketviews::list))
                .route("/ticketviews/subscribers", web::get().to(subscribers::list))
                .route("/ticketviews/counts", web::get().to(ticketviews::counts))
                .route("/ticketviews/{id}", web::get().to(ticketviews::one))
                .route("/ticketviews/{id}/tickets", web::get().to(ticketviews::tickets))
                .route("/ticketviews/{id}/count", web::get().to(ticketviews::count)),
        )
        .default_service(web::to(no_route));
}

async fn no_route(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(Problem::no_route(request.method().as_str(), request.path()))
}
