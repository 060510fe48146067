//! Rows of asset tables: forms of the tenant's own that belong to a company, a contact or another owner (§11).

use std::fmt;

use futures_util::Stream;
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    answer::Answer,
    asset_extension::AssetTableId,
    client::Client,
    error::Error,
    page::{self, Page},
    pairs,
    query::Query,
    request::{Endpoint, Request, RequestId},
    scalar::{self, Fields},
};

/// The vendor's default page size and its advice for asset tables (§2.2).
const PER_PAGE: u32 = 20;
/// As many rows as one call creates: five of the vendor's own pages, so that a call ends well within its time.
const MAX_ROWS_PER_CALL: usize = 100;
/// The keys of a row that are not columns.
const OWN_KEYS: &[&str] = &[
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
    identity: String,
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

#[derive(Serialize)]
struct Envelope<'a> {
    items_data: &'a [AssetRowWrite],
}

impl Client {
    /// One page of a table's rows, of one owner or of all: `GET /forms/asset_form/{tableId}/search.json` (§11).
    /// Pages count from 1, and more than 20 a page is against the vendor's advice.
    ///
    /// The query is `owner:{id} ownerType:{type}`, as a client in production sends it. Without an owner no query is
    /// sent; that this means every row is an assumption, as is what permission it needs.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn asset_rows_page(
        &self,
        table: AssetTableId,
        owner: Option<&OwnedBy>,
        page: u32,
        per_page: u32,
    ) -> Result<Page<AssetRow>, Error> {
        let table = table.to_string();
        let query = Query::new().with("query", owner.map(expression)).page(page, per_page);
        let request = Request::read(&["forms", "asset_form", &table, "search"], query);
        self.send(&request, |answer| self.read_rows(answer, page, per_page)).await
    }

    /// A table's rows, of one owner or of all, 20 at a time as they are asked for; the first error ends the stream.
    /// See [`asset_rows_page`](Client::asset_rows_page).
    ///
    /// # Errors
    /// Any [`Error`] of a read, as an element of the stream.
    pub fn asset_rows(
        &self,
        table: AssetTableId,
        owner: Option<&OwnedBy>,
    ) -> impl Stream<Item = Result<AssetRow, Error>> + Send + use<> {
        let endpoint = Endpoint::get(&["forms", "asset_form", &table.to_string(), "search"]);
        let (client, owner) = (self.clone(), owner.cloned());
        page::walk(
            endpoint,
            |row: &AssetRow| &row.identity,
            move |page| {
                let (client, owner) = (client.clone(), owner.clone());
                async move { client.asset_rows_page(table, owner.as_ref(), page, PER_PAGE).await }
            },
        )
    }

    /// Creates rows in a table: `POST /forms/asset_form/{tableId}.json` (§11). What the answer holds is not known,
    /// so it tells only that they were created.
    ///
    /// # Errors
    /// [`Configuration`](Error::Configuration) for no rows, more than 100, or a column that has the name of a key
    /// of the row itself; [`Rejected`](Error::Rejected) with the vendor's `errorMsg`; any other [`Error`].
    pub async fn create_asset_rows(
        &self,
        table: AssetTableId,
        rows: &[AssetRowWrite],
        request_id: &RequestId,
    ) -> Result<(), Error> {
        check(rows).map_err(|why| Error::Configuration { why, source: None })?;
        let endpoint = Endpoint::post(&["forms", "asset_form", &table.to_string()]);
        let request = Request::write(endpoint, &Envelope { items_data: rows }, request_id)?;
        self.send(&request, |_| Ok(())).await
    }

    /// The envelope of §11 is unlike every other list's: the rows and a `total` under one key.
    fn read_rows(&self, answer: &Answer, page: u32, per_page: u32) -> Result<Page<AssetRow>, Error> {
        let table = answer.body.get("asset_table").unwrap_or(&Value::Null);
        let rows = table.get("datas").and_then(Value::as_array);
        let rows = rows.ok_or_else(|| answer.endpoint.bad_answer("it has not the documented list"))?;
        let rows = answer.items(rows, |row| AssetRow::read(row, self.time_zone()))?;
        Ok(Page::new(rows, scalar::count(table.get("total")), false, page, per_page))
    }
}

fn expression(owned_by: &OwnedBy) -> String {
    let owner_type = format!("ownerType:{}", owned_by.owner_type.as_str());
    match &owned_by.owner {
        Some(owner) => format!("owner:{owner} {owner_type}"),
        None => owner_type,
    }
}

fn check(rows: &[AssetRowWrite]) -> Result<(), &'static str> {
    if rows.is_empty() || rows.len() > MAX_ROWS_PER_CALL {
        return Err("1 to 100 asset rows are created by one call");
    }
    let own = |key: &String| OWN_KEYS.contains(&key.as_str());
    if rows.iter().any(|row| row.columns.keys().any(own)) {
        return Err("a column of an asset row has the name of one of the row's own keys");
    }
    Ok(())
}
