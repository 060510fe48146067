//! How this vendor writes the generated rows: every state, priority and channel, and people who belong to the
//! seeded staff.

use serde_json::Map;

use super::people::{Customer, Entry, Level, Organization};
use super::records::Generated;
use super::ticket::{Author, AuthorKind, Contact, Reply, Ticket};
use super::vocabulary::{Platform, Priority, Status, TextKind};
use crate::sandbox::generate::{ContactRow, FIRST_ID, Generator, ReplyRow, TicketRow};

/// The seeded agents who still work here, each with a group of theirs, and nobody.
const ASSIGNEES: [Option<(u64, u64)>; 3] = [Some((1, 1)), Some((2, 2)), None];
const AGENT_NAMES: [(&str, &str); 2] =
    [("agent@sample.com", "测试客服"), ("xiaowang@example.com", "客服小王")];

impl Generated for Ticket {
    fn count(generator: &Generator) -> u64 {
        generator.counts.tickets
    }

    fn generate(generator: &Generator, index: u64) -> Self {
        let row = generator.ticket(index);
        let contact = row.contact.map(|contact| contact_of(generator.contact(contact)));
        let replies = (0..generator.replies_of(index)).map(|n| generator.reply(index, n));
        let replies = replies.map(|reply| reply_of(reply, contact.as_ref())).collect();
        ticket_of(row, contact, replies)
    }
}

impl Generated for Customer {
    fn count(generator: &Generator) -> u64 {
        generator.counts.contacts
    }

    fn generate(generator: &Generator, index: u64) -> Self {
        let row = generator.contact(index);
        let id = FIRST_ID + index;
        Self {
            nick_name: row.name,
            email: Some(row.email),
            cellphones: vec![Entry { id, content: row.mobile }],
            organization_id: row.company.map(|company| FIRST_ID + company),
            updated_at: row.updated,
            ..Self::unnamed(id, at(&Platform::ALL, index), row.created)
        }
    }
}

impl Generated for Organization {
    fn count(generator: &Generator) -> u64 {
        generator.counts.companies
    }

    fn generate(generator: &Generator, index: u64) -> Self {
        let row = generator.company(index);
        Self {
            id: FIRST_ID + index,
            name: row.name,
            domains: format!("c{index}.example.com"),
            level: Level::Normal,
            custom_fields: Map::new(),
            updated_at: row.updated,
            description: Some(row.address),
            token: None,
            cellphones: Vec::new(),
        }
    }
}

/// After so many tickets, what filters look at begins again.
pub(super) const REPEATS: u64 = (ASSIGNEES.len() * Status::ALL.len()) as u64;

/// The status of a ticket by its index.
pub(super) fn status(index: u64) -> Status {
    at(&Status::ALL, index)
}

/// The assignee of a ticket by its index.
pub(super) fn assignee(index: u64) -> Option<u64> {
    at(&ASSIGNEES, index).map(|(agent, _)| agent)
}

fn ticket_of(row: TicketRow, user: Option<Contact>, replies: Vec<Reply>) -> Ticket {
    let (assignee_id, status) = (assignee(row.index), status(row.index));
    let replied_by = replies.last().map(|reply| reply.author.reference()).unwrap_or_default();
    let when = |wanted| (status == wanted).then_some(row.updated);
    Ticket {
        id: FIRST_ID + row.index,
        subject: row.subject,
        content: row.text,
        content_type: TextKind::Text,
        platform: at(&Platform::ALL, row.index),
        priority: at(&Priority::ALL, row.index / 4),
        status,
        user,
        assignee_id,
        user_group_id: at(&ASSIGNEES, row.index).map(|(_, group)| group),
        template_id: None,
        creator_id: None,
        tags: Vec::new(),
        follower_ids: Vec::new(),
        custom_fields: Map::new(),
        satisfaction: None,
        replies,
        replied_by,
        solving_at: when(Status::Solving),
        resolved_at: when(Status::Resolved),
        closed_at: when(Status::Closed),
        created_at: row.created,
        updated_at: row.updated,
        blanks: false,
    }
}

fn contact_of(row: ContactRow) -> Contact {
    Contact { id: FIRST_ID + row.index, name: row.name, email: Some(row.email), cellphone: Some(row.mobile) }
}

fn reply_of(row: ReplyRow, contact: Option<&Contact>) -> Reply {
    let author = match contact {
        Some(contact) if !row.by_agent => contact.author(),
        _ => agent(row.index),
    };
    Reply {
        id: FIRST_ID + row.index,
        content: row.text.to_owned(),
        content_type: TextKind::Text,
        internal: false,
        author,
        attachment_ids: Vec::new(),
        created_at: row.created,
    }
}

fn agent(index: u64) -> Author {
    let (email, name) = at(&AGENT_NAMES, index);
    let id = 1 + index % AGENT_NAMES.len() as u64;
    Author { kind: AuthorKind::Agent, id, email: Some(email.to_owned()), nick_name: name.to_owned() }
}

/// An element by turns.
fn at<T: Copy, const N: usize>(all: &[T; N], index: u64) -> T {
    all[usize::try_from(index % N as u64).unwrap_or_default()]
}
