//! Custom fields as they are written: selections by index or by name (§4.4).

use std::collections::BTreeMap;

use super::Inexpressible;
use crate::udesk::fields::{FieldDefinition, FieldDefinitions, FieldKind, FieldValue, is_selection};

/// How a call wants selections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// A v1 creation: indexes, but no cascades, of which the documents say nothing.
    IndexWithoutPaths,
    /// v2: indexes, cascades included.
    Index,
    /// A v1 change: names, and no cascades.
    Name,
}

/// Every value as the text that goes under its identifier.
pub(super) fn written<'a>(
    fields: &'a BTreeMap<String, FieldValue>,
    definitions: &FieldDefinitions,
    spelling: Spelling,
) -> Result<BTreeMap<&'a str, String>, Inexpressible> {
    let entry = |(name, value): (&'a String, &FieldValue)| {
        let text = text(name, value, definitions.get(name), spelling);
        text.map(|text| (name.as_str(), text)).map_err(|why| Inexpressible::new(name, why))
    };
    fields.iter().map(entry).collect()
}

fn text(
    name: &str,
    value: &FieldValue,
    definition: Option<&FieldDefinition>,
    spelling: Spelling,
) -> Result<String, &'static str> {
    match (value, definition.map(|definition| (definition, &definition.kind))) {
        (FieldValue::Text(_), None) if is_selection(name) => Err("it has no definition"),
        (FieldValue::Text(text), None | Some((_, FieldKind::Text(_)))) => Ok(text.clone()),
        (FieldValue::Text(_), Some(_)) => Err("it takes options, not text"),
        (FieldValue::Chosen(_), None) => Err("it has no definition"),
        (FieldValue::Chosen(_), Some((_, FieldKind::Text(_)))) => Err("it takes text, not options"),
        (FieldValue::Chosen(steps), Some((definition, FieldKind::Path))) => path(steps, definition, spelling),
        (FieldValue::Chosen(chosen), Some((_, FieldKind::One))) if chosen.len() > 1 => {
            Err("it takes one option only")
        }
        (FieldValue::Chosen(chosen), Some((definition, _))) => options(chosen, definition, spelling),
    }
}

fn options(
    chosen: &[String],
    definition: &FieldDefinition,
    spelling: Spelling,
) -> Result<String, &'static str> {
    let mut texts = Vec::new();
    for index in chosen {
        let option = definition.option(index).ok_or("it has no such option")?;
        texts.push(match spelling {
            Spelling::Name if option.name.contains(',') => return Err("an option's name has a comma in it"),
            // The vendor finds the option by its name, so one that two options share would choose the wrong one.
            Spelling::Name if definition.index_of(&option.name) != Some(index) => {
                return Err("two options have the same name");
            }
            Spelling::Name => option.name.as_str(),
            Spelling::Index | Spelling::IndexWithoutPaths => index,
        });
    }
    Ok(texts.join(","))
}

/// A path is checked step by step if the definition knows the steps; that of v1 does not (§3.9).
fn path(steps: &[String], definition: &FieldDefinition, spelling: Spelling) -> Result<String, &'static str> {
    if spelling != Spelling::Index {
        return Err("how v1 writes a cascade is not documented");
    }
    let mut options = &definition.options;
    for step in steps.iter().take_while(|_| !definition.options.is_empty()) {
        let option = options.iter().find(|option| &option.index == step);
        options = &option.ok_or("it has no such path")?.subs;
    }
    Ok(steps.join(","))
}
