//! A draft in the spellings of family v1 (§3.3, §3.5).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Assignee, Comment, CustomerKey, Followers, Group, Inexpressible, TicketDraft, Visibility, joined, refuse,
    required,
    selection::{Spelling, written},
};
use crate::udesk::{
    fields::FieldDefinitions,
    ticket::Current,
    vocabulary::{Priority, Status},
};

const ONLY_IN_V2: &str = "v1 has no field for it";
const NOT_ON_CREATE: &str = "a v1 creation has no field for it; a change afterwards has";

/// The `ticket` of a creation: Chinese names, `ticket_field`, selections by index.
#[derive(Serialize)]
pub(in crate::udesk) struct Create<'a> {
    subject: &'a str,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cellphone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<NamedAgent<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_group_name: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ticket_field: BTreeMap<&'a str, String>,
}

/// The agent of a creation, who is looked for by name, by e-mail or by both.
#[derive(Serialize)]
struct NamedAgent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
}

/// The `ticket` of a change: English names, `custom_fields`, selections by name.
#[derive(Serialize)]
pub(in crate::udesk) struct Update<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(flatten)]
    agent: Option<AgentKey<'a>>,
    #[serde(flatten)]
    group: Option<GroupKey<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<String>,
    #[serde(flatten)]
    followers: Option<FollowerKeys>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_fields: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<NewComment<'a>>,
}

// The vendor refuses both of a pair (§6.2), so each pair is one value here.
#[derive(Serialize)]
enum AgentKey<'a> {
    #[serde(rename = "agent_id")]
    Id(u64),
    #[serde(rename = "agent_email")]
    Email(&'a str),
}

#[derive(Serialize)]
enum GroupKey<'a> {
    #[serde(rename = "agent_group_id")]
    Id(u64),
    #[serde(rename = "agent_group_name")]
    Name(&'a str),
}

#[derive(Serialize)]
enum FollowerKeys {
    #[serde(rename = "follower_ids")]
    Ids(String),
    #[serde(rename = "follower_emails")]
    Emails(String),
}

#[derive(Serialize)]
struct NewComment<'a> {
    function: &'static str,
    author_email: &'a str,
    body: &'a str,
}

impl TicketDraft {
    /// The draft as a v1 creation.
    pub(in crate::udesk) fn v1_create(
        &self,
        definitions: &FieldDefinitions,
    ) -> Result<Create<'_>, Inexpressible> {
        refuse(!self.tags.is_empty(), "tags", NOT_ON_CREATE)?;
        refuse(self.followers.is_some(), "followers", NOT_ON_CREATE)?;
        refuse(self.comment.is_some(), "comment", NOT_ON_CREATE)?;
        refuse(self.template_id.is_some(), "template_id", ONLY_IN_V2)?;
        refuse(self.creator_email.is_some(), "creator_email", ONLY_IN_V2)?;
        self.customer.refuse_id_alone()?;
        Ok(Create {
            subject: required(&self.subject, "subject")?,
            content: required(&self.content, "content")?,
            email: self.customer.email.as_deref(),
            cellphone: self.customer.cellphone.as_deref(),
            customer_token: self.customer.token.as_deref(),
            status: self.status.as_ref().map(chinese_status).transpose()?,
            priority: self.priority.as_ref().map(chinese_priority).transpose()?,
            assignee: self.assignee.named()?,
            agent_group_name: self.group.named()?,
            ticket_field: written(&self.fields, definitions, Spelling::IndexWithoutPaths)?,
        })
    }

    /// The draft as a v1 change of a ticket whose status and priority are `current`. Both are always sent: the
    /// documents can be read as if leaving them out reset them (§3.5).
    pub(in crate::udesk) fn v1_update<'a>(
        &'a self,
        current: &'a Current,
        definitions: &FieldDefinitions,
    ) -> Result<Update<'a>, Inexpressible> {
        let priority = self.priority.as_ref().or(current.priority.as_ref());
        Ok(Update {
            subject: self.subject.as_deref(),
            content: self.content.as_deref(),
            status: self.status.as_ref().or(current.status.as_ref()).map(english_status),
            priority: priority.map(english_priority).transpose()?,
            agent: self.assignee.key()?,
            group: self.group.key(),
            tags: joined(&self.tags, "tags")?,
            followers: self.followers.as_ref().map(Followers::keys).transpose()?,
            custom_fields: written(&self.fields, definitions, Spelling::Name)?,
            comment: self.comment.as_ref().map(Comment::written),
        })
    }
}

impl CustomerKey {
    /// A ticket that was meant for somebody must not become one without a customer.
    fn refuse_id_alone(&self) -> Result<(), Inexpressible> {
        let nothing_else = self.token.is_none() && self.email.is_none() && self.cellphone.is_none();
        refuse(nothing_else && self.id.is_some(), "customer", "v1 does not look customers up by id")
    }
}

impl Assignee {
    fn named(&self) -> Result<Option<NamedAgent<'_>>, Inexpressible> {
        let (name, email) = (self.name.as_deref(), self.email.as_deref());
        let unknown = name.is_none() && email.is_none();
        refuse(unknown && self.id.is_some(), "assignee", "a v1 creation needs the name or the e-mail")?;
        Ok((!unknown).then_some(NamedAgent { name, email }))
    }

    fn key(&self) -> Result<Option<AgentKey<'_>>, Inexpressible> {
        let id = self.id.map(AgentKey::Id);
        let key = id.or_else(|| self.email.as_deref().map(AgentKey::Email));
        refuse(key.is_none() && self.name.is_some(), "assignee", "a v1 change needs the id or the e-mail")?;
        Ok(key)
    }
}

impl Group {
    pub(super) fn named(&self) -> Result<Option<&str>, Inexpressible> {
        refuse(self.name.is_none() && self.id.is_some(), "group", "a creation needs its name")?;
        Ok(self.name.as_deref())
    }

    fn key(&self) -> Option<GroupKey<'_>> {
        let id = self.id.map(GroupKey::Id);
        id.or_else(|| self.name.as_deref().map(GroupKey::Name))
    }
}

impl Followers {
    fn keys(&self) -> Result<FollowerKeys, Inexpressible> {
        Ok(match self {
            Followers::Ids(ids) => {
                let ids: Vec<String> = ids.iter().map(u64::to_string).collect();
                FollowerKeys::Ids(ids.join(","))
            }
            Followers::Emails(emails) => {
                FollowerKeys::Emails(joined(emails, "followers")?.unwrap_or_default())
            }
        })
    }
}

impl Comment {
    fn written(&self) -> NewComment<'_> {
        let function = match self.visibility {
            Visibility::Internal => "internal",
            Visibility::Public => "external",
        };
        NewComment { function, author_email: &self.author_email, body: &self.body }
    }
}

fn chinese_status(status: &Status) -> Result<&'static str, Inexpressible> {
    status.chinese().ok_or_else(|| Inexpressible::new("status", "its Chinese name is not known"))
}

pub(super) fn chinese_priority(priority: &Priority) -> Result<&'static str, Inexpressible> {
    priority.chinese().ok_or_else(|| Inexpressible::new("priority", "its Chinese name is not known"))
}

/// A tenant's own status is read in the language that a change wants, so it can go back as it came.
fn english_status(status: &Status) -> &str {
    match status {
        Status::Other(name) => name,
        known => known.english().unwrap_or_default(),
    }
}

/// A tenant's own priority is read in Chinese, and a change wants English.
fn english_priority(priority: &Priority) -> Result<&'static str, Inexpressible> {
    priority.english().ok_or_else(|| Inexpressible::new("priority", "its English name is not known"))
}
