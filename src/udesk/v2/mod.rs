//! Family v2: `/open_api_v1/…`, signed with the administrator's e-mail and the API token (§5).
//!
//! Little of it is documented in what could be read, so everything is decoded leniently.

mod agents;
mod customers;
mod fields;
mod groups;
mod log_in;
mod organizations;
mod replies;
mod search;
mod surveys;
mod tickets;
mod uploads;

use super::client::Client;

pub use agents::{Agent, SipAccount};
pub use customers::{Customer, CustomerDraft, LookUp};
pub use fields::Category;
pub use groups::{GroupAgent, UserGroup};
pub use organizations::{Organization, OrganizationKey};
pub use replies::{Author, Reply};
pub use search::Search;
pub use surveys::{Survey, SurveyOption};

/// The calls of family v2. Without e-mail and token each of them but [`log_in`](V2::log_in) is an
/// [`Error::Configuration`](super::Error::Configuration).
#[derive(Clone, Debug)]
pub struct V2(Client);

impl Client {
    /// The calls of family v2.
    pub fn v2(&self) -> V2 {
        V2(self.clone())
    }
}
