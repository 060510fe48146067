//! `GET /osp2016/SDK/Tables/ticketAssetTable.php`: a page of the vendor's screens, not of its API, from which an
//! agent picks a row of an asset table to fill fields of a company with.
//!
//! Its documented parameters decide which rows and columns it shows. What the agents chose to see before, and the
//! place-holders that the screen around it fills in, are not here.

use serde_json::{Map, Value, json};

use super::assets::{AssetTable, Column, Row};
use super::desk::Desk;
use super::{Admitted, Answer, Call, Rejection, Reply};

/// Stands for the row's own id among the columns.
const ROW_ID: &str = "_id";

/// Each row carries what it would fill in, by the key of the company's field.
pub(crate) fn page(desk: &Desk, admitted: &Admitted<'_>) -> Answer {
    let call = admitted.call;
    let table = table(desk, call).ok_or(Rejection::BadRequest("tableId or tableName must name a table"))?;
    let fills = pairs(&call.param("cPara").ok_or(Rejection::BadRequest("cPara cannot be empty"))?);
    let filter = filter(call);
    let columns = columns(table, call);
    let rows: String = table
        .rows
        .iter()
        .filter(|row| filter.iter().all(|(key, text)| row.has(key, text)))
        .map(|row| html_row(row, &columns, &fills))
        .collect();
    let heads: String = columns.iter().map(|column| format!("<th>{}</th>", escaped(&column.name))).collect();
    let title = escaped(&table.name);
    let html = format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><title>{title}</title>\
         <table><caption>{title}</caption><tr>{heads}</tr>{rows}</table></html>"
    );
    Ok(Reply::ok(Value::String(html)))
}

/// Of two names that disagree `tableName` decides.
fn table<'a>(desk: &'a Desk, call: &Call) -> Option<&'a AssetTable> {
    let mut tables = desk.asset_tables.iter();
    match (call.param("tableName"), call.param("tableId")) {
        (Some(name), _) => tables.find(|table| table.table_name == name),
        (None, Some(id)) => tables.find(|table| table.table_id.to_string() == id),
        (None, None) => None,
    }
}

/// Conditions without a value do not count, and an owner without their kind makes all of them void.
fn filter(call: &Call) -> Vec<(String, String)> {
    let mut conditions = pairs(&call.param("filter").unwrap_or_default());
    conditions.retain(|(_, text)| !text.is_empty());
    let names = |wanted: &str| conditions.iter().any(|(key, _)| key == wanted);
    if names("owner") && !names("ownerType") { Vec::new() } else { conditions }
}

fn columns<'a>(table: &'a AssetTable, call: &Call) -> Vec<&'a Column> {
    let display = call.param("display");
    let is_shown = |column: &&Column| {
        display.as_ref().is_none_or(|keys| keys.split(',').any(|key| key.trim() == column.key))
    };
    table.columns.iter().filter(is_shown).collect()
}

/// `a:1,b:2`.
fn pairs(joined: &str) -> Vec<(String, String)> {
    let pairs = joined.split(',').filter_map(|pair| pair.split_once(':'));
    pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect()
}

fn html_row(row: &Row, columns: &[&Column], fills: &[(String, String)]) -> String {
    let value = |key: &str| if key == ROW_ID { row.id.to_string() } else { row.value(key).to_owned() };
    let filled: Map<String, Value> =
        fills.iter().map(|(column, field)| (field.clone(), json!(value(column)))).collect();
    let cells: String =
        columns.iter().map(|column| format!("<td>{}</td>", escaped(row.value(&column.key)))).collect();
    format!("<tr data-fill=\"{}\">{cells}</tr>", escaped(&Value::Object(filled).to_string()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
