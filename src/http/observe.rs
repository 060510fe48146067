//! Every request as an operator sees it: a span that its handling runs in, and how long it took until its answer began,
//! or until nobody was there any more to be answered.
//! An address is known by its pattern; whatever stands in it for an id is shown nowhere, for it may be about somebody.

use std::sync::{Arc, LazyLock};

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::BoxBody,
    dev::{ResourceDef, ServiceRequest, ServiceResponse},
    http::{Uri, header::HeaderMap},
    middleware::Next,
    web,
};
use arc_swap::ArcSwap;
use tracing::Instrument;

use super::{Api, addresses, front_observed};
use crate::telemetry::{self, Serving};

/// Longest `tracestate` that is passed on: W3C Trace Context asks for 512 characters at least, and what is longer would
/// have the caller say how much memory each span takes while it waits for the collector.
const MOST_TRACESTATE: usize = 512;

/// The pattern of an address whose answer lay prepared, so that the router never saw it.
pub(super) struct Prepared(pub(super) &'static str);

/// Middleware for the whole application, the outermost one.
pub(super) async fn observe(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, Error> {
    let Some(api) = request.app_data::<web::Data<ArcSwap<Api>>>().map(|api| api.load_full()) else {
        return next.call(request).await;
    };
    let serving = begin(&request);
    let span = serving.span();
    let observed = Observed { serving: Some(serving), api, uri: request.uri().clone() };
    let answered = front_observed(request, next).instrument(span).await;
    match &answered {
        Ok(answer) => observed.end(Some(answer.status().as_u16()), route(answer.request())),
        Err(error) => observed.end(Some(error.as_response_error().status_code().as_u16()), None),
    }
    answered
}

/// A request under way. It is dropped unanswered when its caller goes away.
struct Observed {
    serving: Option<Serving>,
    api: Arc<Api>,
    uri: Uri,
}

impl Observed {
    fn end(mut self, status: Option<u16>, route: Option<String>) {
        self.ended(status, route);
    }

    fn ended(&mut self, status: Option<u16>, route: Option<String>) {
        if let Some(serving) = self.serving.take() {
            let path = route.as_ref().map(|route| shown(&self.api, self.uri.path(), route));
            serving.end(&self.api.metrics, status, route, path);
        }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if self.serving.is_some() {
            self.ended(None, pattern(self.uri.path()));
        }
    }
}

fn begin(request: &ServiceRequest) -> Serving {
    let headers = request.headers();
    let secure = request.app_config().secure();
    let (parent, state) = (traceparent(headers), tracestate(headers));
    Serving::begin(request.method().as_str(), secure, parent.as_deref(), state.as_deref())
}

/// The traceparent that a caller gives. Of two, neither is the caller's for sure.
pub(super) fn traceparent(headers: &HeaderMap) -> Option<String> {
    let mut given = headers.get_all("traceparent");
    let only = given.next().filter(|_| given.next().is_none())?;
    telemetry::read_traceparent(only.to_str().ok()?)
}

/// However many headers it came in, it is one list (W3C Trace Context, "tracestate Header").
fn tracestate(headers: &HeaderMap) -> Option<String> {
    let parts: Result<Vec<&str>, _> = headers.get_all("tracestate").map(|part| part.to_str()).collect();
    Some(parts.ok()?.join(",")).filter(|state| (1..=MOST_TRACESTATE).contains(&state.len()))
}

/// The pattern of an address that the router was not asked for, or did not live to tell.
fn pattern(path: &str) -> Option<String> {
    static PATTERNS: LazyLock<Vec<ResourceDef>> =
        LazyLock::new(|| addresses().map(|(pattern, _)| ResourceDef::new(pattern)).collect());
    PATTERNS.iter().find(|pattern| pattern.is_match(path))?.pattern().map(str::to_owned)
}

fn route(request: &HttpRequest) -> Option<String> {
    let prepared = request.extensions().get().map(|Prepared(route)| (*route).to_owned());
    prepared.or_else(|| request.match_pattern())
}

/// The address with the name of its connection, if there is one of that name, and nothing else filled in.
fn shown(api: &Api, path: &str, route: &str) -> String {
    let given = path.strip_prefix("/v1/connections/").and_then(|rest| rest.split('/').next());
    match given.filter(|name| api.connections.contains(*name)) {
        Some(connection) => route.replacen("{connection}", connection, 1),
        None => route.to_owned(),
    }
}
