//! A problem of a file with the line that it is about, and a caret under the place. Not for the connections file: a
//! secret in the wrong place must not be printed.

use unicode_width::UnicodeWidthChar;

use crate::{diagnostic::Diagnostic, disk};

/// Characters of a line that are shown.
const SHOWN: usize = 160;

/// The problem, and below it the line, where the file has one.
pub(super) fn with_line(problem: &Diagnostic) -> String {
    let text = disk::read_text(&problem.file, disk::MAX_BYTES).unwrap_or_default();
    quoted(problem, &text)
}

fn quoted(problem: &Diagnostic, text: &str) -> String {
    let line =
        usize::try_from(problem.place.line).ok().and_then(|line| text.lines().nth(line.checked_sub(1)?));
    let column = usize::try_from(problem.place.column).unwrap_or_default();
    match line {
        Some(line) if (1..=SHOWN).contains(&column) => {
            let shown: String = line.chars().take(SHOWN).collect();
            let number = problem.place.line.to_string();
            let margin = " ".repeat(number.len());
            let gap: String = line.chars().take(column - 1).map(blank).collect();
            format!("{problem}\n {number} | {shown}\n {margin} | {gap}^")
        }
        _ => problem.to_string(),
    }
}

/// As wide as the character.
fn blank(of: char) -> String {
    if of == '\t' { of.to_string() } else { " ".repeat(of.width().unwrap_or(0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;

    fn at(line: u64, column: u64, text: &str) -> String {
        quoted(&Diagnostic::error("a.yaml", Place { line, column }, "no"), text)
    }

    #[test]
    fn the_caret_stands_under_the_place_also_behind_chinese_text() {
        assert_eq!(at(2, 5, "a\n状态: x"), "a.yaml:2:5: error: no\n 2 | 状态: x\n   |       ^");
        assert_eq!(at(1, 2, "\tb"), "a.yaml:1:2: error: no\n 1 | \tb\n   | \t^");
    }

    #[test]
    fn a_place_that_the_file_does_not_have_is_not_quoted() {
        for (line, column) in [(0, 0), (3, 1), (1, 1000)] {
            assert!(!at(line, column, "a\nb").contains('|'));
        }
    }
}
