//! `GET …/ticketviews/{id}/changes?since=`: what changed in a view, in full.

use actix_web::{HttpRequest, web};

use super::{
    Answer,
    answer::{accepted, answer, tags},
};
use crate::{
    http::{
        InForce, Scope,
        events::allowed,
        problem::Problem,
        query::{INVALID, Query},
    },
    ticketview::CursorError,
};

/// 200, or 304 without so much as a look at what changed.
pub(in crate::http) async fn changes(
    api: InForce,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Answer {
    let (connection, id) = path.into_inner();
    allowed(&api, &request, &connection, Scope::Read)?;
    let since = api.views.since(&connection, &id, cursor(&request)?).await?;
    if tags(&request).is_some_and(|mut tags| tags.any(|tag| tag == "*" || since.is_known_by(tag))) {
        return Ok(answer(&request, &since.unread()));
    }
    let served = since.changes().await?;
    let (body, encoding) = (served.body.clone(), accepted(&request));
    // Megabytes, perhaps: others go on meanwhile.
    let coded = web::block(move || {
        body.in_encoding(encoding);
    });
    coded.await.map_err(|_| Problem::new("overloaded", "the service is stopping"))?;
    Ok(answer(&request, &served))
}

fn cursor(request: &HttpRequest) -> Result<i64, Problem> {
    let missing = "since: a cursor is needed, from an answer with tickets, or 0 for everything";
    let cursor = Query::read(request, &["since"])?.number("since", 0..=u64::MAX)?;
    let cursor = cursor.ok_or_else(|| Problem::new(INVALID, missing))?;
    Ok(i64::try_from(cursor).unwrap_or(i64::MAX))
}

impl From<CursorError> for Problem {
    fn from(error: CursorError) -> Self {
        let detail = error.to_string();
        match error {
            CursorError::Expired(_)
            | CursorError::TooMany(_)
            | CursorError::TooLarge
            | CursorError::TooManyVersions(_) => Self::new("cursor_expired", detail),
            CursorError::Behind { retry_after_s, .. } => {
                Self::new("snapshot_pending", detail).retry_after(retry_after_s)
            }
            CursorError::Unknown(_) => Self::new("unknown_cursor", detail),
            CursorError::Unavailable(error) => error.into(),
        }
    }
}

/// What it is answered by a stream, too.
pub(super) fn code(error: &CursorError) -> &'static str {
    match error {
        CursorError::Unknown(_) => "unknown_cursor",
        _ => "cursor_expired",
    }
}
