//! One event through a compiled mapping.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{
    Answers, CUSTOM_FIELDS, Convert, CustomField, CustomFields, CustomKind, Entity, Fields, Mapping,
    OptionsChange, Parameters, Question, Reply, Rule, Source,
    convert::{self, present},
    unread::{join, unread},
};
use crate::event::{EventType, Ignored};

/// Characters of a value that a refusal quotes.
const QUOTED: usize = 40;

/// What the target is to be told of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// What is to change there.
    pub change: Change,
    /// The source's version of the entity: its update time in unix milliseconds.
    pub version: Option<i64>,
    /// What did not reach the target.
    pub ignored: Vec<Ignored>,
    /// What has to be known for more. While there are questions the change is provisional.
    pub questions: Vec<Question>,
}

/// What an event is to change at the target.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A ticket, and what comes with it.
    Ticket(TicketChange),
    /// A company's fields.
    Company(Write),
    /// The choices of a field.
    Options(OptionsChange),
}

/// A ticket's fields, a reply to add, and its company.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketChange {
    /// The fields.
    pub write: Write,
    /// The reply.
    pub reply: Option<Reply>,
    /// The ticket's company, written after the ticket and its reply.
    pub company: Option<CompanyChange>,
    /// What becomes of an update of a ticket that was never seen.
    pub unseen: Unseen,
}

impl TicketChange {
    /// True if it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.write.fields.is_empty() && self.reply.is_none() && self.company.is_none()
    }
}

/// The company that an event about something else brings along.
#[derive(Debug, Clone, PartialEq)]
pub struct CompanyChange {
    /// The source's id of it.
    pub source_id: String,
    /// Its fields.
    pub write: Write,
}

/// What becomes of an update of a ticket that was never seen and can't be read at the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Unseen {
    /// It makes the ticket, if it has what a new one needs.
    #[default]
    Create,
    /// It is parked.
    Park,
}

/// Fields of one entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Write {
    /// The fields; those that the event doesn't have are left out. Empty if the event says nothing of the entity
    /// itself.
    pub fields: Fields,
    /// What a new entity is given beside; an existing one keeps what it has.
    pub defaults: Fields,
    /// Fields that a new entity needs and that the event doesn't have.
    pub missing: Vec<String>,
}

/// Why an event can't be mapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct Refusal {
    /// `unknown_value`, `unknown_option`, `unknown_field`, `unreadable_value`, `missing_value` or `no_section`.
    pub code: &'static str,
    /// JSON Pointer into the event's `data`.
    pub pointer: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, pointer: &str, message: impl Into<String>) -> Self {
        Self { code, pointer: pointer.to_owned(), message: message.into() }
    }
}

impl Mapping {
    /// Maps what an event of a type has to say: `data` is JSON text in the source's shape. Total: any JSON gives
    /// either a change or a refusal.
    pub fn apply(
        &self,
        event_type: EventType,
        data: &[u8],
        parameters: &Parameters,
        _answers: &Answers,
    ) -> Result<Mapped, Refusal> {
        let data: Value = serde_json::from_slice(data).map_err(|error| {
            Refusal::new("unreadable_value", "", format!("the stored data is not JSON: {error}"))
        })?;
        let mut run = Run { data: &data, parameters, ignored: Vec::new() };
        let change = self.change(event_type, &mut run)?;
        Ok(Mapped { change, version: self.version(&data)?, ignored: run.ignored, questions: Vec::new() })
    }

    fn change(&self, event_type: EventType, run: &mut Run<'_>) -> Result<Change, Refusal> {
        use EventType as Type;
        match event_type {
            Type::TicketCreated | Type::TicketUpdated | Type::TicketReplied => {
                let write = self.ticket.apply(run)?;
                let reply = self.reply.as_ref().map(|rule| rule.apply(run)).transpose()?.flatten();
                Ok(Change::Ticket(TicketChange { write, reply, company: None, unseen: Unseen::Create }))
            }
            Type::CompanyCreated | Type::CompanyUpdated => {
                let company = self.company.as_ref().ok_or_else(|| self.no_section("company"))?;
                company.apply(run).map(Change::Company)
            }
            Type::FieldOptionsReplaced | Type::FieldOptionsChanged | Type::FieldOptionsDeleted => {
                let rule = self.field_options.as_ref().ok_or_else(|| self.no_section("field_options"))?;
                let change = rule.apply(run, event_type, self.ticket.custom_fields.as_ref())?;
                run.ignored.extend(unread(run.data, &rule.known, Some(&rule.options)));
                Ok(Change::Options(change))
            }
        }
    }

    fn no_section(&self, name: &str) -> Refusal {
        let message =
            format!("the mapping {} has no section {name}: write one, then replay the event", self.name);
        Refusal::new("no_section", "", message)
    }

    /// A time that can't be read is no reason to let an old event pass for a new one.
    fn version(&self, data: &Value) -> Result<Option<i64>, Refusal> {
        let Some(pointer) = &self.version else { return Ok(None) };
        let Some(value) = present(data.pointer(pointer)) else { return Ok(None) };
        let version = value.as_str().and_then(convert::timestamp);
        version.map(Some).ok_or_else(|| {
            Refusal::new("unreadable_value", pointer, "can't be read as a date and time with an offset")
        })
    }
}

impl Entity {
    fn apply(&self, run: &mut Run<'_>) -> Result<Write, Refusal> {
        let (mut fields, mut constants) = (Map::new(), Map::new());
        for (name, rule) in &self.fields {
            let of_tenant = matches!(rule.value, Source::Parameter(_));
            if let Some(value) = run.rule(rule)? {
                let kind = if of_tenant { &mut constants } else { &mut fields };
                kind.insert(name.clone(), value);
            }
        }
        if let Some(custom) = &self.custom_fields {
            let values = run.custom_fields(custom)?;
            if !values.is_empty() {
                fields.insert(CUSTOM_FIELDS.into(), Value::Array(values));
            }
        }
        let at = self.custom_fields.as_ref().map(|custom| custom.at.as_str());
        run.ignored.extend(unread(run.data, &self.known, at));
        let missing = self.required.iter().filter(|name| !fields.contains_key(*name)).cloned().collect();
        if !fields.is_empty() {
            fields.append(&mut constants);
        }
        let defaults = Fields(self.defaults(run.parameters, &fields));
        Ok(Write { missing, defaults, fields: Fields(fields) })
    }

    /// The tenant's answers for those whom its tables don't know.
    fn defaults(&self, parameters: &Parameters, set: &Map<String, Value>) -> Map<String, Value> {
        let default = |(name, rule): &(String, Rule)| match &rule.value {
            Source::Event { convert: Convert::Lookup { otherwise: Some(otherwise), .. }, .. } => {
                Some((name.clone(), parameters.get(otherwise)?.clone()))
            }
            _ => None,
        };
        self.fields.iter().filter(|(name, _)| !set.contains_key(name)).filter_map(default).collect()
    }
}

/// One event on its way through the rules.
pub(super) struct Run<'a> {
    pub(super) data: &'a Value,
    pub(super) parameters: &'a Parameters,
    pub(super) ignored: Vec<Ignored>,
}

impl Run<'_> {
    pub(super) fn rule(&mut self, rule: &Rule) -> Result<Option<Value>, Refusal> {
        let value = match &rule.value {
            Source::Parameter(name) => self.parameters.get(name).cloned(),
            Source::Event { pointers, convert } => self.converted(pointers, convert)?,
        };
        match (&value, &rule.value) {
            (None, Source::Event { pointers, .. }) if rule.required => {
                let message = "is required, and the event doesn't have it".into();
                Err(Refusal { code: "missing_value", pointer: pointers.join(" or "), message })
            }
            _ => Ok(value),
        }
    }

    fn converted(&mut self, pointers: &[String], how: &Convert) -> Result<Option<Value>, Refusal> {
        if let Convert::Lookup { parameter, .. } = how {
            return Ok(self.looked_up(pointers, parameter));
        }
        let Some((pointer, value)) = self.first(pointers) else {
            return Ok(None);
        };
        let unreadable = |what: &str| Refusal {
            code: "unreadable_value",
            pointer: pointer.to_owned(),
            message: format!("can't be read as {what}"),
        };
        let text = || convert::text(value).ok_or_else(|| unreadable("text"));
        let converted = match how {
            Convert::Text => text()?,
            Convert::Date => convert::date(&text()?).ok_or_else(|| unreadable("a date (YYYY-MM-DD)"))?,
            Convert::CommaList => convert::list(value).ok_or_else(|| unreadable("a list"))?.join(","),
            Convert::HtmlToText { at, is } if self.data.pointer(at).is_some_and(|v| v == is) => {
                convert::html_to_text(&text()?).ok_or_else(|| unreadable("HTML"))?
            }
            Convert::HtmlToText { .. } => text()?,
            Convert::Table(codes) => return coded(codes, pointer, &text()?).map(Some),
            Convert::Lookup { .. } => return Ok(None),
        };
        Ok(Some(Value::String(converted)).filter(|v| present(Some(v)).is_some()))
    }

    /// The entry of a tenant's table for the first of the values that has one. A value without an entry is
    /// reported, unless another of the same person or group has one.
    fn looked_up(&mut self, pointers: &[String], table: &str) -> Option<Value> {
        let entries = self.parameters.get(table);
        let entry = |p: &String| {
            let key = convert::text(self.data.pointer(p)?)?;
            entries?.get(&key).cloned()
        };
        let found = pointers.iter().find_map(entry);
        let pointer = if found.is_none() { self.first(pointers).map(|(p, _)| p.to_owned()) } else { None };
        if let Some(pointer) = pointer {
            let reason = if entries.is_some() { "no_table_entry" } else { "no_parameter" };
            self.ignored.push(Ignored { pointer, reason: reason.into() });
        }
        found
    }

    fn first<'p>(&self, pointers: &'p [String]) -> Option<(&'p str, &Value)> {
        pointers.iter().find_map(|p| Some((p.as_str(), present(self.data.pointer(p))?)))
    }

    fn custom_fields(&mut self, custom: &CustomFields) -> Result<Vec<Value>, Refusal> {
        let Some(Value::Object(members)) = present(self.data.pointer(&custom.at)) else {
            return Ok(Vec::new());
        };
        let mut values = Vec::new();
        for (name, value) in members {
            let (pointer, value) = match present(Some(value)) {
                Some(value) => (join(&custom.at, name), value),
                None => continue,
            };
            match (custom.rows.get(name), custom.same_key) {
                (Some(row), _) => values.extend(keyed(&row.key, row.value(&pointer, value)?)),
                (None, true) => values.extend(keyed(name, listed_text(&pointer, value)?)),
                (None, false) => self.ignored.push(Ignored { pointer, reason: "no_row".into() }),
            }
        }
        Ok(values)
    }
}

/// None for an empty value, as for one that isn't there.
fn keyed(key: &str, value: String) -> Option<Value> {
    (!value.is_empty()).then(|| json!({ "key": key, "value": value }))
}

fn coded(codes: &HashMap<String, u64>, pointer: &str, text: &str) -> Result<Value, Refusal> {
    codes.get(text.trim()).map(|code| json!(code)).ok_or_else(|| {
        let mut known: Vec<&str> = codes.keys().map(String::as_str).collect();
        known.sort_unstable();
        let message = format!("{} is none of the known values {}", quoted(text), known.join(", "));
        Refusal { code: "unknown_value", pointer: pointer.to_owned(), message }
    })
}

/// A scalar or a list of scalars as text. A truth is 是 or 否, as Bangwo8's checkboxes have it.
fn listed_text(pointer: &str, value: &Value) -> Result<String, Refusal> {
    let text = match value {
        Value::Array(_) => convert::list(value).map(|items| items.join(",")),
        Value::Bool(truth) => Some(if *truth { "是" } else { "否" }.to_owned()),
        _ => convert::text(value),
    };
    text.ok_or_else(|| Refusal {
        code: "unreadable_value",
        pointer: pointer.to_owned(),
        message: "can't be read as text".into(),
    })
}

impl CustomField {
    fn value(&self, pointer: &str, value: &Value) -> Result<String, Refusal> {
        match &self.kind {
            CustomKind::Text => listed_text(pointer, value),
            CustomKind::Date => {
                let text = listed_text(pointer, value)?;
                convert::date(&text).ok_or_else(|| Refusal {
                    code: "unreadable_value",
                    pointer: pointer.to_owned(),
                    message: "can't be read as a date (YYYY-MM-DD)".into(),
                })
            }
            CustomKind::Choice(options) | CustomKind::Choices(options) => {
                let single = matches!(self.kind, CustomKind::Choice(_));
                let indexes = convert::list(value).filter(|indexes| !single || indexes.len() == 1);
                let indexes = indexes.ok_or_else(|| Refusal {
                    code: "unreadable_value",
                    pointer: pointer.to_owned(),
                    message: format!("can't be read as {}", if single { "one option" } else { "options" }),
                })?;
                let names: Result<Vec<&str>, _> =
                    indexes.iter().map(|i| named(options, pointer, i)).collect();
                Ok(names?.join(","))
            }
        }
    }
}

/// The option's name, by its index or by the name itself.
fn named<'a>(options: &'a HashMap<String, String>, pointer: &str, given: &str) -> Result<&'a str, Refusal> {
    let by_name = || options.values().find(|name| *name == given);
    options.get(given).or_else(by_name).map(String::as_str).ok_or_else(|| Refusal {
        code: "unknown_option",
        pointer: pointer.to_owned(),
        message: format!("the mapping's row has no option {}: add it to the row's options", quoted(given)),
    })
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{short:?}") }
}
