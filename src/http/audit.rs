//! What operators do is written down: who, when, what, to what, and what came of it.
//!
//! Promises: nothing is done of which there is no entry on disk; an attempt that the key's scopes or connections forbid
//! leaves an entry too, one a minute of each key and action, which tells how many there were since the one before. Dry
//! runs and bodies that can't be read change nothing, and leave none. A key that isn't known has no name to write down.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use actix_web::{HttpRequest, HttpResponse};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use tracing::{Instrument, Span};

use super::{
    Api, InForce, Scope,
    actions::Actions,
    events, observe,
    problem::Problem,
    query::{INVALID, Query, in_order, parsed},
};
use crate::{
    store::{Act, Action, AuditEntry, AuditFilter, Store, StoreError},
    telemetry,
};

/// Entries on one page unless asked otherwise, and at most.
const LIMIT: u64 = 50;
const MAX_LIMIT: u64 = 500;
/// Parameters of the list.
const KNOWN: &[&str] = &["connection", "action", "since", "until", "cursor", "limit"];
/// What came of what was done.
const DONE: &str = "done";
/// What came of what was cut off: some of it may be done.
const BROKEN_OFF: &str = "broken_off";
/// What came of what the key may not do: the problem's code.
const FORBIDDEN: &str = "forbidden";
/// Time between two entries of what one key may not do: somebody who tries again and again fills no disk.
const FORBIDDEN_EVERY: SignedDuration = SignedDuration::from_secs(60);
/// Wait that is asked of an operator when the log can't be written, in seconds.
const UNWRITTEN_RETRY_S: u64 = 10;

/// What somebody wants done.
pub(super) struct Deed<'a> {
    action: Action,
    connection: Option<&'a str>,
    object: Option<Value>,
    options: Option<Value>,
}

impl<'a> Deed<'a> {
    /// Something about a connection, or a journal of a subscriber of it.
    pub(super) fn new(action: Action, connection: &'a str) -> Self {
        Self::of(action, Some(connection))
    }

    /// The same, or, with `None`, something about all connections.
    pub(super) fn of(action: Action, connection: Option<&'a str>) -> Self {
        Self { action, connection, object: None, options: None }
    }

    /// What it is done to.
    pub(super) fn to(self, object: impl Into<Value>) -> Self {
        Self { object: Some(object.into()), ..self }
    }

    /// How it is done.
    pub(super) fn with(self, options: impl Into<Value>) -> Self {
        Self { options: Some(options.into()), ..self }
    }
}

/// Demands a key of a connection with the scope. What is forbidden leaves an entry.
pub(super) async fn permitted(
    api: &Api,
    request: &HttpRequest,
    connection: &str,
    scope: Scope,
    action: Action,
) -> Result<(), Problem> {
    let allowed = events::allowed(api, request, connection, scope);
    noted(api, request, Some(connection), action, allowed).await
}

/// As `permitted`, of a connection that is no longer configured, too, as long as anything of it is kept.
pub(super) async fn permitted_kept(
    api: &Api,
    request: &HttpRequest,
    connection: &str,
    scope: Scope,
    action: Action,
) -> Result<(), Problem> {
    let allowed = events::allowed_kept(api, request, connection, scope).await;
    noted(api, request, Some(connection), action, allowed).await
}

/// As `permitted`, of all connections: a key for some of them only is none for it.
pub(super) async fn permitted_everywhere(
    api: &Api,
    request: &HttpRequest,
    scope: Scope,
    action: Action,
) -> Result<(), Problem> {
    let allowed = api.keys.require_for_all(request, scope);
    noted(api, request, None, action, allowed).await
}

/// As `permitted`, of a name under which events stand in the journal.
pub(super) async fn permitted_journal(
    api: &Api,
    request: &HttpRequest,
    name: &str,
    scope: Scope,
    action: Action,
) -> Result<(), Problem> {
    let allowed = events::allowed_journal(api, request, name, scope).await;
    noted(api, request, Some(name), action, allowed).await
}

async fn noted(
    api: &Api,
    request: &HttpRequest,
    connection: Option<&str>,
    action: Action,
    allowed: Result<(), Problem>,
) -> Result<(), Problem> {
    if allowed.as_ref().is_err_and(|problem| problem.code() == FORBIDDEN) {
        api.forbidden(request, connection, action).await;
    }
    allowed
}

impl InForce {
    /// Does what an operator wants done, between the beginning and the end of an entry of the audit log. `work` is given what
    /// is in force for this request, and says what it answers and to how many things it was done.
    ///
    /// Errors: those of `work`; `audit_unavailable` when the entry can't be written, and nothing was done; `internal` when the
    /// action was broken off.
    pub(super) async fn audit<T, W>(
        &self,
        request: &HttpRequest,
        deed: Deed<'_>,
        work: impl FnOnce(Self) -> W,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        W: Future<Output = Result<(T, u64), Problem>> + Send + 'static,
    {
        let act = self.act(request, deed.action, deed.connection, deed.object, deed.options);
        let (api, work) = (self.clone(), work(self.clone()));
        // A task of its own: a caller that leaves takes no more than its request with it.
        let done = self.actions.begin(async move { api.done(act, work).await }.in_current_span());
        done.await.map_err(|_| broken_off())?
    }
}

impl Api {
    async fn done<T>(
        &self,
        act: Act,
        work: impl Future<Output = Result<(T, u64), Problem>>,
    ) -> Result<T, Problem> {
        let (action, actor, connection) = (act.action.as_str(), act.actor.clone(), act.connection.clone());
        let begun = self.store.audit_begin(act, (self.clock)()).await;
        let number = begun.map_err(|error| self.unwritten(action, &error))?;
        let (store, actions) = (&self.store, &self.actions);
        let mut open = Open { store, actions, clock: self.clock, number: Some(number) };
        let result = actions.unless_cut(work).await.ok_or_else(broken_off)?;
        open.number = None;
        let (outcome, count) = match &result {
            Ok((_, count)) => (DONE, Some(*count)),
            Err(problem) => (problem.code(), None),
        };
        self.metrics.acted(action, if outcome == DONE { DONE } else { "failed" });
        tracing::info!(target: "deskbridge::audit", number, actor, action, connection, outcome, count, "an operator's action ended");
        self.end(number, outcome, count).await;
        result.map(|(answer, _)| answer)
    }

    /// It is done already: an entry that can't be ended is left as one that has not.
    async fn end(&self, number: i64, outcome: &str, count: Option<u64>) {
        if let Err(error) = self.store.audit_end(number, outcome, count, (self.clock)()).await {
            tracing::error!(%error, number, outcome, "the end of an entry of the audit log can't be written");
        }
    }

    /// What a key may not do is not done, whether that can be written down or not.
    async fn forbidden(&self, request: &HttpRequest, connection: Option<&str>, action: Action) {
        self.metrics.acted(action.as_str(), FORBIDDEN);
        let Some(actor) = self.actor(request) else { return };
        let Some(times) = self.forbidden.times(&actor, action, (self.clock)()) else { return };
        // A name that isn't one of ours is the caller's word.
        let known = connection.filter(|name| events::known_connection(self, name).is_ok());
        tracing::warn!(target: "deskbridge::audit", actor, action = action.as_str(), connection = known, "an operator's key may not do this");
        let act = self.act(request, action, known, None, None);
        match self.store.audit_begin(act, (self.clock)()).await {
            Ok(number) => self.end(number, FORBIDDEN, Some(times)).await,
            Err(error) => tracing::error!(%error, "an entry of the audit log can't be written"),
        }
    }

    fn act(
        &self,
        request: &HttpRequest,
        action: Action,
        connection: Option<&str>,
        object: Option<Value>,
        options: Option<Value>,
    ) -> Act {
        let given = observe::traceparent(request.headers());
        let traceparent = telemetry::traceparent_of(&Span::current(), given.as_deref());
        Act {
            actor: self.actor(request),
            action,
            connection: connection.map(str::to_owned),
            object: object.map(|object| object.to_string()),
            options: options.map(|options| options.to_string()),
            trace_id: traceparent.and_then(|it| it.split('-').nth(1).map(str::to_owned)),
        }
    }

    /// The name of the key that is shown.
    fn actor(&self, request: &HttpRequest) -> Option<String> {
        self.keys.shown(request).ok().map(|shown| shown.name().to_owned())
    }

    fn unwritten(&self, action: &'static str, error: &StoreError) -> Problem {
        self.metrics.acted(action, "failed");
        tracing::error!(%error, action, "an entry of the audit log can't be written: nothing was done");
        let detail = "the audit log can't be written, so nothing was done; try again later: the service's log says why";
        Problem::new("audit_unavailable", detail).retry_after(UNWRITTEN_RETRY_S)
    }
}

fn broken_off() -> Problem {
    Problem::new("internal", "the action was broken off; the log says why")
}

/// An entry whose action is under way. Dropped, it tells that the action was broken off: by a panic, or a stop that could wait no
/// longer.
struct Open<'a> {
    store: &'a Store,
    actions: &'a Actions,
    clock: fn() -> Timestamp,
    number: Option<i64>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let (store, now) = (self.store.clone(), (self.clock)());
        tracing::info!(target: "deskbridge::audit", number, outcome = BROKEN_OFF, "an operator's action ended");
        self.actions.begin(async move {
            if let Err(error) = store.audit_end(number, BROKEN_OFF, None, now).await {
                tracing::error!(%error, number, "the end of an entry of the audit log can't be written");
            }
        });
    }
}

/// How often each key wanted to do what it may not, since the last entry of it. As many as there are keys and actions.
#[derive(Default)]
pub struct Forbidden(Mutex<HashMap<(String, Action), Tries>>);

struct Tries {
    written_at: Timestamp,
    since: u64,
}

impl Forbidden {
    /// Another one. How many there were, this one with them, if it is time for an entry.
    fn times(&self, actor: &str, action: Action, now: Timestamp) -> Option<u64> {
        let mut tried = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tries) = tried.get_mut(&(actor.to_owned(), action)) else {
            tried.insert((actor.to_owned(), action), Tries { written_at: now, since: 0 });
            return Some(1);
        };
        if now.duration_since(tries.written_at) < FORBIDDEN_EVERY {
            tries.since += 1;
            return None;
        }
        let times = tries.since + 1;
        *tries = Tries { written_at: now, since: 0 };
        Some(times)
    }
}

/// An entry as it is told.
#[derive(Serialize)]
struct Entry {
    number: i64,
    at: Timestamp,
    /// Name of the API key.
    actor: Option<String>,
    action: String,
    connection: Option<String>,
    object: Option<Box<RawValue>>,
    options: Option<Box<RawValue>>,
    trace_id: Option<String>,
    ended_at: Option<Timestamp>,
    /// `null` while it is not known.
    outcome: Option<String>,
    count: Option<u64>,
}

impl From<AuditEntry> for Entry {
    fn from(entry: AuditEntry) -> Self {
        let json = |text: Option<String>| text.and_then(|text| RawValue::from_string(text).ok());
        Self {
            number: entry.number,
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            connection: entry.connection,
            object: json(entry.object),
            options: json(entry.options),
            trace_id: entry.trace_id,
            ended_at: entry.ended_at,
            outcome: entry.outcome,
            count: entry.count,
        }
    }
}

/// `{"entries":[…],"next_cursor"}`, newest first. A key for some connections is told of these only.
pub(super) async fn list(api: InForce, request: HttpRequest) -> Result<HttpResponse, Problem> {
    #[derive(Serialize)]
    struct Body {
        entries: Vec<Entry>,
        next_cursor: Option<String>,
    }
    let connections = api.keys.require_of_any(&request, Scope::Admin)?.connections().cloned();
    let query = Query::read(&request, KNOWN)?;
    let limit = query.number("limit", 1..=MAX_LIMIT)?.unwrap_or(LIMIT) as usize;
    let (since, until) = (query.time("since")?, query.time("until")?);
    in_order(INVALID, since, until)?;
    let filter = AuditFilter {
        connection: query.text("connection"),
        connections,
        action: parsed(INVALID, "action", query.text("action"))?,
        since,
        until,
        before: query.cursor("cursor")?,
        limit,
    };
    let found = api.store.audit(filter).await?;
    let next_cursor = found.last().filter(|_| found.len() == limit).map(|last| last.number.to_string());
    let entries = found.into_iter().map(Entry::from).collect();
    Ok(HttpResponse::Ok().json(Body { entries, next_cursor }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{runtime::Handle, time::Instant};

    use super::*;

    /// Longest that the test waits.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn an_action_that_does_not_come_to_its_end_is_told_as_broken_off() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let store = Store::open(&url, at(0)).await.unwrap();
        let action = Action::DiscardDeadLetters;
        let act = Act { actor: None, action, connection: None, object: None, options: None, trace_id: None };
        let number = store.audit_begin(act, at(1)).await.unwrap();
        let actions = Actions::new(Handle::current());
        drop(Open { store: &store, actions: &actions, clock: || at(2), number: Some(number) });
        assert!(actions.finish(Instant::now() + PATIENCE).await, "a stop waits for the end of the entry");
        let newest = AuditFilter { limit: 1, ..AuditFilter::default() };
        let entry = store.audit(newest).await.unwrap().pop().unwrap();
        assert_eq!(
            (entry.outcome.as_deref(), entry.ended_at, entry.count),
            (Some(BROKEN_OFF), Some(at(2)), None)
        );
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn what_is_forbidden_again_and_again_is_told_once_a_minute_with_how_often() {
        let forbidden = Forbidden::default();
        let times = |key: &str, action, second| forbidden.times(key, action, at(second));
        assert_eq!(times("wall", Action::ReplayEvent, 0), Some(1));
        assert_eq!(times("wall", Action::ReplayEvent, 1), None);
        assert_eq!(times("wall", Action::ReplayEvent, 59), None);
        assert_eq!(times("wall", Action::DiscardEvent, 59), Some(1), "another action");
        assert_eq!(times("flow", Action::ReplayEvent, 59), Some(1), "another key");
        assert_eq!(times("wall", Action::ReplayEvent, 60), Some(3));
        assert_eq!(times("wall", Action::ReplayEvent, 61), None);
    }
}
