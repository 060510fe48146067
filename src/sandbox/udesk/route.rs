//! Which endpoint a request is for. The `.json` suffix may be left out everywhere.

use crate::sandbox::call::Call;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    ListTickets,
    CustomerTickets,
    ReadTicket(String),
    TicketFields,
}

impl Route {
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let path = call.path.strip_suffix(".json").unwrap_or(&call.path);
        let segments: Vec<&str> = path.strip_prefix("/api/")?.split('/').collect();
        match (call.method.as_str(), segments.as_slice()) {
            ("GET", ["v1", "tickets"]) => Some(Self::ListTickets),
            ("POST", ["v1", "tickets", "get"]) => Some(Self::CustomerTickets),
            ("GET", ["v1", "tickets", id]) => Some(Self::ReadTicket((*id).to_owned())),
            ("GET", ["v2", "ticket_fields"]) => Some(Self::TicketFields),
            _ => None,
        }
    }
}
