//! What an operator does with events that wait for one: try them again or give them up, one by one or many at once.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Api, InForce, Scope,
    audit::{Deed, permitted_journal},
    charset,
    erase::WhatWaits,
    events,
    filter::Which,
    intake::unreadable,
    problem::Problem,
    query::Query,
};
use crate::{
    event::EventId,
    json,
    store::{Action, Filter, Replay, ReplayKey, ReplayMapping, StoreError},
};

type Answer = Result<HttpResponse, Problem>;

/// The code of a body that says something that is no option.
pub(super) const INVALID: &str = "invalid_options";
/// What the bodies can say, for whoever has sent another one.
const REPLAY: &str = r#"{"mapping":"current"|"pinned","key":"same"|"new"}"#;
const REPLAY_ALL: &str = r#"{"filter":{"status","type","lane","code","since","until"},"dry_run":false|true,"mapping":"current"|"pinned","key":"same"|"new"}; the filter {} means all"#;
const DISCARD_ALL: &str = r#"{"filter":{"status","type","lane","code","since","until"},"dry_run":false|true,"waiting":"keep"|"discard"}; the filter {} means all"#;

/// `{"mapping":"current"|"pinned","key":"same"|"new"}`; what is left out is the first.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct How {
    #[serde(default)]
    mapping: ByMapping,
    #[serde(default)]
    key: UnderKey,
}

#[derive(Serialize, Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum ByMapping {
    #[default]
    Current,
    Pinned,
}

#[derive(Serialize, Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum UnderKey {
    #[default]
    Same,
    New,
}

fn replay_of(mapping: ByMapping, key: UnderKey) -> Replay {
    Replay {
        mapping: match mapping {
            ByMapping::Current => ReplayMapping::Current,
            ByMapping::Pinned => ReplayMapping::Pinned,
        },
        key: match key {
            UnderKey::Same => ReplayKey::Same,
            UnderKey::New => ReplayKey::New,
        },
    }
}

/// Lets a parked or dead event be tried again; the record as it is then. The body may be left out.
pub(super) async fn replay(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Answer {
    let (connection, id) = path.into_inner();
    permitted_journal(&api, &request, &connection, Scope::Operate, Action::ReplayEvent).await?;
    Query::none(&request)?;
    let body = body.map_err(|error| unreadable(&error))?;
    let how: How = if body.is_empty() { How::default() } else { options(&request, &body, REPLAY)? };
    let deed = Deed::new(Action::ReplayEvent, &connection).to(id.as_str()).with(json!(how));
    let id = EventId::stored(id);
    let (journal, event) = (connection.clone(), id.clone());
    let replayed = async move |api: InForce| {
        attended(&api, &journal)?;
        let replayed = api.store.replay(&journal, &event, replay_of(how.mapping, how.key), (api.clock)());
        replayed.await.map_err(|error| refused(&api, error))?;
        Ok(((), 1))
    };
    api.audit(&request, deed, replayed).await?;
    events::record(&api, &connection, &id).await
}

/// Gives up a parked or dead event, or, where nobody works on the journal any more, one that waits.
pub(super) async fn discard(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    permitted_journal(&api, &request, &connection, Scope::Operate, Action::DiscardEvent).await?;
    Query::none(&request)?;
    let deed = Deed::new(Action::DiscardEvent, &connection).to(id.as_str());
    let id = EventId::stored(id);
    let (journal, event) = (connection.clone(), id.clone());
    let discarded = async move |api: InForce| {
        let discarded = match events::is_attended(&api, &journal) {
            true => api.store.discard(&journal, &event, (api.clock)()).await,
            false => api.store.discard_unattended(&journal, &event, (api.clock)()).await,
        };
        discarded.map_err(|error| refused(&api, error))?;
        Ok(((), 1))
    };
    api.audit(&request, deed, discarded).await?;
    events::record(&api, &connection, &id).await
}

/// Why nothing was done to one event.
fn refused(api: &Api, error: StoreError) -> Problem {
    match error {
        StoreError::NotFound => Problem::unknown_event(api.retention_days),
        error => error.into(),
    }
}

/// How many there are, of a request that only asks.
#[derive(Serialize)]
struct Count {
    count: u64,
}

/// `{"replayed":N}`, or `{"count":N}` of a dry run.
pub(super) async fn replay_all(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Answer {
    /// All means all: it has to be written, as an empty filter.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        filter: Which,
        #[serde(default)]
        dry_run: bool,
        #[serde(default)]
        mapping: ByMapping,
        #[serde(default)]
        key: UnderKey,
    }
    #[derive(Serialize)]
    struct Done {
        replayed: u64,
    }
    permitted_journal(&api, &request, &connection, Scope::Operate, Action::ReplayDeadLetters).await?;
    Query::none(&request)?;
    let wanted: Wanted = options(&request, &body.map_err(|error| unreadable(&error))?, REPLAY_ALL)?;
    let which = json!(wanted.filter);
    let filter = wanted.filter.held(INVALID)?;
    if wanted.dry_run {
        attended(&api, &connection)?;
        return count(&api, &connection, filter).await;
    }
    let how = How { mapping: wanted.mapping, key: wanted.key };
    let deed = Deed::new(Action::ReplayDeadLetters, &connection).to(which).with(json!(how));
    let how = replay_of(how.mapping, how.key);
    let journal = connection.to_string();
    let replayed = async move |api: InForce| {
        attended(&api, &journal)?;
        let replayed = api.store.replay_all(&journal, filter, how, (api.clock)()).await?;
        Ok((replayed, replayed))
    };
    let replayed = api.audit(&request, deed, replayed).await?;
    Ok(HttpResponse::Ok().json(Done { replayed }))
}

/// `{"discarded":N}`, or `{"count":N}` of a dry run.
pub(super) async fn discard_all(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        filter: Which,
        #[serde(default)]
        dry_run: bool,
        #[serde(default)]
        waiting: WhatWaits,
    }
    #[derive(Serialize)]
    struct Done {
        discarded: u64,
    }
    permitted_journal(&api, &request, &connection, Scope::Operate, Action::DiscardDeadLetters).await?;
    Query::none(&request)?;
    let wanted: Wanted = options(&request, &body.map_err(|error| unreadable(&error))?, DISCARD_ALL)?;
    let which = json!(wanted.filter);
    let filter = wanted.filter.held(INVALID)?;
    let filter = match wanted.waiting {
        WhatWaits::Keep => filter,
        WhatWaits::Discard => waiting_too(&api, &connection, filter)?,
    };
    if wanted.dry_run {
        return count(&api, &connection, filter).await;
    }
    let deed = Deed::new(Action::DiscardDeadLetters, &connection).to(which);
    let deed = deed.with(json!({ "waiting": wanted.waiting }));
    let journal = connection.to_string();
    let discarded = async move |api: InForce| {
        let discarded = api.store.discard_all(&journal, filter, (api.clock)()).await?;
        Ok((discarded, discarded))
    };
    let discarded = api.audit(&request, deed, discarded).await?;
    Ok(HttpResponse::Ok().json(Done { discarded }))
}

/// Also what waits there, if nobody works on it. Only what was accepted until now: the connection may be put back while
/// this goes on, and take new events.
fn waiting_too(api: &Api, journal: &str, filter: Filter) -> Result<Filter, Problem> {
    if events::is_attended(api, journal) {
        let detail = format!(
            "waiting: {journal} is configured, and what waits there is being delivered; leave it out"
        );
        return Err(Problem::new("still_configured", detail));
    }
    let now = (api.clock)();
    let until = filter.until.map_or(now, |until| until.min(now));
    Ok(Filter { unattended_at: Some(now), until: Some(until), ..filter })
}

/// What is tried again where nobody works would wait for ever.
fn attended(api: &Api, journal: &str) -> Result<(), Problem> {
    if events::is_attended(api, journal) {
        return Ok(());
    }
    let detail = format!(
        "{journal} is no longer configured, so that nobody would deliver it: put it back into the configuration \
         first, or discard what waits there"
    );
    Err(Problem::new("not_configured", detail))
}

async fn count(api: &Api, connection: &str, filter: Filter) -> Answer {
    let count = api.store.count_held(connection, filter).await?;
    Ok(HttpResponse::Ok().json(Count { count }))
}

/// A body of options; `allowed` is what it can be.
pub(super) fn options<T: DeserializeOwned>(
    request: &HttpRequest,
    body: &[u8],
    allowed: &str,
) -> Result<T, Problem> {
    charset::utf_8(request.headers())?;
    // As a value first: read in one go, a number where a word is meant would count as no JSON.
    let value: Value =
        json::from_slice(body).map_err(|error| Problem::new("malformed_json", error.to_string()))?;
    // Not an array of the members' values, which would be read as well.
    let is_object = value.is_object() && value.get("filter").is_none_or(Value::is_object);
    if !is_object {
        return Err(Problem::new(INVALID, format!("send an object: {allowed}")));
    }
    // Not of that value, in which of a name that stands twice the last is left: `{}` after a filter would mean all.
    json::from_slice(body).map_err(|error| {
        Problem::new(INVALID, format!("{}; send {allowed}", without_value(&error.to_string())))
    })
}

/// The parser's words without what was sent in a wrong form, which may be somebody's telephone number.
fn without_value(error: &str) -> Cow<'_, str> {
    match error.strip_prefix("invalid ").and_then(|rest| rest.split_once(", expected ")) {
        Some((_, wanted)) => format!("a member has to be {wanted}").into(),
        None => error.into(),
    }
}
