//! Agents: the people who handle tickets (§5.4).

use futures_util::Stream;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::value::RawValue;

use super::V2;
use crate::udesk::{
    error::Error,
    page::{List, Page, Style},
    redact::debug_only,
    request::{Endpoint, Operation},
    scalar::Fields,
};

/// An agent. The answer holds a password, so its raw bytes are not kept, and `Debug` shows the id alone.
#[derive(Clone, Serialize)]
pub struct Agent {
    /// The id.
    pub id: u64,
    /// The e-mail address.
    pub email: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// `aliase` (sic): the name that customers see.
    pub alias: Option<String>,
    /// `all`, `im`, `call`, `ticket` or `dial`: what the agent works with.
    pub profile: Option<String>,
    /// The telephone number.
    pub cellphone: Option<String>,
    /// The role's name.
    pub role: Option<String>,
    /// The duty.
    pub duty: Option<String>,
    /// How many chats the agent takes at once.
    pub im_ability: Option<i64>,
    /// The groups.
    pub group_ids: Vec<u64>,
    /// `work_id`: the number in the company.
    pub work_id: Option<String>,
    /// `ucpapp_subaccount`: the telephone account.
    pub sip: Option<SipAccount>,
}

/// A telephone account.
#[derive(Clone, Serialize)]
pub struct SipAccount {
    /// The number.
    pub number: Option<String>,
    /// The password.
    #[serde(skip)]
    pub password: Option<SecretString>,
}

impl Agent {
    fn read(raw: &RawValue) -> Option<Agent> {
        let fields = Fields::of(raw)?;
        Some(Agent {
            id: fields.id("id")?,
            email: fields.text("email"),
            name: fields.text("nick_name"),
            alias: fields.text("aliase"),
            profile: fields.text("profile"),
            cellphone: fields.text("cellphone"),
            role: fields.text("role_name"),
            duty: fields.text("duty"),
            im_ability: fields.integer("im_ability_value"),
            group_ids: fields.ids("user_group_ids"),
            work_id: fields.text("work_id"),
            sip: fields.object("ucpapp_subaccount").map(|account| SipAccount {
                number: account.text("number"),
                password: account.text("password").map(SecretString::from),
            }),
        })
    }
}

debug_only!(Agent { id });
debug_only!(SipAccount {});

impl V2 {
    /// One page of the agents: `GET /open_api_v1/agents` (§5.4). Old tickets point to agents who have left, so
    /// a migration wants the disabled ones too. `per_page` is 1 to 100.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn agents_page(
        &self,
        with_disabled: bool,
        page: u32,
        per_page: u32,
    ) -> Result<Page<Agent>, Error> {
        self.0.page(&agents(with_disabled), page, per_page).await
    }

    /// The agents, page after page as they are asked for.
    pub fn agents(&self, with_disabled: bool) -> impl Stream<Item = Result<Agent, Error>> + Send + use<> {
        self.0.walk(agents(with_disabled))
    }
}

fn agents(with_disabled: bool) -> List<Agent> {
    let query = vec![("with_disabled", with_disabled.to_string())];
    let endpoint = Endpoint::v2("GET", "/agents", Operation::Read);
    List { query, ..List::new(endpoint, Style::V2, "agents", Agent::read) }
}
