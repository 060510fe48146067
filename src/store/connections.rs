//! Of which connections something is kept. Which of them are configured, others know.

use std::collections::BTreeSet;

use super::{
    Store, StoreError,
    tables::{DELIVERIES, LINKS, Table, VIEW_PIECES, VIEW_VERSIONS, Value},
};

/// The tables by whose rows a connection is known: where it has none in these, nothing is kept of what it was told.
fn tables() -> [&'static Table; 4] {
    [DELIVERIES, LINKS, VIEW_PIECES, VIEW_VERSIONS]
}

impl Store {
    /// The names of the connections of which events, links or ticket views are kept. Costs a few reads for each.
    pub async fn connections(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut names = BTreeSet::new();
        for table in tables() {
            let mut next = self.first_after(table, "").await?;
            while let Some(journal) = next {
                names.insert(connection_of(&journal).to_owned());
                // No name has a character between its own end and the first one of all.
                next = self.first_after(table, &format!("{journal}\u{1}")).await?;
            }
        }
        Ok(names)
    }

    /// True if something is kept of a connection, or of a subscriber of it.
    pub async fn knows(&self, connection: &str) -> Result<bool, StoreError> {
        for table in tables() {
            for from in [connection.to_owned(), format!("{connection}.")] {
                let first = self.first_after(table, &from).await?;
                if first.is_some_and(|journal| is_of(&journal, connection)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The first name in a table that is this one or comes after it.
    async fn first_after(&self, table: &'static Table, name: &str) -> Result<Option<String>, StoreError> {
        let before = table.least(&[Value::Text(name.to_owned())]);
        let found = self.engine.rows(table, Some(before), 1).await?;
        Ok(found.first().map(|row| table.text(row, "connection").to_owned()))
    }
}

/// True of a connection's own journal and of those of its subscribers.
pub(super) fn is_of(journal: &str, connection: &str) -> bool {
    connection_of(journal) == connection
}

/// Whose journal it is: that of a subscriber has its connection's name, a full stop, and its own.
fn connection_of(journal: &str) -> &str {
    journal.split_once('.').map_or(journal, |(connection, _)| connection)
}
