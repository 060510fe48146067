//! Stored ticket filters of family v1 (§3.7, §3.8): the only way there to read less than everything.

use futures_util::Stream;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::V1;
use crate::udesk::{
    error::Error,
    page::{List, Page, Style},
    request::{Endpoint, Operation, Request},
    scalar::Fields,
    ticket::Ticket,
};

/// A filter that somebody made in the console. Its `tickets_url` is not kept: the vendor's own sample has it
/// pointing at another filter (§2.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TicketFilter {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is enabled.
    pub active: Option<bool>,
    /// Who may use it; `All` is the only documented value.
    pub permission: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

impl TicketFilter {
    fn read(raw: &RawValue) -> Option<TicketFilter> {
        let fields = Fields::of(raw)?;
        Some(TicketFilter {
            id: fields.id("id")?,
            name: fields.text("name"),
            description: fields.text("description"),
            active: fields.flag("active"),
            permission: fields.text("permission"),
            created_at: fields.time("created_at"),
            updated_at: fields.time("updated_at"),
        })
    }
}

impl V1 {
    /// The filters of one agent, or all of the company's: `GET /api/v1/ticket_filters.json` (§3.7). The list
    /// has no pages.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticket_filters(&self, agent_id: Option<u64>) -> Result<Vec<TicketFilter>, Error> {
        let endpoint = Endpoint::v1("GET", "/api/v1/ticket_filters.json", Operation::ReadByFilter);
        let request = Request::read(endpoint, agent(agent_id));
        self.0.send(&request, |answer| answer.list("contents", TicketFilter::read)).await
    }

    /// One page of what a filter finds for an agent (for the administrator if there is none):
    /// `GET /api/v1/ticket_filters/:id/tickets.json` (§3.8).
    ///
    /// # Errors
    /// Any [`Error`] of a read; [`Rejected`](Error::Rejected) for an unknown filter or agent.
    pub async fn filter_tickets_page(
        &self,
        filter_id: u64,
        agent_id: Option<u64>,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Ticket>, Error> {
        self.0.page(&tickets(filter_id, agent_id), page, per_page).await
    }

    /// All that a filter finds, page after page as they are asked for (§3.8).
    pub fn filter_tickets(
        &self,
        filter_id: u64,
        agent_id: Option<u64>,
    ) -> impl Stream<Item = Result<Ticket, Error>> + Send + use<> {
        self.0.walk(tickets(filter_id, agent_id))
    }
}

fn tickets(filter_id: u64, agent_id: Option<u64>) -> List<Ticket> {
    let path = format!("/api/v1/ticket_filters/{filter_id}/tickets.json");
    let endpoint = Endpoint::v1("GET", path, Operation::ReadByFilter);
    List { query: agent(agent_id), ..List::new(endpoint, Style::V1, "contents", Ticket::bare) }
}

fn agent(id: Option<u64>) -> Vec<(&'static str, String)> {
    id.map(|id| ("agent_id", id.to_string())).into_iter().collect()
}
