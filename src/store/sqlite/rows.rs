//! Tables as rows of plain values.

use rusqlite::{
    Connection, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use crate::store::{
    StoreError,
    tables::{Row, Table, Value},
};

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// See [`crate::store::engine::Engine::rows`].
pub(super) fn page(
    db: &Connection,
    table: &Table,
    after: Option<&Row>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let key = table.key_columns().join(", ");
    let further = match after {
        None => String::new(),
        Some(_) => format!("WHERE ({key}) > ({})", vec!["?"; table.key].join(", ")),
    };
    let sql = format!(
        "SELECT {} FROM {} {further} ORDER BY {key} LIMIT {limit}",
        table.column_names().join(", "),
        table.name
    );
    let mut statement = db.prepare_cached(&sql)?;
    let after = after.into_iter().flat_map(|row| row.iter().take(table.key));
    let mut rows = statement.query(params_from_iter(after))?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..table.columns.len()).map(|column| value(row.get_ref(column)?));
        page.push(values.collect::<Result<Row, StoreError>>()?);
    }
    Ok(page)
}

fn value(value: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => Value::Text(
            String::from_utf8(text.to_vec()).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        ),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(number) => {
            return Err(StoreError::Corrupt(format!("{number} where no fraction can be")));
        }
    })
}

/// See [`crate::store::engine::Engine::put_rows`].
pub(super) fn put(tx: &Connection, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        table.column_names().join(", "),
        vec!["?"; table.columns.len()].join(", ")
    );
    let mut statement = tx.prepare_cached(&sql)?;
    for row in rows {
        statement.execute(params_from_iter(row))?;
    }
    Ok(())
}
