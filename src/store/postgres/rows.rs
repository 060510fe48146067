//! Tables as rows of plain values.

use deadpool_postgres::GenericClient;
use futures_util::future::try_join_all;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use super::{
    connect::failed,
    events::get,
    pool::{execute, query, query_one},
};
use crate::store::{
    StoreError,
    tables::{Column, Kind, Row, Table, Value, changed},
};

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(number) => number.to_sql(ty, out),
            Self::Text(text) => text.to_sql(ty, out),
            Self::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

/// See [`crate::store::engine::Engine::rows`].
pub(super) async fn page(
    client: &impl GenericClient,
    table: &Table,
    after: Option<Row>,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let key = table.key_columns().join(", ");
    let after: Vec<Value> = after.into_iter().flatten().take(table.key).collect();
    let further = match after.len() {
        0 => String::new(),
        values => format!("WHERE ({key}) > ({})", places(1..=values)),
    };
    let columns = table.column_names().join(", ");
    let sql = format!("SELECT {columns} FROM {} {further} ORDER BY {key} LIMIT {limit}", table.name);
    let parameters: Vec<&(dyn ToSql + Sync)> = after.iter().map(|value| value as _).collect();
    let rows = query(client, &sql, &parameters).await?;
    rows.iter().map(|row| of(table, row)).collect()
}

/// A row that has the table's columns.
pub(super) fn of(table: &Table, row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    table.columns.iter().map(|column| value(row, column)).collect()
}

fn value(row: &tokio_postgres::Row, column: &Column) -> Result<Value, StoreError> {
    Ok(match column.kind {
        Kind::Integer => get::<Option<i64>>(row, column.name)?.map_or(Value::Null, Value::Integer),
        Kind::Text => get::<Option<String>>(row, column.name)?.map_or(Value::Null, Value::Text),
        Kind::Bytes => get::<Option<Vec<u8>>>(row, column.name)?.map_or(Value::Null, Value::Bytes),
    })
}

/// See [`crate::store::engine::Engine::count_rows`].
pub(super) async fn count(client: &impl GenericClient, table: &Table) -> Result<u64, StoreError> {
    let row = query_one(client, &format!("SELECT count(*) FROM {}", table.name), &[]).await?;
    super::events::count(&row, 0)
}

/// See [`crate::store::engine::Engine::put_rows`]. New events are numbered after all that came.
pub(super) async fn put(client: &impl GenericClient, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
    let width = table.columns.len();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        table.column_names().join(", "),
        places(1..=width)
    );
    let statement = client.prepare_cached(&sql).await.map_err(failed)?;
    // All at once: a row doesn't wait for the answer of the one before.
    let inserts = rows.iter().map(async |row| {
        let parameters: Vec<&(dyn ToSql + Sync)> = row.iter().map(|value| value as _).collect();
        client.execute(&statement, &parameters).await.map_err(failed)
    });
    try_join_all(inserts).await?;
    if table.name == "events" {
        let sql = "SELECT setval('events_seq_seq', greatest((SELECT max(seq) FROM events), 1))";
        execute(client, sql, &[]).await?;
    }
    Ok(())
}

/// See [`crate::store::engine::Engine::change_rows`].
pub(super) async fn change(
    client: &impl GenericClient,
    table: &Table,
    changes: &[(Row, Row)],
) -> Result<u64, StoreError> {
    let mut done = 0;
    for (before, after) in changes {
        let (names, places) = (table.column_names(), changed(before, after));
        let mut number = 0;
        let mut each = |names: &[&str], word: &str| {
            let one = |name: &&str| {
                number += 1;
                format!("{name} {word} ${number}")
            };
            names.iter().map(one).collect::<Vec<_>>()
        };
        let columns: Vec<&str> = places.iter().map(|at| names[*at]).collect();
        let set = each(&columns, "=").join(", ");
        let mut still = each(&table.key_columns(), "=");
        still.extend(each(&columns, "IS NOT DISTINCT FROM"));
        let sql = format!("UPDATE {} SET {set} WHERE {}", table.name, still.join(" AND "));
        let values = places.iter().map(|at| &after[*at]);
        let values = values.chain(&before[..table.key]).chain(places.iter().map(|at| &before[*at]));
        let parameters: Vec<&(dyn ToSql + Sync)> = values.map(|value| value as _).collect();
        done += execute(client, &sql, &parameters).await?;
    }
    Ok(done)
}

/// `$1, $2, …`
fn places(numbers: impl Iterator<Item = usize>) -> String {
    numbers.map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}
