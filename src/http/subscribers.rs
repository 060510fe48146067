//! Who is sent what changes in ticket views, and how far each has come.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::Serialize;

use super::{Api, InForce, Scope, events::allowed, problem::Problem, query::Query};
use crate::{
    event::Status,
    store::{Filter, StoreError},
    ticketview::Id,
};

/// A subscriber, as operators see it.
#[derive(Debug, Clone)]
pub struct Subscriber {
    /// Its name within the connection.
    pub name: String,
    /// Under which its messages stand in the journal, as events of a connection of this name.
    pub journal: String,
    /// The receiver's scheme, host and port; the rest of its address may hold a token.
    pub origin: String,
    /// Ids of the views that it hears of; `None` for all.
    pub views: Option<BTreeSet<String>>,
}

#[derive(Serialize)]
struct Standing<'a> {
    name: &'a str,
    origin: &'a str,
    /// Null for all.
    views: Option<Vec<Id>>,
    /// Messages that are not taken yet.
    waiting: u64,
    /// Messages that are tried no more.
    dead: u64,
    last_delivered_at: Option<Timestamp>,
    /// Where its messages are listed.
    events: String,
}

/// `{"subscribers":[{"name","origin","views","waiting","dead","last_delivered_at","events"}]}`.
pub(super) async fn list(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct Body<'a> {
        subscribers: Vec<Standing<'a>>,
    }
    allowed(&api, &request, &connection, Scope::Read)?;
    Query::none(&request)?;
    let mut subscribers = Vec::new();
    for subscriber in api.subscribers_of(&connection) {
        subscribers.push(standing(&api, subscriber).await?);
    }
    Ok(HttpResponse::Ok().json(Body { subscribers }))
}

async fn standing<'a>(api: &Api, of: &'a Subscriber) -> Result<Standing<'a>, StoreError> {
    let delivered = Filter { status: Some(Status::Delivered), limit: 1, ..Filter::default() };
    let last = api.store.events(&of.journal, delivered).await?;
    let dead = Filter { status: Some(Status::Dead), ..Filter::default() };
    Ok(Standing {
        name: &of.name,
        origin: &of.origin,
        views: of.views.as_ref().map(|views| views.iter().map(|view| Id::new(view)).collect()),
        waiting: waiting(api, &of.journal).await?,
        dead: api.store.count_held(&of.journal, dead).await?,
        last_delivered_at: last.first().map(|event| event.updated_at),
        events: format!("/v1/connections/{}/events", of.journal),
    })
}

async fn waiting(api: &Api, journal: &str) -> Result<u64, StoreError> {
    let census = api.store.census(api.clock).await?;
    let of = census.backlog.iter().filter(|line| line.connection == journal && line.status != Status::Dead);
    Ok(of.map(|line| line.events).sum())
}
