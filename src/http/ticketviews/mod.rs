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

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use jiff::Timestamp;

pub use self::cors::Origins;
pub(super) use self::{
    answer::tags, changes::changes, front::front, refresh::refresh, stream::stream,
    token::create as create_token, trend::trend,
};
use self::{
    answer::{answer, large},
    negotiate::Form,
};
use super::{
    Api, InForce, Scope,
    events::allowed,
    problem::Problem,
    query::{INVALID, Query},
};
use crate::ticketview::{Lines, MAX_PER_PAGE, PER_PAGE, Page};

type Answer = Result<HttpResponse, Problem>;

/// What every address takes that tells of what was, too.
const AS_OF: &[&str] = &["as_of"];

pub(super) async fn list(api: InForce, request: HttpRequest, connection: web::Path<String>) -> Answer {
    allowed(&api, &request, &connection, Scope::Read)?;
    let served = match as_of(&api, &Query::read(&request, AS_OF)?)? {
        None => api.views.list(&connection)?,
        Some(at) => api.views.as_of(&connection, at)?.list().await?,
    };
    Ok(large(&request, &served).await)
}

pub(super) async fn one(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let served = match as_of(&api, &Query::read(&request, AS_OF)?)? {
        None => api.views.one(&connection, &id)?,
        Some(at) => api.views.as_of(&connection, at)?.one(&id).await?,
    };
    Ok(answer(&request, &served))
}

/// A page as JSON or, if the reader prefers a form of lines, all of them.
pub(super) async fn tickets(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = Query::read(&request, &["page", "per_page", "as_of", "bom", "names"])?;
    let at = as_of(&api, &query)?;
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
fn lines(form: Form, query: &Query) -> Result<Option<Lines>, Problem> {
    let (bom, names) = (query.flag("bom")?, query.flag("names")?);
    let lines = match form {
        Form::Json => None,
        Form::Ndjson => Some(Lines::Ndjson),
        Form::Csv => Some(Lines::Csv { bom: bom.unwrap_or(false), names: names.unwrap_or(false) }),
    };
    let of_csv = bom.is_some() || names.is_some();
    if of_csv && form != Form::Csv {
        return Err(Problem::new(INVALID, "bom and names are of CSV: send Accept: text/csv"));
    }
    if lines.is_some() && (query.text("page").is_some() || query.text("per_page").is_some()) {
        return Err(Problem::new(INVALID, "lines are of all tickets: leave out page and per_page"));
    }
    Ok(lines)
}

fn page(query: &Query) -> Result<Page, Problem> {
    let number = query.number("page", 1..=u64::MAX)?.unwrap_or(1);
    let size = query.number("per_page", 1..=MAX_PER_PAGE as u64)?.map_or(PER_PAGE, |size| size as usize);
    Ok(Page { number: usize::try_from(number).unwrap_or(usize::MAX), size })
}

fn form(headers: &header::HeaderMap) -> Result<Form, Problem> {
    let accept = headers.get(header::ACCEPT).map(|accept| accept.to_str().unwrap_or_default());
    negotiate::form(accept).ok_or_else(|| {
        Problem::new("not_acceptable", "there is application/json, application/x-ndjson and text/csv")
    })
}

pub(super) async fn count(api: InForce, request: HttpRequest, path: web::Path<(String, String)>) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let served = match as_of(&api, &Query::read(&request, AS_OF)?)? {
        None => api.views.count(&connection, &id)?,
        Some(at) => api.views.as_of(&connection, at)?.count(&id).await?,
    };
    Ok(answer(&request, &served))
}

pub(super) async fn counts(api: InForce, request: HttpRequest, connection: web::Path<String>) -> Answer {
    allowed(&api, &request, &connection, Scope::Read)?;
    let query = Query::read(&request, &["ids", "as_of"])?;
    let ids = query.ids("ids")?;
    let ids: Option<Vec<&str>> = ids.as_ref().map(|ids| ids.iter().map(String::as_str).collect());
    let served = match as_of(&api, &query)? {
        None => api.views.counts(&connection, ids.as_deref())?,
        Some(at) => api.views.as_of(&connection, at)?.counts(ids.as_deref()).await?,
    };
    Ok(large(&request, &served).await)
}

/// A moment that was, if one is asked for.
fn as_of(api: &Api, query: &Query) -> Result<Option<Timestamp>, Problem> {
    let at = query.time("as_of")?;
    if at.is_some_and(|at| at > (api.clock)()) {
        return Err(Problem::new(INVALID, "as_of: that is yet to come"));
    }
    Ok(at)
}
