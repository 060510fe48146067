//! Both vendors' field lists, as far as the mapping speaks of them and they can be read.

use std::sync::Arc;

use jiff::Timestamp;

use super::{bangwo8 as target_words, udesk as source_words};
use crate::{
    bangwo8,
    dispatch::{LookUpError, Lookups, calls::Calls},
    mapping::{
        Expectations, Field, FieldsOf,
        drift::{FieldLists, Sides},
    },
    udesk,
};

const TARGET_TICKETS: &str = "Bangwo8's ticket fields";

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub struct Reading {
    /// The lists.
    pub lists: FieldLists,
    /// One for each list that could not be read.
    pub unread: Vec<Unread>,
}

/// A list that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which one: `Bangwo8's ticket fields`.
    pub list: &'static str,
    /// Why, and what to do about it.
    pub why: String,
    /// The vendor doesn't let this account read it: everything else can go on.
    pub forbidden: bool,
}

/// Reads the lists that a mapping has rows for, and the target's of tickets if new ones carry signs in a field; leaves
/// them with what the workers know. A source without an API has no lists, which is no failure.
pub async fn read(
    expects: &Expectations,
    signs: bool,
    lookups: &Lookups,
    target: &bangwo8::Client,
    source: Option<&udesk::Client>,
) -> Reading {
    let mut reading = Reading::default();
    let vendors = Vendors { lookups, target, source };
    if expects.ticket_rows.is_some() || !expects.ticket_fields.is_empty() {
        reading.lists.ticket = vendors.sides(FieldsOf::Tickets, &mut reading.unread).await;
    } else if signs {
        let fields = vendors.target_fields(FieldsOf::Tickets).await;
        reading.lists.ticket.target = told(TARGET_TICKETS, fields, &mut reading.unread);
    }
    if expects.company_rows.is_some() || !expects.company_fields.is_empty() {
        reading.lists.company = vendors.sides(FieldsOf::Companies, &mut reading.unread).await;
    }
    reading
}

struct Vendors<'a> {
    lookups: &'a Lookups,
    target: &'a bangwo8::Client,
    source: Option<&'a udesk::Client>,
}

impl Vendors<'_> {
    async fn sides(&self, of: FieldsOf, unread: &mut Vec<Unread>) -> Sides {
        let (source, target) = match of {
            FieldsOf::Tickets => ("Udesk's ticket fields", TARGET_TICKETS),
            FieldsOf::Companies => ("Udesk's organization fields", "Bangwo8's company fields"),
        };
        Sides {
            source: told(source, self.source_fields(of).await, unread),
            target: told(target, self.target_fields(of).await, unread),
        }
    }

    async fn target_fields(&self, of: FieldsOf) -> Result<Option<Vec<Field>>, Arc<LookUpError>> {
        let read = self.lookups.target_fields(of, self.target, Timestamp::now()).await?;
        Ok(Some(target_words::fields(&read.value)))
    }

    /// Nothing where no credentials are configured that could read them: an empty list would say that there are none.
    async fn source_fields(&self, of: FieldsOf) -> Result<Option<Vec<Field>>, Arc<LookUpError>> {
        let can_read =
            |client: &&udesk::Client| client.has_v2() || (of == FieldsOf::Tickets && client.has_v1());
        let Some(client) = self.source.filter(can_read) else { return Ok(None) };
        let calls = Calls::default();
        let read = self.lookups.source_fields(of, Some(client), &calls, Timestamp::now()).await?;
        Ok(Some(source_words::fields(&read.value)))
    }
}

fn told(
    list: &'static str,
    read: Result<Option<Vec<Field>>, Arc<LookUpError>>,
    unread: &mut Vec<Unread>,
) -> Option<Vec<Field>> {
    read.unwrap_or_else(|error| {
        unread.push(match &*error {
            LookUpError::Target(error) => Unread::target(list, error),
            error => Unread { list, why: error.to_string(), forbidden: false },
        });
        None
    })
}

impl Unread {
    /// Of a list of Bangwo8's.
    pub fn target(list: &'static str, error: &bangwo8::Error) -> Self {
        let forbidden = matches!(error, bangwo8::Error::Forbidden { .. });
        let hint = if forbidden { "; use the credentials of an administrator" } else { "" };
        Self { list, why: format!("{error}{hint}"), forbidden }
    }
}
