//! Ticket templates, which decide what fields a ticket has (§7.5).

use jiff::Timestamp;
use serde_json::Value;

use super::{client::Client, error::Error, query::Query, request::Request, scalar::Fields};

/// A ticket template. Which fields it contains cannot be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketTemplate {
    /// `tId`, which is the `ticketTemplateId` of tickets.
    pub id: String,
    /// `ticketTemplateName`.
    pub name: Option<String>,
    /// `ticketTemplateDescription`.
    pub description: Option<String>,
    /// `isReleased`: whether it has a public form.
    pub released: Option<bool>,
    /// `createDT`.
    pub created_at: Option<Timestamp>,
}

impl Client {
    /// All ticket templates; needs an administrator.
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
            name: fields.text("ticketTemplateName"),
            description: fields.text("ticketTemplateDescription"),
            released: fields.flag("isReleased"),
            created_at: fields.time("createDT"),
        })
    }
}
