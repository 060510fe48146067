//! The sandbox's own endpoints, on both ports, without credentials. They are neither recorded nor subject to
//! faults. Each port has its own requests and faults; the switches are common to both.
//!
//! | Endpoint | Purpose |
//! |---|---|
//! | `GET /_sandbox/` | this list |
//! | `GET /_sandbox/requests?method=&path=` | recorded requests, oldest first; `path` is a prefix. Members: `seq`, `at`, `vendor`, `method`, `path`, `query`, `requestid`, `traceparent`, `auth` (`basic`, `bearer`, `none`), `body` (parsed JSON or null), `status` (null = reset), `fault` (its kind or null), `effect` |
//! | `GET /_sandbox/requests.ndjson?method=&path=` | the same, a line of JSON each |
//! | `DELETE /_sandbox/requests` | forgets them |
//! | `GET /_sandbox/state` | everything the vendor stores |
//! | `POST /_sandbox/faults` | plans a fault |
//! | `GET`, `DELETE /_sandbox/faults` | the rules that are left; removes them |
//! | `GET`, `PUT /_sandbox/seed` | what is left to chance depends on it; setting it starts the chances anew |
//! | `GET`, `PUT /_sandbox/switches` | the switches; changes the members sent |
//! | `GET /_sandbox/switches/values` | by switch, all values it may have, its default first (of numbers, samples) |
//! | `POST /_sandbox/tokens/revoke` | Bangwo8: no OAuth token is valid any more |
//! | `POST /_sandbox/tickets` | Bangwo8: adds a ticket (members as in the state) without validation of references |
//! | `POST /_sandbox/supports` | Bangwo8: adds a support agent (members as in the state) |
//! | `POST`, `DELETE /_sandbox/tickets/{id}` | Bangwo8: changes members of a ticket (as in the state); removes it |
//! | `POST /_sandbox/views` | Bangwo8: adds a view: `id`, `title`, `filter` (as in the state), perhaps `active` |
//! | `POST /_sandbox/views/{id}` | Bangwo8: changes a view's `active` (`"0"`, `"1"`), `title` or `filter` |
//! | `DELETE /_sandbox/views/{id}` | Bangwo8: removes a view |
//! | `POST /_sandbox/meanwhile` | Bangwo8: plans changes to tickets for after a page of a view was answered |
//! | `GET`, `DELETE /_sandbox/meanwhile` | Bangwo8: the plans that are left; removes them |
//!
//! A rule is `{"method":"POST","path":"/api/v1/tickets","chance":0.5,"times":2,"fault":{…}}`. `method` and `path`
//! (a prefix) may be left out, and `glob` (a whole path in which `*` stands for any text) may stand in place of
//! `path`. `chance` is the share of the requests that it befalls, all if left out; what is left to chance depends
//! on the seed alone. `times` is how many requests it befalls: 1 if left out, 0 for "until deleted". The first
//! rule that strikes a request is used. A fault is one of:
//!
//! * `{"status":500,"headers":{…},"body":…}`: this answer instead of the vendor's, without effect. A `body`
//!   that is a JSON string is sent as text.
//! * `{"maintenance":true}`: 503 with a page of HTML, without effect.
//! * `{"rate_limited":{"retry_after_s":2}}`: 429 without effect; without `retry_after_s`, without `Retry-After`.
//! * `{"repeat_bytes":100000000}`: a JSON object of so many bytes, streamed, without effect.
//! * `{"reset":"before"}`: the connection closes without an answer and without effect.
//! * `{"reset":"after"}`: the request takes effect, then the connection closes without an answer.
//! * `{"cut":{"bytes":20}}` or `{"cut":{"share":0.5}}`: the request takes effect, then the connection closes in the
//!   midst of the body. With `"complete":true` the answer claims to be whole: JSON that ends too early.
//! * `{"expire_token":true}`: the caller's token ends, and the vendor answers as it does to any such token.
//!
//! Alone or with one of the above:
//!
//! * `{"delay_ms":100}` or `{"latency":…}`: the effect comes at once, the answer late. A latency is one of
//!   `{"constant_ms":100}`, `{"uniform_ms":[50,200]}` and `{"exponential_ms":{"mean":100,"cap":2000}}`.
//! * `{"slow":{"bytes":10,"interval_ms":50}}`: the body comes in pieces of so many bytes.
//!
//! A plan is `{"view":"2","page":1,"times":1,"changes":[…]}`. `times` is how many answers with that page it follows: 1 if
//! left out, 0 for "until deleted". A change is one of `{"add":{…}}` (a ticket; without `ticketId` it gets the next),
//! `{"change":{"ticketId":5237431,"tagList":"售中"}}` and `{"delete":5237431}`.
//!
//! An `effect` has a `kind` and the ids of what changed, under their names on the wire:
//!
//! * `ticket_created`, `ticket_updated`, `reply_added` (an update that carries a reply): `ticketId`
//! * `company_created`, `company_updated`: `uId`
//! * `customer_group_created`, `customer_group_updated`: `groupId`
//! * `options_replaced`, `options_upserted`: `columnId`, `optionIds`; `option_deleted`: `columnId`, `optionId`
//! * `contact_bound`, `binding_changed`: `cId`; `attachment_uploaded`: `attachId`, `ticketReplyId`
//! * `asset_rows_created`: `tableId`, `rIds`
//! * `replayed` (a repeated `Requestid`): the ids of the first effect

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::door::Door;
use super::faults::Rule;
use super::guard::lock;
use super::reply::Reply;
use super::{log, switches};

use crate::json;

const PREFIX: &str = "/_sandbox";

const INDEX: &[(&str, &str)] = &[
    ("GET /_sandbox/requests?method=&path=", "recorded requests, oldest first"),
    ("DELETE /_sandbox/requests", "forget the recorded requests"),
    ("GET /_sandbox/requests.ndjson?method=&path=", "the same, a line of JSON each"),
    ("GET /_sandbox/state", "everything the vendor stores"),
    ("POST /_sandbox/faults", "plan a fault"),
    ("GET /_sandbox/faults", "planned faults that are left"),
    ("DELETE /_sandbox/faults", "remove the planned faults"),
    ("GET /_sandbox/seed", "the seed of what is left to chance"),
    ("PUT /_sandbox/seed", "set the seed; chances start anew"),
    ("GET /_sandbox/switches", "the switches"),
    ("PUT /_sandbox/switches", "change the switches sent"),
    ("GET /_sandbox/switches/values", "what each switch may be, its default first"),
];

pub(crate) fn is_for(call: &Call) -> bool {
    call.path.strip_prefix(PREFIX).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

pub(crate) fn answer(door: &Door, call: &Call) -> Reply {
    let path = call.path.strip_prefix(PREFIX).unwrap_or_default().trim_matches('/');
    match (call.method.as_str(), path) {
        ("GET", "") => index(door),
        ("GET", "requests") => requests(door, call),
        ("GET", "requests.ndjson") => requests_ndjson(door, call),
        ("DELETE", "requests") => cleared(lock(&door.log).clear()),
        ("GET", "state") => Reply::ok(door.vendor.state()),
        ("POST", "faults") => plan_fault(door, call).unwrap_or_else(refused),
        ("GET", "faults") => Reply::ok(json!(lock(&door.faults).waiting())),
        ("DELETE", "faults") => cleared(lock(&door.faults).clear()),
        ("GET", "seed") => Reply::ok(json!({"seed": lock(&door.faults).seed()})),
        ("PUT", "seed") => set_seed(door, call).unwrap_or_else(refused),
        ("GET", "switches") => Reply::ok(json!(door.switches.get())),
        ("GET", "switches/values") => Reply::ok(Value::Object(switches::values())),
        ("PUT", "switches") => change_switches(door, call).unwrap_or_else(refused),
        _ => door.vendor.control(call).unwrap_or_else(unknown),
    }
}

/// Reads the body of a control request, or tells what is wrong with it.
pub(crate) fn read<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    json::from_slice(&call.body).map_err(|error| error.to_string())
}

/// The answer to a control request that has a mistake in it.
pub(crate) fn refused(reason: String) -> Reply {
    Reply::json(422, json!({"error": reason}))
}

fn index(door: &Door) -> Reply {
    let all = INDEX.iter().chain(door.vendor.control_index());
    Reply::ok(Value::Object(all.map(|(name, purpose)| ((*name).to_owned(), json!(purpose))).collect()))
}

fn requests(door: &Door, call: &Call) -> Reply {
    let (method, path) = (call.param("method"), call.param("path"));
    Reply::ok(json!(lock(&door.log).select(method.as_deref(), path.as_deref())))
}

fn requests_ndjson(door: &Door, call: &Call) -> Reply {
    let (method, path) = (call.param("method"), call.param("path"));
    let lines = log::ndjson(&lock(&door.log).select(method.as_deref(), path.as_deref()));
    Reply::ok(json!(lines)).with_header("content-type", "application/x-ndjson".to_owned())
}

fn cleared(count: usize) -> Reply {
    Reply::ok(json!({"cleared": count}))
}

fn plan_fault(door: &Door, call: &Call) -> Result<Reply, String> {
    let rule: Rule = read(call)?;
    if rule.needs_tokens() && !door.vendor.has_tokens() {
        return Err("fault.expire_token: this vendor has no tokens".to_owned());
    }
    lock(&door.faults).add(rule.clone())?;
    Ok(Reply::json(201, json!(rule)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    seed: u64,
}

fn set_seed(door: &Door, call: &Call) -> Result<Reply, String> {
    let Seed { seed } = read(call)?;
    lock(&door.faults).set_seed(seed);
    Ok(Reply::ok(json!({"seed": seed})))
}

fn change_switches(door: &Door, call: &Call) -> Result<Reply, String> {
    let changes: Map<String, Value> = read(call)?;
    Ok(Reply::ok(json!(door.switches.change(changes)?)))
}

fn unknown() -> Reply {
    Reply::json(404, json!({"error": "no such sandbox endpoint; GET /_sandbox/ lists them"}))
}
