//! Both vendors' field lists, as far as the mapping speaks of them and they can be read.

use super::{bangwo8 as target_words, udesk as source_words};
use crate::{
    bangwo8,
    mapping::{
        Expectations, Field,
        drift::{FieldLists, Sides},
    },
    udesk::{self, Category},
};

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

/// Reads the lists that a mapping has rows for. A source without an API has no lists, which is no failure.
pub async fn read(
    expects: &Expectations,
    target: &bangwo8::Client,
    source: Option<&udesk::Client>,
) -> Reading {
    let mut unread = Vec::new();
    let mut lists = FieldLists::default();
    if expects.ticket_rows.is_some() || !expects.ticket_fields.is_empty() {
        lists.ticket = Sides {
            source: told(source_fields(source, Category::Ticket).await, &mut unread),
            target: told(target_tickets(target).await.map(Some), &mut unread),
        };
    }
    if expects.company_rows.is_some() || !expects.company_fields.is_empty() {
        lists.company = Sides {
            source: told(source_fields(source, Category::Organization).await, &mut unread),
            target: told(target_companies(target).await.map(Some), &mut unread),
        };
    }
    Reading { lists, unread }
}

fn told(read: Result<Option<Vec<Field>>, Unread>, unread: &mut Vec<Unread>) -> Option<Vec<Field>> {
    read.unwrap_or_else(|failure| {
        unread.push(failure);
        None
    })
}

async fn target_tickets(client: &bangwo8::Client) -> Result<Vec<Field>, Unread> {
    let list = "Bangwo8's ticket fields";
    let fields = client.ticket_fields().await.map_err(|error| Unread::target(list, &error))?;
    Ok(target_words::fields(&fields))
}

async fn target_companies(client: &bangwo8::Client) -> Result<Vec<Field>, Unread> {
    let list = "Bangwo8's company fields";
    let fields = client.company_fields().await.map_err(|error| Unread::target(list, &error))?;
    Ok(target_words::fields(&fields))
}

/// By v2 where its credentials are configured: only it has the options of cascades (§3.9) and the fields of
/// organizations.
async fn source_fields(
    client: Option<&udesk::Client>,
    category: Category,
) -> Result<Option<Vec<Field>>, Unread> {
    let Some(client) = client else { return Ok(None) };
    let list = match category {
        Category::Organization => "Udesk's organization fields",
        _ => "Udesk's ticket fields",
    };
    let read = match category {
        _ if client.has_v2() => client.v2().custom_fields(category).await,
        Category::Ticket if client.has_v1() => client.v1().ticket_fields().await,
        _ => return Ok(None),
    };
    let fields = read.map_err(|error| Unread { list, why: error.to_string(), forbidden: false })?;
    Ok(Some(source_words::fields(&fields)))
}

impl Unread {
    /// Of a list of Bangwo8's.
    pub fn target(list: &'static str, error: &bangwo8::Error) -> Self {
        let forbidden = matches!(error, bangwo8::Error::Forbidden { .. });
        let hint = if forbidden { "; use the credentials of an administrator" } else { "" };
        Self { list, why: format!("{error}{hint}"), forbidden }
    }
}
