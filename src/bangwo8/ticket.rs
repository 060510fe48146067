//! A ticket as it is read (§6.1).

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    codes::{CREATER_TYPE, Code, PRIORITY_LEVEL, TICKET_SOURCE, TICKET_STATUS, TICKET_TYPE},
    pairs,
    scalar::Fields,
};

/// The id of a ticket: a number so far, kept as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(String);

impl TicketId {
    /// Takes the text as it is; it is encoded wherever it becomes part of a path.
    pub fn new(text: impl Into<String>) -> TicketId {
        TicketId(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A ticket as the vendor returned it. Which fields are there depends on the ticket's template.
///
/// `Debug` shows no text that people wrote.
#[derive(Clone, PartialEq, Serialize)]
pub struct Ticket {
    /// The id that the vendor assigned.
    pub id: TicketId,
    /// `subject`: the title.
    pub subject: Option<String>,
    /// `descript`, or `description` as one sample has it: the text of the first reply.
    pub descript: Option<String>,
    /// `ticketStatus`.
    pub ticket_status: Option<Code>,
    /// `ticketType`.
    pub ticket_type: Option<Code>,
    /// `priorityLevel`.
    pub priority_level: Option<Code>,
    /// `ticketSource`: the channel it came through.
    pub ticket_source: Option<Code>,
    /// `custUserId`: the contact it is for.
    pub cust_user_id: Option<String>,
    /// `servicerUserId`: the support agent who handles it.
    pub servicer_user_id: Option<String>,
    /// `servicerGroupId`: the group that handles it.
    pub servicer_group_id: Option<String>,
    /// `ccUserIdList`: support agents in copy, joined by commas.
    pub cc_user_id_list: Option<String>,
    /// `ccGroupIdList`: groups in copy, joined by commas.
    pub cc_group_id_list: Option<String>,
    /// `agentId`: the tenant, in spite of its name.
    pub agent_id: Option<String>,
    /// `createrId`: who created it.
    pub creater_id: Option<String>,
    /// `createrType`: what kind of person that was.
    pub creater_type: Option<Code>,
    /// `ticketTemplateId`.
    pub ticket_template_id: Option<String>,
    /// `customTemplateId`.
    pub custom_template_id: Option<String>,
    /// `tagList`: tag names, joined by commas.
    pub tag_list: Option<String>,
    /// `createDT`.
    pub created_at: Option<Timestamp>,
    /// `updateDT`.
    pub updated_at: Option<Timestamp>,
    /// `openDT`: when it was opened.
    pub opened_at: Option<Timestamp>,
    /// `waitDT`: when it was set to awaiting response.
    pub waiting_at: Option<Timestamp>,
    /// `solveDT`.
    pub solved_at: Option<Timestamp>,
    /// `closeDT`.
    pub closed_at: Option<Timestamp>,
    /// Keys and values in the vendor's order; the values are of many shapes (§4.5) and untouched.
    #[serde(serialize_with = "pairs::as_entries")]
    pub custom_fields: Vec<(String, Value)>,
}

impl Ticket {
    /// Nothing if the value is not an object with a `ticketId`; everything else may be missing or odd.
    pub(super) fn read(value: &Value, time_zone: &TimeZone) -> Option<Ticket> {
        let fields = Fields::of(value, time_zone)?;
        Some(Ticket {
            id: TicketId(fields.id("ticketId")?),
            subject: fields.text("subject"),
            descript: fields.text("descript").or_else(|| fields.text("description")),
            ticket_status: fields.code("ticketStatus", TICKET_STATUS),
            ticket_type: fields.code("ticketType", TICKET_TYPE),
            priority_level: fields.code("priorityLevel", PRIORITY_LEVEL),
            ticket_source: fields.code("ticketSource", TICKET_SOURCE),
            cust_user_id: fields.id("custUserId"),
            servicer_user_id: fields.id("servicerUserId"),
            servicer_group_id: fields.id("servicerGroupId"),
            cc_user_id_list: fields.text("ccUserIdList"),
            cc_group_id_list: fields.text("ccGroupIdList"),
            agent_id: fields.id("agentId"),
            creater_id: fields.id("createrId"),
            creater_type: fields.code("createrType", CREATER_TYPE),
            ticket_template_id: fields.id("ticketTemplateId"),
            custom_template_id: fields.id("customTemplateId"),
            tag_list: fields.text("tagList"),
            created_at: fields.time("createDT"),
            updated_at: fields.time("updateDT"),
            opened_at: fields.time("openDT"),
            waiting_at: fields.time("waitDT"),
            solved_at: fields.time("solveDT"),
            closed_at: fields.time("closeDT"),
            custom_fields: fields.custom_fields(),
        })
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ticket")
            .field("id", &self.id)
            .field("ticket_status", &self.ticket_status)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
