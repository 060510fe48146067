//! A ticket as it is stored, once for both families.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::people::{Agent, Customer};
use super::vocabulary::{Platform, Priority, Status, TextKind};

/// The number that agents see starts here, so that nobody can take it for the id that the API wants (§8.4).
const FIRST_NUMBER: u64 = 20_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ticket {
    pub(crate) id: u64,
    pub(crate) subject: String,
    pub(crate) content: String,
    pub(crate) content_type: TextKind,
    pub(crate) platform: Platform,
    pub(crate) priority: Priority,
    pub(crate) status: Status,
    pub(crate) user: Option<Contact>,
    pub(crate) assignee_id: Option<u64>,
    pub(crate) user_group_id: Option<u64>,
    pub(crate) template_id: Option<u64>,
    pub(crate) creator_id: Option<u64>,
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    #[serde(default)]
    pub(crate) follower_ids: Vec<u64>,
    /// Field name to text; a selection is the indexes of its options, `0,3`.
    #[serde(default)]
    pub(crate) custom_fields: Map<String, Value>,
    pub(crate) satisfaction: Option<Vote>,
    #[serde(default)]
    pub(crate) replies: Vec<Reply>,
    /// `agent_1`, `customer_9` or empty.
    #[serde(default)]
    pub(crate) replied_by: String,
    pub(crate) solving_at: Option<Timestamp>,
    pub(crate) resolved_at: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    /// Writes `""` for absent text instead of null: nobody documents which, so there is a ticket of each kind.
    #[serde(default)]
    pub(crate) blanks: bool,
}

/// The customer as the ticket knows them: copied when the ticket is made, not followed afterwards.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
    pub(crate) cellphone: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    pub(crate) id: u64,
    pub(crate) content: String,
    #[serde(default)]
    pub(crate) content_type: TextKind,
    /// A note that the customer doesn't see.
    #[serde(default)]
    pub(crate) internal: bool,
    pub(crate) author: Author,
    #[serde(default)]
    pub(crate) attachment_ids: Vec<u64>,
    pub(crate) created_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Author {
    pub(crate) kind: AuthorKind,
    pub(crate) id: u64,
    pub(crate) email: Option<String>,
    pub(crate) nick_name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorKind {
    Agent,
    Customer,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vote {
    pub(crate) vote_number: u64,
    pub(crate) vote_desc: Option<String>,
}

impl Ticket {
    /// The number that agents see, `#20001`.
    pub(crate) fn field_num(&self) -> String {
        format!("#{}", FIRST_NUMBER + self.id)
    }

    /// The id behind a displayed number, with or without its `#`.
    pub(crate) fn id_of_number(number: &str) -> Option<u64> {
        number.strip_prefix('#').unwrap_or(number).parse::<u64>().ok()?.checked_sub(FIRST_NUMBER)
    }

    /// The public reply that was written last, by anybody or by one kind of author.
    pub(crate) fn last_reply(&self, kind: Option<AuthorKind>) -> Option<&Reply> {
        let public = self.replies.iter().filter(|reply| !reply.internal);
        public.rev().find(|reply| kind.is_none_or(|kind| reply.author.kind == kind))
    }

    /// Enters a state; the moments of the first solving, of resolving and of closing are kept.
    pub(crate) fn enter(&mut self, status: Status, now: Timestamp) {
        match status {
            Status::Solving if self.solving_at.is_none() => self.solving_at = Some(now),
            Status::Resolved if self.status != status => self.resolved_at = Some(now),
            Status::Closed if self.status != status => self.closed_at = Some(now),
            _ => {}
        }
        self.status = status;
    }
}

impl Contact {
    pub(crate) fn of(customer: &Customer) -> Self {
        Self {
            id: customer.id,
            name: customer.nick_name.clone(),
            email: customer.email.clone(),
            cellphone: customer.cellphone().map(str::to_owned),
        }
    }

    pub(crate) fn author(&self) -> Author {
        let (email, nick_name) = (self.email.clone(), self.name.clone());
        Author { kind: AuthorKind::Customer, id: self.id, email, nick_name }
    }
}

impl Author {
    pub(crate) fn agent(agent: &Agent) -> Self {
        let (email, nick_name) = (Some(agent.email.clone()), agent.nick_name.clone());
        Self { kind: AuthorKind::Agent, id: agent.id, email, nick_name }
    }

    /// As `replied_by` has it: `agent_1`.
    pub(crate) fn reference(&self) -> String {
        format!("{}_{}", self.kind.name(), self.id)
    }
}

impl AuthorKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Customer => "customer",
        }
    }
}
