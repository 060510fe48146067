//! A source's fields from files: a list of them, or events that hold them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value;

use super::{Section, Side};
use crate::{
    cli::Failure,
    mapping::suggest::{Field, FieldOption, Kind, Seen},
};

/// A field of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Scalar,
    label: Option<String>,
    r#type: Option<String>,
    #[serde(default)]
    options: Options,
    #[serde(default)]
    section: Section,
}

/// A name or an index, which some vendors give as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
}

/// `["北京"]`, `[{ "value": "0", "name": "北京", "options": […] }]` or `{ "0": "北京" }`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Options {
    List(Vec<OptionEntry>),
    ByIndex(BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OptionEntry {
    Name(String),
    Full {
        value: Scalar,
        name: String,
        #[serde(default)]
        options: Options,
    },
}

impl Default for Options {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

/// Fields of the list; of the events only what the list doesn't have.
pub(super) fn read(fields: Option<&Path>, events: Option<&Path>, at: &str) -> Result<Side, Failure> {
    let mut side = fields.map(list).transpose()?.unwrap_or_default();
    if let Some(events) = events {
        let seen = seen(events, at)?;
        for (known, found) in [(&mut side.ticket, seen.ticket), (&mut side.company, seen.company)] {
            let new: Vec<Field> =
                found.into_iter().filter(|field| known.iter().all(|it| it.name != field.name)).collect();
            known.extend(new);
        }
    }
    Ok(side)
}

fn list(path: &Path) -> Result<Side, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let entries: Vec<Entry> = serde_json::from_str(&text).map_err(|error| {
        let why = "must be a JSON list of { name, label, type, options, section }";
        Failure::Usage(format!("{}:{}:{}: {why}", path.display(), error.line(), error.column()))
    })?;
    let mut side = Side::default();
    for entry in entries {
        let section = entry.section;
        let field = entry.field(path)?;
        let known = if section == Section::Ticket { &mut side.ticket } else { &mut side.company };
        if known.iter().any(|other| other.name == field.name) {
            return Err(Failure::Usage(format!(
                "{}: the field {} is there twice",
                path.display(),
                field.name
            )));
        }
        known.push(field);
    }
    Ok(side)
}

impl Entry {
    fn field(self, path: &Path) -> Result<Field, Failure> {
        let name = self.name.text();
        let options = self.options.read();
        let kind = self.r#type.as_deref().map_or(Kind::Text, Kind::of_word);
        let is_tree = options.iter().any(|option| !option.subs.is_empty());
        let kind = match kind {
            // Many help desks call both a drop-down.
            Kind::Choice if is_tree => Kind::Cascade,
            kind => kind,
        };
        if kind == Kind::Choices && is_tree {
            let message = format!(
                "{}: the field {name} is of the type {kind} and has options below options: make it a cascade, or \
                 list all of them beside each other",
                path.display()
            );
            return Err(Failure::Usage(message));
        }
        if kind.has_options() && options.is_empty() {
            let message =
                format!("{}: the field {name} is of the type {kind}: list its options", path.display());
            return Err(Failure::Usage(message));
        }
        if let Some(index) = twice(&options) {
            let message = format!(
                "{}: the field {name} has the option {index} twice: values tell options by it",
                path.display()
            );
            return Err(Failure::Usage(message));
        }
        Ok(Field { name, label: self.label, kind, options, mandatory: false, unwritable: None })
    }
}

/// An index that two options below one parent have. The depth is bounded by that of the JSON.
fn twice(options: &[FieldOption]) -> Option<&str> {
    let mut indexes = BTreeSet::new();
    let again = options.iter().find(|option| !indexes.insert(&option.index)).map(|it| it.index.as_str());
    again.or_else(|| options.iter().find_map(|option| twice(&option.subs)))
}

impl Scalar {
    fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
        }
    }
}

impl Options {
    /// The depth is bounded by that of the JSON, which the parser limits.
    fn read(self) -> Vec<FieldOption> {
        let option = |index: String, name: String, subs| FieldOption { index, name, hidden: false, subs };
        match self {
            Self::ByIndex(options) => {
                options.into_iter().map(|(index, name)| option(index, name, Vec::new())).collect()
            }
            Self::List(options) => options
                .into_iter()
                .map(|entry| match entry {
                    OptionEntry::Name(name) => option(name.clone(), name, Vec::new()),
                    OptionEntry::Full { value, name, options } => option(value.text(), name, options.read()),
                })
                .collect(),
        }
    }
}

/// What is looked at of an event.
#[derive(Deserialize)]
struct Event {
    r#type: String,
    data: Value,
}

fn seen(path: &Path, at: &str) -> Result<Side, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let (mut ticket, mut company) = (Seen::default(), Seen::default());
    for (number, line) in (1..).zip(BufReader::new(file).lines()) {
        let line = line.map_err(|error| unreadable(path, &error))?;
        if line.trim().is_empty() {
            continue;
        }
        let event: Event = serde_json::from_str(&line).map_err(|_| no_event(path, number))?;
        let seen = match section(&event.r#type) {
            Some(Section::Ticket) => &mut ticket,
            Some(Section::Company) => &mut company,
            None => continue,
        };
        event.data.pointer(at).into_iter().for_each(|fields| seen.note(fields));
    }
    Ok(Side { ticket: ticket.fields(), company: company.fields() })
}

fn section(event_type: &str) -> Option<Section> {
    match event_type.split('.').next() {
        Some("ticket") => Some(Section::Ticket),
        Some("company") => Some(Section::Company),
        _ => None,
    }
}

/// The line itself may hold what nobody should see in a terminal's history.
fn no_event(path: &Path, line: u64) -> Failure {
    let what = "is no event: write a JSON object with type and data on each line";
    Failure::Usage(format!("{}:{line}: {what}", path.display()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Usage(format!("{} can't be read: {error}", path.display()))
}
