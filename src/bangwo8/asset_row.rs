//! A row of an asset table, as it is read and as it is written (§11).

use std::fmt;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    pairs,
    scalar::{self, Fields},
};

/// The keys of a row that are not columns.
pub(super) const OWN_KEYS: &[&str] = &[
    "tableId",
    "ownerType",
    "owner",
    "rId",
    "ticketId",
    "unique_key",
    "unique_value",
    "createTime",
    "updateTime",
    "relative_ticket_columnId",
];

/// What kind of owner a row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnerType {
    /// `agent`: the tenant, in spite of its name.
    #[serde(rename = "agent")]
    Tenant,
    /// `servicer`: a support agent.
    #[serde(rename = "servicer")]
    Servicer,
    /// `contacter`: a contact.
    #[serde(rename = "contacter")]
    Contact,
    /// `company`: a company.
    #[serde(rename = "company")]
    Company,
    /// `servicerGroup`: a group of support agents.
    #[serde(rename = "servicerGroup")]
    ServicerGroup,
}

impl OwnerType {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            OwnerType::Tenant => "agent",
            OwnerType::Servicer => "servicer",
            OwnerType::Contact => "contacter",
            OwnerType::Company => "company",
            OwnerType::ServicerGroup => "servicerGroup",
        }
    }
}

/// Whose rows to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedBy {
    /// The kind of owner.
    pub owner_type: OwnerType,
    /// The owner's id; nothing for all owners of that kind.
    pub owner: Option<String>,
}

/// A row as the vendor returned it; `Debug` shows no column.
#[derive(Clone, PartialEq, Serialize)]
pub struct AssetRow {
    /// `rId`; some answers leave it out.
    pub id: Option<String>,
    /// `tableId`.
    pub table_id: Option<String>,
    /// `ownerType`, as sent.
    pub owner_type: Option<String>,
    /// `owner`: the owner's id.
    pub owner: Option<String>,
    /// `ticketId`: the ticket it is related to.
    pub ticket_id: Option<String>,
    /// `relative_ticket_columnId`: the ticket field that refers to the table.
    pub relative_ticket_column_id: Option<String>,
    /// `unique_key`: the column that identifies the row.
    pub unique_key: Option<String>,
    /// `unique_value`: its value.
    pub unique_value: Option<String>,
    /// `createTime`.
    pub created_at: Option<Timestamp>,
    /// `updateTime`.
    pub updated_at: Option<Timestamp>,
    /// All other keys and their values in the vendor's order: the columns, untouched.
    #[serde(serialize_with = "pairs::as_object")]
    pub columns: Vec<(String, Value)>,
    /// What tells it apart from the other rows of a walk.
    #[serde(skip)]
    pub(super) identity: String,
}

impl AssetRow {
    /// The value of a column, if the row has it.
    pub fn column(&self, key: &str) -> Option<&Value> {
        self.columns.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// A column's text; nothing if it is empty or no scalar.
    pub(super) fn column_text(&self, key: &str) -> Option<String> {
        scalar::text(self.column(key))
    }

    /// Nothing if the value is not an object. Not even the id is required: the one public sample of a search has
    /// none.
    pub(super) fn read(value: &Value, time_zone: &TimeZone) -> Option<AssetRow> {
        let fields = Fields::of(value, time_zone)?;
        let column = |(key, value): (&String, &Value)| {
            (!OWN_KEYS.contains(&key.as_str())).then(|| (key.clone(), value.clone()))
        };
        let id = fields.id("rId");
        Some(AssetRow {
            identity: id.clone().unwrap_or_else(|| value.to_string()),
            id,
            table_id: fields.id("tableId"),
            owner_type: fields.text("ownerType"),
            owner: fields.id("owner"),
            ticket_id: fields.id("ticketId"),
            relative_ticket_column_id: fields.id("relative_ticket_columnId"),
            unique_key: fields.text("unique_key"),
            unique_value: fields.text("unique_value"),
            created_at: fields.time("createTime"),
            updated_at: fields.time("updateTime"),
            columns: value.as_object()?.iter().filter_map(column).collect(),
        })
    }
}

impl fmt::Debug for AssetRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AssetRow")
            .field("id", &self.id)
            .field("owner_type", &self.owner_type)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

/// A row to create; `Debug` shows no column.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct AssetRowWrite {
    /// The owner's id. The document marks it read-only and required; it is sent (§13, 29).
    pub owner: String,
    /// The kind of owner.
    #[serde(rename = "ownerType")]
    pub owner_type: OwnerType,
    /// The column that identifies the row, for the vendor to update it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_key: Option<String>,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_value: Option<String>,
    /// The columns by their keys, e.g. `field_3`.
    #[serde(flatten)]
    pub columns: Map<String, Value>,
}

impl fmt::Debug for AssetRowWrite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AssetRowWrite")
            .field("owner", &self.owner)
            .field("owner_type", &self.owner_type)
            .finish_non_exhaustive()
    }
}
