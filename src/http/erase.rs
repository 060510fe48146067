//! `POST …/erase`: what was stored about a person is forgotten, as who is asked to delete it must: of one connection, or of
//! all, those included that are no longer configured.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Api, InForce, Scope,
    audit::{Deed, permitted_everywhere, permitted_kept},
    intake::unreadable,
    operate::{INVALID, options},
    problem::Problem,
    query::Query,
    records::href,
};
use crate::{
    event::{Status, Subject},
    store::{Action, Erased, Erasure, Store, StoreError, Waiting},
    ticketview::{self, Forgetting, Forgotten, TicketViews},
};

/// What the body can say, for whoever has sent another one.
const ERASE: &str =
    r#"{"subject":"wang@example.com","contains":false|true,"waiting":"keep"|"discard","dry_run":false|true}"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    subject: String,
    #[serde(default)]
    contains: bool,
    #[serde(default)]
    waiting: WhatWaits,
    #[serde(default)]
    dry_run: bool,
}

/// What to do with events that have not come to rest.
#[derive(Serialize, Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum WhatWaits {
    #[default]
    Keep,
    Discard,
}

#[derive(Serialize)]
struct Done {
    dry_run: bool,
    events: u64,
    messages: u64,
    effects: u64,
    links: u64,
    ticketviews: Views,
    /// What is left: it has not come to rest, or a worker has it or another event of its lane in hand.
    waiting: Vec<Left>,
    /// False while somebody reads the store's file as it was: the bytes go with the next writes.
    scrubbed: bool,
}

#[derive(Serialize)]
struct Views {
    /// States that are forgotten.
    states: u64,
    /// Views that hold the person now.
    current: u64,
}

#[derive(Serialize)]
struct Left {
    /// Of a connection, or of a subscriber of it.
    connection: String,
    id: String,
    status: Status,
    href: String,
}

impl Done {
    fn new(dry_run: bool, erased: Erased, views: Forgotten) -> Self {
        let left = |Waiting { journal, id, status }: Waiting| Left {
            href: href(&journal, &id),
            connection: journal,
            id: id.to_string(),
            status,
        };
        Self {
            dry_run,
            events: erased.events,
            messages: erased.messages,
            effects: erased.effects,
            links: erased.links,
            ticketviews: Views { states: views.states, current: views.current },
            waiting: erased.waiting.into_iter().map(left).collect(),
            scrubbed: erased.scrubbed,
        }
    }
}

/// How much was forgotten of each kind, and what is left. Of a connection that was taken out of the file, too.
pub(super) async fn erase(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    permitted_kept(&api, &request, &connection, Scope::Admin, Action::EraseSubject).await?;
    erased(&api, &request, Some(connection.into_inner()), body).await
}

/// The same of all connections of which anything is kept.
pub(super) async fn erase_everywhere(
    api: InForce,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, Problem> {
    permitted_everywhere(&api, &request, Scope::Admin, Action::EraseSubject).await?;
    erased(&api, &request, None, body).await
}

type Body = Result<web::Bytes, actix_web::Error>;

async fn erased(
    api: &InForce,
    request: &HttpRequest,
    connection: Option<String>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    Query::none(request)?;
    let wanted: Wanted = options(request, &body.map_err(|error| unreadable(&error))?, ERASE)?;
    let subject = Subject::new(&wanted.subject, wanted.contains)
        .map_err(|error| Problem::new(INVALID, format!("subject {error}")))?;
    // Whom is written down nowhere: the entry would be the next thing to erase.
    let how = json!({ "contains": wanted.contains, "waiting": wanted.waiting });
    let discard_waiting = wanted.waiting == WhatWaits::Discard;
    let erasure = Erasure { connection, subject, discard_waiting, dry_run: wanted.dry_run };
    let (erased, views) = match wanted.dry_run {
        true => everywhere(api, &erasure).await?,
        false => audited(api, request, erasure, how).await?,
    };
    Ok(HttpResponse::Ok().json(Done::new(wanted.dry_run, erased, views)))
}

async fn audited(
    api: &InForce,
    request: &HttpRequest,
    erasure: Erasure,
    how: Value,
) -> Result<(Erased, Forgotten), Problem> {
    let connection = erasure.connection.clone();
    let deed = Deed::of(Action::EraseSubject, connection.as_deref()).with(how);
    let done = async move |api: InForce| {
        let (erased, views) = everywhere(&api, &erasure).await?;
        let count = erased.events + erased.messages + views.states;
        Ok(((erased, views), count))
    };
    api.audit(request, deed, done).await
}

/// Of all that is kept of the connections that are meant.
async fn everywhere(api: &Api, erasure: &Erasure) -> Result<(Erased, Forgotten), StoreError> {
    let (store, now) = (&api.store, (api.clock)());
    let mut connections = BTreeSet::new();
    match &erasure.connection {
        Some(connection) => drop(connections.insert(connection.clone())),
        None => {
            connections.extend(api.connections.iter().cloned());
            connections.extend(store.connections().await?);
        }
    }
    // Views first: the log that held their rows is cut with the events'.
    let forgotten = forget(store, &api.views, &connections, erasure, now).await?;
    Ok((store.erase(erasure, now).await?, forgotten))
}

async fn forget(
    store: &Store,
    views: &TicketViews,
    connections: &BTreeSet<String>,
    erasure: &Erasure,
    now: Timestamp,
) -> Result<Forgotten, StoreError> {
    let Erasure { subject, dry_run, .. } = erasure;
    let mut all = Forgotten::default();
    for connection in connections {
        let is_read = views.reads(connection);
        let what = Forgetting { connection, subject, is_read, dry_run: *dry_run };
        let Forgotten { states, current } = ticketview::forget(store, what, now).await?;
        all = Forgotten { states: all.states + states, current: all.current + current };
    }
    Ok(all)
}
