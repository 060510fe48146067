//! Ticket views out, from snapshots.

mod answer;
mod cors;
mod front;
mod negotiate;

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use serde::Deserialize;

use self::answer::answer;
pub use self::cors::Origins;
pub(super) use self::front::front;
use super::{InForce, Scope, events::allowed, problem::Problem};
use crate::ticketview::{MAX_PER_PAGE, PER_PAGE};

type Answer = Result<HttpResponse, Problem>;
type Query<T> = Result<web::Query<T>, actix_web::Error>;

/// The code of a query that can't be read.
const INVALID: &str = "invalid_query";

/// What a route of ours that is read takes.
const READ_METHODS: &str = "GET, HEAD, OPTIONS";

pub(super) async fn list(api: InForce, request: HttpRequest, connection: web::Path<String>) -> Answer {
    allowed(&api, &request, &connection, Scope::Read)?;
    Ok(answer(&request, &api.views.list(&connection)?))
}

pub(super) async fn one(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    Ok(answer(&request, &api.views.one(&connection, &id)?))
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
    query: Query<PageQuery>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = read(query)?;
    let (page, per_page) = (query.page.unwrap_or(1), query.per_page.unwrap_or(PER_PAGE));
    if page == 0 || !(1..=MAX_PER_PAGE).contains(&per_page) {
        let rule = format!("page counts from 1, and per_page is 1 to {MAX_PER_PAGE}");
        return Err(Problem::new(INVALID, rule));
    }
    Ok(answer(&request, &api.views.tickets(&connection, &id, page, per_page)?))
}

pub(super) async fn count(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    Ok(answer(&request, &api.views.count(&connection, &id)?))
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
    query: Query<CountsQuery>,
) -> Answer {
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = read(query)?;
    let ids: Option<Vec<&str>> = query.ids.as_deref().map(|ids| ids.split(',').map(str::trim).collect());
    Ok(answer(&request, &api.views.counts(&connection, ids.as_deref())?))
}

/// Any other method of an address that is read.
pub(super) async fn only_read(request: HttpRequest) -> Answer {
    wrong_method(&request, READ_METHODS)
}

/// `OPTIONS` asks what there is; any other method is wrong.
fn wrong_method(request: &HttpRequest, allowed: &'static str) -> Answer {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header(("allow", allowed)).finish());
    }
    Err(Problem::method_not_allowed(request.method().as_str(), allowed))
}

fn read<T>(query: Query<T>) -> Result<T, Problem> {
    query.map(web::Query::into_inner).map_err(|error| Problem::new(INVALID, error.to_string()))
}
