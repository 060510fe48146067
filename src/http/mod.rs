//! The HTTP interface: every route on one screen, handlers that extract, call once and answer.

mod actions;
mod address;
mod audit;
mod body;
mod charset;
pub mod contract;
mod erase;
mod events;
mod explain;
mod filter;
mod gate;
mod handshake;
mod health;
mod in_force;
mod intake;
mod keys;
mod observe;
mod operate;
mod preview;
mod problem;
mod query;
mod records;
mod room;
mod socket;
mod subscribers;
mod ticketviews;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use actix_web::{
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::{self, to},
};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use self::{
    actions::Actions,
    audit::Forbidden,
    body::Bodies,
    health::MetricsDoor,
    keys::{ApiKeys, Key, Scope},
    socket::Socket,
    subscribers::Subscriber,
    ticketviews::Origins,
};
use self::{
    address::{Address, Group, at, listen, post, read},
    in_force::InForce,
    problem::Problem,
    ticketviews::compatible,
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
    /// Who may read it.
    pub metrics_door: MetricsDoor,
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
    /// What keys wanted to do that they may not.
    pub forbidden: Arc<Forbidden>,
    /// What they want done that they may.
    pub actions: Actions,
    /// Days after which an event that has come to rest is forgotten; 0 for never.
    pub retention_days: u32,
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
    /// The text of `/metrics`, for whoever sends it elsewhere.
    ///
    /// Error: why the store could not be asked.
    pub async fn exposition(&self) -> Result<String, String> {
        health::exposition(self).await.map_err(|problem| problem.to_string())
    }

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
    observe::observe(request, next).await
}

/// The same, within the request's span.
async fn front_observed(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, actix_web::Error> {
    // No name of anything has a NUL in it, and not every store can be asked for one.
    if request.path().contains("%00") {
        let problem = Problem::no_route(request.method().as_str(), request.path());
        return Ok(request.into_response(problem::refuse(problem)));
    }
    gate::pass(request, async |request| ticketviews::front(request, next).await).await
}

/// Every address, by what it begins with. The router takes the first prefix that fits, so the longer one stands before the
/// shorter. The contract is held against this table.
const GROUPS: [Group; 3] = [
    Group {
        prefix: "/v1/connections/{connection}/bangwo8/api/v1",
        refuse: compatible::refuse,
        addresses: BANGWO8,
    },
    Group { prefix: "/v1/connections/{connection}", refuse: problem::refuse, addresses: CONNECTION },
    Group { prefix: "", refuse: problem::refuse, addresses: SERVICE },
];

/// Of the service as a whole.
const SERVICE: &[Address] = &[
    at("/livez", &[read(|| to(health::live))]),
    at("/readyz", &[read(|| to(health::ready))]),
    at("/startupz", &[read(|| to(health::ready))]),
    at("/metrics", &[read(|| to(health::metrics))]).unless(health::metrics_are_off),
    at("/v1/audit", &[read(|| to(audit::list))]),
    at("/v1/erase", &[post(|| to(erase::erase_everywhere))]),
    at("/openapi.json", &[read(|| to(contract::openapi))]),
    at("/asyncapi.json", &[read(|| to(contract::asyncapi))]),
    at("/docs", &[read(|| to(contract::page))]),
];

/// Of one connection.
const CONNECTION: &[Address] = &[
    at("/events", &[post(|| to(intake::accept)), read(|| to(events::list))])
        .asked(handshake::ORIGIN, || to(handshake::consent)),
    at("/erase", &[post(|| to(erase::erase))]),
    at("/lanes", &[read(|| to(events::held_lanes))]),
    at("/preview", &[post(|| to(preview::preview))]),
    at("/events/{id}", &[read(|| to(events::one))]),
    at("/events/{id}/explain", &[read(|| to(explain::explain))]),
    at("/events/{id}/replay", &[post(|| to(operate::replay))]),
    at("/events/{id}/discard", &[post(|| to(operate::discard))]),
    at("/dead-letters/replay", &[post(|| to(operate::replay_all))]),
    at("/dead-letters/discard", &[post(|| to(operate::discard_all))]),
    at("/links/{kind}/{source_id}", &[read(|| to(events::link))]),
    at("/ticketviews", &[read(|| to(ticketviews::list))]),
    at("/ticketviews/subscribers", &[read(|| to(subscribers::list))]),
    at("/ticketviews/counts", &[read(|| to(ticketviews::counts))]),
    at("/ticketviews/stream", &[listen(|| to(ticketviews::stream))]),
    at("/ticketviews/stream/tokens", &[post(|| to(ticketviews::create_token))]),
    at("/ticketviews/{id}", &[read(|| to(ticketviews::one))]),
    at("/ticketviews/{id}/tickets", &[read(|| to(ticketviews::tickets))]),
    at("/ticketviews/{id}/count", &[read(|| to(ticketviews::count))]),
    at("/ticketviews/{id}/changes", &[read(|| to(ticketviews::changes))]),
    at("/ticketviews/{id}/trend", &[read(|| to(ticketviews::trend))]),
    at("/ticketviews/{id}/refresh", &[post(|| to(ticketviews::refresh))]),
];

/// Of one connection, in Bangwo8's shape.
const BANGWO8: &[Address] = &[
    at("/ticketviews.json", &[read(|| to(compatible::list))]),
    at("/ticketviews/show_many.json", &[read(|| to(compatible::counts))]),
    at("/ticketviews/{id}.json", &[read(|| to(compatible::one))]),
    at("/ticketviews/{id}/tickets.json", &[read(|| to(compatible::tickets))]),
    at("/ticketviews/{id}/count.json", &[read(|| to(compatible::count))]),
];

/// Every route.
pub fn routes(config: &mut web::ServiceConfig) {
    GROUPS.iter().for_each(|group| group.configure(config));
}

/// Every address as the router knows it (`/v1/connections/{connection}/lanes`), with the methods that it takes beside
/// `OPTIONS`.
pub fn addresses() -> impl Iterator<Item = (String, Vec<&'static str>)> {
    GROUPS.iter().flat_map(Group::listed)
}
