//! A source's fields from a list that somebody wrote, or made of what a help desk exports.

use std::{collections::BTreeSet, fmt, path::Path};

use clap::ValueEnum;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::{Section, Side, given::unreadable};
use crate::{
    cli::{Failure, text::plain},
    diagnostic::{did_you_mean, utf8},
    json,
    mapping::suggest::{Field, FieldOption, Kind},
};

/// A field of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ name, label, type, options, section }")]
struct Entry {
    name: Scalar,
    label: Option<String>,
    r#type: Option<String>,
    #[serde(default)]
    options: Options,
    section: Option<String>,
}

/// A name or an index, which some vendors give as a number.
struct Scalar(String);

/// `["北京"]`, `[{ "value": "0", "name": "北京", "options": […] }]` or `{ "0": "北京" }`.
#[derive(Default)]
struct Options(Vec<FieldOption>);

/// One of them in a list.
struct Listed(FieldOption);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    value: Scalar,
    name: String,
    #[serde(default)]
    options: Options,
}

pub(super) fn read(path: &Path) -> Result<Side, Failure> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text = utf8(path, bytes).map_err(|problem| Failure::Files(vec![problem]))?;
    let entries: Vec<Entry> = json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Failure::Usage(format!("{}:{line}:{column}: {}", path.display(), told(&error)))
    })?;
    let refused = |why: String| Failure::Usage(format!("{}: {why}", path.display()));
    let mut side = Side::default();
    for (number, entry) in (1..).zip(entries) {
        let (section, field) = entry.field(number).map_err(refused)?;
        let known = if section == Section::Ticket { &mut side.ticket } else { &mut side.company };
        if known.iter().any(|other| other.name == field.name) {
            return Err(refused(format!("the field {} is there twice", field.name)));
        }
        known.push(field);
    }
    Ok(side)
}

/// What is wrong with the list, in words of who wrote it. Values may be what nobody should see in a terminal's history:
/// only names of members are told.
fn told(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if !error.is_data() {
        return format!("is not JSON: {message}");
    }
    if let Some((name, known)) = unknown_member(message) {
        let hint = did_you_mean(name, known.iter().copied());
        let hint = if hint.is_empty() { format!(": known are {}", known.join(", ")) } else { hint };
        return format!("there is no member {}{hint}", plain(name));
    }
    if let Some(name) = message.strip_prefix("missing field ") {
        return format!("the member {} is missing", name.trim_matches('`'));
    }
    if let Some(name) = message.strip_prefix("duplicate field ") {
        return format!("the member {} stands here twice", name.trim_matches('`'));
    }
    match message.rsplit_once(", expected ") {
        None | Some((_, "a sequence")) => {
            "must be a JSON list of { name, label, type, options, section }".to_owned()
        }
        Some((_, "a string")) => "write a text here".to_owned(),
        Some((_, wanted)) => format!("write {wanted} here"),
    }
}

/// A member that nothing reads, and those that there are.
fn unknown_member(message: &str) -> Option<(&str, Vec<&str>)> {
    let (name, known) = message.strip_prefix("unknown field `")?.rsplit_once("`, expected ")?;
    Some((name, known.split('`').skip(1).step_by(2).collect()))
}

impl Entry {
    /// `number` is its place in the list, from 1.
    fn field(self, number: usize) -> Result<(Section, Field), String> {
        let (name, options) = (self.name.0, self.options.0);
        if name.trim().is_empty() {
            return Err(format!(
                "field {number} of the list has no name: write what events file its values under"
            ));
        }
        let section = section(self.section.as_deref())
            .ok_or_else(|| format!("the section of the field {name} is ticket or company"))?;
        let kind = self.r#type.as_deref().map_or(Some(Kind::Text), Kind::of_word);
        let kind = kind.ok_or_else(|| unknown_type(&name, self.r#type.as_deref().unwrap_or_default()))?;
        let is_tree = options.iter().any(|option| !option.subs.is_empty());
        let kind = match kind {
            // Many help desks call both a drop-down.
            Kind::Choice if is_tree => Kind::Cascade,
            kind => kind,
        };
        if kind == Kind::Choices && is_tree {
            return Err(format!(
                "the field {name} is of the type {kind} and has options below options: make it a cascade, or list all \
                 of them beside each other"
            ));
        }
        if kind.has_options() && options.is_empty() {
            return Err(format!("the field {name} is of the type {kind}: list its options"));
        }
        if let Some(index) = twice(&options) {
            return Err(format!("the field {name} has the option {index} twice: values tell options by it"));
        }
        let field = Field { name, label: self.label, kind, options, mandatory: false, unwritable: None };
        Ok((section, field))
    }
}

/// The word itself is a value of the file, and not told.
fn unknown_type(name: &str, word: &str) -> String {
    let word = word.to_lowercase();
    let meant = did_you_mean(&word, Kind::words().flatten().copied());
    if !meant.is_empty() {
        return format!("the type of the field {name} is no known word{meant}");
    }
    let known: Vec<&str> = Kind::words().filter_map(|words| words.first().copied()).collect();
    format!(
        "the type of the field {name} is no known word: write {}, or leave the field out",
        known.join(", ")
    )
}

fn section(word: Option<&str>) -> Option<Section> {
    word.map_or(Some(Section::default()), |word| Section::from_str(word, false).ok())
}

/// An index that two options below one parent have. The depth is bounded by that of the JSON.
fn twice(options: &[FieldOption]) -> Option<&str> {
    let mut indexes = BTreeSet::new();
    let again = options.iter().find(|option| !indexes.insert(&option.index)).map(|it| it.index.as_str());
    again.or_else(|| options.iter().find_map(|option| twice(&option.subs)))
}

fn option(index: String, name: String, subs: Vec<FieldOption>) -> FieldOption {
    FieldOption { index, name, hidden: false, subs }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar(Value::from(number).to_string()))
    }
}

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OptionsVisitor)
    }
}

struct OptionsVisitor;

impl<'de> Visitor<'de> for OptionsVisitor {
    type Value = Options;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of options, or an object of their names by their values,")
    }

    /// The depth is bounded by that of the JSON, which the parser limits.
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Options, A::Error> {
        let mut options = Vec::new();
        while let Some(Listed(option)) = access.next_element()? {
            options.push(option);
        }
        Ok(Options(options))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Options, A::Error> {
        let mut options: Vec<(String, String)> = Vec::new();
        while let Some(entry) = access.next_entry()? {
            options.push(entry);
        }
        // An object has no order.
        options.sort();
        Ok(Options(options.into_iter().map(|(index, name)| option(index, name, Vec::new())).collect()))
    }
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListedVisitor)
    }
}

struct ListedVisitor;

impl<'de> Visitor<'de> for ListedVisitor {
    type Value = Listed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name or { value, name, options }")
    }

    fn visit_str<E>(self, name: &str) -> Result<Listed, E> {
        Ok(Listed(option(name.to_owned(), name.to_owned(), Vec::new())))
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Listed, A::Error> {
        let Whole { value, name, options } = Whole::deserialize(MapAccessDeserializer::new(access))?;
        Ok(Listed(option(value.0, name, options.0)))
    }
}
