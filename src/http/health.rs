//! For whoever runs the service.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::header};
use serde::Serialize;

use super::{Api, InForce, Scope, problem::Problem};
use crate::{
    plural::counted,
    store::StoreError,
    telemetry::{CertificateShown, Pace, Polled, Standing},
};

/// Problems of refused files that a check tells: enough to mend the first, and the log has all.
const TOLD_PROBLEMS: usize = 3;

/// Things that a check of drift tells: enough to begin with, and the log has all.
const TOLD_DRIFTS: usize = 10;

/// The process answers.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "live", checks: None })
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<Check>>,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

/// Events can be accepted: the store answers. `?verbose` lists each check. Files that were refused are told there
/// and don't count: the service works on what it had. Nor do drift of a vendor and a list that can't be read: most
/// events go on; nor a connection that fails: its events can be accepted all the same. Nor does a full store: it
/// delivers, and whoever sends is better told so, with a time to come again, than turned away by a balancer. The checks
/// name connections and what their vendors hold, as the metrics do: who may not read these is told neither.
pub(super) async fn ready(api: InForce, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let verbose = request.query_string().split('&').any(|part| part.split('=').next() == Some("verbose"));
    if verbose && api.metrics_door != MetricsDoor::Open {
        api.keys.require_for_all(&request, Scope::Read)?;
    }
    let store = api.store.ping().await;
    let ok = store.is_ok();
    let detail = store.map_or_else(|error| error.to_string(), |()| "answers".to_owned());
    let mut checks = vec![Check { name: "store", ok, detail }, room(&api), configuration(&api)];
    checks.extend(api.metrics.certificate().map(certificate));
    checks.extend(api.metrics.drift().iter().map(|(connection, standing)| drift(connection, standing)));
    checks.extend(api.metrics.polls().iter().map(|(connection, polled)| poll(connection, polled)));
    checks.extend(api.metrics.paces().iter().map(|(connection, pace)| delivery(connection, pace)));
    let mut answer = if ok { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let status = if ok { "ready" } else { "unready" };
    Ok(answer.json(Health { status, checks: verbose.then_some(checks) }))
}

fn room(api: &Api) -> Check {
    let ok = !api.store.is_full();
    let mut detail = if ok { "events are taken".to_owned() } else { StoreError::Full.to_string() };
    if let Some(bytes) = api.metrics.store_bytes() {
        detail += &format!("; {} bytes used", bytes.used);
        detail += &bytes.budget.map(|budget| format!(" of a budget of {budget}")).unwrap_or_default();
        detail += &bytes.disk_free.map(|free| format!(", {free} free on the disk")).unwrap_or_default();
    }
    Check { name: "room", ok, detail }
}

fn configuration(api: &Api) -> Check {
    let (connections, refused) = (api.connections.len(), api.refused.load());
    let mut detail = counted(connections, "connection");
    if !refused.is_empty() {
        let told: Vec<&str> = refused.iter().take(TOLD_PROBLEMS).map(String::as_str).collect();
        let more = match refused.len().saturating_sub(TOLD_PROBLEMS) {
            0 => String::new(),
            more => format!("; and {more} more, see the log"),
        };
        detail += &format!("; the files have changed since and are refused: {}{more}", told.join("; "));
    }
    Check { name: "configuration", ok: refused.is_empty(), detail }
}

fn certificate(shown: CertificateShown) -> Check {
    let ends = shown.ends.map(|ends| format!("shown until {ends}"));
    let mut detail = ends.unwrap_or_else(|| "shown".to_owned());
    let ok = shown.refused.is_none();
    detail += &shown.warning.map(|warning| format!("; {warning}")).unwrap_or_default();
    if let Some(why) = shown.refused {
        detail += &format!("; its files have changed since and are refused: {why}");
    }
    Check { name: "certificate", ok, detail }
}

fn drift(connection: &str, standing: &[Standing]) -> Check {
    let ok = !standing.iter().any(|it| it.is_error);
    let mut told: Vec<String> = standing.iter().take(TOLD_DRIFTS).map(|it| it.text.clone()).collect();
    if let more @ 1.. = standing.len().saturating_sub(TOLD_DRIFTS) {
        told.push(format!("and {more} more, see the log"));
    }
    if told.is_empty() {
        told.push("the vendors have the fields that the mapping counts on".to_owned());
    }
    Check { name: "drift", ok, detail: format!("{connection}: {}", told.join("; ")) }
}

fn poll(connection: &str, polled: &Polled) -> Check {
    let read_at = polled.read_at.map_or("its list of tickets was not read yet".to_owned(), |at| {
        format!("its list of tickets was last read at {at:.0}")
    });
    let failure = polled.failure.as_ref().map(|why| format!("; since then: {why}")).unwrap_or_default();
    Check { name: "poll", ok: polled.failure.is_none(), detail: format!("{connection}: {read_at}{failure}") }
}

fn delivery(connection: &str, pace: &Pace) -> Check {
    Check { name: "delivery", ok: pace.works(), detail: format!("{connection}: {}", pace.detail) }
}

/// Who may read the metrics; the checks of `/readyz?verbose` are told to everybody only where these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsDoor {
    /// Everybody.
    Open,
    /// Who shows a key with the scope `read` for all connections: the metrics name them all.
    Key,
    /// Nobody.
    Off,
}

/// Whether the address of the metrics is as good as not there.
pub(super) fn metrics_are_off(api: &Api) -> bool {
    api.metrics_door == MetricsDoor::Off
}

/// Prometheus's text format.
pub(super) async fn metrics(api: InForce, request: HttpRequest) -> Result<HttpResponse, Problem> {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    if api.metrics_door == MetricsDoor::Key {
        api.keys.require_for_all(&request, Scope::Read)?;
    }
    let text = exposition(&api).await?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, OPENMETRICS)).body(text))
}

/// The text of `/metrics`, with what only the store knows.
pub(super) async fn exposition(api: &Api) -> Result<String, Problem> {
    let census = api.store.census(api.clock).await?;
    let waiting: Vec<_> = census
        .backlog
        .iter()
        .map(|line| (line.connection.clone(), line.status.as_str(), line.events))
        .collect();
    let age = Duration::try_from(census.at.duration_until((api.clock)())).unwrap_or_default();
    let text = api.metrics.render((api.store.commits(), api.store.statements()), &waiting, age);
    text.map_err(|error| Problem::new("internal", error.to_string()))
}
