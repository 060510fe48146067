//! Ticket views out, from snapshots.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;

use super::{InForce, Scope, events::allowed, problem::Problem};
use crate::ticketview::{MAX_PER_PAGE, PER_PAGE, Served, Unavailable};

type Answer = Result<HttpResponse, Problem>;

pub(super) async fn list(api: InForce, request: HttpRequest, connection: web::Path<String>) -> Answer {
    allowed(&api, &request, &connection, Scope::Read)?;
    served(&request, api.views.list(&connection))
}

pub(super) async fn one(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    served(&request, api.views.one(&connection, &id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    page: Option<usize>,
    per_page: Option<usize>,
}

pub(super) async fn tickets(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: Result<web::Query<PageQuery>, actix_web::Error>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = query.map_err(|error| Problem::new("invalid_query", error.to_string()))?;
    let (page, per_page) = (query.page.unwrap_or(1), query.per_page.unwrap_or(PER_PAGE));
    if page == 0 || !(1..=MAX_PER_PAGE).contains(&per_page) {
        let rule = format!("page counts from 1, and per_page is 1 to {MAX_PER_PAGE}");
        return Err(Problem::new("invalid_query", rule));
    }
    served(&request, api.views.tickets(&connection, &id, page, per_page).await)
}

pub(super) async fn count(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    served(&request, api.views.count(&connection, &id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountsQuery {
    ids: Option<String>,
}

pub(super) async fn counts(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    query: Result<web::Query<CountsQuery>, actix_web::Error>,
) -> Answer {
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = query.map_err(|error| Problem::new("invalid_query", error.to_string()))?;
    let ids: Option<Vec<&str>> = query.ids.as_deref().map(|ids| ids.split(',').map(str::trim).collect());
    served(&request, api.views.counts(&connection, ids.as_deref()))
}

fn served(request: &HttpRequest, served: Result<Served, Unavailable>) -> Answer {
    let served = served?;
    let known = matches(request, &served.etag);
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((header::ETAG, served.etag))
        .insert_header((header::LAST_MODIFIED, http_date(served.last_modified)))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::AGE, served.age_s.to_string()));
    Ok(if known { answer.finish() } else { answer.content_type("application/json").body(served.body) })
}

/// `If-None-Match`: `*`, or a list of tags, compared weakly as RFC 9110 (13.1.2) has it.
fn matches(request: &HttpRequest, etag: &str) -> bool {
    let sent = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    sent.is_some_and(|sent| {
        sent.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

fn http_date(at: jiff::Timestamp) -> header::HttpDate {
    std::time::SystemTime::from(at).into()
}
