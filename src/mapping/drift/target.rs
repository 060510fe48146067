//! The rows against the fields that the target has.

use super::{
    Drift, Entity, ExpectedField, Finding,
    finding::Of,
    fits::{self, Misfit},
};
use crate::{
    diagnostic::did_you_mean,
    mapping::{
        field::{Field, OptionPath},
        trace::FieldKind,
    },
};

/// Fields that one message names: enough to see whether it is about anything.
const NAMED: usize = 5;

impl Entity<'_> {
    pub(super) fn compare_target(&self, found: &mut Vec<Finding>) {
        let Some(fields) = &self.lists.target else { return };
        for row in self.targets {
            let of_key: Vec<&Field> = fields.iter().filter(|field| field.name == row.name).collect();
            match of_key[..] {
                [field] => self.written_field(row, field, found),
                [] => found.push(self.unknown(row, fields)),
                _ => {
                    let called: Vec<String> = of_key.iter().map(|field| field.called()).collect();
                    let message = format!(
                        "the target has {} fields of this key, {}: which of them is written is not known; give all but one \
                         another key",
                        called.len(),
                        called.join(" and ")
                    );
                    found.push(Of::row(self, row).error(Drift::SharedKey, message));
                }
            }
        }
        found.extend(self.unset_mandatory(fields));
    }

    /// Told by what people call the field at either side, or else by the nearest key.
    fn unknown(&self, row: &ExpectedField, fields: &[Field]) -> Finding {
        let label = self.read_by(row).and_then(|source| source.label.as_deref());
        let named = |label: &str| fields.iter().find(|field| field.label.as_deref() == Some(label));
        let hint = match (named(&row.name), label.and_then(named)) {
            (Some(field), _) => format!("; {} is called that: write its key", field.name),
            (None, Some(field)) => format!("; did you mean {}?", field.called()),
            (None, None) => did_you_mean(&row.name, fields.iter().map(|field| field.name.as_str())),
        };
        let message = format!("the target has no field of this key{hint}");
        Of::row(self, row).error(Drift::UnknownField, message)
    }

    fn written_field(&self, row: &ExpectedField, field: &Field, found: &mut Vec<Finding>) {
        let (of, called) = (Of::row(self, row), field.called());
        if let Some(why) = &field.unwritable {
            let message = format!("the target's {called} may not be written: {why}");
            found.push(of.warning(Drift::ReadOnly, message));
        }
        let source = self.read_by(row);
        match fits::written(row.kind, source.map(|source| &source.kind), &field.kind) {
            Some(Misfit::Never(why)) => {
                let message = format!("the target's {called} is of the type {}: {why}", field.kind);
                return found.push(of.error(Drift::OtherType, message));
            }
            Some(Misfit::Perhaps(why)) => {
                let message = format!("the target's {called} is of the type {}: {why}", field.kind);
                found.push(of.warning(Drift::OtherType, message));
            }
            None => {}
        }
        if !field.options.is_empty() {
            self.compare_names(row, field, source, &of, found);
        }
    }

    /// Every name that the row can write is that of one option.
    fn compare_names(
        &self,
        row: &ExpectedField,
        field: &Field,
        source: Option<&Field>,
        of: &Of<'_>,
        found: &mut Vec<Finding>,
    ) {
        let options = field.paths();
        for Wanted { names, offered } in wanted(row, source) {
            let of_name = options.iter().filter(|option| option.names == names).count();
            let (called, name) = (field.called(), names.join(" / "));
            match of_name {
                0 => {
                    let known = options.iter().filter(|option| option.names.len() == names.len());
                    let hint =
                        did_you_mean(names.last().copied().unwrap_or_default(), known.map(OptionPath::name));
                    let message = format!("the target's {called} has no option {name}{hint}");
                    found.push(if offered {
                        of.error(Drift::UnknownOption, message)
                    } else {
                        of.warning(Drift::UnknownOption, message)
                    });
                }
                1 => {}
                several => {
                    let message = format!(
                        "the target's {called} has {several} options {name}: which of them is chosen is not known"
                    );
                    found.push(of.warning(Drift::SharedOption, message));
                }
            }
        }
    }

    /// One for all of them: Bangwo8's own samples have the flag at every field, so that it may say nothing.
    fn unset_mandatory(&self, fields: &[Field]) -> Option<Finding> {
        let rows = self.rows.filter(|rows| !rows.others)?;
        let set = |field: &&Field| self.targets.iter().any(|row| row.name == field.name);
        let unset: Vec<&Field> = fields.iter().filter(|field| field.mandatory && !set(field)).collect();
        if unset.is_empty() {
            return None;
        }
        let named: Vec<String> = unset.iter().take(NAMED).map(|field| field.called()).collect();
        let more = match unset.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!(
            "the target calls fields mandatory that no row writes: {}{more}; its documents leave open whether it means it",
            named.join(", ")
        );
        Some(Of::rows(self, rows).warning(Drift::UnsetMandatory, message))
    }
}

/// An option that a row can write.
struct Wanted<'a> {
    /// From the first level on.
    names: Vec<&'a str>,
    /// It is in the row, or the source still offers it.
    offered: bool,
}

/// A row without options asks both vendors' lists, so all that the source has can be written.
fn wanted<'a>(row: &'a ExpectedField, source: Option<&'a Field>) -> Vec<Wanted<'a>> {
    let listed = |(index, name): &'a (String, String)| {
        let names = match row.kind {
            FieldKind::Cascade => path(row, index),
            _ => vec![name.trim()],
        };
        Wanted { names, offered: true }
    };
    match row.kind {
        FieldKind::YesNo => ["是", "否"].map(|name| Wanted { names: vec![name], offered: true }).into(),
        FieldKind::Choice | FieldKind::Choices | FieldKind::Cascade if row.options.is_empty() => {
            let paths = source.map(Field::paths).unwrap_or_default().into_iter();
            paths.map(|path| Wanted { names: path.names, offered: !path.hidden }).collect()
        }
        FieldKind::Choice | FieldKind::Choices | FieldKind::Cascade => {
            row.options.iter().map(listed).collect()
        }
        _ => Vec::new(),
    }
}

/// `0,1` → the names of `0` and of `0,1`.
fn path<'a>(row: &'a ExpectedField, index: &str) -> Vec<&'a str> {
    let ends = index.match_indices(',').map(|(at, _)| at).chain([index.len()]);
    let named = |end: usize| row.options.iter().find(|(known, _)| *known == index[..end]);
    ends.filter_map(named).map(|(_, name)| name.trim()).collect()
}
