//! Values of one shape into values of another. Pure, and total on any JSON: what can't be read is `None`.

mod depth;
mod html;
mod time;

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde_json::Value;
use url::Url;

use super::{shape::Shape, trace::Reversibility, types::Types};

use crate::json;

/// What becomes of a value on its way to a text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Convert {
    /// As it is.
    Text,
    /// A list, or text with commas, to text with commas.
    CommaList,
    HtmlToText,
    TextToHtml,
    /// To `YYYY-MM-DD`.
    Date {
        zone: Option<TimeZone>,
    },
    /// To `YYYY-MM-DD HH:MM:SS`.
    DateTime {
        zone: TimeZone,
        from_zone: TimeZone,
    },
    /// A number, or a text that is one, rounded to so many decimals.
    Number {
        decimals: Option<u32>,
    },
    /// Digits; the country's own code is left out.
    Phone {
        country: String,
    },
    /// An address on the web.
    Link,
    /// A truth to 是 or 否, as Bangwo8's checkboxes have it.
    YesNo,
    /// Files by reference: a line with name and address for each.
    Attachments {
        name: String,
        url: String,
    },
}

impl Convert {
    /// The text that a value becomes; `None` if it can't be read. An empty text is no value.
    pub(super) fn apply<'v>(&self, value: &'v Value) -> Option<Cow<'v, str>> {
        match self {
            Self::Text => text(value),
            Self::CommaList => Some(list(value)?.join(",").into()),
            Self::HtmlToText => Some(html::html_to_text(&text(value)?).into()),
            Self::TextToHtml => Some(html::text_to_html(&text(value)?).into()),
            Self::Date { zone } => time::date(value, zone.as_ref()).map(Cow::from),
            Self::DateTime { zone, from_zone } => time::date_time(value, zone, from_zone).map(Cow::from),
            Self::Number { decimals } => number(value, *decimals).map(Cow::from),
            Self::Phone { country } => phone(&text(value)?, country).map(Cow::from),
            Self::Link => link(value),
            Self::YesNo => truth(value).map(|truth| if truth { "是" } else { "否" }.into()),
            Self::Attachments { name, url } => attachments(value, name, url).map(Cow::from),
        }
    }

    /// The source's value, from the text that it became, for conversions that can be taken back.
    pub(super) fn back(&self, text: &str) -> Option<Value> {
        match self {
            Self::TextToHtml => html::text_of_html(text).map(Value::String),
            Self::YesNo => ["是", "否"].contains(&text).then(|| Value::Bool(text == "是")),
            Self::Number { .. } => json::from_str(text).ok().filter(Value::is_number),
            Self::Text | Self::Date { .. } | Self::Link => Some(text.into()),
            _ => None,
        }
    }

    /// True if it can read every value of this shape; null and what is empty are no values.
    pub(super) fn is_total(&self, shape: &Shape) -> bool {
        let types = shape.types();
        match self {
            Self::Text | Self::HtmlToText | Self::TextToHtml => types.within(Types::SCALAR),
            Self::CommaList => {
                let scalars = types.without(Types::ARRAY).within(Types::SCALAR);
                scalars && (types.both(Types::ARRAY) != Types::ARRAY || shape.items().within(Types::SCALAR))
            }
            Self::Date { .. } => {
                types.within(Types::NULL.and(Types::STRING))
                    && matches!(shape.format(), Some("date" | "date-time"))
            }
            // A number can be written in a way that isn't plain: 1e300.
            Self::Number { decimals } => decimals.is_none() && types.within(Types::NULL.and(Types::NUMBER)),
            Self::YesNo => types.within(Types::NULL.and(Types::BOOLEAN)),
            Self::DateTime { .. } | Self::Phone { .. } | Self::Link | Self::Attachments { .. } => false,
        }
    }

    /// Whether values of this shape can be taken back from what they become. What is one text to the source (1 and "1")
    /// is one value.
    pub(super) fn reversibility(&self, shape: &Shape) -> Reversibility {
        let types = shape.types().without(Types::NULL);
        match self {
            Self::Text if types.both(Types::STRING) == Types::STRING => Reversibility::Bijective,
            Self::Text | Self::TextToHtml | Self::Link => Reversibility::Injective,
            Self::Date { .. } if shape.format() == Some("date") && types.within(Types::STRING) => {
                Reversibility::Bijective
            }
            Self::YesNo if types.within(Types::BOOLEAN) => Reversibility::Injective,
            Self::Number { decimals: None } if types.within(Types::NUMBER) => Reversibility::Injective,
            _ => Reversibility::Lossy,
        }
    }

    /// What it needs to read, for messages.
    pub(super) fn reads(&self) -> &'static str {
        match self {
            Self::Text | Self::HtmlToText | Self::TextToHtml => "text",
            Self::CommaList => "a list",
            Self::Date { .. } => "a date (YYYY-MM-DD)",
            Self::DateTime { .. } => "a date and time",
            Self::Number { .. } => "a number",
            Self::Phone { .. } => "a phone number",
            Self::Link => "an address on the web (https://…)",
            Self::YesNo => "true or false",
            Self::Attachments { .. } => "a list of files with name and address",
        }
    }
}

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

/// Unix milliseconds of a moment: ISO 8601 with an offset, Udesk v1's form, or a unix time.
pub(super) fn timestamp(value: &Value) -> Option<i64> {
    time::timestamp(value)
}

/// A scalar as text.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(truth) => Some(truth.to_string().into()),
        _ => None,
    }
}

/// A list of scalars, one option, or text with commas, as its items, trimmed, the empty ones left out. A comma of
/// either width separates.
pub(super) fn list(value: &Value) -> Option<Vec<Cow<'_, str>>> {
    let items = match value {
        Value::Array(items) => {
            items.iter().filter(|item| !item.is_null()).map(option_index).collect::<Option<Vec<_>>>()?
        }
        option @ Value::Object(_) => vec![option_index(option)?],
        Value::String(text) => text.split([',', '，']).map(Cow::from).collect(),
        scalar => vec![text(scalar)?],
    };
    let trimmed = items.into_iter().map(|item| match item {
        Cow::Borrowed(text) => Cow::from(text.trim()),
        Cow::Owned(text) => Cow::from(text.trim().to_owned()),
    });
    Some(trimmed.filter(|item| !item.is_empty()).collect())
}

/// An option as its index: the index itself, or an object that has it as `value`
/// (Udesk's field push; see the documentation's 7.3).
fn option_index(value: &Value) -> Option<Cow<'_, str>> {
    text(value.get("value").unwrap_or(value))
}

/// A scalar or a list of scalars as text. A truth is 是 or 否, as Bangwo8's checkboxes have it.
pub(super) fn listed_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Array(_) => list(value).map(|items| items.join(",").into()),
        Value::Bool(truth) => Some(if *truth { "是" } else { "否" }.into()),
        _ => text(value),
    }
}

/// Digits of a number at most: no desk counts further.
const MAX_DIGITS: usize = 40;

/// Digit by digit: money and ids lose nothing on the way through a float.
fn number(value: &Value, decimals: Option<u32>) -> Option<String> {
    let text = text(value).filter(|_| !value.is_boolean())?;
    let text = text.trim();
    match decimals {
        None if value.is_number() => Some(text.to_owned()),
        None => plain(text).map(|_| text.to_owned()),
        Some(decimals) => rounded(text, decimals as usize),
    }
}

/// Sign, whole digits and further digits of a plain decimal number, which JSON would take as well.
fn plain(text: &str) -> Option<(&str, &str, &str)> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, further) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = all_digits(whole) && all_digits(further) && (whole == "0" || !whole.starts_with('0'));
    (is_plain && whole.len() + further.len() <= MAX_DIGITS).then_some((sign, whole, further))
}

/// Half away from zero.
fn rounded(text: &str, decimals: usize) -> Option<String> {
    let (sign, whole, further) = plain(text)?;
    let mut digits: Vec<u8> =
        whole.bytes().chain(further.bytes().chain(std::iter::repeat(b'0')).take(decimals)).collect();
    if further.as_bytes().get(decimals).is_some_and(|next| *next >= b'5') {
        let nine = digits.iter().rposition(|digit| *digit != b'9');
        digits[nine.map_or(0, |at| at + 1)..].fill(b'0');
        match nine {
            Some(at) => digits[at] += 1,
            None => digits.insert(0, b'1'),
        }
    }
    let text = String::from_utf8(digits).ok()?;
    let (whole, further) = text.split_at(text.len() - decimals);
    let point = if decimals == 0 { "" } else { "." };
    Some(format!("{sign}{whole}{point}{further}"))
}

/// Fewest and most digits of a phone number (ITU-T E.164 allows 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 3..=15;

/// `+86 138-0013-8000` → `13800138000` for the country 86; numbers of other countries keep their `+`.
fn phone(text: &str, country: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '（' | '）' | '\u{3000}'))
        .collect();
    let foreign = plain.strip_prefix('+').or_else(|| plain.strip_prefix("00"));
    let digits = foreign.unwrap_or(&plain);
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !PHONE_DIGITS.contains(&digits.len()) {
        return None;
    }
    Some(match (foreign, digits.strip_prefix(country)) {
        (Some(_), Some(own)) => own.to_owned(),
        (Some(digits), None) => format!("+{digits}"),
        (None, _) => digits.to_owned(),
    })
}

fn link(value: &Value) -> Option<Cow<'_, str>> {
    let text = value.as_str()?;
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then(|| text.into())
}

fn truth(value: &Value) -> Option<bool> {
    match text(value)?.trim() {
        "true" | "1" | "是" => Some(true),
        "false" | "0" | "否" => Some(false),
        _ => None,
    }
}

/// `[附件 报价.pdf] https://…`, a line each.
fn attachments(value: &Value, name: &str, url: &str) -> Option<String> {
    let line = |file: &Value| {
        let text = |member: &str| text(present(file.get(member))?);
        let name = text(name).unwrap_or_default();
        Some(format!("[附件 {}] {}", name.trim(), text(url)?))
    };
    let lines: Option<Vec<String>> = value.as_array()?.iter().map(line).collect();
    Some(lines?.join("\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_come_as_text_arrays_and_options() {
        let read = |value: Value| list(&value).map(|items| items.join("|"));
        assert_eq!(read(json!("0, 3,")).as_deref(), Some("0|3"));
        assert_eq!(read(json!([0, "3", null])).as_deref(), Some("0|3"));
        assert_eq!(read(json!([{"value": "0", "text": "甲"}, {"value": "3"}])).as_deref(), Some("0|3"));
        assert_eq!(read(json!({"value": 0, "text": "甲"})).as_deref(), Some("0"));
        assert_eq!(read(json!({"a": 1})), None);
    }

    #[test]
    fn a_phone_number_loses_its_own_countrys_code_and_what_people_put_between_the_digits() {
        assert_eq!(phone("+86 138-0013-8000", "86").as_deref(), Some("13800138000"));
        assert_eq!(phone("0086（10）8888 6666", "86").as_deref(), Some("1088886666"));
        assert_eq!(phone("+1 415 555 2671", "86").as_deref(), Some("+14155552671"));
        assert_eq!(phone("8613800138000", "86").as_deref(), Some("8613800138000"));
        assert_eq!(phone("转人工", "86"), None);
    }

    #[test]
    fn numbers_links_and_truths_are_read_or_refused() {
        let rounded = |text: &str, decimals| number(&json!(text), Some(decimals));
        assert_eq!(rounded("12.345", 2).as_deref(), Some("12.35"));
        assert_eq!(rounded("-1.005", 2).as_deref(), Some("-1.01"));
        assert_eq!(rounded("9.996", 2).as_deref(), Some("10.00"));
        assert_eq!(rounded("9007199254740993", 2).as_deref(), Some("9007199254740993.00"));
        assert_eq!(
            (rounded("7.5", 0).as_deref(), rounded("1e5", 0), rounded("1.", 0)),
            (Some("8"), None, None)
        );
        assert_eq!(number(&json!(7), None).as_deref(), Some("7"));
        assert_eq!(number(&json!("七"), None), None);
        assert!(link(&json!("https://a.cn/x")).is_some() && link(&json!("javascript:x()")).is_none());
        assert_eq!(
            (truth(&json!(true)), truth(&json!("否")), truth(&json!("也许"))),
            (Some(true), Some(false), None)
        );
    }

    #[test]
    fn files_are_told_by_name_and_address() {
        let files = json!([{ "name": "报价.pdf", "url": "https://a.cn/1" }, { "url": "https://a.cn/2" }]);
        let expected = "[附件 报价.pdf] https://a.cn/1\n[附件 ] https://a.cn/2";
        assert_eq!(attachments(&files, "name", "url").as_deref(), Some(expected));
        assert_eq!(attachments(&json!([{ "name": "x" }]), "name", "url"), None);
    }
}
