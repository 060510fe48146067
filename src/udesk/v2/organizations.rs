//! Organizations: the companies that customers belong to (§5.3).

use futures_util::Stream;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};

use super::{V2, search::Search};
use crate::udesk::{
    error::Error,
    page::{List, Page, Reach, Style},
    redact::debug_only,
    request::{Endpoint, Operation, Request},
    scalar::Fields,
};

/// Pages that the list has at most.
const LAST_PAGE: u32 = 100;

/// A company.
#[derive(Clone, Serialize)]
pub struct Organization {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: Option<String>,
    /// Its addresses on the web, as one text.
    pub domains: Option<String>,
    /// `normal` or `vip`.
    pub level: Option<String>,
    /// What agents noted.
    pub description: Option<String>,
    /// The id in another system.
    pub token: Option<String>,
    /// Telephone numbers.
    pub cellphones: Vec<String>,
    /// Values by identifier; selections are lists of indexes.
    pub custom_fields: Map<String, Value>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// The organization byte for byte as the vendor sent it.
    #[serde(skip)]
    pub raw: Box<RawValue>,
}

/// What to look an organization up by; a text is at most 255 characters long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrganizationKey {
    /// The vendor's id.
    Id(u64),
    /// The name.
    Name(String),
    /// The id in another system.
    Token(String),
}

impl Organization {
    /// Reads an organization; nothing if it is not an object with an id.
    pub fn read(raw: &RawValue) -> Option<Organization> {
        let mut fields = Fields::of(raw)?;
        Some(Organization {
            id: fields.id("id")?,
            name: fields.text("name"),
            domains: fields.text("domains"),
            level: fields.text("level"),
            description: fields.text("description"),
            token: fields.text("token"),
            cellphones: fields.contents("cellphones"),
            custom_fields: fields.custom_fields(),
            updated_at: fields.time("updated_at"),
            raw: raw.to_owned(),
        })
    }
}

debug_only!(Organization { id, updated_at });

impl V2 {
    /// One page of the organizations, those that are searched for: `GET /open_api_v1/organizations`
    /// (§5.3). Page and `per_page` are both 1 to 100.
    ///
    /// # Errors
    /// Any [`Error`] of a read; [`OutOfReach`](Error::OutOfReach) beyond page 100.
    pub async fn organizations_page(
        &self,
        search: Search<'_>,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Organization>, Error> {
        self.0.page(&organizations(search), page, per_page).await
    }

    /// The organizations, page after page as they are asked for. If there are more than the list shows,
    /// [`Error::OutOfReach`] is the last element.
    pub fn organizations(
        &self,
        search: Search<'_>,
    ) -> impl Stream<Item = Result<Organization, Error>> + Send + use<> {
        self.0.walk(organizations(search))
    }

    /// One organization: `GET /open_api_v1/organizations/show_org` (§5.3).
    ///
    /// # Errors
    /// Any [`Error`] of a read. The code for "none" is not documented, so that is
    /// [`Rejected`](Error::Rejected) unless the answer is a success without an organization.
    pub async fn organization(&self, key: &OrganizationKey) -> Result<Organization, Error> {
        let (by, content) = match key {
            OrganizationKey::Id(id) => ("id", id.to_string()),
            OrganizationKey::Name(name) => ("name", name.clone()),
            OrganizationKey::Token(token) => ("token", token.clone()),
        };
        let endpoint = Endpoint::v2("GET", "/organizations/show_org", Operation::Read);
        let request = Request::read(endpoint, vec![("type", by.to_owned()), ("content", content)]);
        self.0.send(&request, |answer| answer.one("organization", Organization::read)).await
    }
}

fn organizations(search: Search<'_>) -> List<Organization> {
    let endpoint = Endpoint::v2("GET", "/organizations", Operation::Read);
    let list = List::new(endpoint, Style::V2, "organizations", Organization::read);
    List { query: search.parameters(), reach: Reach::Pages(LAST_PAGE), ..list }
}
