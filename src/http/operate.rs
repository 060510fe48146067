//! What an operator does with events that wait for one: try them again or give them up, one by one or many at once.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Api, InForce, Scope, events, filter::Which, problem::Problem};
use crate::{
    event::EventId,
    store::{Filter, Replay, ReplayKey, ReplayMapping},
};

type Answer = Result<HttpResponse, Problem>;

/// The code of a body that says something that is no option.
const INVALID: &str = "invalid_options";
/// What the bodies can say, for whoever has sent another one.
const REPLAY: &str = r#"{"mapping":"current"|"pinned","key":"same"|"new"}"#;
const REPLAY_ALL: &str = r#"{"filter":{"status","type","lane","code","since","until"},"dry_run":false|true,"mapping":"current"|"pinned","key":"same"|"new"}; the filter {} means all"#;
const DISCARD_ALL: &str = r#"{"filter":{"status","type","lane","code","since","until"},"dry_run":false|true}; the filter {} means all"#;

/// `{"mapping":"current"|"pinned","key":"same"|"new"}`; what is left out is the first.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct How {
    #[serde(default)]
    mapping: ByMapping,
    #[serde(default)]
    key: UnderKey,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum ByMapping {
    #[default]
    Current,
    Pinned,
}

#[derive(Deserialize, Default, Clone, Copy)]
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
    body: web::Bytes,
) -> Answer {
    let (connection, id) = path.into_inner();
    events::allowed_journal(&api, &request, &connection, Scope::Operate).await?;
    let how: How = if body.is_empty() { How::default() } else { options(&body, REPLAY)? };
    let id = EventId::stored(id);
    api.store.replay(&connection, &id, replay_of(how.mapping, how.key), (api.clock)()).await?;
    events::record(&api, &connection, &id).await
}

/// Gives up a parked or dead event.
pub(super) async fn discard(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    events::allowed_journal(&api, &request, &connection, Scope::Operate).await?;
    let id = EventId::stored(id);
    api.store.discard(&connection, &id, (api.clock)()).await?;
    events::record(&api, &connection, &id).await
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
    body: web::Bytes,
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
    events::allowed_journal(&api, &request, &connection, Scope::Operate).await?;
    let wanted: Wanted = options(&body, REPLAY_ALL)?;
    let filter = wanted.filter.held(INVALID)?;
    if wanted.dry_run {
        return count(&api, &connection, filter).await;
    }
    let how = replay_of(wanted.mapping, wanted.key);
    let replayed = api.store.replay_all(&connection, filter, how, (api.clock)()).await?;
    Ok(HttpResponse::Ok().json(Done { replayed }))
}

/// `{"discarded":N}`, or `{"count":N}` of a dry run.
pub(super) async fn discard_all(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    body: web::Bytes,
) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        filter: Which,
        #[serde(default)]
        dry_run: bool,
    }
    #[derive(Serialize)]
    struct Done {
        discarded: u64,
    }
    events::allowed_journal(&api, &request, &connection, Scope::Operate).await?;
    let wanted: Wanted = options(&body, DISCARD_ALL)?;
    let filter = wanted.filter.held(INVALID)?;
    if wanted.dry_run {
        return count(&api, &connection, filter).await;
    }
    let discarded = api.store.discard_all(&connection, filter, (api.clock)()).await?;
    Ok(HttpResponse::Ok().json(Done { discarded }))
}

async fn count(api: &Api, connection: &str, filter: Filter) -> Answer {
    let count = api.store.count_held(connection, filter).await?;
    Ok(HttpResponse::Ok().json(Count { count }))
}

/// A body of options; `allowed` is what it can be.
fn options<T: DeserializeOwned>(body: &[u8], allowed: &str) -> Result<T, Problem> {
    // As a value first: read in one go, a number where a word is meant would count as no JSON.
    let value: Value =
        serde_json::from_slice(body).map_err(|error| Problem::new("malformed_json", error.to_string()))?;
    T::deserialize(value).map_err(|error| Problem::new(INVALID, format!("{error}; send {allowed}")))
}
