//! What can be done to tickets, whichever family asks: the values are checked and found by then.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Author, AuthorKind, Contact, DEFAULT_TEMPLATE, Desk, Platform, Priority, Reply, Status, TextKind, Ticket,
    Vote,
};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    TicketCreated { ticket: u64 },
    TicketUpdated { ticket: u64 },
    ReplyAdded { ticket: u64, reply: u64, by: AuthorKind, internal: bool },
    CustomerCreated { customer: u64 },
    CustomerUpdated { customer: u64 },
    AttachmentAdded { ticket: u64, attachment: u64 },
    SurveyTaken { ticket: u64 },
}

/// A ticket that is to be made.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) subject: String,
    pub(crate) content: String,
    pub(crate) content_type: TextKind,
    pub(crate) platform: Platform,
    pub(crate) status: Status,
    pub(crate) priority: Priority,
    pub(crate) user: Option<Contact>,
    pub(crate) assignee_id: Option<u64>,
    pub(crate) user_group_id: Option<u64>,
    pub(crate) template_id: u64,
    pub(crate) creator_id: Option<u64>,
    pub(crate) tags: Vec<String>,
    pub(crate) follower_ids: Vec<u64>,
    pub(crate) custom_fields: Map<String, Value>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            subject: String::new(),
            content: String::new(),
            content_type: TextKind::Text,
            platform: Platform::Api,
            status: Status::Open,
            priority: Priority::Medium,
            user: None,
            assignee_id: None,
            user_group_id: None,
            template_id: DEFAULT_TEMPLATE,
            creator_id: None,
            tags: Vec::new(),
            follower_ids: Vec::new(),
            custom_fields: Map::new(),
        }
    }
}

/// What is to become of a ticket; what is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct Edit {
    pub(crate) subject: Option<String>,
    pub(crate) content: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) priority: Option<Priority>,
    pub(crate) assignee_id: Option<u64>,
    pub(crate) user_group_id: Option<u64>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) follower_ids: Option<Vec<u64>>,
    /// Values that replace those of the same names.
    pub(crate) custom_fields: Map<String, Value>,
}

#[derive(Debug)]
pub(crate) struct NewReply {
    pub(crate) content: String,
    pub(crate) content_type: TextKind,
    pub(crate) internal: bool,
    pub(crate) author: Author,
    pub(crate) attachment_ids: Vec<u64>,
}

impl Change {
    /// As the request log shows it.
    pub(crate) fn effect(&self) -> Value {
        match self {
            Self::TicketCreated { ticket } => json!({"kind": "ticket_created", "ticketId": ticket}),
            Self::TicketUpdated { ticket } => json!({"kind": "ticket_updated", "ticketId": ticket}),
            Self::ReplyAdded { ticket, reply, .. } => {
                json!({"kind": "reply_added", "ticketId": ticket, "replyId": reply})
            }
            Self::CustomerCreated { customer } => json!({"kind": "customer_created", "customerId": customer}),
            Self::CustomerUpdated { customer } => json!({"kind": "customer_updated", "customerId": customer}),
            Self::AttachmentAdded { ticket, attachment } => {
                json!({"kind": "attachment_added", "ticketId": ticket, "attachmentId": attachment})
            }
            Self::SurveyTaken { ticket } => json!({"kind": "survey_taken", "ticketId": ticket}),
        }
    }
}

impl Desk {
    pub(crate) fn create(&mut self, draft: Draft, now: Timestamp) -> u64 {
        let id = self.tickets.add(|id| new_ticket(id, draft, now));
        self.changes.push(Change::TicketCreated { ticket: id });
        id
    }

    pub(crate) fn update(&mut self, id: u64, edit: Edit, now: Timestamp) {
        if let Some(ticket) = self.tickets.get_mut(id) {
            apply(ticket, edit, now);
            self.changes.push(Change::TicketUpdated { ticket: id });
        }
    }

    pub(crate) fn reply(&mut self, id: u64, new: NewReply, now: Timestamp) {
        let (reply, by, internal) = (self.next_reply_id, new.author.kind, new.internal);
        if let Some(ticket) = self.tickets.get_mut(id) {
            add_reply(ticket, reply, new, now);
            self.next_reply_id += 1;
            self.changes.push(Change::ReplyAdded { ticket: id, reply, by, internal });
        }
    }

    pub(crate) fn take_survey(&mut self, id: u64, vote: Vote) {
        if let Some(ticket) = self.tickets.get_mut(id) {
            ticket.satisfaction = Some(vote);
            self.changes.push(Change::SurveyTaken { ticket: id });
        }
    }
}

fn new_ticket(id: u64, draft: Draft, now: Timestamp) -> Ticket {
    let mut ticket = Ticket {
        id,
        subject: draft.subject,
        content: draft.content,
        content_type: draft.content_type,
        platform: draft.platform,
        priority: draft.priority,
        status: Status::Open,
        user: draft.user,
        assignee_id: draft.assignee_id,
        user_group_id: draft.user_group_id,
        template_id: Some(draft.template_id),
        creator_id: draft.creator_id,
        tags: draft.tags,
        follower_ids: draft.follower_ids,
        custom_fields: draft.custom_fields,
        satisfaction: None,
        replies: Vec::new(),
        replied_by: String::new(),
        solving_at: None,
        resolved_at: None,
        closed_at: None,
        created_at: now,
        updated_at: now,
        blanks: false,
    };
    ticket.enter(draft.status, now);
    ticket
}

fn apply(ticket: &mut Ticket, edit: Edit, now: Timestamp) {
    if let Some(status) = edit.status {
        ticket.enter(status, now);
    }
    replace(&mut ticket.subject, edit.subject);
    replace(&mut ticket.content, edit.content);
    replace(&mut ticket.priority, edit.priority);
    replace(&mut ticket.tags, edit.tags);
    replace(&mut ticket.follower_ids, edit.follower_ids);
    ticket.assignee_id = edit.assignee_id.or(ticket.assignee_id);
    ticket.user_group_id = edit.user_group_id.or(ticket.user_group_id);
    ticket.custom_fields.extend(edit.custom_fields);
    ticket.updated_at = now;
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

fn add_reply(ticket: &mut Ticket, id: u64, new: NewReply, now: Timestamp) {
    if !new.internal {
        ticket.replied_by = new.author.reference();
    }
    ticket.updated_at = now;
    ticket.replies.push(Reply {
        id,
        content: new.content,
        content_type: new.content_type,
        internal: new.internal,
        author: new.author,
        attachment_ids: new.attachment_ids,
        created_at: now,
    });
}
