//! A draft in the spellings of family v2 (§5.1), as far as they are known.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Followers, Inexpressible, TicketDraft, joined, refuse, required,
    selection::{Spelling, written},
    v1::chinese_priority,
};
use crate::udesk::fields::FieldDefinitions;

/// Longest subject, lookup value, e-mail or group name of a creation, in characters.
const MAX_CHARS: usize = 255;
const NO_UPDATE_FIELD: &str = "no field of a v2 change is known for it";

/// The `ticket` of a creation: `status_id`, Chinese priority, `ticket_field`, selections by index.
#[derive(Serialize)]
pub(in crate::udesk) struct Create<'a> {
    subject: &'a str,
    content: &'a str,
    #[serde(flatten)]
    customer: Option<Lookup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_group_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    follower_ids: Option<&'a [u64]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator_email: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ticket_field: BTreeMap<&'a str, String>,
}

/// How the customer is looked up.
#[derive(Serialize)]
struct Lookup {
    r#type: &'static str,
    type_content: String,
}

/// The `ticket` of a change: `custom_fields`, selections by index. No more fields have been seen.
#[derive(Serialize)]
pub(in crate::udesk) struct Update<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<u64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_fields: BTreeMap<&'a str, String>,
}

impl TicketDraft {
    /// The draft as a v2 creation.
    pub(in crate::udesk) fn v2_create(
        &self,
        definitions: &FieldDefinitions,
    ) -> Result<Create<'_>, Inexpressible> {
        refuse(self.comment.is_some(), "comment", "a v2 creation has no field for it")?;
        self.refuse_long_texts()?;
        Ok(Create {
            subject: required(&self.subject, "subject")?,
            content: required(&self.content, "content")?,
            customer: self.lookup()?,
            priority: self.priority.as_ref().map(chinese_priority).transpose()?,
            status_id: self.status_id()?,
            assignee_email: self.assignee_email()?,
            agent_group_name: self.group.named()?,
            template_id: self.template_id,
            follower_ids: self.follower_ids()?,
            tags: joined(&self.tags, "tags")?,
            creator_email: self.creator_email.as_deref(),
            ticket_field: written(&self.fields, definitions, Spelling::Index)?,
        })
    }

    /// The draft as a v2 change. A change of status, priority, text, group, tags or followers, and a comment,
    /// have to go through v1: a field that the vendor does not know would be passed over in silence.
    pub(in crate::udesk) fn v2_update(
        &self,
        definitions: &FieldDefinitions,
    ) -> Result<Update<'_>, Inexpressible> {
        refuse(self.content.is_some(), "content", NO_UPDATE_FIELD)?;
        refuse(self.status.is_some(), "status", NO_UPDATE_FIELD)?;
        refuse(self.priority.is_some(), "priority", NO_UPDATE_FIELD)?;
        refuse(self.group.id.is_some() || self.group.name.is_some(), "group", NO_UPDATE_FIELD)?;
        refuse(!self.tags.is_empty(), "tags", NO_UPDATE_FIELD)?;
        refuse(self.followers.is_some(), "followers", NO_UPDATE_FIELD)?;
        refuse(self.comment.is_some(), "comment", NO_UPDATE_FIELD)?;
        let nameless = self.assignee.id.is_none();
        let named = self.assignee.name.is_some() || self.assignee.email.is_some();
        refuse(nameless && named, "assignee", "a v2 change needs the id")?;
        Ok(Update {
            subject: self.subject.as_deref(),
            agent_id: self.assignee.id,
            custom_fields: written(&self.fields, definitions, Spelling::Index)?,
        })
    }

    /// The customer by the surest key that v2 is known to look by. `email` has only been seen in another call.
    fn lookup(&self) -> Result<Option<Lookup>, Inexpressible> {
        let customer = &self.customer;
        let id = customer.id.map(|id| ("customer_id", id.to_string()));
        let key = id
            .or_else(|| customer.cellphone.clone().map(|cellphone| ("cellphone", cellphone)))
            .or_else(|| customer.email.clone().map(|email| ("email", email)));
        let only_token = key.is_none() && customer.token.is_some();
        refuse(only_token, "customer", "how v2 looks a customer up by token is not known")?;
        Ok(key.map(|(r#type, type_content)| Lookup { r#type, type_content }))
    }

    fn status_id(&self) -> Result<Option<u64>, Inexpressible> {
        let id = self.status.as_ref().and_then(|status| status.id());
        refuse(id.is_none() && self.status.is_some(), "status", "its status_id is not known")?;
        Ok(id)
    }

    fn assignee_email(&self) -> Result<Option<&str>, Inexpressible> {
        let email = self.assignee.email.as_deref();
        let otherwise_known = self.assignee.id.is_some() || self.assignee.name.is_some();
        refuse(email.is_none() && otherwise_known, "assignee", "a v2 creation needs the e-mail")?;
        Ok(email)
    }

    fn follower_ids(&self) -> Result<Option<&[u64]>, Inexpressible> {
        match &self.followers {
            None => Ok(None),
            Some(Followers::Ids(ids)) => Ok(Some(ids)),
            Some(Followers::Emails(_)) => {
                Err(Inexpressible::new("followers", "a v2 creation needs their ids"))
            }
        }
    }

    fn refuse_long_texts(&self) -> Result<(), Inexpressible> {
        let texts = [
            ("subject", &self.subject),
            ("customer", &self.customer.email),
            ("customer", &self.customer.cellphone),
            ("assignee", &self.assignee.email),
            ("group", &self.group.name),
            ("creator_email", &self.creator_email),
        ];
        texts.into_iter().try_for_each(|(what, text)| {
            let long = text.as_ref().is_some_and(|text| text.chars().count() > MAX_CHARS);
            refuse(long, what, "it is longer than 255 characters")
        })
    }
}
