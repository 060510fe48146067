//! The rows against the fields that the source has.

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

impl Entity<'_> {
    pub(super) fn compare_source(&self, found: &mut Vec<Finding>) {
        let Some(fields) = &self.lists.source else { return };
        for row in self.sources {
            match fields.iter().find(|field| field.name == row.name) {
                Some(field) => self.read_field(row, field, found),
                None => found.push(self.gone(row, fields)),
            }
        }
        let Some(rows) = self.rows else { return };
        let of = Of::rows(self, rows);
        for field in fields.iter().filter(|field| !self.sources.iter().any(|row| row.name == field.name)) {
            found.extend(self.without_row(&of, rows.others, field));
        }
    }

    /// A file that several desks share can have rows that one of them has no field for: nothing comes to grief.
    fn gone(&self, row: &ExpectedField, fields: &[Field]) -> Finding {
        let called = fields.iter().find(|field| field.label.as_deref() == Some(row.name.as_str()));
        let hint = match called {
            Some(field) => format!("; {} is called that: write its name", field.name),
            None => did_you_mean(&row.name, fields.iter().map(|field| field.name.as_str())),
        };
        Of::row(self, row).warning(Drift::GoneField, format!("the source has no such field{hint}"))
    }

    fn without_row(&self, of: &Of<'_>, others: bool, field: &Field) -> Option<Finding> {
        let called = field.called();
        if !others {
            let message =
                format!("no row reads the source's {called}: its values are left out; add a row for it");
            return Some(of.warning(Drift::UnreadField, message));
        }
        let known = self.lists.target.as_ref()?.iter().any(|target| target.name == field.name);
        let message = format!(
            "the source's {called} goes to the target's field of the same key, which there is none of: make one, or add a row"
        );
        (!known).then(|| of.warning(Drift::UnknownField, message))
    }

    fn read_field(&self, row: &ExpectedField, field: &Field, found: &mut Vec<Finding>) {
        let of = Of::row(self, row);
        let called = field.called();
        found.extend(fits::read(row.kind, &field.kind).map(|misfit| match misfit {
            Misfit::Never(why) => of.error(
                Drift::OtherType,
                format!(
                    "the source's {called} is of the type {}, which the row can't read: {why}",
                    field.kind
                ),
            ),
            Misfit::Perhaps(why) => of.warning(
                Drift::OtherType,
                format!("the source's {called} is of the type {}: {why}", field.kind),
            ),
        }));
        // A list without options is one that could not be told: v1 has those of cascades wrong.
        if !row.options.is_empty() && !field.options.is_empty() {
            self.compare_options(row, field, &of, found);
        }
    }

    fn compare_options(&self, row: &ExpectedField, field: &Field, of: &Of<'_>, found: &mut Vec<Finding>) {
        let mut paths = field.paths();
        if row.kind != FieldKind::Cascade {
            paths.retain(|path| path.names.len() == 1);
        }
        let called = field.called();
        for path in &paths {
            match row.options.iter().find(|(index, _)| *index == path.index) {
                Some((index, name)) if name.trim() != path.name() => {
                    found.push(self.renamed(row, (index, name), path, of));
                }
                Some(_) => {}
                None if by_name(row, path).is_some() => {}
                None => {
                    let (index, name) = (&path.index, path.name());
                    let message = format!(
                        "the source's {called} has an option {index} {name} that the row doesn't have: add it to the row's options"
                    );
                    let parks = row.parks_unknown && !path.hidden;
                    found.push(if parks {
                        of.error(Drift::UnlistedOption, message)
                    } else {
                        of.warning(Drift::UnlistedOption, message)
                    });
                }
            }
        }
        let known = |index: &str| paths.iter().any(|path| path.index == index || path.name() == index);
        for (index, name) in row.options.iter().filter(|(index, _)| !known(index)) {
            let message = format!("the source's {called} has no option {index} ({name} in the row) any more");
            found.push(of.warning(Drift::GoneOption, message));
        }
    }

    /// A row may call an option as the target does. If the source's word for it is an option of its own there, the two
    /// are mixed up.
    fn renamed(
        &self,
        row: &ExpectedField,
        (index, name): (&str, &str),
        path: &OptionPath<'_>,
        of: &Of<'_>,
    ) -> Finding {
        let at_source = path.name();
        let written = self.written_by(row).map(Field::paths).unwrap_or_default();
        let also = row.options.iter().any(|(other, name)| other != index && name.trim() == at_source)
            || written.iter().any(|option| option.name() == at_source);
        let message = format!("option {index} is {name} in the row and {at_source} at the source");
        if also {
            let what = "values would change their meaning: write what the source has";
            of.error(Drift::RenamedOption, format!("{message}: {what}"))
        } else {
            of.warning(Drift::RenamedOption, format!("{message}: make sure that they mean the same"))
        }
    }
}

/// Rows can list options by what the source calls them.
fn by_name<'a>(row: &'a ExpectedField, path: &OptionPath<'_>) -> Option<&'a str> {
    row.options.iter().find(|(index, _)| index.trim() == path.name()).map(|(_, name)| name.as_str())
}
