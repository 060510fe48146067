//! One kind of entity at the target: how each of its fields gets its value.

use serde_json::{Map, Value};

use super::{
    CUSTOM_FIELDS, Fields, Write,
    apply::{Refusal, Run},
    convert,
    custom::CustomFields,
    pointer::Pointer,
    rule::{Given, Rule},
    trace::Observer,
};

#[derive(Debug)]
pub(super) struct Entity {
    pub(super) fields: Vec<Field>,
    /// Fields without which there can be no new one.
    pub(super) required: Vec<String>,
    pub(super) custom_fields: Option<CustomFields>,
    /// The field that takes what no rule reads.
    pub(super) append_to: Option<String>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) rule: Rule,
    /// What a new entity gets if the rule gives nothing.
    pub(super) default: Option<Given>,
    pub(super) max_length: Option<MaxLength>,
    /// The value that empties the field at the target, where one is known.
    pub(super) clear: Option<Value>,
}

/// Characters of a text at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct MaxLength {
    pub(super) chars: usize,
    pub(super) over: Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// A longer text is cut, and ends with `…`.
    Truncate,
    /// A longer text parks the event.
    Refuse,
}

impl Entity {
    pub(super) fn apply<O: Observer>(&self, run: &mut Run<'_, O>) -> Result<Write, Refusal> {
        let (mut fields, mut constants) = (Map::new(), Map::new());
        for field in &self.fields {
            if let Some(value) = run.field(field)? {
                let kind = if field.rule.is_constant() { &mut constants } else { &mut fields };
                kind.insert(field.name.clone(), value);
            }
        }
        if let Some(custom) = &self.custom_fields {
            let values = run.custom_fields(custom)?;
            if !values.is_empty() {
                fields.insert(CUSTOM_FIELDS.to_owned(), Value::Array(values));
            }
        }
        let mut defaults = Map::new();
        let unset =
            |field: &&Field| !fields.contains_key(&field.name) && !constants.contains_key(&field.name);
        for field in self.fields.iter().filter(unset) {
            let default = field.default.as_ref().and_then(|given| given.value(run.parameters));
            defaults.extend(default.map(|value| (field.name.clone(), value)));
        }
        let given =
            |name: &String| [&fields, &constants, &defaults].iter().any(|given| given.contains_key(name));
        let missing = self.required.iter().filter(|name| !given(name)).cloned().collect();
        // What is the same for every event is no news by itself.
        if !fields.is_empty() {
            fields.append(&mut constants);
        }
        Ok(Write { missing, defaults: Fields(defaults), fields: Fields(fields) })
    }

    /// True if a line can be added to a field's text.
    pub(super) fn has_room(&self, field: &str, text: &str, line: &str) -> bool {
        let field = self.fields.iter().find(|own| own.name == field);
        let most = field.and_then(|field| Some(field.max_length?.chars));
        most.is_none_or(|most| text.chars().count() + line.chars().count() <= most)
    }

    /// Every pointer that a rule reads.
    pub(super) fn pointers(&self) -> Vec<&Pointer> {
        let mut found = Vec::new();
        self.fields.iter().for_each(|field| field.rule.pointers(&mut found));
        found.extend(self.custom_fields.iter().map(|custom| &custom.at));
        found
    }
}

impl<O: Observer> Run<'_, O> {
    fn field(&mut self, field: &Field) -> Result<Option<Value>, Refusal> {
        match (self.value(&field.rule)?, &field.max_length) {
            (Some(Value::String(text)), Some(most)) => self.shortened(field, text, *most).map(Some),
            (None, _) if self.is_update => Ok(self.cleared(field)),
            (value, _) => Ok(value),
        }
    }

    fn shortened(&mut self, field: &Field, text: String, most: MaxLength) -> Result<Value, Refusal> {
        let Some((cut, _)) = text.char_indices().nth(most.chars) else { return Ok(text.into()) };
        let pointer = self.read_by(&field.rule);
        if most.over == Over::Refuse {
            let message = format!("{} takes {} characters, and the event has more", field.name, most.chars);
            return Err(Refusal::new("too_long", &pointer, message));
        }
        self.ignore(&pointer, "truncated");
        let last = text[..cut].char_indices().next_back().map_or(0, |(at, _)| at);
        Ok(format!("{}…", &text[..last]).into())
    }

    /// The source says that there is nothing any more. Where the target has no way to take that, it is told.
    fn cleared(&mut self, field: &Field) -> Option<Value> {
        let mut from = Vec::new();
        field.rule.origins(&mut from);
        let found = from.iter().filter_map(|pointer| Some((pointer, pointer.of(self.data)?)));
        let (nulls, others): (Vec<_>, Vec<_>) = found.partition(|(_, value)| value.is_null());
        let (pointer, _) = nulls
            .first()
            .filter(|_| others.iter().all(|(_, value)| convert::present(Some(value)).is_none()))?;
        if field.clear.is_none() {
            self.ignore(pointer.as_str(), "not_clearable");
        }
        field.clear.clone()
    }

    /// Where the value of a rule came from, for messages.
    fn read_by(&self, rule: &Rule) -> String {
        let mut pointers = Vec::new();
        rule.pointers(&mut pointers);
        let there = pointers.iter().find(|pointer| convert::present(pointer.of(self.data)).is_some());
        there.map_or_else(String::new, |pointer| pointer.as_str().to_owned())
    }
}
