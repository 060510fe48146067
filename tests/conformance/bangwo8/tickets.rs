//! Reading, creating, changing and answering tickets (§6.4 to §6.6).

use deskbridge::bangwo8::TicketId;

use super::desk::Desk;
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![ticket_reads_every_field, ticket_unknown_is_not_found];

async fn ticket_reads_every_field(desk: &Desk) {
    let ticket = desk.agent.ticket(&TicketId::new("4987103")).await.unwrap();
    assert_eq!(ticket.subject.as_deref(), Some("咨询企业版报价"));
}

async fn ticket_unknown_is_not_found(desk: &Desk) {
    let error = desk.admin.ticket(&TicketId::new("999")).await.unwrap_err();
    assert_eq!(error.code(), "not_found");
}
