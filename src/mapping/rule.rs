//! A compiled rule: how one value comes about.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{
    apply::{Refusal, Run},
    convert::{self, Convert, present},
    lookup::Lookup,
    pointer::Pointer,
    trace::Observer,
};

/// Characters of a value that a refusal quotes.
const QUOTED: usize = 40;

#[derive(Debug)]
pub(super) struct Rule {
    /// Where it stands in the mapping: `ticket.fields.subject`.
    pub(super) path: String,
    pub(super) when: Option<Condition>,
    pub(super) how: How,
}

#[derive(Debug)]
pub(super) enum How {
    Constant(Value),
    /// A tenant value.
    Parameter(String),
    Template(Vec<Piece>),
    Join {
        rules: Vec<Rule>,
        with: String,
    },
    FirstOf(Vec<Rule>),
    Convert {
        from: Vec<Pointer>,
        convert: Convert,
        unreadable: Option<Policy>,
    },
    Table {
        from: Vec<Pointer>,
        table: Arc<Table>,
    },
    Lookup {
        from: Vec<Pointer>,
        lookup: Lookup,
    },
}

/// What is done with a value that has no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    /// The event waits for an operator.
    Park,
    /// The value is left out, and the event's record says so.
    Report,
}

/// A part of a template.
#[derive(Debug)]
pub(super) enum Piece {
    Text(String),
    Value(Pointer),
}

#[derive(Debug)]
pub(super) enum Condition {
    Is { at: Pointer, any_of: Vec<Value>, not: bool },
    Exists { at: Pointer, exists: bool },
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl Condition {
    pub(super) fn holds(&self, data: &Value) -> bool {
        match self {
            Self::Is { at, any_of, not } => {
                let value = at.of(data).unwrap_or(&Value::Null);
                any_of.iter().any(|wanted| is_same(value, wanted)) != *not
            }
            Self::Exists { at, exists } => present(at.of(data)).is_some() == *exists,
            Self::All(all) => all.iter().all(|condition| condition.holds(data)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(data)),
        }
    }

    pub(super) fn pointers<'c>(&'c self, found: &mut Vec<&'c Pointer>) {
        match self {
            Self::Is { at, .. } | Self::Exists { at, .. } => found.push(at),
            Self::All(all) | Self::Any(all) => all.iter().for_each(|condition| condition.pointers(found)),
        }
    }
}

/// Vendors write one value as a number here and as text there.
pub(super) fn is_same(value: &Value, wanted: &Value) -> bool {
    value == wanted || matches!((convert::text(value), convert::text(wanted)), (Some(a), Some(b)) if a == b)
}

/// A closed set of the source and the target's codes for it.
#[derive(Debug)]
pub(super) struct Table {
    /// `tables.status`.
    pub(super) path: String,
    /// Every spelling, with its value.
    pub(super) spellings: HashMap<String, usize>,
    /// Each value and its code; `None` parks.
    pub(super) arms: Vec<(String, Option<u64>)>,
    pub(super) unknown: Option<Policy>,
}

/// A value that the file or the tenant gives.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Given {
    Literal(Value),
    Parameter(String),
}

impl Given {
    pub(super) fn value(&self, parameters: &super::Parameters) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            Self::Parameter(name) => parameters.get(name).cloned(),
        }
    }
}

impl Rule {
    /// True if it says the same of every event.
    pub(super) fn is_constant(&self) -> bool {
        self.when.is_none() && matches!(self.how, How::Constant(_) | How::Parameter(_))
    }

    /// Where its value comes from, without what it is found by or depends on.
    pub(super) fn origins<'r>(&'r self, found: &mut Vec<&'r Pointer>) {
        match &self.how {
            How::Join { rules, .. } | How::FirstOf(rules) => {
                rules.iter().for_each(|rule| rule.origins(found))
            }
            How::Convert { from, .. } | How::Table { from, .. } | How::Lookup { from, .. } => {
                found.extend(from)
            }
            How::Constant(_) | How::Parameter(_) | How::Template(_) => {}
        }
    }

    /// Every pointer that it reads.
    pub(super) fn pointers<'r>(&'r self, found: &mut Vec<&'r Pointer>) {
        self.when.iter().for_each(|condition| condition.pointers(found));
        match &self.how {
            How::Constant(_) | How::Parameter(_) => {}
            How::Template(pieces) => found.extend(pieces.iter().filter_map(|piece| match piece {
                Piece::Value(pointer) => Some(pointer),
                Piece::Text(_) => None,
            })),
            How::Join { rules, .. } | How::FirstOf(rules) => {
                rules.iter().for_each(|rule| rule.pointers(found))
            }
            How::Convert { from, .. } | How::Table { from, .. } => found.extend(from),
            How::Lookup { from, lookup } => found.extend(from.iter().chain(lookup.pointers())),
        }
    }
}

impl<O: Observer> Run<'_, O> {
    /// What a rule gives of the event, if it gives anything.
    pub(super) fn value(&mut self, rule: &Rule) -> Result<Option<Value>, Refusal> {
        if rule.when.as_ref().is_some_and(|condition| !condition.holds(self.data)) {
            return Ok(None);
        }
        let value = match &rule.how {
            How::Constant(value) => Some(value.clone()),
            How::Parameter(name) => self.parameters.get(name).cloned(),
            How::Template(pieces) => self.template(pieces),
            How::Join { rules, with } => self.joined(rules, with)?,
            How::FirstOf(rules) => self.first_of(rules)?,
            How::Convert { from, convert, unreadable } => self.converted(from, convert, *unreadable)?,
            How::Table { from, table } => self.coded(from, table)?,
            How::Lookup { from, lookup } => self.looked_up(from, lookup)?,
        };
        if value.is_some() {
            self.observer.rule(&rule.path);
        }
        Ok(value)
    }

    fn first_of(&mut self, rules: &[Rule]) -> Result<Option<Value>, Refusal> {
        let asked = self.questions.len();
        for rule in rules {
            let value = self.value(rule)?;
            // Whether the next one has its turn depends on the answer.
            if value.is_some() || self.questions.len() > asked {
                return Ok(value);
            }
        }
        Ok(None)
    }

    /// Text around values that aren't there is no value.
    fn template(&mut self, pieces: &[Piece]) -> Option<Value> {
        let (mut text, mut any) = (String::new(), false);
        for piece in pieces {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Value(pointer) => {
                    let Some(value) = present(pointer.of(self.data)) else { continue };
                    match convert::listed_text(value) {
                        Some(value) => {
                            any = true;
                            text.push_str(&value);
                        }
                        None => self.ignore(pointer.as_str(), "unreadable_value"),
                    }
                }
            }
        }
        any.then_some(Value::String(text))
    }

    fn joined(&mut self, rules: &[Rule], with: &str) -> Result<Option<Value>, Refusal> {
        let mut texts = Vec::new();
        for rule in rules {
            texts.extend(self.value(rule)?.as_ref().and_then(convert::text).map(Cow::into_owned));
        }
        Ok((!texts.is_empty()).then(|| texts.join(with).into()))
    }

    fn converted(
        &mut self,
        from: &[Pointer],
        convert: &Convert,
        unreadable: Option<Policy>,
    ) -> Result<Option<Value>, Refusal> {
        let Some((pointer, value)) = self.first(from) else { return Ok(None) };
        match convert.apply(value) {
            Some(text) => Ok((!text.is_empty()).then(|| Value::String(text.into_owned()))),
            None => self.unreadable(pointer.as_str(), convert.reads(), unreadable).map(|()| None),
        }
    }

    pub(super) fn unreadable(
        &mut self,
        pointer: &str,
        what: &str,
        policy: Option<Policy>,
    ) -> Result<(), Refusal> {
        let refusal = || Refusal::new("unreadable_value", pointer, format!("can't be read as {what}"));
        self.by_policy(policy, refusal)
    }

    /// Without a policy the schema lets no such value through: it parks all the same, should one come.
    pub(super) fn by_policy(
        &mut self,
        policy: Option<Policy>,
        refusal: impl Fn() -> Refusal,
    ) -> Result<(), Refusal> {
        let refusal = refusal();
        match policy {
            Some(Policy::Report) => {
                self.ignore(&refusal.pointer, refusal.code);
                Ok(())
            }
            _ => Err(refusal),
        }
    }

    fn coded(&mut self, from: &[Pointer], table: &Table) -> Result<Option<Value>, Refusal> {
        let Some((pointer, value)) = self.first(from) else { return Ok(None) };
        let text = convert::text(value);
        let arm = text.as_ref().and_then(|text| table.spellings.get(text.trim()));
        let Some((name, code)) = arm.and_then(|arm| table.arms.get(*arm)) else {
            let given = text.map_or_else(|| value.to_string(), Cow::into_owned);
            let refusal = || Refusal::new("unknown_value", pointer.as_str(), unknown(table, &given));
            return self.by_policy(table.unknown, refusal).map(|()| None);
        };
        self.observer.arm(&table.path, name);
        match code {
            Some(code) => Ok(Some((*code).into())),
            None => {
                let message = format!("{name} is parked by the mapping: give it an arm in {}", table.path);
                Err(Refusal::new("refused_value", pointer.as_str(), message))
            }
        }
    }

    /// The first of the values that there are.
    pub(super) fn first<'p>(&self, pointers: &'p [Pointer]) -> Option<(&'p Pointer, &'_ Value)>
    where
        Self: 'p,
    {
        pointers.iter().find_map(|pointer| Some((pointer, present(pointer.of(self.data))?)))
    }
}

fn unknown(table: &Table, given: &str) -> String {
    let mut known: Vec<&str> = table.spellings.keys().map(String::as_str).collect();
    known.sort_unstable();
    format!("{} is none of the known values {}", quoted(given), known.join(", "))
}

pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() { format!("{short:?}…") } else { format!("{short:?}") }
}
