//! The operator's view of the journal.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::{
    Api, InForce, Scope,
    filter::Which,
    problem::Problem,
    query::{INVALID, Query},
    records,
};
use crate::{
    event::EventId,
    store::{Filter, LinkKey},
};

/// Events on one page unless asked otherwise, and at most.
const LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 500;
/// Connections that are named to who asks for one that there is not.
const MAX_NAMED: usize = 20;

type Answer = Result<HttpResponse, Problem>;

/// `{"events":[…],"next_cursor"}`, newest first.
pub(super) async fn list(api: InForce, request: HttpRequest, connection: web::Path<String>) -> Answer {
    #[derive(Serialize)]
    struct Body {
        events: Vec<records::Summary>,
        next_cursor: Option<String>,
    }
    allowed_journal(&api, &request, &connection, Scope::Read).await?;
    let filter = page(&request, |which| which.filter(INVALID))?;
    let limit = filter.limit;
    let found = api.store.events(&connection, filter).await?;
    let next_cursor = found.last().filter(|_| found.len() == limit).map(|last| last.sequence.to_string());
    let events = found.into_iter().map(|event| records::Summary::new(&connection, event)).collect();
    Ok(HttpResponse::Ok().json(Body { events, next_cursor }))
}

/// `{"lanes":[…],"next_cursor"}`: the lanes that wait for an operator, by what, and how many events wait behind it.
pub(super) async fn held_lanes(api: InForce, request: HttpRequest, connection: web::Path<String>) -> Answer {
    #[derive(Serialize)]
    struct Body {
        lanes: Vec<records::HeldLane>,
        next_cursor: Option<String>,
    }
    allowed_journal(&api, &request, &connection, Scope::Read).await?;
    let filter = page(&request, |which| which.held(INVALID))?;
    let limit = filter.limit;
    let found = api.store.held_lanes(&connection, filter).await?;
    let next_cursor = found.last().filter(|_| found.len() == limit).map(|last| last.by.sequence.to_string());
    let lanes = found.into_iter().map(|lane| records::HeldLane::new(&connection, lane)).collect();
    Ok(HttpResponse::Ok().json(Body { lanes, next_cursor }))
}

/// One page of the events that the query means.
fn page(
    request: &HttpRequest,
    filter: impl FnOnce(Which) -> Result<Filter, Problem>,
) -> Result<Filter, Problem> {
    const KNOWN: &[&str] = &["status", "type", "lane", "code", "since", "until", "cursor", "limit"];
    let query = Query::read(request, KNOWN)?;
    let filter = filter(Which {
        status: query.text("status"),
        r#type: query.text("type"),
        lane: query.text("lane"),
        code: query.text("code"),
        since: query.time_text("since"),
        until: query.time_text("until"),
    })?;
    let limit = query.number("limit", 1..=MAX_LIMIT)?.unwrap_or(LIMIT) as usize;
    Ok(Filter { before: query.cursor("cursor")?, limit, ..filter })
}

/// Everything known of one event.
pub(super) async fn one(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed_journal(&api, &request, &connection, Scope::Read).await?;
    Query::none(&request)?;
    record(&api, &connection, &EventId::stored(id)).await
}

/// The record of an event as it is now.
pub(super) async fn record(api: &Api, connection: &str, id: &EventId) -> Answer {
    let record = api.store.event(connection, id).await?;
    let record = record.ok_or_else(|| Problem::unknown_event(api.retention_days))?;
    Ok(HttpResponse::Ok().json(records::Record::read(api, record).await?))
}

/// `{"kind","source_id","target_id"}`.
pub(super) async fn link(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String, String)>,
) -> Answer {
    #[derive(Serialize)]
    struct Body {
        kind: String,
        source_id: String,
        target_id: String,
    }
    let (connection, kind, source_id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    Query::none(&request)?;
    let link = api.store.link(&connection, &LinkKey { kind, source_id }).await?;
    let link =
        link.ok_or_else(|| Problem::new("unknown_link", "this source entity has no target entity yet"))?;
    let body = Body { kind: link.key.kind, source_id: link.key.source_id, target_id: link.target_id };
    Ok(HttpResponse::Ok().json(body))
}

/// Told to holders of keys for all connections only: any other key is refused before.
fn unknown(connections: &BTreeSet<String>) -> Problem {
    let named: Vec<&str> = connections.iter().map(String::as_str).take(MAX_NAMED).collect();
    let more = if connections.len() > MAX_NAMED { ", …" } else { "" };
    let detail = format!("there is no such connection, only {}{more}", named.join(", "));
    Problem::new("unknown_connection", detail)
}

/// The key is asked for first: who has none learns nothing of which connections there are.
pub(super) fn allowed(
    api: &Api,
    request: &HttpRequest,
    connection: &str,
    scope: Scope,
) -> Result<(), Problem> {
    api.keys.require(request, connection, scope)?;
    known_connection(api, connection)
}

/// As `allowed`, of one that was taken out of the file, too, as long as anything of it is kept.
pub(super) async fn allowed_kept(
    api: &Api,
    request: &HttpRequest,
    connection: &str,
    scope: Scope,
) -> Result<(), Problem> {
    api.keys.require(request, connection, scope)?;
    match known_connection(api, connection) {
        Err(_) if api.store.knows(connection).await? => Ok(()),
        known => known,
    }
}

pub(super) fn known_connection(api: &Api, connection: &str) -> Result<(), Problem> {
    if api.connections.contains(connection) { Ok(()) } else { Err(unknown(&api.connections)) }
}

/// As `allowed`, of a name under which events stand in the journal: that of a connection, or that of a subscriber
/// (`acme.wallboard`), for which the keys of its connection count. One that was taken out of the file is let pass as
/// long as anything of it is left: somebody has to be able to look at it and to clear it away.
pub(super) async fn allowed_journal(
    api: &Api,
    request: &HttpRequest,
    name: &str,
    scope: Scope,
) -> Result<(), Problem> {
    let connection = connection_of(name);
    api.keys.require(request, connection, scope)?;
    let subscribers = api.subscribers_of(connection);
    if is_attended(api, name)
        || !api.store.events(name, Filter { limit: 1, ..Filter::default() }).await?.is_empty()
    {
        return Ok(());
    }
    known_connection(api, connection)?;
    let named: Vec<&str> = subscribers.iter().map(|subscriber| subscriber.journal.as_str()).collect();
    let there_is = if named.is_empty() { "none".to_owned() } else { format!("only {}", named.join(", ")) };
    let detail = format!("the connection {connection} has no such subscriber, {there_is}");
    Err(Problem::new("unknown_connection", detail))
}

/// True if somebody works on the journal of this name: it is that of a connection, or a subscriber, that is configured.
pub(super) fn is_attended(api: &Api, name: &str) -> bool {
    let subscribers = api.subscribers_of(connection_of(name));
    api.connections.contains(name) || subscribers.iter().any(|subscriber| subscriber.journal == name)
}

fn connection_of(journal: &str) -> &str {
    journal.split_once('.').map_or(journal, |(connection, _)| connection)
}
