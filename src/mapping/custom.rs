//! Custom fields: a row for each, by the source's name of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::{
    apply::{Refusal, Run},
    convert::{self, Convert, present},
    known::Known,
    lookup::Lookup,
    pointer::{Pointer, join},
    question::{FieldsOf, Question, Send},
    rule::{Policy, quoted},
    trace::Observer,
};

/// Choices of one value at most: a field has a few, and each is looked for.
const MAX_CHOICES: usize = 200;
/// Levels of a cascade at most.
pub(super) const MAX_LEVELS: usize = 10;

/// The target's list, and the keys in it.
#[derive(Default)]
struct Values {
    fields: Vec<Value>,
    keys: HashSet<String>,
}

#[derive(Debug)]
pub(super) struct CustomFields {
    pub(super) at: Pointer,
    /// Where things stand in each item, if it is a list.
    pub(super) items: Option<Items>,
    pub(super) rows: HashMap<String, Row>,
    /// A field without a row goes to the target's field of the same key.
    pub(super) same_key: bool,
    /// For values of fields without a row that can't be read as text.
    pub(super) unreadable: Option<Policy>,
}

/// Where name and value stand in an item of a list.
#[derive(Debug)]
pub(super) struct Items {
    name: Pointer,
    value: Pointer,
    /// Both of them.
    known: Known,
}

impl CustomFields {
    /// Pointers to what is read of them; `*` where it is whatever there is.
    pub(super) fn reads(&self) -> Vec<String> {
        let at = self.at.as_str();
        if let Some(items) = &self.items {
            return [&items.name, &items.value].map(|of| format!("{at}/*{}", of.as_str())).to_vec();
        }
        let others = self.same_key.then(|| format!("{at}/*"));
        self.rows.keys().map(|name| join(at, name)).chain(others).collect()
    }
}

impl Items {
    pub(super) fn new(name: Pointer, value: Pointer) -> Self {
        let mut known = Known::default();
        known.add(&name);
        known.add(&value);
        Self { name, value, known }
    }
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) path: String,
    /// The target's key.
    pub(super) key: String,
    pub(super) how: RowHow,
    pub(super) unreadable: Option<Policy>,
    pub(super) unknown: Option<Policy>,
}

#[derive(Debug)]
pub(super) enum RowHow {
    Convert(Convert),
    /// One option.
    Choice(Options),
    /// Several, as their names with commas.
    Choices(Options),
    /// A path of options, as a list of their names from the first level on.
    Cascade(Options),
    /// The id of something at the target.
    Lookup(Lookup),
}

/// The choices of a row: by what a source's option becomes.
#[derive(Debug)]
pub(super) enum Options {
    /// Index → name, as the file lists them.
    Listed(BTreeMap<String, String>),
    /// By both vendors' lists of fields.
    Vendor { field: String, send: Send, of: FieldsOf },
}

impl CustomFields {
    /// True if no row goes to the target's field of this key: what has the key by itself must not come beside it.
    fn is_free(&self, key: &str) -> bool {
        !key.trim().is_empty() && self.rows.values().all(|row| row.key != key)
    }
}

impl Row {
    /// True if the target's field has options.
    pub(super) fn is_choice(&self) -> bool {
        matches!(self.how, RowHow::Choice(_) | RowHow::Choices(_) | RowHow::Cascade(_))
    }
}

impl<O: Observer> Run<'_, O> {
    /// The custom fields of an event as the target's list of key and value.
    pub(super) fn custom_fields(&mut self, custom: &CustomFields) -> Result<Vec<Value>, Refusal> {
        let Some(found) = present(custom.at.of(self.data)) else { return Ok(Vec::new()) };
        let mut values = Values::default();
        match (found, &custom.items) {
            (Value::Object(members), None) => {
                for (name, value) in members {
                    let pointer = || join(custom.at.as_str(), name);
                    self.one(custom, name, Some(value), &pointer, &mut values)?;
                }
            }
            (Value::Array(list), Some(items)) => {
                for (index, item) in list.iter().enumerate() {
                    self.item(custom, items, (index, item), &mut values)?;
                }
            }
            _ => {
                let what = if custom.items.is_some() {
                    "a list of custom fields"
                } else {
                    "an object of custom fields"
                };
                self.unreadable(custom.at.as_str(), what, custom.unreadable)?;
            }
        }
        Ok(values.fields)
    }

    /// One of a list of custom fields. What it has beside name and value is told as anything else is.
    fn item(
        &mut self,
        custom: &CustomFields,
        items: &Items,
        (index, item): (usize, &Value),
        values: &mut Values,
    ) -> Result<(), Refusal> {
        let at = || format!("{}/{index}", custom.at.as_str());
        let (name, value) = (present(items.name.of(item)), items.value.of(item));
        match name.and_then(convert::text) {
            Some(name) => {
                self.one(custom, &name, value, &|| format!("{}{}", at(), items.value.as_str()), values)?;
            }
            // Nobody knows which field it is of.
            None => {
                for (pointer, found) in [(&items.name, name), (&items.value, present(value))] {
                    if let Some(found) = found {
                        self.unmapped(format!("{}{}", at(), pointer.as_str()), found);
                    }
                }
            }
        }
        let mut further = Vec::new();
        items.known.unread(item, &mut |pointer, value| further.push((pointer, value)));
        further.into_iter().for_each(|(pointer, value)| self.unmapped(format!("{}{pointer}", at()), value));
        Ok(())
    }

    /// A field of a name. The target takes one value of each of its own: a second one is told, and doesn't take the place
    /// of the first.
    fn one(
        &mut self,
        custom: &CustomFields,
        name: &str,
        value: Option<&Value>,
        pointer: &dyn Fn() -> String,
        values: &mut Values,
    ) -> Result<(), Refusal> {
        let Some(found) = present(value) else {
            // No target documents how a custom field is emptied.
            let is_read = custom.same_key || custom.rows.contains_key(name);
            if self.is_update && is_read && value.is_some_and(Value::is_null) {
                self.ignore(&pointer(), "not_clearable");
            }
            return Ok(());
        };
        match self.custom_field(custom, name, found, pointer)? {
            Some((key, value)) if values.keys.insert(key.clone()) => values.fields.push(keyed(&key, value)),
            Some(_) => self.ignore(&pointer(), "given_twice"),
            None => {}
        }
        Ok(())
    }

    fn custom_field(
        &mut self,
        custom: &CustomFields,
        name: &str,
        value: &Value,
        pointer: &dyn Fn() -> String,
    ) -> Result<Option<(String, Value)>, Refusal> {
        match custom.rows.get(name) {
            Some(row) => {
                let value = self.row(row, value, pointer)?;
                if value.is_some() {
                    self.observer.rule(&row.path);
                }
                Ok(value.map(|value| (row.key.clone(), value)))
            }
            None if custom.same_key && custom.is_free(name) => match convert::listed_text(value) {
                Some(text) => Ok((!text.is_empty()).then(|| (name.to_owned(), text.into_owned().into()))),
                None => self.unreadable(&pointer(), "text", custom.unreadable).map(|()| None),
            },
            None => {
                self.unmapped(pointer(), value);
                Ok(None)
            }
        }
    }

    fn row(
        &mut self,
        row: &Row,
        value: &Value,
        pointer: &dyn Fn() -> String,
    ) -> Result<Option<Value>, Refusal> {
        match &row.how {
            RowHow::Convert(convert) => match convert.apply(value) {
                Some(text) => Ok((!text.is_empty()).then(|| text.into_owned().into())),
                None => self.unreadable(&pointer(), convert.reads(), row.unreadable).map(|()| None),
            },
            RowHow::Choice(options) => {
                let indexes = convert::list(value).filter(|indexes| indexes.len() == 1);
                let Some(indexes) = indexes else {
                    return self.unreadable(&pointer(), "one option", row.unreadable).map(|()| None);
                };
                self.named(row, options, &indexes[0], pointer)
            }
            RowHow::Choices(options) => {
                let Some(indexes) = convert::list(value).filter(|indexes| indexes.len() <= MAX_CHOICES)
                else {
                    return self.unreadable(&pointer(), "options", row.unreadable).map(|()| None);
                };
                let mut names = Vec::with_capacity(indexes.len());
                for index in &indexes {
                    let name = self.named(row, options, index, pointer)?;
                    names.extend(name.as_ref().and_then(convert::text).map(|text| text.into_owned()));
                }
                Ok((!names.is_empty()).then(|| names.join(",").into()))
            }
            RowHow::Cascade(options) => self.cascade(row, options, value, pointer),
            RowHow::Lookup(lookup) => self.found(lookup, value, pointer),
        }
    }

    /// `0,1` → the names of `0` and of `0,1`.
    fn cascade(
        &mut self,
        row: &Row,
        options: &Options,
        value: &Value,
        pointer: &dyn Fn() -> String,
    ) -> Result<Option<Value>, Refusal> {
        let Some(levels) = convert::list(value).filter(|levels| levels.len() <= MAX_LEVELS) else {
            return self.unreadable(&pointer(), "a path of options", row.unreadable).map(|()| None);
        };
        let mut names = Vec::with_capacity(levels.len());
        // All levels, even if one has no name yet: what has to be asked is asked at once.
        for depth in 1..=levels.len() {
            names.extend(self.named(row, options, &levels[..depth].join(","), pointer)?);
        }
        Ok((!names.is_empty() && names.len() == levels.len()).then(|| names.into()))
    }

    /// The option's name, by its index or by the name itself.
    fn named(
        &mut self,
        row: &Row,
        options: &Options,
        given: &str,
        pointer: &dyn Fn() -> String,
    ) -> Result<Option<Value>, Refusal> {
        let known = match options {
            Options::Listed(names) => names
                .get_key_value(given)
                .or_else(|| names.iter().find(|(_, name)| *name == given))
                .map(|(index, name)| (index.clone(), Value::from(name.as_str()))),
            Options::Vendor { field, send, of } => {
                let (field, value, key) = (field.clone(), given.to_owned(), row.key.clone());
                let question = Question::Choice { field, value, key, send: *send, of: *of };
                match self.answers.get(&question) {
                    Some(answer) => answer.clone().map(|name| (given.to_owned(), name)),
                    None => {
                        self.questions.push(question);
                        return Ok(None);
                    }
                }
            }
        };
        match known {
            Some((index, name)) => {
                self.observer.arm(&row.path, &index);
                Ok(Some(name))
            }
            None => {
                let refusal = || Refusal::new("unknown_option", &pointer(), unknown_option(options, given));
                self.by_policy(row.unknown, refusal).map(|()| None)
            }
        }
    }

    /// A row's look-up is by its own value, and by what the look-up names.
    fn found(
        &mut self,
        lookup: &Lookup,
        value: &Value,
        pointer: &dyn Fn() -> String,
    ) -> Result<Option<Value>, Refusal> {
        let entries = lookup.table.as_ref().and_then(|table| self.parameters.get(table));
        let own = convert::text(value).and_then(|key| entries?.get(key.as_ref()).cloned());
        let found = match own {
            Some(id) => Some(id),
            None => {
                self.looked_up(&Pointer::parse(&pointer()).map_or_else(Vec::new, |own| vec![own]), lookup)?
            }
        };
        Ok(found.map(|id| convert::text(&id).map_or(Value::Null, |text| text.into_owned().into())))
    }
}

fn unknown_option(options: &Options, given: &str) -> String {
    match options {
        Options::Listed(_) => {
            format!("the mapping's row has no option {}: add it to the row's options", quoted(given))
        }
        Options::Vendor { .. } => {
            format!(
                "{} is no option of both vendors' fields: add it to the target's field, then replay the event",
                quoted(given)
            )
        }
    }
}

fn keyed(key: &str, value: Value) -> Value {
    let mut field = Map::with_capacity(2);
    field.insert("key".to_owned(), key.into());
    field.insert("value".to_owned(), value);
    Value::Object(field)
}
