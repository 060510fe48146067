//! Groups of agents (§5.5).

use futures_util::Stream;
use serde::Serialize;
use serde_json::value::RawValue;

use super::V2;
use crate::udesk::{
    error::Error,
    page::{List, Page, Style},
    redact::debug_only,
    request::{Endpoint, Operation, Request},
    scalar::Fields,
};

/// A group of agents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserGroup {
    /// The id.
    pub id: u64,
    /// The name.
    pub name: Option<String>,
    /// Its members.
    pub agents: Vec<GroupAgent>,
}

/// A member of a group. The list of groups tells no addresses.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct GroupAgent {
    /// The agent's id.
    pub id: u64,
    /// The name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The telephone number.
    pub cellphone: Option<String>,
}

impl UserGroup {
    fn read(raw: &RawValue) -> Option<UserGroup> {
        let fields = Fields::of(raw)?;
        Some(UserGroup {
            id: fields.id("id")?,
            name: fields.text("name"),
            agents: fields.objects("agents", GroupAgent::read),
        })
    }
}

impl GroupAgent {
    fn read(fields: &Fields<'_>) -> Option<GroupAgent> {
        Some(GroupAgent {
            id: fields.id("id")?,
            name: fields.text("nick_name"),
            email: fields.text("email"),
            cellphone: fields.text("cellphone"),
        })
    }
}

debug_only!(GroupAgent { id });

impl V2 {
    /// One page of the groups with their members: `GET /open_api_v1/user_groups` (§5.5). `per_page` is 1 to
    /// 100.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn user_groups_page(&self, page: u32, per_page: u32) -> Result<Page<UserGroup>, Error> {
        self.0.page(&groups(), page, per_page).await
    }

    /// The groups with their members, page after page as they are asked for.
    pub fn user_groups(&self) -> impl Stream<Item = Result<UserGroup, Error>> + Send + use<> {
        self.0.walk(groups())
    }

    /// One group with its members and their addresses: `GET /open_api_v1/user_groups/:id/agents` (§5.5).
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn user_group(&self, id: u64) -> Result<UserGroup, Error> {
        let endpoint = Endpoint::v2("GET", format_args!("/user_groups/{id}/agents"), Operation::Read);
        self.0
            .send(&Request::read(endpoint, vec![]), |answer| answer.one("user_group", UserGroup::read))
            .await
    }
}

fn groups() -> List<UserGroup> {
    List::new(Endpoint::v2("GET", "/user_groups", Operation::Read), Style::V2, "user_groups", UserGroup::read)
}
