//! `POST …/preview`: an event in, the calls that it would make out. Nothing is stored or sent.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::{
    InForce, Scope,
    events::allowed,
    intake::{media, unreadable},
    problem::Problem,
    query::pairs,
};
use crate::{
    dispatch::Preview,
    event::{EventType, Lane},
    store::LinkKey,
};

#[derive(Serialize)]
struct Body {
    r#type: EventType,
    lane: Lane,
    #[serde(flatten)]
    preview: Preview,
}

/// `{"type","lane","outcome","calls",…}`.
pub(super) async fn preview(
    api: InForce,
    request: HttpRequest,
    connection: web::Path<String>,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, Problem> {
    allowed(&api, &request, &connection, Scope::Read)?;
    let body = body.map_err(|error| unreadable(&error))?;
    let media = media(request.headers(), &pairs(&request))?;
    let event = api.intake.examine(&connection, media, &body)?;
    let rehearsal = api.rehearsals.get(connection.as_str()).ok_or_else(Problem::unknown_connection)?;
    let link = api.store.link(&connection, &LinkKey::from(&event.lane)).await?;
    let preview = rehearsal.preview(event.event_type, event.version, &event.data, link.as_ref());
    Ok(HttpResponse::Ok().json(Body { r#type: event.event_type, lane: event.lane, preview }))
}
