//! Fields as a source's events show them, for a source whose field list nobody can read: their names, what sort of
//! value they hold, and what was chosen.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil;
use serde_json::Value;

use super::{Field, FieldOption, Kind};

/// Different values of a field that are kept; more than these are no options.
const MOST_OPTIONS: usize = 30;
/// How often each option has to occur on average: what hardly recurs is text.
const RECURRING: usize = 3;
/// Characters of a text that nobody writes on one line.
const LONG: usize = 120;

/// What events have shown so far. It grows with the number of fields, not of events.
#[derive(Debug, Default)]
pub struct Seen {
    fields: BTreeMap<String, Values>,
}

/// What one field has held.
#[derive(Debug, Default)]
struct Values {
    count: usize,
    sorts: BTreeSet<Sort>,
    /// Cut off at one more than can be options.
    different: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    YesNo,
    Integer,
    Decimal,
    Date,
    DateTime,
    Time,
    Phone,
    Link,
    Text,
    LongText,
    List,
}

impl Seen {
    /// Takes note of an event's custom fields: an object by name, or a list of objects that have a `value` beside
    /// their `id`, `key`, `name` or `field`. Anything else has none.
    pub fn note(&mut self, custom_fields: &Value) {
        match custom_fields {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.value(name, value)),
            Value::Array(items) => items.iter().for_each(|item| self.item(item)),
            _ => {}
        }
    }

    /// The fields by name.
    pub fn fields(&self) -> Vec<Field> {
        self.fields.iter().map(|(name, values)| values.field(name)).collect()
    }

    fn item(&mut self, item: &Value) {
        let name = ["id", "key", "name", "field"].into_iter().find_map(|member| text(item.get(member)?));
        if let (Some(name), Some(value)) = (name, item.get("value")) {
            self.value(&name, value);
        }
    }

    fn value(&mut self, name: &str, value: &Value) {
        let values = self.fields.entry(name.to_owned()).or_default();
        match value {
            Value::Array(items) => {
                values.sorts.insert(Sort::List);
                items.iter().filter_map(text).for_each(|item| values.one(item));
            }
            value => {
                if let Some(text) = text(value).filter(|text| !text.is_empty()) {
                    values.sorts.insert(sort(value, &text));
                    values.one(text);
                }
            }
        }
    }
}

impl Values {
    fn one(&mut self, text: String) {
        self.count += 1;
        if self.different.len() <= MOST_OPTIONS {
            self.different.insert(text);
        }
    }

    fn field(&self, name: &str) -> Field {
        let kind = self.kind();
        let options = if kind.has_options() { self.options() } else { Vec::new() };
        Field { name: name.to_owned(), label: None, kind, options, mandatory: false, unwritable: None }
    }

    fn kind(&self) -> Kind {
        let sorts: Vec<Sort> = self.sorts.iter().copied().collect();
        match sorts.as_slice() {
            [.., Sort::List] => Kind::Choices,
            [Sort::Text] if self.recurs() => Kind::Choice,
            [Sort::YesNo] => Kind::YesNo,
            [Sort::Integer] => Kind::Integer,
            [Sort::Decimal] | [Sort::Integer, Sort::Decimal] => Kind::Decimal,
            [Sort::Date] => Kind::Date,
            [Sort::DateTime] | [Sort::Date, Sort::DateTime] => Kind::DateTime,
            [Sort::Time] => Kind::Time,
            [Sort::Phone] => Kind::Phone,
            [Sort::Link] => Kind::Link,
            [.., Sort::LongText] => Kind::LongText,
            _ => Kind::Text,
        }
    }

    /// A text with a comma would be read as two options.
    fn recurs(&self) -> bool {
        let is_one = |text: &String| !text.contains([',', '，']);
        self.different.len() <= MOST_OPTIONS
            && self.count >= RECURRING * self.different.len()
            && self.different.iter().all(is_one)
    }

    /// What was seen may not be all that there is.
    fn options(&self) -> Vec<FieldOption> {
        let option = |name: &String| FieldOption {
            index: name.clone(),
            name: name.clone(),
            hidden: false,
            subs: Vec::new(),
        };
        self.different.iter().map(option).collect()
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn sort(value: &Value, text: &str) -> Sort {
    let is_day = |text: &str| text.parse::<civil::Date>().is_ok();
    match value {
        Value::Bool(_) => Sort::YesNo,
        _ if is_phone(text) => Sort::Phone,
        _ if text.parse::<i64>().is_ok() => Sort::Integer,
        _ if is_decimal(text) => Sort::Decimal,
        _ if text.len() == "2017-05-03".len() && is_day(text) => Sort::Date,
        _ if text.get(..10).is_some_and(is_day) && text.contains(':') => Sort::DateTime,
        _ if text.contains(':') && text.parse::<civil::Time>().is_ok() => Sort::Time,
        _ if text.starts_with("http://") || text.starts_with("https://") => Sort::Link,
        _ if text.contains('\n') || text.chars().count() > LONG => Sort::LongText,
        _ => Sort::Text,
    }
}

fn is_decimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
        && text.parse::<f64>().is_ok()
}

/// A mobile number of China, or any with a country's code.
fn is_phone(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mobile = text.len() == 11 && text.starts_with('1') && digits(text);
    mobile || text.strip_prefix('+').is_some_and(|rest| (8..=15).contains(&rest.len()) && digits(rest))
}
