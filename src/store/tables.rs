//! Every table as rows of plain values, which is how a store moves from one engine to another.

use super::seal::{Seal, places};

/// A table, the same on every engine.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// Its columns. The key comes first.
    pub(super) columns: &'static [Column],
    /// How many of the columns are the key.
    pub(super) key: usize,
}

impl Table {
    /// The names of its columns, in their order.
    pub(super) fn column_names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| column.name).collect()
    }

    /// The names of the columns that are its key.
    pub(super) fn key_columns(&self) -> Vec<&'static str> {
        self.column_names().into_iter().take(self.key).collect()
    }
}

impl Table {
    /// What comes before all keys that begin so.
    pub(super) fn least(&self, key: &[Value]) -> Row {
        let rest = self.columns.iter().take(self.key).skip(key.len()).map(|column| match column.kind {
            Kind::Integer => Value::Integer(i64::MIN),
            Kind::Text => Value::Text(String::new()),
            Kind::Bytes => Value::Bytes(Vec::new()),
        });
        key.iter().cloned().chain(rest).collect()
    }

    /// A row's text in a column; empty if there is none.
    pub(super) fn text<'a>(&self, row: &'a Row, column: &str) -> &'a str {
        if let Some(Value::Text(text)) = self.value(row, column) { text } else { "" }
    }

    /// A row's number in a column; 0 if there is none.
    pub(super) fn integer(&self, row: &Row, column: &str) -> i64 {
        if let Some(Value::Integer(number)) = self.value(row, column) { *number } else { 0 }
    }

    /// A row's value in a column; none if the table has no such column.
    pub(super) fn value<'a>(&self, row: &'a Row, column: &str) -> Option<&'a Value> {
        row.get(self.columns.iter().position(|known| known.name == column)?)
    }
}

/// A column of a table.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// How it is encrypted, if it can hold content of tickets or words about people.
    pub(super) seal: Option<Seal>,
}

/// What a column holds, or null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `BIGINT`.
    Integer,
    /// `TEXT`.
    Text,
    /// `BLOB` or `BYTEA`.
    Bytes,
}

/// The value of a column in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The values of a table's columns, in their order.
pub(super) type Row = Vec<Value>;

const fn int(name: &'static str) -> Column {
    Column { name, kind: Kind::Integer, seal: None }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text, seal: None }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes, seal: None }
}

const fn sealed(column: Column, seal: Seal) -> Column {
    Column { seal: Some(seal), ..column }
}

/// All of them, in an order in which they can be filled: a claim looks for what comes later in none of them.
pub(super) static TABLES: [Table; 10] = [
    Table {
        name: "events",
        key: 1,
        columns: &[
            int("seq"),
            text("connection"),
            text("id"),
            text("type"),
            text("lane"),
            int("time"),
            int("accepted_at"),
            text("traceparent"),
            bytes("digest"),
            int("data_start"),
            int("data_end"),
            sealed(bytes("body"), places::EVENT),
            int("hint"),
            int("version"),
            text("verified_by"),
        ],
    },
    Table {
        name: "attempts",
        key: 3,
        columns: &[
            text("connection"),
            int("seq"),
            int("attempt"),
            int("started_at"),
            int("finished_at"),
            text("outcome"),
            text("code"),
            sealed(text("message"), places::MESSAGE),
            int("retry_at"),
            sealed(text("calls"), places::CALLS),
            text("mapping"),
        ],
    },
    Table {
        name: "effects",
        key: 4,
        columns: &[
            text("connection"),
            int("seq"),
            int("attempt"),
            text("step"),
            text("request_id"),
            sealed(text("sent"), places::EFFECT),
            int("started_at"),
            int("answered_at"),
            text("target_id"),
        ],
    },
    Table {
        name: "links",
        key: 3,
        columns: &[
            text("connection"),
            text("kind"),
            text("source_id"),
            text("target_id"),
            int("version"),
            int("updated_at"),
            sealed(text("written"), places::WRITTEN),
        ],
    },
    Table { name: "mappings", key: 1, columns: &[text("digest"), text("content"), int("kept_at")] },
    Table {
        name: "cursors",
        key: 2,
        columns: &[text("connection"), text("name"), text("place"), int("updated_at")],
    },
    Table {
        name: "view_pieces",
        key: 2,
        columns: &[text("connection"), bytes("id"), int("used_at"), sealed(bytes("content"), places::PIECE)],
    },
    Table {
        name: "view_versions",
        key: 2,
        columns: &[
            text("connection"),
            int("number"),
            int("prior"),
            text("view"),
            int("at"),
            int("count"),
            sealed(text("about"), places::ABOUT),
            bytes("chunks"),
        ],
    },
    Table {
        name: "audit",
        key: 1,
        columns: &[
            int("number"),
            int("at"),
            text("actor"),
            text("action"),
            text("connection"),
            text("object"),
            text("options"),
            text("trace_id"),
            int("ended_at"),
            text("outcome"),
            int("count"),
        ],
    },
    Table {
        name: "deliveries",
        key: 2,
        columns: &[
            text("connection"),
            int("seq"),
            text("lane"),
            text("status"),
            int("open"),
            int("due_at"),
            int("attempts"),
            int("tried"),
            int("fresh_at"),
            int("updated_at"),
            text("code"),
            sealed(text("message"), places::MESSAGE),
            text("target_kind"),
            text("target_id"),
            text("ignored"),
            int("request_key"),
            text("mapping"),
            int("pinned"),
        ],
    },
];

/// The columns that a change is about, by their places.
pub(super) fn changed(before: &Row, after: &Row) -> Vec<usize> {
    let pairs = before.iter().zip(after).enumerate();
    pairs.filter(|(_, (before, after))| before != after).map(|(place, _)| place).collect()
}

pub(super) static EVENTS: &Table = &TABLES[0];
pub(super) static ATTEMPTS: &Table = &TABLES[1];
pub(super) static EFFECTS: &Table = &TABLES[2];
pub(super) static LINKS: &Table = &TABLES[3];
pub(super) static VIEW_PIECES: &Table = &TABLES[6];
pub(super) static VIEW_VERSIONS: &Table = &TABLES[7];
pub(super) static AUDIT: &Table = &TABLES[8];
pub(super) static DELIVERIES: &Table = &TABLES[9];

/// What comes after all texts that begin so, but for those that go on with the last character of all.
pub(super) fn end_of(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_has_the_name_that_it_is_known_by() {
        let tables = [EVENTS, ATTEMPTS, EFFECTS, LINKS, VIEW_PIECES, VIEW_VERSIONS, AUDIT, DELIVERIES];
        let names =
            ["events", "attempts", "effects", "links", "view_pieces", "view_versions", "audit", "deliveries"];
        assert_eq!(tables.map(|table| table.name), names);
    }
}
