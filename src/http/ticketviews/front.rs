//! What stands before the router for addresses of ticket views: it lets pages of other origins in, and answers what is
//! asked most by itself.
//!
//! The router tries an address against every route with a regular expression each, which takes longer than all the
//! rest of an answer that lies prepared. So the addresses below that have no query are read here by hand and answered
//! as their handlers would answer them. Whatever isn't plainly fine (another method, a key that doesn't fit, a view that
//! isn't there) is left to the router, so that there is one place where errors are told.

use actix_web::{
    Error, HttpMessage, HttpResponse, ResponseError,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header},
    middleware::Next,
    web,
};
use arc_swap::ArcSwap;

use super::{answer::at_once, cors, form, negotiate::Form};
use crate::{
    http::{Api, Scope, observe::Prepared},
    ticketview::Served,
};

/// Middleware for the whole application.
pub(in crate::http) async fn front(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let Some((connection, below)) = address(request.path()) else { return next.call(request).await };
    let Some(api) = request.app_data::<web::Data<ArcSwap<Api>>>().map(|api| api.load_full()) else {
        return next.call(request).await;
    };
    let answer = prepared(&api, &request, connection, below);
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else {
        return match answer {
            Some(answer) => Ok(request.into_response(answer)),
            None => next.call(request).await,
        };
    };
    let connection = connection.to_owned();
    let mut answer = match answer {
        Some(answer) => request.into_response(answer),
        None if cors::is_preflight(request.method(), request.headers()) => {
            request.into_response(cors::preflight())
        }
        None => next.call(request).await?,
    };
    api.origins.open(&connection, &origin, answer.headers_mut());
    Ok(answer)
}

/// The connection and what follows it, of an address of ticket views in either shape.
fn address(path: &str) -> Option<(&str, &str)> {
    let (connection, below) = path.strip_prefix("/v1/connections/")?.split_once('/')?;
    let ours = below.starts_with("ticketviews") || below.starts_with("bangwo8/");
    ours.then_some((connection, below))
}

/// The answer, if it lies prepared and the key fits.
fn prepared(api: &Api, request: &ServiceRequest, connection: &str, below: &str) -> Option<HttpResponse> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || !request.query_string().is_empty() {
        return None;
    }
    let question = Question::read(below).filter(|question| question.takes(request.headers()))?;
    let request = request.request();
    let key = api.keys.shown(request).ok()?;
    key.permits(connection, Scope::Read).ok()?;
    let answer = at_once(request, &question.ask(api, connection)?)?;
    request.extensions_mut().insert(Prepared(question.route()));
    // Not before: what is left to the router is counted there.
    let admitted = api.keys.admit(key, connection, Scope::Read);
    Some(admitted.map_or_else(|problem| problem.error_response(), |()| answer))
}

/// What is asked most.
enum Question<'a> {
    List,
    Counts,
    One(&'a str),
    Tickets(&'a str),
    Count(&'a str),
}

impl<'a> Question<'a> {
    fn read(below: &'a str) -> Option<Self> {
        let mut parts = below.split('/');
        let question = match (parts.next()?, parts.next(), parts.next()) {
            ("ticketviews", None, _) => Self::List,
            ("ticketviews", Some("counts"), None) => Self::Counts,
            ("ticketviews", Some(id), None) => Self::One(id),
            ("ticketviews", Some(id), Some("tickets")) => Self::Tickets(id),
            ("ticketviews", Some(id), Some("count")) => Self::Count(id),
            _ => return None,
        };
        parts.next().is_none().then_some(question)
    }
}

impl Question<'_> {
    /// Tickets come in several forms, of which one lies prepared.
    fn takes(&self, headers: &header::HeaderMap) -> bool {
        !matches!(self, Self::Tickets(_)) || matches!(form(headers), Ok(Form::Json))
    }

    /// As the router has it.
    fn route(&self) -> &'static str {
        match self {
            Self::List => "/v1/connections/{connection}/ticketviews",
            Self::Counts => "/v1/connections/{connection}/ticketviews/counts",
            Self::One(_) => "/v1/connections/{connection}/ticketviews/{id}",
            Self::Tickets(_) => "/v1/connections/{connection}/ticketviews/{id}/tickets",
            Self::Count(_) => "/v1/connections/{connection}/ticketviews/{id}/count",
        }
    }

    fn ask(&self, api: &Api, connection: &str) -> Option<Served> {
        match self {
            Self::List => api.views.list(connection).ok(),
            Self::Counts => api.views.counts(connection, None).ok(),
            Self::One(id) => api.views.one(connection, id).ok(),
            Self::Tickets(id) => api.views.first_tickets(connection, id),
            Self::Count(id) => api.views.count(connection, id).ok(),
        }
    }
}
