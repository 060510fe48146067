//! One event through a compiled mapping.

use std::{borrow::Cow, collections::HashSet};

use serde_json::Value;

use super::{
    Answers, Change, CompanyChange, Fields, Mapped, Mapping, Parameters, Question, TicketChange, Unmapped,
    Write,
    convert::{self, present},
    entity::Entity,
    known::Known,
    section::{CompanySection, OptionsSection, TicketSection, Version},
    trace::Observer,
};
use crate::{
    event::{EventType, Ignored, Lane},
    json,
};

/// Characters of a value that is appended to a description.
const APPENDED: usize = 1000;
/// What stands above the values that no rule reads.
const APPENDED_HEADING: &str = "—— 未映射字段 ——";

/// Why an event can't be mapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct Refusal {
    /// `unknown_value`, `refused_value`, `unknown_option`, `unknown_field`, `unreadable_value`, `missing_value`,
    /// `not_found`, `too_long`, `unmapped_field` or `no_section`.
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

/// An event and what is known beside it.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What happened.
    pub event_type: EventType,
    /// The event's `data`, in the source's shape.
    pub data: &'a Value,
    /// The connection's tenant values.
    pub parameters: &'a Parameters,
    /// What is known of the questions that the mapping asks.
    pub answers: &'a Answers,
}

/// One event on its way through the rules.
pub(super) struct Run<'a, O> {
    pub(super) data: &'a Value,
    pub(super) parameters: &'a Parameters,
    pub(super) answers: &'a Answers,
    pub(super) observer: &'a mut O,
    pub(super) ignored: Vec<Ignored>,
    pub(super) questions: Vec<Question>,
    /// The event says what changed: null means that something was taken away.
    pub(super) is_update: bool,
    /// What no rule reads and the description is to take.
    appended: Vec<(String, String)>,
    unmapped: Unmapped,
    /// The first thing that no rule reads and that parks the event.
    unplaced: Option<String>,
}

impl<O> Run<'_, O> {
    pub(super) fn ignore(&mut self, pointer: &str, reason: &str) {
        self.ignored.push(Ignored { pointer: pointer.to_owned(), reason: reason.to_owned() });
    }

    /// Something that no rule reads.
    pub(super) fn unmapped(&mut self, pointer: String, value: &Value) {
        match self.unmapped {
            Unmapped::Report => self.ignore(&pointer, "no_row"),
            Unmapped::Park => drop(self.unplaced.get_or_insert(pointer)),
            Unmapped::Append => {
                let text =
                    convert::listed_text(value).map_or_else(|| value.to_string(), |text| text.into_owned());
                self.appended.push((pointer, text));
            }
        }
    }

    fn unread(&mut self, known: &Known) {
        let mut found = Vec::new();
        known.unread(self.data, &mut |pointer, value| found.push((pointer, value)));
        found.into_iter().for_each(|(pointer, value)| self.unmapped(pointer, value));
    }
}

impl Mapping {
    /// Maps what an event of a type has to say: `data` is JSON text in the source's shape.
    ///
    /// Errors: as [`Mapping::map`], and for what is not JSON.
    pub fn apply(
        &self,
        event_type: EventType,
        data: &[u8],
        parameters: &Parameters,
        answers: &Answers,
    ) -> Result<Mapped, Refusal> {
        let data: Value = json::from_slice(data).map_err(|error| {
            Refusal::new("unreadable_value", "", format!("the stored data is not JSON: {error}"))
        })?;
        self.map(&Input { event_type, data: &data, parameters, answers }, &mut ())
    }

    /// Maps an event. Total: any JSON gives either a change or a refusal. While the result has questions, the change is
    /// as if their answers were "none".
    ///
    /// Errors: where the mapping's file says `park`, and for what the source's schema lets no event have.
    pub fn map(&self, input: &Input<'_>, observer: &mut impl Observer) -> Result<Mapped, Refusal> {
        let mut run = Run {
            data: input.data,
            parameters: input.parameters,
            answers: input.answers,
            observer,
            ignored: Vec::new(),
            questions: Vec::new(),
            is_update: matches!(
                input.event_type,
                EventType::TicketUpdated | EventType::TicketReplied | EventType::CompanyUpdated
            ),
            appended: Vec::new(),
            unmapped: self.unmapped,
            unplaced: None,
        };
        let (change, version) = self.change(input.event_type, &mut run)?;
        if let Some(pointer) = run.unplaced.filter(|_| run.questions.is_empty()) {
            let message =
                "has no place in the mapping: give it a rule or list it under unused, then replay the event";
            return Err(Refusal::new("unmapped_field", &pointer, message));
        }
        // Two fields can go by one id.
        let mut asked = HashSet::new();
        let questions = run.questions.into_iter().filter(|question| asked.insert(question.clone())).collect();
        Ok(Mapped { change, version, ignored: run.ignored, questions })
    }

    fn change<O: Observer>(
        &self,
        event_type: EventType,
        run: &mut Run<'_, O>,
    ) -> Result<(Change, Option<i64>), Refusal> {
        if let Some(section) = self.ticket.as_ref().filter(|section| section.events.contains(&event_type)) {
            return Ok((section.apply(run)?, run.version(section.version.as_ref())?));
        }
        if let Some(section) = self.company.as_ref().filter(|section| section.events.contains(&event_type)) {
            return Ok((section.apply(run)?, run.version(section.version.as_ref())?));
        }
        match self.field_options.as_ref().filter(|section| section.events.contains(&event_type)) {
            Some(section) => {
                let custom = self.ticket.as_ref().and_then(|ticket| ticket.entity.custom_fields.as_ref());
                Ok((section.change(run, event_type, custom)?, run.version(section.version.as_ref())?))
            }
            None => Err(self.no_section(event_type)),
        }
    }

    fn no_section(&self, event_type: EventType) -> Refusal {
        let message = format!(
            "the mapping {} has no section that serves {event_type}: write one, then replay the event",
            self.name
        );
        Refusal::new("no_section", "", message)
    }
}

impl TicketSection {
    fn apply<O: Observer>(&self, run: &mut Run<'_, O>) -> Result<Change, Refusal> {
        let write = self.entity.apply(run)?;
        let reply = self.reply.as_ref().map(|rule| rule.apply(run)).transpose()?.flatten();
        let company = match &self.company {
            Some(company) => {
                let write = company.entity.apply(run)?;
                let source_id = convert::text(present(company.lane.of(run.data)).unwrap_or(&Value::Null));
                let source_id = source_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
                match source_id {
                    _ if write.fields.is_empty() => None,
                    None => {
                        run.ignore(parent(company.lane.as_str()), "no_id");
                        None
                    }
                    // No event of the company's own could have it, and not every store can keep a link of it.
                    Some(id) if Lane::new(EventType::CompanyUpdated.entity(), &id).is_err() => {
                        run.ignore(company.lane.as_str(), "invalid_id");
                        None
                    }
                    Some(source_id) => Some(CompanyChange { source_id, write }),
                }
            }
            None => None,
        };
        run.unread(&self.known);
        let write = run.appended_to(write, &self.entity);
        Ok(Change::Ticket(Box::new(TicketChange { write, reply, company, unseen: self.unseen })))
    }
}

impl CompanySection {
    fn apply<O: Observer>(&self, run: &mut Run<'_, O>) -> Result<Change, Refusal> {
        let write = self.entity.apply(run)?;
        run.unread(&self.known);
        Ok(Change::Company(run.appended_to(write, &self.entity)))
    }
}

impl OptionsSection {
    fn change<O: Observer>(
        &self,
        run: &mut Run<'_, O>,
        event_type: EventType,
        custom: Option<&super::custom::CustomFields>,
    ) -> Result<Change, Refusal> {
        let change = self.rule.apply(run.data, event_type, custom)?;
        run.unread(&self.known);
        let appended = std::mem::take(&mut run.appended);
        appended.iter().for_each(|(pointer, _)| run.ignore(pointer, "no_row"));
        Ok(Change::Options(change))
    }
}

impl<O> Run<'_, O> {
    /// A time that can't be read is no reason to let an old event pass for a new one, unless the file says so.
    fn version(&mut self, version: Option<&Version>) -> Result<Option<i64>, Refusal>
    where
        O: Observer,
    {
        let Some(Version { at, unreadable }) = version else { return Ok(None) };
        let Some(value) = present(at.of(self.data)) else { return Ok(None) };
        match convert::timestamp(value) {
            Some(version) => Ok(Some(version)),
            None => {
                self.unreadable(at.as_str(), "a date and time with an offset", *unreadable).map(|()| None)
            }
        }
    }

    /// An update without its description can't take lines: they would replace it.
    fn appended_to(&mut self, write: Write, entity: &Entity) -> Write {
        let appended = std::mem::take(&mut self.appended);
        let field = entity.append_to.as_deref();
        let text = field.and_then(|field| Some((field, write.fields.text(field)?)));
        match text {
            Some((field, text)) if !appended.is_empty() => {
                let mut text = text.to_owned();
                let mut heading = format!("\n\n{APPENDED_HEADING}");
                for (pointer, value) in &appended {
                    let line = format!("{heading}\n{pointer}: {}", cut(value, APPENDED));
                    // A line that has no room is told, and takes none of the description's own.
                    if !entity.has_room(field, &text, &line) {
                        self.ignore(pointer, "no_row");
                        continue;
                    }
                    if value.chars().nth(APPENDED).is_some() {
                        self.ignore(pointer, "truncated");
                    }
                    text.push_str(&line);
                    heading.clear();
                }
                let mut fields = write.fields.0;
                fields.insert(field.to_owned(), text.into());
                Write { fields: Fields(fields), ..write }
            }
            _ => {
                appended.iter().for_each(|(pointer, _)| self.ignore(pointer, "no_row"));
                write
            }
        }
    }
}

/// A text of so many characters at most; a cut one ends with `…`.
fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]).into(),
        None => text.into(),
    }
}

/// The pointer to what a pointer's value stands in.
fn parent(pointer: &str) -> &str {
    let at = pointer.rfind('/').filter(|at| *at > 0);
    at.map_or(pointer, |at| &pointer[..at])
}
