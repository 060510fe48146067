//! The choices of a source's field, as the choices of the target's field that it goes to.

use serde_json::Value;

use super::{
    apply::Refusal,
    convert::{self, present},
    custom::{CustomFields, MAX_LEVELS},
    pointer::Pointer,
};
use crate::event::EventType;

/// Choices of one event at most: a field with more is a table, and a mistake.
const MAX_OPTIONS: usize = 10_000;
/// Digits by which a level's index is written in the external id of a choice of a cascade.
const INDEX_DIGITS: usize = 3;

/// What is to become of a field's choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsChange {
    /// The source's name of the field.
    pub source_field: String,
    /// The target's key of the field.
    pub key: String,
    /// What is done with them.
    pub how: OptionsHow,
    /// The choices by level: those of the first level, then those below them. A dropdown has one level.
    pub levels: Vec<Vec<OptionChange>>,
}

/// What an event does with the choices that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionsHow {
    /// They are all the field has from now on.
    Replace,
    /// They are added, or renamed if they are there.
    Upsert,
    /// They are removed.
    Delete,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionChange {
    /// What people choose.
    pub name: String,
    /// The source's id of it, which the target keeps beside its own.
    pub external_id: Option<String>,
    /// The external id of the choice it stands below; none on the first level.
    pub parent: Option<String>,
}

#[derive(Debug)]
pub(super) struct FieldOptionsRule {
    pub(super) field: Pointer,
    pub(super) options: Pointer,
}

impl FieldOptionsRule {
    pub(super) fn apply(
        &self,
        data: &Value,
        event_type: EventType,
        custom: Option<&CustomFields>,
    ) -> Result<OptionsChange, Refusal> {
        let missing = |pointer: &str, what: &str| {
            Refusal::new("missing_value", pointer, format!("is required: {what}"))
        };
        let field = present(self.field.of(data)).and_then(convert::text);
        let source_field =
            field.ok_or_else(|| missing(self.field.as_str(), "which field the options are of"))?.into_owned();
        let key = self.target_key(&source_field, custom)?;
        let how = match event_type {
            EventType::FieldOptionsReplaced => OptionsHow::Replace,
            EventType::FieldOptionsDeleted => OptionsHow::Delete,
            _ => OptionsHow::Upsert,
        };
        let options = present(self.options.of(data));
        let items = options
            .and_then(Value::as_array)
            .ok_or_else(|| missing(self.options.as_str(), "a list of options"))?;
        let leaves_only = how == OptionsHow::Delete;
        let mut reading = Reading { levels: Vec::new(), count: 0, leaves_only };
        reading.read(items, self.options.as_str(), None, 0)?;
        Ok(OptionsChange { source_field, key, how, levels: reading.levels })
    }

    /// The options follow the values: to the field that the mapping sends the ticket's field to.
    fn target_key(&self, field: &str, custom: Option<&CustomFields>) -> Result<String, Refusal> {
        let row = custom.and_then(|custom| custom.rows.get(field));
        let same_key = custom.is_some_and(|custom| custom.same_key);
        match row {
            Some(row) if row.is_choice() => Ok(row.key.clone()),
            Some(_) => Err(Refusal::new(
                "unknown_field",
                self.field.as_str(),
                format!("the mapping's row of {field} is not a choice: give it as: choice or as: choices"),
            )),
            None if same_key => Ok(field.to_owned()),
            None => Err(Refusal::new(
                "unknown_field",
                self.field.as_str(),
                format!("the mapping has no row for {field}: add one to custom_fields"),
            )),
        }
    }
}

/// Reads choices and those below them, level by level.
struct Reading {
    levels: Vec<Vec<OptionChange>>,
    count: usize,
    /// What has choices below it only says where they stand: deleting one of them must not take the others along.
    leaves_only: bool,
}

impl Reading {
    fn read(&mut self, items: &[Value], at: &str, parent: Option<&str>, level: usize) -> Result<(), Refusal> {
        self.count += items.len();
        if level == MAX_LEVELS || self.count > MAX_OPTIONS {
            let message = format!("has more than {MAX_OPTIONS} options or {MAX_LEVELS} levels");
            return Err(Refusal::new("unreadable_value", at, message));
        }
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        items.iter().enumerate().try_for_each(|(i, item)| self.one(item, &format!("{at}/{i}"), parent, level))
    }

    fn one(&mut self, item: &Value, at: &str, parent: Option<&str>, level: usize) -> Result<(), Refusal> {
        let Some(choice) = Choice::of(item) else {
            return Err(Refusal::new("unreadable_value", at, "can't be read as an option with a name"));
        };
        let external_id = choice.external_id(parent);
        let parent_of_next = external_id.clone();
        let option = OptionChange { name: choice.name, external_id, parent: parent.map(str::to_owned) };
        if choice.subs.is_empty() || !self.leaves_only {
            self.levels[level].push(option);
        }
        match (choice.subs, parent_of_next) {
            ([], _) => Ok(()),
            (subs, Some(id)) => self.read(subs, &format!("{at}/subs"), Some(&id), level + 1),
            (_, None) => {
                Err(Refusal::new("missing_value", at, "needs an id: the options below it are found by it"))
            }
        }
    }
}

/// A choice as a source writes it: `{"name","external_id","subs"}` (ours), `{"0":"name"}` (Udesk v1) or
/// `{"title","value","subs"}` (Udesk v2).
struct Choice<'a> {
    name: String,
    id: Option<Id>,
    subs: &'a [Value],
}

enum Id {
    /// The source's own, which no other choice of the field has.
    Own(String),
    /// Its place among its siblings, as Udesk counts: another level has the same numbers.
    Index(String),
}

impl<'a> Choice<'a> {
    fn of(item: &'a Value) -> Option<Self> {
        let members = item.as_object()?;
        let text = |name: &str| convert::text(present(members.get(name))?).map(|text| text.into_owned());
        let subs = members.get("subs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if let Some(name) = text("name") {
            return Some(Self { name, id: text("external_id").map(Id::Own), subs });
        }
        if let Some(name) = text("title") {
            return Some(Self { name, id: text("value").map(Id::Index), subs });
        }
        let (index, name) = members.iter().next().filter(|_| members.len() == 1)?;
        Some(Self {
            name: convert::text(present(Some(name))?)?.into_owned(),
            id: Some(Id::Index(index.clone())),
            subs,
        })
    }

    /// Indexes from the first level down, each of a fixed width, e.g. `000001` for `0,1`.
    fn external_id(&self, parent: Option<&str>) -> Option<String> {
        match self.id.as_ref()? {
            Id::Own(id) => Some(id.clone()),
            Id::Index(index) => Some(format!("{}{index:0>INDEX_DIGITS$}", parent.unwrap_or_default())),
        }
    }
}
