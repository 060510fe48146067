//! From the target's value back to the source's, where a mapping can.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Mapping, convert,
    custom::{Options, Row, RowHow},
    entity::Entity,
    rule::{How, Rule, Table},
};

impl Mapping {
    /// The source's value that became this value of the target, by the rule or row at a path as [`Mapping::verdicts`] names
    /// it; for a choice its index, for several a text with commas. `None` for what no value of the source becomes, and for
    /// what several become.
    pub fn back(&self, at: &str, value: &Value) -> Option<Value> {
        if let Some(name) = at.strip_prefix("tables.") {
            return self.tables().find(|table| table.path == format!("tables.{name}"))?.back(value);
        }
        if at == "ticket.reply" {
            return self.ticket.as_ref()?.reply.as_ref()?.text.back(value);
        }
        let entity =
            self.entities().find(|(path, _)| at.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')));
        let (path, entity) = entity?;
        let (part, name) = at[path.len() + 1..].split_once('.')?;
        match part {
            "fields" => entity.fields.iter().find(|field| field.name == name)?.rule.back(value),
            _ => entity.custom_fields.as_ref()?.rows.get(name)?.back(value),
        }
    }

    /// The longer paths first: one is the start of another.
    fn entities(&self) -> impl Iterator<Item = (&'static str, &Entity)> {
        let ticket = self.ticket.iter();
        let companies = ticket.clone().filter_map(|s| Some(("ticket.company", &s.company.as_ref()?.entity)));
        let tickets = ticket.map(|section| ("ticket", &section.entity));
        let own = self.company.iter().map(|section| ("company", &section.entity));
        companies.filter(|(_, entity)| !entity.fields.is_empty()).chain(tickets).chain(own)
    }

    fn tables(&self) -> impl Iterator<Item = &Table> {
        let mut found = Vec::new();
        for field in self.entities().flat_map(|(_, entity)| &entity.fields) {
            field.rule.tables(&mut found);
        }
        found.into_iter()
    }
}

impl Rule {
    fn tables<'r>(&'r self, found: &mut Vec<&'r Table>) {
        match &self.how {
            How::Table { table, .. } => found.push(table),
            How::Join { rules, .. } | How::FirstOf(rules) => rules.iter().for_each(|rule| rule.tables(found)),
            _ => {}
        }
    }

    fn back(&self, value: &Value) -> Option<Value> {
        match &self.how {
            How::Convert { convert, .. } => convert.back(value.as_str()?),
            How::Table { table, .. } => table.back(value),
            _ => None,
        }
    }
}

impl Table {
    fn back(&self, value: &Value) -> Option<Value> {
        let code = value.as_u64()?;
        let mut values = self.arms.iter().filter(|(_, of)| *of == Some(code)).map(|(value, _)| value);
        let only = values.next()?;
        values.next().is_none().then(|| only.as_str().into())
    }
}

impl Row {
    fn back(&self, value: &Value) -> Option<Value> {
        match &self.how {
            RowHow::Convert(convert) => convert.back(value.as_str()?),
            RowHow::Choice(Options::Listed(names)) => index_of(names, value.as_str()?).map(Value::from),
            RowHow::Choices(Options::Listed(names)) => {
                let indexes: Option<Vec<&str>> =
                    value.as_str()?.split(',').map(|name| index_of(names, name)).collect();
                Some(indexes?.join(",").into())
            }
            RowHow::Cascade(Options::Listed(names)) => path_of(names, value.as_array()?).map(Value::from),
            _ => None,
        }
    }
}

fn index_of<'n>(names: &'n BTreeMap<String, String>, name: &str) -> Option<&'n str> {
    let mut found = names.iter().filter(|(_, other)| *other == name).map(|(index, _)| index.as_str());
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

/// The path whose names from the first level on are these.
fn path_of<'n>(names: &'n BTreeMap<String, String>, wanted: &[Value]) -> Option<&'n str> {
    let wanted: Option<Vec<_>> = wanted.iter().map(convert::text).collect();
    let wanted = wanted?;
    let told = |index: &str| -> Vec<&str> {
        let ends = index.match_indices(',').map(|(at, _)| at).chain([index.len()]);
        ends.filter_map(|end| names.get(&index[..end])).map(String::as_str).collect()
    };
    names.keys().find(|index| told(index) == wanted).map(String::as_str)
}
