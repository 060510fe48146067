//! Every table as rows of plain values, which is how a store moves from one engine to another.

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

/// A column of a table.
#[derive(Debug)]
pub(super) struct Column {
    /// Its name.
    pub(super) name: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
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
    Column { name, kind: Kind::Integer }
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}

const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes }
}

/// All of them, in an order in which they can be filled: a claim looks for what comes later in none of them.
pub(super) static TABLES: [Table; 9] = [
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
            bytes("body"),
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
            text("message"),
            int("retry_at"),
            text("calls"),
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
            text("sent"),
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
            text("written"),
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
        columns: &[text("connection"), bytes("id"), int("used_at"), bytes("content")],
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
            text("about"),
            bytes("chunks"),
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
            text("message"),
            text("target_kind"),
            text("target_id"),
            text("ignored"),
            int("request_key"),
            text("mapping"),
            int("pinned"),
        ],
    },
];

/// What comes after all texts that begin so, but for those that go on with the last character of all.
pub(super) fn end_of(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}
