//! Ticket templates, which decide what fields a ticket has (§7.5).

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{client::Client, error::Error, query::Query, request::Request, scalar::Fields};

/// A ticket template. Which fields it contains cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TicketTemplate {
    /// `tId`, which is the `ticketTemplateId` of tickets.
    pub id: String,
    /// `url`: the address of the resource.
    pub url: Option<String>,
    /// `ticketTemplateName`.
    pub name: Option<String>,
    /// `ticketTemplateDescription`.
    pub description: Option<String>,
    /// `visibleRange`: who sees it: all support agents (1), a group (2), one agent (3) or the current user (4), which
    /// is whoever set it up.
    pub visible_range: Option<u8>,
    /// `servicerGroupId`: the group that sees it, in range 2.
    pub servicer_group_id: Option<String>,
    /// `servicerId`: the support agent who sees it, in range 3.
    pub servicer_id: Option<String>,
    /// `creatorId`: the support agent who made it.
    pub creator_id: Option<String>,
    /// `isReleased`: whether it has a public form.
    pub released: Option<bool>,
    /// `createDT`.
    pub created_at: Option<Timestamp>,
}

impl Client {
    /// All ticket templates: `GET /tickettemplates.json` (§7.5); needs an administrator. No paging is documented.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn ticket_templates(&self) -> Result<Vec<TicketTemplate>, Error> {
        let request = Request::read(&["tickettemplates"], Query::new());
        self.send(&request, |answer| answer.list("tickettemplates", |item| self.read_template(item))).await
    }

    fn read_template(&self, value: &Value) -> Option<TicketTemplate> {
        let fields = Fields::of(value, self.time_zone())?;
        Some(TicketTemplate {
            id: fields.id("tId")?,
            url: fields.text("url"),
            name: fields.text("ticketTemplateName"),
            description: fields.text("ticketTemplateDescription"),
            visible_range: fields.number("visibleRange"),
            servicer_group_id: fields.id("servicerGroupId"),
            servicer_id: fields.id("servicerId"),
            creator_id: fields.id("creatorId"),
            released: fields.flag("isReleased"),
            created_at: fields.time("createDT"),
        })
    }
}
