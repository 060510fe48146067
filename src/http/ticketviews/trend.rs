//! `GET …/ticketviews/{id}/trend`: how many tickets a view had over time.

use std::time::Duration;

use actix_web::{HttpRequest, web};
use jiff::Timestamp;

use super::{Answer, answer::answer};
use crate::{
    http::{
        Api, InForce, Scope,
        events::allowed,
        problem::Problem,
        query::{INVALID, Query},
    },
    ticketview::Span,
};

/// How far back it goes unless asked otherwise.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(in crate::http) async fn trend(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let span = span(&api, &request)?;
    Ok(answer(&request, &api.views.trend(&connection, &id, span).await?))
}

fn span(api: &Api, request: &HttpRequest) -> Result<Span, Problem> {
    let query = Query::read(request, &["since", "until", "every"])?;
    let until = query.time("until")?.unwrap_or_else(|| next_second((api.clock)()));
    let since = match query.time("since")? {
        Some(since) => since,
        None => until.saturating_sub(A_DAY).unwrap_or(until),
    };
    let every = query.number("every", 1..=u64::MAX)?;
    Span::new(since, until, every).map_err(|why| Problem::new(INVALID, why))
}

/// So that points stand at whole seconds, and what is known now is among them.
fn next_second(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() + 1).unwrap_or(now)
}
