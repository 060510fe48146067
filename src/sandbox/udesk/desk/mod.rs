//! Everything the vendor stores for its one tenant, kept once and shown by each family in its own words.
//!
//! Whatever changes the desk notes the change in [`Desk::changes`], from which the request log and the
//! triggers learn of it: no endpoint can change something in silence.

mod change;
mod customers;
mod fields;
mod filter;
mod generated;
mod people;
mod records;
mod search;
mod ticket;
mod vocabulary;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{json, sandbox::generate::Generator};

pub(crate) use change::{Change, Draft, Edit, NewReply};
pub(crate) use customers::Known;
pub(crate) use fields::{BadValue, By, Category, Choice, Field, text};
pub(crate) use filter::Filter;
pub(crate) use people::{Agent, Customer, Entry, Group, Level, Organization};
pub(crate) use records::Records;
pub(crate) use search::Found;
pub(crate) use ticket::{Author, AuthorKind, Contact, Reply, Ticket, Vote};
pub(crate) use vocabulary::{Platform, Priority, Status, TextKind};

/// The administrator, as whom a filter is used when no agent is named.
pub(crate) const ADMINISTRATOR: u64 = 4;
/// The default ticket template; there is another with the next id.
pub(crate) const DEFAULT_TEMPLATE: u64 = 1;
pub(crate) const TEMPLATES: [u64; 2] = [DEFAULT_TEMPLATE, 2];

#[derive(Debug, Serialize)]
pub(crate) struct Desk {
    pub(crate) tickets: Records<Ticket>,
    pub(crate) customers: Records<Customer>,
    pub(crate) organizations: Records<Organization>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) groups: Vec<Group>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) fields: Vec<Field>,
    pub(crate) attachments: Vec<Attachment>,
    next_reply_id: u64,
    next_entry_id: u64,
    #[serde(skip)]
    pub(crate) changes: Vec<Change>,
}

/// A file that was uploaded; its bytes are counted, not kept.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Attachment {
    pub(crate) id: u64,
    pub(crate) ticket_id: u64,
    pub(crate) file_name: String,
    pub(crate) bytes: usize,
    /// Uploaded for a reply that is yet to come.
    pub(crate) for_reply: bool,
    pub(crate) created_at: Timestamp,
}

impl Desk {
    pub(crate) fn seeded(generator: Generator) -> serde_json::Result<Self> {
        let tickets = json::from_str(include_str!("../seed/tickets.json"))?;
        let customers = json::from_str(include_str!("../seed/customers.json"))?;
        let organizations = json::from_str(include_str!("../seed/organizations.json"))?;
        Ok(Self {
            tickets: Records::new(tickets, |ticket: &Ticket| ticket.id, generator),
            customers: Records::new(customers, |customer: &Customer| customer.id, generator),
            organizations: Records::new(
                organizations,
                |organization: &Organization| organization.id,
                generator,
            ),
            agents: json::from_str(include_str!("../seed/agents.json"))?,
            groups: json::from_str(include_str!("../seed/groups.json"))?,
            filters: json::from_str(include_str!("../seed/filters.json"))?,
            fields: json::from_str(include_str!("../seed/fields.json"))?,
            attachments: Vec::new(),
            next_reply_id: 1_001,
            next_entry_id: 1_001,
            changes: Vec::new(),
        })
    }

    /// An agent who still works here; nothing new can be given to a leaver.
    pub(crate) fn agent(&self, id: u64) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == id && !agent.disabled)
    }

    pub(crate) fn agent_with_email(&self, email: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.email == email && !agent.disabled)
    }

    pub(crate) fn agent_with_name(&self, name: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.nick_name == name && !agent.disabled)
    }

    /// The name of an agent, leavers included.
    pub(crate) fn agent_name(&self, id: u64) -> Option<&str> {
        self.agents.iter().find(|agent| agent.id == id).map(|agent| agent.nick_name.as_str())
    }

    pub(crate) fn group(&self, id: u64) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    pub(crate) fn group_with_name(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.name == name)
    }

    pub(crate) fn fields_of(&self, category: Category) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.category == category)
    }

    /// A ticket's custom field values as they are stored; keys that no field has are passed over (§6.1).
    pub(crate) fn values(
        &self,
        written: &Map<String, Value>,
        by: By,
    ) -> Result<Map<String, Value>, BadValue> {
        let mut stored = Map::new();
        for field in self.fields_of(Category::Ticket) {
            if let Some(value) = written.get(&field.field_name) {
                stored.insert(field.field_name.clone(), field.stored(&text(value), by)?.into());
            }
        }
        Ok(stored)
    }

    pub(crate) fn attach(
        &mut self,
        ticket_id: u64,
        file: (String, usize),
        for_reply: bool,
        now: Timestamp,
    ) -> u64 {
        let id = self.attachments.len() as u64 + 1;
        let (file_name, bytes) = file;
        self.attachments.push(Attachment { id, ticket_id, file_name, bytes, for_reply, created_at: now });
        self.changes.push(Change::AttachmentAdded { ticket: ticket_id, attachment: id });
        id
    }

    fn new_entry(&mut self, content: &str) -> Entry {
        self.next_entry_id += 1;
        Entry { id: self.next_entry_id - 1, content: content.to_owned() }
    }
}
