//! Bangwo8's own addresses and shapes, errors included, so that a tool that was written for Bangwo8 needs another base
//! address and nothing else. Only ticket views are here, and only to be read.

use std::fmt;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{StatusCode, header, uri::Authority},
    web,
};
use serde::Deserialize;
use serde_json::json;

use super::answer::{answer, large};
use crate::{
    http::{InForce, Scope, events::known_connection, problem::Problem},
    ticketview::{MAX_PER_PAGE, PER_PAGE, Page, Unavailable},
};

type Answer = Result<HttpResponse, Rejection>;
type Query<T> = Result<web::Query<T>, actix_web::Error>;

/// The value of `fields` that asks for counts beside views.
const WITH_COUNTS: &str = "show_tickets_num";
/// The longest name of a host (RFC 1035, 2.3.4): nothing longer is said back.
const LONGEST_HOST: usize = 255;
/// What Bangwo8 answers to an address that means nothing.
const NO_SUCH_THING: (&str, &str) = ("100047", "Invalid resource URI");

/// A problem in the vendor's words.
#[derive(Debug)]
pub(in crate::http) struct Rejection(Problem);

#[derive(Deserialize, Default)]
pub(in crate::http) struct FieldsQuery {
    fields: Option<String>,
}

impl FieldsQuery {
    fn counts(&self) -> bool {
        self.fields
            .as_deref()
            .is_some_and(|fields| fields.split(',').any(|field| field.trim() == WITH_COUNTS))
    }
}

/// Text, because the vendor takes anything there: what is no number is as good as nothing.
#[derive(Deserialize, Default)]
pub(in crate::http) struct PageQuery {
    page: Option<String>,
    per_page: Option<String>,
}

impl PageQuery {
    fn page(&self) -> Page {
        let number = |text: &Option<String>| text.as_deref().and_then(|text| text.trim().parse().ok());
        let size = number(&self.per_page).unwrap_or(PER_PAGE).clamp(1, MAX_PER_PAGE);
        Page { number: number(&self.page).unwrap_or(1).max(1), size }
    }
}

#[derive(Deserialize, Default)]
pub(in crate::http) struct IdsQuery {
    #[serde(default)]
    ids: String,
}

/// `GET /ticketviews.json`.
pub(in crate::http) async fn list(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    query: Query<FieldsQuery>,
) -> Answer {
    allowed(&api, &request, &connection)?;
    Ok(answer(&request, &api.views.wire_list(&connection, lenient(query).counts())?))
}

/// `GET /ticketviews/{id}.json`.
pub(in crate::http) async fn one(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: Query<FieldsQuery>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection)?;
    Ok(answer(&request, &api.views.wire_one(&connection, &id, lenient(query).counts())?))
}

/// `GET /ticketviews/{id}/tickets.json`.
pub(in crate::http) async fn tickets(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    query: Query<PageQuery>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection)?;
    let page = lenient(query).page();
    let served = api.views.wire_tickets(&connection, &id, page, &address(&request)).await?;
    Ok(large(&request, &served).await)
}

/// `GET /ticketviews/{id}/count.json`.
pub(in crate::http) async fn count(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection)?;
    Ok(answer(&request, &api.views.wire_count(&connection, &id)?))
}

/// `GET /ticketviews/show_many.json?ids=`, which the document's sample writes with braces.
pub(in crate::http) async fn counts(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    query: Query<IdsQuery>,
) -> Answer {
    allowed(&api, &request, &connection)?;
    let query = lenient(query);
    let ids: Vec<&str> = query.ids.trim_matches(['{', '}']).split(',').map(str::trim).collect();
    Ok(answer(&request, &api.views.wire_counts(&connection, &ids)?))
}

/// A problem as it is told there.
pub(in crate::http) fn refuse(problem: Problem) -> HttpResponse {
    Rejection(problem).error_response()
}

/// The address that was asked for, without its query; only its path where the host as the reader or a proxy has it is
/// none.
fn address(request: &HttpRequest) -> String {
    let (path, info) = (request.path(), request.connection_info());
    let (scheme, host) = (info.scheme(), info.host());
    let is_host = host.len() <= LONGEST_HOST && !host.contains('@') && host.parse::<Authority>().is_ok();
    if is_host && matches!(scheme, "http" | "https") {
        format!("{scheme}://{host}{path}")
    } else {
        path.to_owned()
    }
}

/// What can't be read at all is taken for nothing, as the vendor takes it.
fn lenient<T: Default>(query: Query<T>) -> T {
    query.map(web::Query::into_inner).unwrap_or_default()
}

fn allowed(api: &InForce, request: &HttpRequest, connection: &str) -> Result<(), Problem> {
    api.keys.require_or_basic(request, connection, Scope::Read)?;
    known_connection(api, connection)
}

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Unavailable> for Rejection {
    fn from(error: Unavailable) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    /// `{"errcode","errmsg"}`, of the vendor's shapes the one that it uses for what is wrong with a request as such.
    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let (code, message) = match status {
            StatusCode::NOT_FOUND => {
                (NO_SUCH_THING.0.to_owned(), format!("{}: {}", NO_SUCH_THING.1, self.0.detail()))
            }
            status => (status.as_u16().to_string(), self.0.detail().to_owned()),
        };
        let mut answer = self.0.error_response();
        if status == StatusCode::UNAUTHORIZED {
            let basic = header::HeaderValue::from_static("Basic realm=\"deskbridge\"");
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
        }
        answer
            .headers_mut()
            .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        answer.set_body(actix_web::body::BoxBody::new(
            json!({ "errcode": code, "errmsg": message }).to_string(),
        ))
    }
}
