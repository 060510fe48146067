//! One ticket, by its two endpoints.

use serde_json::json;

use super::desk::Desk;
use super::render::{self, Shape};
use super::{Admitted, Answer, Rejection, Reply};
use crate::sandbox::switches::{MissingTicket, SingleTicketForm};

/// `GET /tickets/{id}.json`.
pub(crate) fn v1(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let Some(ticket) = desk.ticket(admitted.id, &admitted.switches) else {
        return missing(admitted);
    };
    let wire = render::ticket(&ticket, desk, admitted, Shape::Single);
    Ok(Reply::ok(match admitted.switches.single_ticket_v1 {
        SingleTicketForm::Array => json!({"ticket": [wire]}),
        SingleTicketForm::Object => json!({"ticket": wire}),
    }))
}

/// `GET /tickets/{id}_v2.json`.
pub(crate) fn v2(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let Some(ticket) = desk.ticket(admitted.id, &admitted.switches) else {
        return missing(admitted);
    };
    Ok(Reply::ok(json!({"ticket": render::ticket(&ticket, desk, admitted, Shape::SingleV2)})))
}

fn missing(admitted: &Admitted<'_>) -> Answer {
    match admitted.switches.missing_ticket {
        MissingTicket::NotFound => Err(Rejection::NotFound),
        MissingTicket::EmptyArray => Ok(Reply::ok(json!({"ticket": []}))),
        MissingTicket::NoKey => Ok(Reply::ok(json!({}))),
    }
}
