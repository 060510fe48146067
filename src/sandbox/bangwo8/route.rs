//! Which endpoint a request is for, and who may call it.

use super::Call;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    ListTickets,
    CreateTicket,
    ReadTicket(String),
    ReadTicketV2(String),
    UpdateTicket(String),
    TicketFields,
    TicketFields2,
    TicketTemplates,
    Supports,
    ListViews,
    ReadView(String),
    ViewTickets(String),
    ViewCount(String),
    ViewCounts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permission {
    Administrator,
    AnyAgent,
}

impl Route {
    pub(crate) fn of(call: &Call) -> Option<Self> {
        let path = call.path.strip_prefix("/api/v1/")?.strip_suffix(".json")?;
        let segments: Vec<&str> = path.split('/').collect();
        match (call.method.as_str(), segments.as_slice()) {
            ("GET", ["tickets"]) => Some(Self::ListTickets),
            ("POST", ["tickets"]) => Some(Self::CreateTicket),
            ("GET", ["tickets", "ticket_fields"]) => Some(Self::TicketFields),
            ("GET", ["tickets", "ticket_fields2"]) => Some(Self::TicketFields2),
            ("GET", ["tickets", id]) => Some(Self::read_ticket(id)),
            ("PUT", ["tickets", id]) => Some(Self::UpdateTicket((*id).to_owned())),
            ("GET", ["tickettemplates"]) => Some(Self::TicketTemplates),
            ("GET", ["supports"]) => Some(Self::Supports),
            ("GET", ["ticketviews"]) => Some(Self::ListViews),
            ("GET", ["ticketviews", "show_many"]) => Some(Self::ViewCounts),
            ("GET", ["ticketviews", id]) => Some(Self::ReadView((*id).to_owned())),
            ("GET", ["ticketviews", id, "tickets"]) => Some(Self::ViewTickets((*id).to_owned())),
            ("GET", ["ticketviews", id, "count"]) => Some(Self::ViewCount((*id).to_owned())),
            _ => None,
        }
    }

    /// Where the documents do not tell (reading, creating and updating one ticket), any agent may.
    pub(crate) fn permission(&self) -> Permission {
        match self {
            Self::ListTickets | Self::TicketTemplates | Self::Supports => Permission::Administrator,
            _ => Permission::AnyAgent,
        }
    }

    fn read_ticket(id: &str) -> Self {
        match id.strip_suffix("_v2") {
            Some(id) => Self::ReadTicketV2(id.to_owned()),
            None => Self::ReadTicket(id.to_owned()),
        }
    }
}
