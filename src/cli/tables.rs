//! How commands print what they have found: tables for people, JSON for programs.

use std::array::from_fn;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::{Failure, say};

/// Columns of a table where neither the terminal nor `COLUMNS` says.
const WIDTH: u16 = 120;
/// Columns that a sentence is given at least: in fewer it is a tower of words.
const SENTENCE: usize = 20;
/// Columns of a cell's two blanks, and with the line beside them.
const BLANKS: usize = 2;
const FRAME: usize = BLANKS + 1;

/// A table as wide as the terminal; nothing if it has no rows. One whose words have no room beside each other (an id or a
/// time that is broken can't be copied) becomes a list, with each row's first cell above the others.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Option<String> {
    let rows: Vec<[String; N]> = rows.into_iter().collect();
    let width = width();
    let least: [usize; N] = from_fn(|at| {
        let cells = rows.iter().map(|row| row[at].as_str()).chain([header[at]]);
        cells.map(least).max().unwrap_or_default()
    });
    match least.iter().sum::<usize>() + N * FRAME < usize::from(width) {
        _ if rows.is_empty() => None,
        true => Some(boxed(header, rows, &least, width)),
        false => Some(listed(header, &rows, usize::from(width))),
    }
}

fn width() -> u16 {
    let told = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0);
    Table::new().width().or_else(told).unwrap_or(WIDTH)
}

/// Columns that a text takes at least: its longest word. Chinese is broken between any two characters.
fn least(text: &str) -> usize {
    let words = text.split(|c: char| c.is_whitespace() || !c.is_ascii());
    let word = words.map(str::len).max().unwrap_or_default();
    text.width().min(word.max(SENTENCE))
}

fn boxed<const N: usize>(header: [&str; N], rows: Vec<[String; N]>, least: &[usize], width: u16) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width).set_header(header).add_rows(rows);
    let fixed = |least: &usize| Width::Fixed(u16::try_from(least + BLANKS).unwrap_or(u16::MAX));
    table.set_constraints(least.iter().map(|least| ColumnConstraint::LowerBoundary(fixed(least))));
    table.to_string()
}

fn listed<const N: usize>(header: [&str; N], rows: &[[String; N]], width: usize) -> String {
    let each = rows.iter().map(|row| {
        let cells = header.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        let mut cells = cells.map(|(name, cell)| match *name {
            "" => cell.clone(),
            name => format!("{name}: {cell}"),
        });
        let first = cells.next().unwrap_or_default();
        flowing(first, cells, width)
    });
    each.collect::<Vec<_>>().join("\n")
}

/// Texts below another, as many in a line as have room.
fn flowing(mut text: String, below: impl Iterator<Item = String>, width: usize) -> String {
    let mut left = 0;
    for cell in below {
        let takes = cell.width() + BLANKS;
        if takes > left {
            text += "\n";
            left = width;
        }
        left = left.saturating_sub(takes);
        text += &format!("  {cell}");
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: [&str; 3] = ["event", "why", "at"];

    fn row() -> [String; 3] {
        [
            "0198a7c2-5b1e-7c3a".into(),
            "客户要求把工单转给二线技术支持团队处理".into(),
            "2026-11-20T01:00:00Z".into(),
        ]
    }

    #[test]
    fn chinese_gives_way_so_that_no_word_is_broken() {
        let least = row().map(|cell| least(&cell));
        assert_eq!(least, [18, 20, 20]);
        let drawn = boxed(HEADER, vec![row()], &least, 70);
        assert!(drawn.contains("0198a7c2-5b1e-7c3a") && drawn.contains("2026-11-20T01:00:00Z"), "{drawn}");
        assert!(drawn.lines().all(|line| line.width() <= 70), "{drawn}");
    }

    #[test]
    fn what_has_no_room_in_columns_is_a_list() {
        let expected = "event: 0198a7c2-5b1e-7c3a\n  why: 客户要求把工单转给二线技术支持团队处理\n  at: 2026-11-20T01:00:00Z";
        assert_eq!(listed(HEADER, &[row()], 50), expected);
        let nothing = ["a".to_owned(), String::new(), "b".to_owned()];
        assert_eq!(listed(HEADER, &[nothing], 50), "event: a\n  at: b");
    }
}
