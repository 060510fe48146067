//! What a mapping counts on, compared with the fields that both vendors have. Pure: it is given what was read, and says
//! what doesn't agree and where the mapping's file speaks of it. What could not be read is not judged.

mod changes;
mod finding;
mod fits;
mod sign;
mod source;
mod target;

pub use self::{
    changes::changes,
    finding::{Drift, Finding},
    sign::sign,
};
use super::{
    field::Field,
    trace::{Expectations, ExpectedField, ExpectedRows},
};

/// The custom fields of both vendors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldLists {
    /// Of tickets.
    pub ticket: Sides,
    /// Of companies.
    pub company: Sides,
}

/// The custom fields of one kind of entity. `None` is a list that nobody could read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sides {
    /// The source's.
    pub source: Option<Vec<Field>>,
    /// The target's.
    pub target: Option<Vec<Field>>,
}

impl FieldLists {
    /// These, and those of `before` where there are none.
    #[must_use]
    pub fn or(self, before: &Self) -> Self {
        Self { ticket: self.ticket.or(&before.ticket), company: self.company.or(&before.company) }
    }
}

impl Sides {
    fn or(self, before: &Self) -> Self {
        Self {
            source: self.source.or_else(|| before.source.clone()),
            target: self.target.or_else(|| before.target.clone()),
        }
    }
}

/// Everything in which the vendors don't have what a mapping takes for granted of them.
pub fn compare(expects: &Expectations, lists: &FieldLists) -> Vec<Finding> {
    let ticket = Entity {
        word: "ticket",
        targets: &expects.ticket_fields,
        sources: &expects.source_fields,
        rows: expects.ticket_rows.as_ref(),
        lists: &lists.ticket,
    };
    let company = Entity {
        word: "company",
        targets: &expects.company_fields,
        sources: &expects.company_source_fields,
        rows: expects.company_rows.as_ref(),
        lists: &lists.company,
    };
    [ticket, company].iter().flat_map(Entity::findings).collect()
}

/// What is expected and found of one kind of entity.
struct Entity<'a> {
    word: &'static str,
    targets: &'a [ExpectedField],
    sources: &'a [ExpectedField],
    rows: Option<&'a ExpectedRows>,
    lists: &'a Sides,
}

impl Entity<'_> {
    fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        self.compare_source(&mut found);
        self.compare_target(&mut found);
        found
    }

    /// The source's field that a row reads.
    fn read_by(&self, row: &ExpectedField) -> Option<&Field> {
        let expected = self.sources.iter().find(|source| source.at == row.at)?;
        self.lists.source.as_ref()?.iter().find(|field| field.name == expected.name)
    }

    /// The target's field that a row writes, if there is exactly one.
    fn written_by(&self, row: &ExpectedField) -> Option<&Field> {
        let expected = self.targets.iter().find(|target| target.at == row.at)?;
        let mut of_key = self.lists.target.as_ref()?.iter().filter(|field| field.name == expected.name);
        of_key.next().filter(|_| of_key.next().is_none())
    }
}
