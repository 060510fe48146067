//! Support agents, the people who answer (§10). On the wire "agent" alone is the tenant, so the word is always
//! used in full here.

use std::fmt;

use futures_util::Stream;
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;

use super::{
    client::Client,
    error::Error,
    page::{self, PER_PAGE, Page},
    pairs,
    query::{Order, Query, Window},
    request::{Endpoint, Request},
    scalar::Fields,
};

/// A support agent as the vendor returned it. `Debug` shows nothing personal.
#[derive(Clone, PartialEq, Serialize)]
pub struct SupportAgent {
    /// `sId`, which is `servicerUserId` on tickets and `supportId` on companies.
    pub id: String,
    /// `url`: the address of the resource.
    pub url: Option<String>,
    /// `sPassportName`: the login name, which never changes.
    pub login: Option<String>,
    /// `groupId`: the groups that the agent is in. What they are called cannot be asked for.
    pub group_ids: Vec<String>,
    /// `sNum`: the staff number.
    pub staff_number: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `gnder`, as the wire spells it: 1 female, 2 male.
    pub gender: Option<u8>,
    /// `email`.
    pub email: Option<String>,
    /// `fixnumber`: the landline.
    pub landline: Option<String>,
    /// `mobile`.
    pub mobile: Option<String>,
    /// `QQ`.
    pub qq: Option<String>,
    /// `isAdmin`.
    pub is_admin: Option<bool>,
    /// `isStat`: [`IN_SERVICE`](SupportAgent::IN_SERVICE), [`IN_RECYCLE_BIN`](SupportAgent::IN_RECYCLE_BIN) or
    /// [`REMOVED`](SupportAgent::REMOVED).
    pub status: Option<u8>,
    /// `createDT`.
    pub created_at: Option<Timestamp>,
    /// Keys and values in the vendor's order; the values are of many shapes (§4.5) and untouched.
    #[serde(serialize_with = "pairs::as_entries")]
    pub custom_fields: Vec<(String, Value)>,
}

/// Which support agents to list, and in what order; by default all by ascending id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupportAgentFilter {
    /// When they were created, to the second; sent in the tenant's zone.
    pub created: Window<Timestamp>,
    /// To sort by the time of creation.
    pub created_order: Option<Order>,
}

impl SupportAgent {
    /// In the recycle bin.
    pub const IN_RECYCLE_BIN: u8 = 0;
    /// At work.
    pub const IN_SERVICE: u8 = 1;
    /// Removed from the recycle bin.
    pub const REMOVED: u8 = 2;

    fn read(value: &Value, time_zone: &TimeZone) -> Option<SupportAgent> {
        let fields = Fields::of(value, time_zone)?;
        Some(SupportAgent {
            id: fields.id("sId")?,
            url: fields.text("url"),
            login: fields.text("sPassportName"),
            group_ids: group_ids(&fields.text("groupId").unwrap_or_default()),
            staff_number: fields.text("sNum"),
            name: fields.text("name"),
            gender: fields.number("gnder"),
            email: fields.text("email"),
            landline: fields.text("fixnumber"),
            mobile: fields.text("mobile"),
            qq: fields.text("QQ"),
            is_admin: fields.flag("isAdmin"),
            status: fields.number("isStat"),
            created_at: fields.time("createDT"),
            custom_fields: fields.custom_fields(),
        })
    }
}

impl Client {
    /// One page of the support agents: `GET /supports.json` (§10); needs an administrator. Pages count from 1, and
    /// more than 100 a page is against the vendor's advice.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn support_agents_page(
        &self,
        filter: &SupportAgentFilter,
        page: u32,
        per_page: u32,
    ) -> Result<Page<SupportAgent>, Error> {
        let query = Query::new()
            .times(["created_start", "created_end"], &filter.created, self.time_zone())
            .with("created_order", filter.created_order);
        let request = Request::read(&["supports"], query.page(page, per_page));
        self.send(&request, |answer| {
            answer.page("supports", page, per_page, |agent| SupportAgent::read(agent, self.time_zone()))
        })
        .await
    }

    /// The support agents, page after page of [`support_agents_page`](Client::support_agents_page) as they are asked
    /// for. The first error ends the stream.
    pub fn support_agents(
        &self,
        filter: &SupportAgentFilter,
    ) -> impl Stream<Item = Result<SupportAgent, Error>> + Send + use<> {
        let (client, filter) = (self.clone(), filter.clone());
        page::walk(
            Endpoint::get(&["supports"]),
            |agent: &SupportAgent| &agent.id,
            move |page| {
                let (client, filter) = (client.clone(), filter.clone());
                async move { client.support_agents_page(&filter, page, PER_PAGE).await }
            },
        )
    }

    /// One support agent: `GET /supports/{id}.json` (§10). The path is known from the agents' own addresses; that
    /// the answer has the agent under `support` is what all other resources do.
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success without an agent; any other [`Error`] of a read.
    pub async fn support_agent(&self, id: &str) -> Result<SupportAgent, Error> {
        let request = Request::read(&["supports", id], Query::new());
        self.send(&request, |answer| {
            answer.one("support", |agent| SupportAgent::read(agent, self.time_zone()))
        })
        .await
    }
}

impl fmt::Debug for SupportAgent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SupportAgent")
            .field("id", &self.id)
            .field("group_ids", &self.group_ids)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// `"123,234"`; 0 is no group.
fn group_ids(joined: &str) -> Vec<String> {
    let ids = joined.split(',').map(str::trim).filter(|id| !matches!(*id, "" | "0"));
    ids.map(str::to_owned).collect()
}
