//! Ticket views out, from snapshots.

mod answer;
mod changes;
pub(super) mod compatible;
mod cors;
mod export;
mod front;
mod negotiate;
mod refresh;
mod stream;
mod token;
mod trend;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web,
};
use jiff::Timestamp;
use serde::Deserialize;

pub use self::cors::Origins;
use self::{
    answer::{answer, large},
    negotiate::Form,
};
pub(super) use self::{
    changes::changes,
    front::front,
    refresh::{only_post, refresh},
    stream::{only_get, stream},
    token::{create as create_token, only_create},
    trend::trend,
};
use super::{Api, InForce, Scope, events::allowed, filter::parsed, problem::Problem};
use crate::ticketview::{Lines, MAX_PER_PAGE, PER_PAGE, Page};

type Answer = Result<HttpResponse, Problem>;
type Query<T> = Result<web::Query<T>, actix_web::Error>;

/// The code of a query that can't be read.
const INVALID: &str = "invalid_query";

/// What an address that is read takes.
const READ_METHODS: &str = "GET, HEAD, OPTIONS";

/// What every address takes that tells of what was, too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenQuery {
    as_of: Option<String>,
}

pub(super) async fn list(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    query: Query<WhenQuery>,
) -> Answer {
    allowed(&api, &request, &connection, Scope::Read)?;
    let served = match as_of(&api, read(query)?.as_of)? {
        None => api.views.list(&connection)?,
        Some(at) => api.views.as_of(&connection, at)?.list().await?,
    };
    Ok(large(&request, &served).await)
}

pub(super) async fn one(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: Query<WhenQuery>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let served = match as_of(&api, read(query)?.as_of)? {
        None => api.views.one(&connection, &id)?,
        Some(at) => api.views.as_of(&connection, at)?.one(&id).await?,
    };
    Ok(answer(&request, &served))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TicketsQuery {
    page: Option<usize>,
    per_page: Option<usize>,
    as_of: Option<String>,
    bom: Option<bool>,
    names: Option<bool>,
}

/// A page as JSON or, if the reader prefers a form of lines, all of them.
pub(super) async fn tickets(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: Query<TicketsQuery>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = read(query)?;
    let at = as_of(&api, query.as_of.clone())?;
    if let Some(lines) = lines(form(request.headers())?, &query)? {
        let export = api.views.export(&connection, &id, at, lines).await?;
        return Ok(export::answer(&request, export, lines));
    }
    let page = page(&query)?;
    let served = match at {
        None => api.views.tickets(&connection, &id, page).await?,
        Some(at) => api.views.as_of(&connection, at)?.tickets(&id, page).await?,
    };
    Ok(large(&request, &served).await)
}

/// How the lines are written, if it is lines that are wanted. They are of all tickets: a page of them has no meaning.
fn lines(form: Form, query: &TicketsQuery) -> Result<Option<Lines>, Problem> {
    let TicketsQuery { page, per_page, bom, names, .. } = query;
    let lines = match form {
        Form::Json => None,
        Form::Ndjson => Some(Lines::Ndjson),
        Form::Csv => Some(Lines::Csv { bom: bom.unwrap_or(false), names: names.unwrap_or(false) }),
    };
    let of_csv = bom.is_some() || names.is_some();
    if of_csv && form != Form::Csv {
        return Err(Problem::new(INVALID, "bom and names are of CSV: send Accept: text/csv"));
    }
    if lines.is_some() && (page.is_some() || per_page.is_some()) {
        return Err(Problem::new(INVALID, "lines are of all tickets: leave out page and per_page"));
    }
    Ok(lines)
}

fn page(query: &TicketsQuery) -> Result<Page, Problem> {
    let page = Page { number: query.page.unwrap_or(1), size: query.per_page.unwrap_or(PER_PAGE) };
    if page.number == 0 || !(1..=MAX_PER_PAGE).contains(&page.size) {
        let rule = format!("page counts from 1, and per_page is 1 to {MAX_PER_PAGE}");
        return Err(Problem::new(INVALID, rule));
    }
    Ok(page)
}

fn form(headers: &header::HeaderMap) -> Result<Form, Problem> {
    let accept = headers.get(header::ACCEPT).map(|accept| accept.to_str().unwrap_or_default());
    negotiate::form(accept).ok_or_else(|| {
        Problem::new("not_acceptable", "there is application/json, application/x-ndjson and text/csv")
    })
}

pub(super) async fn count(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: Query<WhenQuery>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let served = match as_of(&api, read(query)?.as_of)? {
        None => api.views.count(&connection, &id)?,
        Some(at) => api.views.as_of(&connection, at)?.count(&id).await?,
    };
    Ok(answer(&request, &served))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountsQuery {
    ids: Option<String>,
    as_of: Option<String>,
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
    let served = match as_of(&api, query.as_of.clone())? {
        None => api.views.counts(&connection, ids.as_deref())?,
        Some(at) => api.views.as_of(&connection, at)?.counts(ids.as_deref()).await?,
    };
    Ok(large(&request, &served).await)
}

/// Any other method of an address that is read.
pub(super) async fn only_read(request: HttpRequest) -> Answer {
    wrong_method(&request, READ_METHODS)
}

/// `OPTIONS` asks what there is; any other method is wrong.
fn wrong_method(request: &HttpRequest, allowed: &'static str) -> Answer {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((header::ALLOW, allowed)).finish());
    }
    Err(Problem::method_not_allowed(request.method().as_str(), allowed))
}

/// A moment that was, if one is asked for.
fn as_of(api: &Api, text: Option<String>) -> Result<Option<Timestamp>, Problem> {
    let at = parsed::<Timestamp>(INVALID, "as_of", text)?;
    if at.is_some_and(|at| at > (api.clock)()) {
        return Err(Problem::new(INVALID, "as_of: that is yet to come"));
    }
    Ok(at)
}

fn read<T>(query: Query<T>) -> Result<T, Problem> {
    query.map(web::Query::into_inner).map_err(|error| Problem::new(INVALID, error.to_string()))
}
