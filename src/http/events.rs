//! The operator's view of the journal.

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Api, InForce, Scope, problem::Problem, records};
use crate::{
    event::EventId,
    store::{Filter, LinkKey, Replay},
};

/// Events on one page unless asked otherwise, and at most.
const LIMIT: usize = 50;
const MAX_LIMIT: usize = 500;

type Answer = Result<HttpResponse, Problem>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    status: Option<String>,
    r#type: Option<String>,
    lane: Option<String>,
    since: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

impl ListQuery {
    fn filter(self) -> Result<Filter, Problem> {
        Ok(Filter {
            status: parsed("status", self.status)?,
            event_type: parsed("type", self.r#type)?,
            lane: parsed("lane", self.lane)?,
            since: parsed::<Timestamp>("since", self.since)?,
            code: None,
            until: None,
            before: parsed("cursor", self.cursor)?,
            limit: self.limit.unwrap_or(LIMIT).clamp(1, MAX_LIMIT),
        })
    }
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: Option<String>,
) -> Result<Option<T>, Problem> {
    let parsed = text.map(|text| text.parse::<T>()).transpose();
    parsed.map_err(|error| Problem::new("invalid_query", format!("{name}: {error}")))
}

/// `{"events":[…],"next_cursor"}`, newest first.
pub(super) async fn list(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    query: Result<web::Query<ListQuery>, actix_web::Error>,
) -> Answer {
    #[derive(Serialize)]
    struct Body {
        events: Vec<records::Summary>,
        next_cursor: Option<String>,
    }
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = query.map_err(|error| Problem::new("invalid_query", error.to_string()))?;
    let filter = query.into_inner().filter()?;
    let limit = filter.limit;
    let found = api.store.events(&connection, filter).await?;
    let next_cursor = found.last().filter(|_| found.len() == limit).map(|last| last.sequence.to_string());
    let events = found.into_iter().map(|event| records::Summary::new(&connection, event)).collect();
    Ok(HttpResponse::Ok().json(Body { events, next_cursor }))
}

/// Everything known of one event.
pub(super) async fn one(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let record = api.store.event(&connection, &EventId::stored(id)).await?;
    let record = record.ok_or_else(|| Problem::new("unknown_event", "there is no such event"))?;
    Ok(HttpResponse::Ok().json(records::Record::from(record)))
}

/// Lets a parked or dead event be tried again.
pub(super) async fn replay(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: web::Bytes,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Operate)?;
    if !body.is_empty() {
        return Err(Problem::new("invalid_body", "a replay takes no options: send no body"));
    }
    let id = EventId::stored(id);
    api.store.replay(&connection, &id, Replay::default(), (api.clock)()).await?;
    after(&api, &connection, &id).await
}

/// Gives up a parked or dead event.
pub(super) async fn discard(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Operate)?;
    let id = EventId::stored(id);
    api.store.discard(&connection, &id, (api.clock)()).await?;
    after(&api, &connection, &id).await
}

async fn after(api: &Api, connection: &str, id: &EventId) -> Answer {
    let record = api.store.event(connection, id).await?;
    let record = record.ok_or_else(|| Problem::new("unknown_event", "there is no such event"))?;
    Ok(HttpResponse::Ok().json(records::Record::from(record)))
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
    let link = api.store.link(&connection, &LinkKey { kind, source_id }).await?;
    let link =
        link.ok_or_else(|| Problem::new("unknown_link", "this source entity has no target entity yet"))?;
    let body = Body { kind: link.key.kind, source_id: link.key.source_id, target_id: link.target_id };
    Ok(HttpResponse::Ok().json(body))
}

/// The key is asked for first: who has none learns nothing of which connections there are.
pub(super) fn allowed(
    api: &Api,
    request: &HttpRequest,
    connection: &str,
    scope: Scope,
) -> Result<(), Problem> {
    api.keys.require(request, scope)?;
    if api.connections.contains(connection) { Ok(()) } else { Err(Problem::unknown_connection()) }
}
