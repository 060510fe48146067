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

/// HTML as a person would read it aloud: paragraphs as lines, links with their addresses, no markup. `None` if
/// it can't be read as HTML.
pub(super) fn html_to_text(html: &str) -> Option<String> {
    let plain = html2text::config::plain_no_decorate().link_footnotes(true);
    let text = plain.string_from_read(html.as_bytes(), HTML_COLUMNS).ok()?;
    Some(text.trim_end().to_owned())
}

/// A date, of a date or the start of a date-time: `2016-08-11` or `2017-05-03 14:44` → `2017-05-03`.
pub(super) fn date(text: &str) -> Option<String> {
    let day = text.trim().get(..10)?;
    day.parse::<Date>().ok().map(|date| date.to_string())
}

/// Unix milliseconds of an ISO 8601 time with an offset, or of Udesk v1's `2016-07-28 20:44:08 +0800`.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    let iso = text.parse::<Timestamp>().ok();
    let v1 = || strtime::parse("%Y-%m-%d %H:%M:%S %z", text).ok()?.to_timestamp().ok();
    iso.or_else(v1).map(Timestamp::as_millisecond)
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
}
