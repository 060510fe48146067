//! A contact, the person a ticket is for, as it is read (§9.1).

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    company::CompanyId,
    pairs,
    scalar::{self, Fields},
};

/// The id of a contact: `cId` here, `custUserId` on a ticket, `user_id` in an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContactId(String);

impl ContactId {
    /// Takes the text as it is; it is encoded wherever it becomes part of a path.
    pub fn new(text: impl Into<String>) -> ContactId {
        ContactId(text.into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A contact as the vendor returned it. `Debug` shows nothing about the person.
#[derive(Clone, PartialEq, Serialize)]
pub struct Contact {
    /// `cId`: the id that the vendor assigned.
    pub id: ContactId,
    /// `name`.
    pub name: Option<String>,
    /// `mobile`; a contact has this or a landline.
    pub mobile: Option<String>,
    /// `fixnumber`: the landline.
    pub fixnumber: Option<String>,
    /// `email`.
    pub email: Option<String>,
    /// `position`: the job title.
    pub position: Option<String>,
    /// `state`: 1 employed, 2 left, 3 deleted; others may come.
    pub state: Option<u8>,
    /// `QQ`: the number at that messenger.
    pub qq: Option<String>,
    /// `note`.
    pub note: Option<String>,
    /// `companyId`: the company it belongs to, where contacts belong to companies.
    pub company_id: Option<CompanyId>,
    /// `uniqueId` (old) or `uniqueIds` (`_v2`): the ids of remote clients, with remarks in a structure that is not
    /// documented, so untouched.
    pub unique_ids: Vec<Value>,
    /// `supportId`: the support agent in charge.
    pub support_id: Option<String>,
    /// `createrId`.
    pub creater_id: Option<String>,
    /// `default`: whether it is its company's default contact.
    pub is_default: Option<bool>,
    /// `userGroup`: customer groups, joined by commas.
    pub user_group: Option<String>,
    /// `tableName`: tag names, joined by commas.
    pub table_name: Option<String>,
    /// `createDT`.
    pub created_at: Option<Timestamp>,
    /// `updateDT`.
    pub updated_at: Option<Timestamp>,
    /// Keys and values in the vendor's order, untouched (§4.5).
    #[serde(serialize_with = "pairs::as_entries")]
    pub custom_fields: Vec<(String, Value)>,
}

impl Contact {
    /// Nothing if the value is not an object with a `cId`; everything else may be missing or odd.
    pub(super) fn read(value: &Value, time_zone: &TimeZone) -> Option<Contact> {
        let fields = Fields::of(value, time_zone)?;
        Some(Contact {
            id: ContactId(fields.id("cId")?),
            name: fields.text("name"),
            mobile: fields.text("mobile"),
            fixnumber: fields.text("fixnumber"),
            email: fields.text("email"),
            position: fields.text("position"),
            state: fields.count("state").and_then(|state| state.try_into().ok()),
            qq: fields.text("QQ"),
            note: fields.text("note"),
            company_id: fields.id("companyId").map(CompanyId::new),
            unique_ids: unique_ids(&fields),
            support_id: fields.id("supportId"),
            creater_id: fields.id("createrId"),
            is_default: fields.flag("default"),
            user_group: fields.id("userGroup"),
            table_name: fields.text("tableName"),
            created_at: fields.time("createDT"),
            updated_at: fields.time("updateDT"),
            custom_fields: fields.custom_fields(),
        })
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Contact")
            .field("id", &self.id)
            .field("company_id", &self.company_id)
            .field("updated_at", &self.updated_at)
            .finish_non_exhaustive()
    }
}

/// The array of `_v2`, or the one id of the old endpoints as an array.
fn unique_ids(fields: &Fields<'_>) -> Vec<Value> {
    match fields.get("uniqueIds").and_then(Value::as_array) {
        Some(ids) => ids.clone(),
        None => scalar::text(fields.get("uniqueId")).map(Value::from).into_iter().collect(),
    }
}
