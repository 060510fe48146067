//! `GET …/ticketviews/{id}/trend`: how many tickets a view had over time.

use std::time::Duration;

use actix_web::{HttpRequest, web};
use serde::Deserialize;

use super::{Answer, INVALID, Query, answer::answer, read};
use crate::{
    http::{Api, InForce, Scope, events::allowed, filter::parsed, problem::Problem},
    ticketview::Span,
};

/// How far back it goes unless asked otherwise.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TrendQuery {
    since: Option<String>,
    until: Option<String>,
    /// Seconds.
    every: Option<String>,
}

pub(in crate::http) async fn trend(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: Query<TrendQuery>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let span = span(&api, read(query)?)?;
    Ok(answer(&request, &api.views.trend(&connection, &id, span).await?))
}

fn span(api: &Api, query: TrendQuery) -> Result<Span, Problem> {
    let until = parsed(INVALID, "until", query.until)?.unwrap_or_else(api.clock);
    let since = match parsed(INVALID, "since", query.since)? {
        Some(since) => since,
        None => until.saturating_sub(A_DAY).unwrap_or(until),
    };
    let every = parsed(INVALID, "every", query.every)?;
    Span::new(since, until, every).map_err(|why| Problem::new(INVALID, why))
}
