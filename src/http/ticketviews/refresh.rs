//! `POST …/ticketviews/{id}/refresh`: an operator doesn't want to wait until a view is due.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::Answer;
use crate::{
    http::{
        InForce, Scope,
        audit::{Deed, permitted},
        intake::wait_preference,
        problem::Problem,
        query::Query,
    },
    store::Action,
    ticketview::{Id, Refreshed},
};

#[derive(Serialize)]
struct Body<'a> {
    ticketview_id: Id,
    /// `asked` or `read`.
    status: &'a str,
    /// Whether something was new; `null` while that isn't known.
    changed: Option<bool>,
}

/// 202 when it is asked for; with `Prefer: wait=N`, 200 if it was read in time.
pub(in crate::http) async fn refresh(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Answer {
    let (connection, id) = path.into_inner();
    permitted(&api, &request, &connection, Scope::Operate, Action::RefreshTicketview).await?;
    Query::none(&request)?;
    let wait = wait_preference(request.headers());
    let (of, view) = (connection.clone(), id.clone());
    let reading = async move |api: InForce| {
        Ok((api.views.refresh(&of, &view, wait.unwrap_or(Duration::ZERO)).await?, 1))
    };
    let deed = Deed::new(Action::RefreshTicketview, &connection).to(id.as_str());
    let refreshed = api.audit(&request, deed, reading).await?;
    match (wait, refreshed) {
        (Some(wait), Refreshed::Read { changed }) => {
            let applied = ("preference-applied", format!("wait={}", wait.as_secs()));
            let body = Body { ticketview_id: Id::new(&id), status: "read", changed: Some(changed) };
            Ok(HttpResponse::Ok().insert_header(applied).json(body))
        }
        (Some(_), Refreshed::Failed { reason }) => {
            let detail =
                format!("Bangwo8 could not be read ({reason}); what was read before is still served");
            Err(Problem::new("refresh_failed", detail))
        }
        (None, _) | (_, Refreshed::Asked) => {
            let body = Body { ticketview_id: Id::new(&id), status: "asked", changed: None };
            Ok(HttpResponse::Accepted().json(body))
        }
    }
}
