//! How commands print what they have found: tables for people, JSON for programs.

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use super::{Failure, say};

/// Columns of a table where the terminal doesn't say.
const WIDTH: u16 = 120;

/// `1 call`, `2 calls`.
pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A table as wide as the terminal; nothing if it has no rows.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Option<String> {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    table.set_header(header);
    let mut any = false;
    for row in rows {
        table.add_row(row);
        any = true;
    }
    any.then(|| table.to_string())
}

/// Prints a table under its title, unless it has no rows.
pub(super) fn say_table(title: &str, table: Option<String>) {
    if let Some(table) = table {
        say(format!("\n{title}\n{table}"));
    }
}

/// Prints a report for another program.
pub(super) fn say_json(report: &impl Serialize) -> Result<(), Failure> {
    say(serde_json::to_string_pretty(report).map_err(Failure::work)?);
    Ok(())
}
