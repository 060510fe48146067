//! Calls as they would be sent, for whoever wants to look before sending. They are made by the same code as those that
//! are sent; only the `Requestid` and the authorization are missing.

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::Value;

use super::{
    companies,
    company::CompanyId,
    company_write::CompanyWrite,
    field_options::{self, OptionRef, OptionWrite},
    query::Query,
    request::Endpoint,
    ticket::TicketId,
    ticket_write::TicketWrite,
    tickets,
};

/// One call that was not sent. It shows what it would carry: not for logs.
#[derive(Clone, PartialEq, Serialize)]
pub struct Draft {
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path without the base URL's own prefix, not encoded: an id in braces stands for one that nobody knows yet.
    pub path: String,
    /// The query's parameters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// The JSON body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

impl Draft {
    /// What [`create_ticket`](super::Client::create_ticket) sends.
    pub fn create_ticket(ticket: &TicketWrite) -> Draft {
        Draft::write(tickets::creation(ticket))
    }

    /// What [`update_ticket`](super::Client::update_ticket) sends.
    pub fn update_ticket(id: &TicketId, ticket: &TicketWrite) -> Draft {
        Draft::write(tickets::change(id, ticket))
    }

    /// What [`reply_ticket`](super::Client::reply_ticket) sends.
    pub fn reply_ticket(id: &TicketId, text: &str) -> Draft {
        Draft::write(tickets::reply(id, text))
    }

    /// What [`create_company`](super::Client::create_company) sends.
    pub fn create_company(company: &CompanyWrite) -> Draft {
        Draft::write(companies::creation(company))
    }

    /// What [`update_company`](super::Client::update_company) sends.
    pub fn update_company(id: &CompanyId, company: &CompanyWrite) -> Draft {
        Draft::write(companies::change(id, company))
    }

    /// Where [`company_named`](super::Client::company_named) looks.
    pub fn company_search() -> Draft {
        Draft::new(Endpoint::get(&["companies", "search"]), Query::new(), None)
    }

    /// What [`ticket_fields`](super::Client::ticket_fields) asks.
    pub fn ticket_fields() -> Draft {
        Draft::new(Endpoint::get(&["tickets", "ticket_fields"]), Query::new(), None)
    }

    /// What [`replace_field_options`](super::Client::replace_field_options) sends.
    pub fn replace_field_options(column_id: &str, options: &[OptionWrite]) -> Draft {
        Draft::write(field_options::replacement(column_id, options))
    }

    /// What [`upsert_field_options`](super::Client::upsert_field_options) sends.
    pub fn upsert_field_options(column_id: &str, options: &[OptionWrite]) -> Draft {
        Draft::write(field_options::upsert(column_id, options))
    }

    /// What [`delete_field_option`](super::Client::delete_field_option) sends.
    pub fn delete_field_option(column_id: &str, option: &OptionRef) -> Draft {
        let (endpoint, query) = field_options::removal(column_id, option);
        Draft::new(endpoint, query, None)
    }

    fn write((endpoint, body): (Endpoint, impl Serialize)) -> Draft {
        Draft::new(endpoint, Query::new(), serde_json::to_value(body).ok())
    }

    fn new(endpoint: Endpoint, query: Query, body: Option<Value>) -> Draft {
        let path = percent_decode_str(&endpoint.path).decode_utf8_lossy().into_owned();
        let query = query.0.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Draft { method: endpoint.method.as_str(), path, query, body }
    }
}
