//! One ticket, by its two endpoints.

use serde_json::json;

use super::desk::Desk;
use super::render::{self, Shape};
use super::{Admitted, Answer, Rejection, Reply};
use crate::sandbox::switches::SingleTicketForm;

/// `GET /tickets/{id}.json`.
pub(crate) fn v1(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let ticket = desk.ticket(admitted.id).ok_or(Rejection::NotFound)?;
    let wire = render::ticket(ticket, desk, admitted, Shape::Single);
    Ok(Reply::ok(match admitted.switches.single_ticket_v1 {
        SingleTicketForm::Array => json!({"ticket": [wire]}),
        SingleTicketForm::Object => json!({"ticket": wire}),
    }))
}

/// `GET /tickets/{id}_v2.json`.
pub(crate) fn v2(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let ticket = desk.ticket(admitted.id).ok_or(Rejection::NotFound)?;
    Ok(Reply::ok(json!({"ticket": render::ticket(ticket, desk, admitted, Shape::SingleV2)})))
}
