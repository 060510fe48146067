//! Ticket views (§6.8).

use super::desk::Desk;
use crate::support::{Check, checks};

pub(crate) const CHECKS: &[Check<Desk>] = checks![ticketviews_list];

async fn ticketviews_list(desk: &Desk) {
    let views = desk.agent.list_ticketviews().await.unwrap();
    let ids: Vec<&str> = views.iter().map(|view| view.id.as_str()).collect();
    assert_eq!(ids, ["10", "13", "15", "17", "2", "3", "4", "5", "6", "7", "8", "9"]);
}
