//! Parts of the service's answers as text for a terminal.

use jiff::Timestamp;
use serde_json::Value;

use crate::event::is_hidden;

/// Columns of a label.
const LABEL: usize = 12;
/// Digits of a hash that tell it from every other one here.
const DIGEST: usize = 12;

/// The text at a pointer; a number as its digits, nothing as nothing. What a terminal would obey is spelled out: a
/// sender must not write on an operator's screen.
pub(in crate::cli) fn at(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => plain(text),
        Some(other) => plain(&other.to_string()),
    }
}

/// The time at a pointer, to the second: a column of times is read for their order.
pub(in crate::cli) fn second(value: &Value, pointer: &str) -> String {
    let text = at(value, pointer);
    text.parse::<Timestamp>().map_or(text, |time| format!("{time:.0}"))
}

/// Text without what a terminal obeys or nobody sees: controls, marks that turn the direction of text, breaks of lines, and
/// characters without a width.
pub(in crate::cli) fn plain(text: &str) -> String {
    let is_odd =
        |c: char| is_hidden(c) || matches!(c, '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}');
    let spelled = |c: char| if is_odd(c) { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(spelled).collect()
}

/// The members of a list.
pub(in crate::cli) fn items<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// `code: message` of a reason; nothing if there is none.
pub(in crate::cli) fn reason(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(reason @ Value::Object(_)) => format!("{}: {}", at(reason, "/code"), at(reason, "/message")),
        _ => String::new(),
    }
}

/// The first digits of a hash.
pub(in crate::cli) fn short(digest: &str) -> String {
    digest.chars().take(DIGEST).collect()
}

/// Texts that are not empty, with a sign between them.
pub(in crate::cli) fn joined(texts: impl IntoIterator<Item = String>, between: &str) -> String {
    let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    texts.join(between)
}

/// Lines under one label; nothing if there are none.
pub(in crate::cli) fn section(label: &str, lines: impl IntoIterator<Item = String>) -> String {
    let mut text = String::new();
    for (index, line) in lines.into_iter().filter(|line| !line.is_empty()).enumerate() {
        let label = if index == 0 { label } else { "" };
        text += &format!("{label:LABEL$}{line}\n");
    }
    text
}
