//! Values of one shape into values of another. Pure, and total on any JSON.

use jiff::{Timestamp, civil::Date, fmt::strtime};
use serde_json::Value;

/// Columns that readable text made of HTML is wrapped at: practically never, since the target wraps by itself.
const HTML_COLUMNS: usize = 10_000;

/// The value if there is one: not absent, null or an empty text, list or object, which all mean "none".
pub(super) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    })
}

/// A scalar as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A list of scalars, one option, or text with commas, as its items, trimmed, the empty ones left out. A comma of
/// either width separates.
pub(super) fn list(value: &Value) -> Option<Vec<String>> {
    let items: Vec<String> = match value {
        Value::Array(items) => items.iter().map(option_index).collect::<Option<_>>()?,
        option @ Value::Object(_) => vec![option_index(option)?],
        scalar => text(scalar)?.split([',', '，']).map(str::to_owned).collect(),
    };
    let items = items.into_iter().map(|item| item.trim().to_owned());
    Some(items.filter(|item| !item.is_empty()).collect())
}

/// An option as its index: the index itself, or an object that has it as `value`
/// (Udesk's field push; see the documentation's 7.3).
fn option_index(value: &Value) -> Option<String> {
    text(value.get("value").unwrap_or(value))
}

/// HTML up to this size and depth is laid out; of more, only the markup is removed, in time and memory that grow
/// with its length alone.
const LAYOUT_BYTES: usize = 128 * 1024;
const LAYOUT_DEPTH: usize = 200;

/// HTML as a person would read it aloud: paragraphs as lines, links with their addresses, no markup. `None` if
/// it can't be read as HTML.
pub(super) fn html_to_text(html: &str) -> Option<String> {
    if html.len() > LAYOUT_BYTES || depth(html) > LAYOUT_DEPTH {
        return Some(without_markup(html));
    }
    // Raw mode: tables as lines. Laid out as a grid, one wide cell would widen every row.
    let plain = html2text::config::plain_no_decorate().link_footnotes(true).raw_mode(true).no_table_borders();
    let text = plain.string_from_read(html.as_bytes(), HTML_COLUMNS).ok()?;
    // Nothing but pictures: their addresses. Markup itself is never passed on: it would run on an agent's screen.
    Some(if text.trim().is_empty() { pictures(html) } else { text.trim_end().to_owned() })
}

/// How deep tags stand in each other at most; elements that never end count as deep, which is on the safe side.
fn depth(html: &str) -> usize {
    let (mut now, mut most) = (0usize, 0);
    for tag in html.split('<').skip(1) {
        match tag.bytes().next() {
            Some(b'/') => now = now.saturating_sub(1),
            Some(letter) if letter.is_ascii_alphabetic() && !is_void(tag) => now += 1,
            _ => {}
        }
        most = most.max(now);
    }
    most
}

/// Elements without an end tag (HTML, "void elements"), and paragraphs and items, whose end tags may be left out.
fn is_void(tag: &str) -> bool {
    const VOID: [&str; 10] = ["br", "hr", "img", "input", "link", "meta", "wbr", "col", "p", "li"];
    let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    VOID.iter().any(|void| name.eq_ignore_ascii_case(void))
}

/// The text between the tags, each tag a space, without scripts and styles.
fn without_markup(html: &str) -> String {
    let mut text = String::new();
    let mut hidden = false;
    for part in html.split('<') {
        let (tag, words) = part.split_once('>').unwrap_or(("", part));
        let name = tag.trim_start_matches('/').get(..5).unwrap_or_default().to_ascii_lowercase();
        if name == "scrip" || name == "style" {
            hidden = !tag.starts_with('/');
        }
        if !hidden {
            text.extend(words.split_whitespace().flat_map(|word| [word, " "]));
        }
    }
    for (entity, character) in
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
    {
        text = text.replace(entity, character);
    }
    text.trim_end().to_owned()
}

/// `[图片 https://…]` for each picture with an address on the web.
fn pictures(html: &str) -> String {
    let is_picture = |tag: &&str| tag.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("img"));
    let shown = |tag: &str| match address(tag) {
        Some(address) => format!("[图片 {address}]"),
        None => "[图片]".to_owned(),
    };
    html.split('<').filter(is_picture).map(shown).collect::<Vec<_>>().join("\n")
}

/// The address on the web that a picture's tag names.
fn address(tag: &str) -> Option<&str> {
    let (_, rest) = tag.split_once("src=")?;
    let text = match rest.chars().next()? {
        quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
        _ => rest.split([' ', '>']).next()?,
    };
    (text.starts_with("https://") || text.starts_with("http://")).then_some(text)
}

/// A date, of a date or the start of a date-time: `2016-08-11` or `2017-05-03 14:44` → `2017-05-03`.
pub(super) fn date(text: &str) -> Option<String> {
    let day = text.trim().get(..10)?;
    day.parse::<Date>().ok().map(|date| date.to_string())
}

/// Unix milliseconds of an ISO 8601 time with an offset, or of Udesk v1's `2016-07-28 20:44:08 +0800`.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    let iso = text.parse::<Timestamp>().ok();
    let v1 = |format| strtime::parse(format, text).ok()?.to_timestamp().ok();
    let read = iso.or_else(|| v1("%Y-%m-%d %H:%M:%S %z")).or_else(|| v1("%Y-%m-%d %H:%M %z"));
    read.map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_a_time_are_the_same_moment() {
        assert_eq!(timestamp("2017-05-04 14:26:18 +0800"), timestamp("2017-05-04T14:26:18.000+08:00"));
        assert_eq!(timestamp("2017-05-04 14:26:18 +0800"), Some(1_493_879_178_000));
        assert_eq!(timestamp(""), None);
    }

    #[test]
    fn a_date_is_the_day_of_whatever_time_it_is_given() {
        assert_eq!(date("2017-05-03 14:44").as_deref(), Some("2017-05-03"));
        assert_eq!(date("2017-02-30"), None);
        assert_eq!(date("二〇一七年"), None);
    }

    #[test]
    fn lists_come_as_text_arrays_and_options() {
        let expected = Some(vec!["0".to_owned(), "3".to_owned()]);
        assert_eq!(list(&json!("0, 3,")), expected);
        assert_eq!(list(&json!([0, "3"])), expected);
        assert_eq!(list(&json!([{"value": "0", "text": "甲"}, {"value": "3"}])), expected);
        assert_eq!(list(&json!({"value": 0, "text": "甲"})), Some(vec!["0".to_owned()]));
        assert_eq!(list(&json!({"a": 1})), None);
    }

    #[test]
    fn html_becomes_text_that_a_person_can_read() {
        let html = "<p>打印机<b>离线</b>了</p><ul><li>一</li></ul><a href=\"https://a.cn/x\">看</a><script>x()</script>";
        let text = html_to_text(html).unwrap();
        assert!(text.contains("离线") && text.contains("https://a.cn/x"), "{text}");
        assert!(!text.contains('<') && !text.contains("**") && !text.contains("x()"), "{text}");
    }

    #[test]
    fn no_html_grows_or_takes_long() {
        let wide = format!("<table><tr><td>{}</td><td>b</td></tr>", "宽".repeat(9000));
        let table = wide + &"<tr><td>a</td><td>b</td></tr>".repeat(3000) + "</table>";
        let deep = "<div>".repeat(150_000) + "到底了";
        let large = "<p>打印机<b>离线</b></p><script>x()</script>".repeat(20_000);
        for html in [table, deep, large] {
            let text = html_to_text(&html).unwrap();
            assert!(text.len() <= html.len() * 2, "{} bytes of {}", text.len(), html.len());
            assert!(!text.contains("x()") && !text.contains('<'));
        }
    }
}
