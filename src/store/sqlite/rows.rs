//! Tables as rows of plain values.

use rusqlite::{
    Connection, ToSql, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use crate::store::{
    StoreError,
    tables::{Column, Kind, Row, Table, Value, changed},
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
        page.push(of(table, row)?);
    }
    Ok(page)
}

/// A row that has the table's columns in their order.
pub(super) fn of(table: &Table, row: &rusqlite::Row<'_>) -> Result<Row, StoreError> {
    let columns = table.columns.iter().enumerate();
    columns.map(|(place, column)| value(table, column, row.get_ref(place)?)).collect()
}

/// SQLite would keep anything in any column: only what the column is for can go elsewhere.
fn value(table: &Table, column: &Column, value: ValueRef<'_>) -> Result<Value, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("{}.{} has {what}", table.name, column.name));
    match (column.kind, value) {
        (_, ValueRef::Null) => Ok(Value::Null),
        (Kind::Integer, ValueRef::Integer(number)) => Ok(Value::Integer(number)),
        (Kind::Text, ValueRef::Text(text)) => match std::str::from_utf8(text) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err(corrupt("a text that is not UTF-8")),
        },
        (Kind::Bytes, ValueRef::Blob(bytes)) => Ok(Value::Bytes(bytes.to_vec())),
        (_, other) => Err(corrupt(&format!("a value of type {}", other.data_type()))),
    }
}

/// See [`crate::store::engine::Engine::count_rows`].
pub(super) fn count(db: &Connection, table: &Table) -> Result<u64, StoreError> {
    Ok(db.query_row(&format!("SELECT count(*) FROM {}", table.name), [], |row| row.get(0))?)
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

/// See [`crate::store::engine::Engine::change_rows`].
pub(super) fn change(tx: &Connection, table: &Table, changes: &[(Row, Row)]) -> Result<u64, StoreError> {
    let mut done = 0;
    for (before, after) in changes {
        let (names, places) = (table.column_names(), changed(before, after));
        let each =
            |word: &str| places.iter().map(|at| format!("{} {word} ?", names[*at])).collect::<Vec<_>>();
        let key = table.key_columns().into_iter().map(|name| format!("{name} = ?"));
        let sql = format!(
            "UPDATE {} SET {} WHERE {}",
            table.name,
            each("=").join(", "),
            key.chain(each("IS")).collect::<Vec<_>>().join(" AND ")
        );
        let values = places.iter().map(|at| &after[*at]);
        let values = values.chain(&before[..table.key]).chain(places.iter().map(|at| &before[*at]));
        done += tx.prepare_cached(&sql)?.execute(params_from_iter(values))? as u64;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::tables::TABLES;

    /// Each table's columns by name, with their place in the key, from 1; 0 for none.
    type Columns = BTreeMap<String, BTreeMap<String, usize>>;

    fn of_schema() -> rusqlite::Result<Columns> {
        let db = Connection::open_in_memory()?;
        db.execute_batch(include_str!("schema.sql"))?;
        let sql = "SELECT t.name, c.name, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'";
        let mut columns = Columns::new();
        let mut statement = db.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            columns.entry(row.get(0)?).or_default().insert(row.get(1)?, row.get(2)?);
        }
        Ok(columns)
    }

    #[test]
    fn every_column_of_the_schema_is_copied_but_who_leads() {
        let copied = TABLES.iter().map(|table| {
            let places = (1..=table.key).chain(std::iter::repeat(0));
            let columns = table.column_names().into_iter().map(str::to_owned).zip(places);
            (table.name.to_owned(), columns.collect())
        });
        let mut schema = of_schema().expect("the schema can be read");
        assert!(schema.remove("leaders").is_some());
        assert_eq!(copied.collect::<Columns>(), schema);
    }
}
