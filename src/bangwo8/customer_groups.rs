//! Customer groups (§9.4): of companies in tenants of the 2B mode, of contacts in those of the 2C mode. An
//! administrator's business.

use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    client::Client,
    created,
    error::Error,
    query::Query,
    request::{Endpoint, Request, RequestId},
    scalar::Fields,
};

/// A customer group as the vendor returned it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CustomerGroup {
    /// `groupId`, which is the `userGroup` of companies and contacts.
    pub id: String,
    /// `url`: the address of the resource.
    pub url: Option<String>,
    /// `groupName`.
    pub name: Option<String>,
    /// `type`: [`OF_COMPANIES`](CustomerGroup::OF_COMPANIES) or [`OF_CONTACTS`](CustomerGroup::OF_CONTACTS).
    pub kind: Option<u8>,
}

/// The fields of a customer group to create or to change; a creation needs both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CustomerGroupWrite {
    /// The name.
    #[serde(rename = "groupName", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// [`OF_COMPANIES`](CustomerGroup::OF_COMPANIES) or [`OF_CONTACTS`](CustomerGroup::OF_CONTACTS).
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub kind: Option<u8>,
}

/// The envelope of every group write.
#[derive(Serialize)]
struct Envelope<'a> {
    customergroup: &'a CustomerGroupWrite,
}

impl CustomerGroup {
    /// A group of companies, in tenants of the 2B mode.
    pub const OF_COMPANIES: u8 = 1;
    /// A group of contacts, in tenants of the 2C mode.
    pub const OF_CONTACTS: u8 = 2;

    fn read(value: &Value, time_zone: &TimeZone) -> Option<CustomerGroup> {
        let fields = Fields::of(value, time_zone)?;
        Some(CustomerGroup {
            id: fields.id("groupId")?,
            url: fields.text("url"),
            name: fields.text("groupName"),
            kind: fields.number("type"),
        })
    }
}

impl Client {
    /// All customer groups: `GET /customergroups.json` (§9.4). No paging is documented.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn customer_groups(&self) -> Result<Vec<CustomerGroup>, Error> {
        let request = Request::read(&["customergroups"], Query::new());
        self.send(&request, |answer| {
            answer.list("customergroups", |group| CustomerGroup::read(group, self.time_zone()))
        })
        .await
    }

    /// One customer group: `GET /customergroups/{id}.json` (§9.4).
    ///
    /// # Errors
    /// [`NotFound`](Error::NotFound) also for a success without a group; any other [`Error`] of a read.
    pub async fn customer_group(&self, id: &str) -> Result<CustomerGroup, Error> {
        let request = Request::read(&["customergroups", id], Query::new());
        self.send(&request, |answer| {
            answer.one("customergroup", |group| CustomerGroup::read(group, self.time_zone()))
        })
        .await
    }

    /// Several customer groups: `GET /customergroups/show_many.json` (§9.4), a hundred ids a call. One that the
    /// vendor does not know is missing from the result.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn customer_groups_by_id(&self, ids: &[&str]) -> Result<Vec<CustomerGroup>, Error> {
        self.show_many("customergroups", ids, |group| CustomerGroup::read(group, self.time_zone())).await
    }

    /// Creates a customer group and returns its id: `POST /customergroups.json` (§9.4). Keep `request_id` for every
    /// retry of the same creation.
    ///
    /// # Errors
    /// Any [`Error`]. [`CreatedIdUnknown`](Error::CreatedIdUnknown) means that the group is there all the same.
    pub async fn create_customer_group(
        &self,
        customergroup: &CustomerGroupWrite,
        request_id: &RequestId,
    ) -> Result<String, Error> {
        let endpoint = Endpoint::post(&["customergroups"]);
        let request = Request::write(endpoint, &Envelope { customergroup }, request_id)?;
        // The sample answers one object under the plural key.
        let envelopes = ["customergroup", "customergroups"];
        self.send(&request, |answer| created::id(answer, &envelopes, &["groupId"])).await
    }

    /// Changes the given fields of a customer group: `PUT /customergroups/{id}.json` (§9.4; the path is all that is
    /// known of it, the rest is as for a creation).
    ///
    /// # Errors
    /// Any [`Error`] but those of a creation.
    pub async fn update_customer_group(
        &self,
        id: &str,
        customergroup: &CustomerGroupWrite,
        request_id: &RequestId,
    ) -> Result<(), Error> {
        let endpoint = Endpoint::put(&["customergroups", id]);
        let request = Request::write(endpoint, &Envelope { customergroup }, request_id)?;
        self.send(&request, |_| Ok(())).await
    }
}

/// The sample writes the kind as text.
fn as_text<S: Serializer>(kind: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
    kind.map(|kind| kind.to_string()).serialize(serializer)
}
