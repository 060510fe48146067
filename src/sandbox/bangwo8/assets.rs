//! Asset tables (§11): rows of a form that the tenant defined, each owned by somebody.
//!
//! Known from one client: the search and the adding of rows. The vendor's own page on them is lost but for the
//! attributes, so updating by `unique_key` is not here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::desk::{Desk, TENANT_ID};
use super::page::{self, Page};
use super::sent::{self, filled, text};
use super::{Admitted, Answer, Rejection, Reply};
use crate::sandbox::clock;

/// Default page size, and the largest the page advises.
const PER_PAGE: usize = 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AssetTable {
    pub(crate) table_id: u64,
    /// Its unique identifier, which is not what people see.
    pub(crate) table_name: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) key: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Row {
    #[serde(rename = "rId")]
    pub(crate) id: u64,
    pub(crate) owner_type: String,
    pub(crate) owner: u64,
    /// 0 for none.
    #[serde(default)]
    ticket_id: u64,
    create_time: String,
    update_time: String,
    /// By the key of the column.
    pub(crate) values: BTreeMap<String, String>,
}

impl Row {
    pub(crate) fn value(&self, key: &str) -> &str {
        self.values.get(key).map(String::as_str).unwrap_or_default()
    }

    /// Ids and kinds of owners as they are, columns by a part of their text.
    pub(crate) fn has(&self, key: &str, text: &str) -> bool {
        match key {
            "owner" => self.owner.to_string() == text,
            "ownerType" => self.owner_type == text,
            column => self.value(column).contains(text),
        }
    }
}

/// `GET /forms/asset_form/{tableId}/search.json?query=owner:1 ownerType:company`: rows that meet all
/// conditions; all rows without any.
pub(crate) fn search(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let table = find(desk, admitted.id).ok_or(Rejection::NotFound)?;
    let query = admitted.call.param("query").unwrap_or_default();
    let meets =
        |row: &Row, condition: &str| condition.split_once(':').is_some_and(|(key, text)| row.has(key, text));
    let matching: Vec<&Row> =
        table.rows.iter().filter(|row| query.split_whitespace().all(|word| meets(row, word))).collect();
    let page = Page::of(admitted.call, PER_PAGE);
    let rows: Vec<Value> = page.cut(&matching).iter().map(|row| wire(row, table)).collect();
    let total = page::count(&admitted.switches, matching.len());
    Ok(Reply::ok(json!({"asset_table": {"total": total, "datas": rows}})))
}

/// `POST /forms/asset_form/{tableId}.json`: all rows of `items_data` or none. What a success answers is not
/// known; here it is the general answer to a write.
pub(crate) fn create(desk: &mut Desk, admitted: &Admitted<'_>) -> Answer {
    let table = find(desk, admitted.id).ok_or(Rejection::NotFound)?;
    let table_id = table.table_id;
    let now = clock::vendor_now(&admitted.switches);
    let mut rows = rows_of(&sent::json(admitted)?, table, desk, &now).map_err(as_rows_refused)?;
    let ids: Vec<u64> = rows.iter().map(|row| row.id).collect();
    let mut tables = desk.asset_tables.iter_mut();
    let table = tables.find(|table| table.table_id == table_id).ok_or(Rejection::NotFound)?;
    table.rows.append(&mut rows);
    let body = json!({"status": "0", "message": "Insert ok", "data": false});
    let effect = json!({"kind": "asset_rows_created", "tableId": table_id, "rIds": ids});
    Ok(Reply::ok(body).with_effect(effect))
}

fn find<'a>(desk: &'a Desk, id: &str) -> Option<&'a AssetTable> {
    desk.asset_tables.iter().find(|table| table.table_id.to_string() == id)
}

/// This endpoint has its own words for a refusal.
fn as_rows_refused(rejection: Rejection) -> Rejection {
    match rejection {
        Rejection::Business(reason) => Rejection::RowsRefused(reason),
        other => other,
    }
}

fn rows_of(body: &Value, table: &AssetTable, desk: &Desk, now: &str) -> Result<Vec<Row>, Rejection> {
    let items = body.get("items_data").and_then(Value::as_array).filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| Rejection::empty("items_data"))?;
    let first_id = table.rows.iter().map(|row| row.id).max().unwrap_or_default() + 1;
    (first_id..).zip(items).map(|(id, item)| row_of(id, item, table, desk, now)).collect()
}

fn row_of(id: u64, item: &Value, table: &AssetTable, desk: &Desk, now: &str) -> Result<Row, Rejection> {
    let members = item.as_object().ok_or_else(|| Rejection::invalid("items_data"))?;
    let sent = |name: &str| filled(name, members.get(name).unwrap_or(&Value::Null));
    let (owner_type, owner) = (sent("ownerType")?, sent("owner")?);
    let owner = owner.parse().map_err(|_| Rejection::invalid("owner"))?;
    if !exists(&owner_type, owner, desk)? {
        return Err(Rejection::unknown("owner"));
    }
    let (create_time, update_time) = (now.to_owned(), now.to_owned());
    let values = values(members, table)?;
    Ok(Row { id, owner_type, owner, ticket_id: 0, create_time, update_time, values })
}

fn exists(owner_type: &str, owner: u64, desk: &Desk) -> Result<bool, Rejection> {
    match owner_type {
        "agent" => Ok(owner == TENANT_ID),
        "servicer" => Ok(desk.support(owner).is_some()),
        "servicerGroup" => Ok(desk.has_group(owner)),
        "contacter" => Ok(desk.has_contact(owner)),
        "company" => Ok(desk.has_company(owner)),
        _ => Err(Rejection::invalid("ownerType")),
    }
}

/// Columns are members beside the owner. Other names are ignored, but not those that look like a column.
fn values(members: &Map<String, Value>, table: &AssetTable) -> Result<BTreeMap<String, String>, Rejection> {
    let sent = members.iter().filter(|(name, value)| name.starts_with("field_") && !value.is_null());
    sent.map(|(name, value)| {
        let known = table.columns.iter().any(|column| &column.key == name);
        if known { Ok((name.clone(), text(name, value)?)) } else { Err(Rejection::unknown(name)) }
    })
    .collect()
}

/// Every column is a member, set or not.
fn wire(row: &Row, table: &AssetTable) -> Value {
    let mut wire = Map::from_iter([
        ("rId".to_owned(), json!(row.id.to_string())),
        ("tableId".to_owned(), json!(table.table_id.to_string())),
        ("ownerType".to_owned(), json!(row.owner_type)),
        ("owner".to_owned(), json!(row.owner.to_string())),
        ("ticketId".to_owned(), json!(row.ticket_id.to_string())),
        ("createTime".to_owned(), json!(row.create_time)),
        ("updateTime".to_owned(), json!(row.update_time)),
    ]);
    wire.extend(table.columns.iter().map(|column| (column.key.clone(), json!(row.value(&column.key)))));
    Value::Object(wire)
}
