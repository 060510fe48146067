//! Lines of a YAML file with remarks in a column of their own.

use unicode_width::UnicodeWidthStr;

/// Spaces an indentation has.
const STEP: usize = 2;
/// Columns that a line's text may take so that its remark stands in line with the others.
const ALIGNED: usize = 80;
/// Characters of a vendor's text that a remark quotes.
const QUOTED: usize = 40;

/// A line before it has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    depth: usize,
    text: String,
    remark: Option<String>,
}

impl Line {
    pub(super) fn new(depth: usize, text: impl Into<String>) -> Self {
        Self { depth, text: text.into(), remark: None }
    }

    pub(super) fn remark(self, remark: impl Into<String>) -> Self {
        Self { remark: Some(remark.into()), ..self }
    }

    /// This line as a comment, to be taken by deleting what is in front.
    pub(super) fn commented(self, depth: usize) -> Self {
        let inner = " ".repeat(STEP * self.depth.saturating_sub(depth));
        Self { depth, text: format!("# {inner}{}", self.text), remark: self.remark }
    }

    fn width(&self) -> usize {
        STEP * self.depth + self.text.width()
    }
}

/// Lines that belong together, their remarks below each other.
pub(super) fn aligned(lines: &[Line]) -> String {
    let with_remark = lines.iter().filter(|line| line.remark.is_some());
    let column = with_remark.map(Line::width).filter(|width| *width <= ALIGNED).max().unwrap_or_default();
    lines.iter().map(|line| written(line, column)).collect()
}

fn written(line: &Line, column: usize) -> String {
    let text = format!("{}{}", " ".repeat(STEP * line.depth), line.text);
    match &line.remark {
        Some(remark) => format!("{text}{}  # {remark}\n", " ".repeat(column.saturating_sub(line.width()))),
        None => format!("{text}\n"),
    }
}

/// Columns of a text on a screen, where a Chinese character takes two.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// A text as a scalar in a flow mapping: as it is where no reader could take it for anything else, else quoted.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// A key: as `scalar`, and a whole number as it is.
pub(super) fn key(text: &str) -> String {
    let is_number = text.parse::<u32>().is_ok_and(|number| number.to_string() == text);
    if is_number { text.to_owned() } else { scalar(text) }
}

/// Words that YAML 1.1 or 1.2 reads as something else than text.
const RESERVED: [&str; 12] =
    ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "infinity"];

fn is_plain(text: &str) -> bool {
    let inside = |it: char| {
        it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '/' | ' ' | '(' | ')' | '（' | '）')
    };
    text.starts_with(char::is_alphabetic)
        && text.chars().all(inside)
        && !text.ends_with(' ')
        && !RESERVED.contains(&text.to_lowercase().as_str())
}

/// In double quotes, where JSON's escapes are YAML's too; what YAML doesn't call printable is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if is_printable(character) => quoted.push(character),
            _ => quoted.push_str(&format!("\\U{:08X}", u32::from(character))),
        }
    }
    quoted.push('"');
    quoted
}

fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A vendor's text in a remark: on one line, and not longer than one reads.
pub(super) fn quote(text: &str) -> String {
    let text: Vec<&str> = text.split(|it: char| !is_printable(it) || it.is_whitespace()).collect();
    let text = text.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
