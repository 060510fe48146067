//! Rows of plain values, as one store gives them to another, and as they are kept.

use super::{
    Keyring,
    value::{Place, Under, bytes_under, text_under},
};
use crate::store::{
    StoreError,
    tables::{Column, Row, Table, Value},
};

impl Keyring {
    /// A row as it is kept.
    pub(in crate::store) fn sealed_row(&self, table: &Table, row: Row) -> Result<Row, StoreError> {
        each(table, row, |place, value| match value {
            Value::Text(text) => Ok(Value::Text(self.seal_text(place, text)?)),
            Value::Bytes(bytes) => Ok(Value::Bytes(self.seal_bytes(place, bytes)?)),
            other => Ok(other),
        })
    }

    /// A row as it was given.
    pub(in crate::store) fn opened_row(&self, table: &Table, row: Row) -> Result<Row, StoreError> {
        each(table, row, |place, value| match value {
            Value::Text(text) => Ok(Value::Text(self.open_text(place, text)?)),
            Value::Bytes(bytes) => Ok(Value::Bytes(self.open_bytes(place, bytes)?)),
            other => Ok(other),
        })
    }

    /// The row with all of it under the first key; `None` if it is so already.
    pub(in crate::store) fn renewed_row(&self, table: &Table, row: &Row) -> Result<Option<Row>, StoreError> {
        if under(table, row).all(|name| name == self.first_name()) {
            return Ok(None);
        }
        self.sealed_row(table, self.opened_row(table, row.clone())?).map(Some)
    }
}

/// The key of each value of a kept row that is encrypted or could be; `None` for a plain one.
pub(in crate::store) fn under<'a>(table: &'a Table, row: &'a Row) -> impl Iterator<Item = Option<&'a str>> {
    let values = table.columns.iter().zip(row).filter(|(column, _)| column.seal.is_some());
    values.filter_map(|(_, value)| match value {
        Value::Text(text) if !text.is_empty() => Some(named(text_under(text))),
        Value::Bytes(bytes) if !bytes.is_empty() => Some(named(bytes_under(bytes))),
        _ => None,
    })
}

fn named(under: Under<'_>) -> Option<&str> {
    match under {
        Under::Nothing => None,
        Under::Key(name) => Some(name),
    }
}

/// Changes what can be encrypted. What is empty was erased, and holds nothing.
fn each(
    table: &Table,
    row: Row,
    change: impl Fn(&Place, Value) -> Result<Value, StoreError>,
) -> Result<Row, StoreError> {
    let places: Vec<Option<Place>> = table.columns.iter().map(|column| place(table, column, &row)).collect();
    let values = row.into_iter().zip(places);
    let values = values.map(|(value, place)| match place {
        Some(place) if !is_empty(&value) => change(&place, value),
        _ => Ok(value),
    });
    values.collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Null | Value::Integer(_) => true,
    }
}

fn place(table: &Table, column: &Column, row: &Row) -> Option<Place> {
    let seal = column.seal?;
    let named = |name: &&str| table.columns.iter().position(|column| column.name == *name);
    let values: Vec<String> =
        seal.of.iter().filter_map(named).filter_map(|at| row.get(at)).map(text).collect();
    Some(seal.at(&values.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Bytes(bytes) => hex::encode(bytes),
    }
}
