//! What companies can be searched for (§8.4): the vendor's query language as a type.

use std::fmt;

use jiff::civil::Date;

use super::{
    companies::with_deleted,
    query::{Order, Query},
};

/// What to search companies for: one term, and a filter by day if wanted. Deleted companies are left out unless
/// asked for.
///
/// The document says in one place that custom fields are searched and in another that only name and service
/// account are; the latter are safe. `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct CompanySearch {
    term: String,
    days: Option<(DayField, Comparison, Date)>,
    sort: Option<(DayField, Order)>,
    with_deleted: bool,
}

/// The days of a company that a search knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayField {
    /// `createDT`: when it was created.
    Created,
    /// `updateDT`: when it was last changed.
    Updated,
}

/// How a day is compared with the given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`: before that day.
    Before,
    /// `<=`: on that day or before.
    UpTo,
    /// `:`: on that day.
    On,
    /// `>=`: on that day or after.
    From,
    /// `>`: after that day.
    After,
}

/// Why a text cannot be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSearch {
    /// Nothing to search for.
    #[error("a search needs a text")]
    Empty,
    /// The vendor would take what follows the space for another condition.
    #[error("the text of a search must not contain spaces: search for a part of it without any")]
    Space,
    /// The vendor would take the text, or the field's key, for a condition.
    #[error("a text without a field, and a field's key, must not contain ':', '<' or '>'")]
    Sign,
}

impl CompanySearch {
    /// Companies whose name contains the text.
    ///
    /// # Errors
    /// [`InvalidSearch`] for a text that is empty or has a space.
    pub fn name(text: &str) -> Result<CompanySearch, InvalidSearch> {
        CompanySearch::field("companyName", text)
    }

    /// Companies whose service account is the text.
    ///
    /// # Errors
    /// [`InvalidSearch`] for a text that is empty or has a space.
    pub fn service_account(text: &str) -> Result<CompanySearch, InvalidSearch> {
        CompanySearch::field("serviceaccount", text)
    }

    /// Companies whose field with that key contains the text.
    ///
    /// # Errors
    /// [`InvalidSearch`] for a text or a key that is empty, has a space, or has a sign of the query language.
    pub fn field(key: &str, text: &str) -> Result<CompanySearch, InvalidSearch> {
        Ok(CompanySearch::term(format!("{}:{}", word(plain(key)?)?, word(text)?)))
    }

    /// Companies that have the text; the document does not say in which fields.
    ///
    /// # Errors
    /// [`InvalidSearch`] for a text that is empty, has a space or has a sign of the query language.
    pub fn text(text: &str) -> Result<CompanySearch, InvalidSearch> {
        Ok(CompanySearch::term(word(plain(text)?)?.to_owned()))
    }

    /// Only those whose day compares so, in the tenant's zone. There is one filter by day; a second replaces the
    /// first.
    pub fn on_days(self, field: DayField, comparison: Comparison, day: Date) -> CompanySearch {
        CompanySearch { days: Some((field, comparison, day)), ..self }
    }

    /// Sorted by a day.
    pub fn sorted(self, by: DayField, order: Order) -> CompanySearch {
        CompanySearch { sort: Some((by, order)), ..self }
    }

    /// Deleted companies too.
    pub fn with_deleted(self) -> CompanySearch {
        CompanySearch { with_deleted: true, ..self }
    }

    fn term(term: String) -> CompanySearch {
        CompanySearch { term, days: None, sort: None, with_deleted: false }
    }

    pub(super) fn query(&self) -> Query {
        let (by, order) = self.sort.unzip();
        Query::new()
            .with("query", Some(self.expression()))
            .with("deStat", with_deleted(self.with_deleted))
            .with("sort_by", by)
            .with("sort_order", order)
    }

    fn expression(&self) -> String {
        match self.days {
            Some((field, comparison, day)) => format!("{} {field}{}{day}", self.term, comparison.sign()),
            None => self.term.clone(),
        }
    }
}

impl Comparison {
    fn sign(self) -> &'static str {
        match self {
            Comparison::Before => "<",
            Comparison::UpTo => "<=",
            Comparison::On => ":",
            Comparison::From => ">=",
            Comparison::After => ">",
        }
    }
}

impl fmt::Display for DayField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            DayField::Created => "createDT",
            DayField::Updated => "updateDT",
        })
    }
}

impl fmt::Debug for CompanySearch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompanySearch")
            .field("days", &self.days)
            .field("sort", &self.sort)
            .field("with_deleted", &self.with_deleted)
            .finish_non_exhaustive()
    }
}

fn word(text: &str) -> Result<&str, InvalidSearch> {
    if text.is_empty() {
        Err(InvalidSearch::Empty)
    } else if text.contains(char::is_whitespace) {
        Err(InvalidSearch::Space)
    } else {
        Ok(text)
    }
}

fn plain(text: &str) -> Result<&str, InvalidSearch> {
    if text.contains(is_sign) { Err(InvalidSearch::Sign) } else { Ok(text) }
}

/// Whether the vendor reads more than a letter in it.
pub(super) fn is_sign(letter: char) -> bool {
    matches!(letter, ':' | '<' | '>')
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_search_is_written_as_the_document_writes_it() {
        let day = date(2017, 7, 1);
        let search = CompanySearch::name("金万维").unwrap();
        assert_eq!(search.expression(), "companyName:金万维");
        let after = search.clone().on_days(DayField::Created, Comparison::After, day);
        assert_eq!(after.expression(), "companyName:金万维 createDT>2017-07-01");
        let on = search.on_days(DayField::Updated, Comparison::On, day);
        assert_eq!(on.expression(), "companyName:金万维 updateDT:2017-07-01");
        assert_eq!(CompanySearch::service_account("xxx").unwrap().expression(), "serviceaccount:xxx");
        assert_eq!(CompanySearch::field("field_1", "454").unwrap().expression(), "field_1:454");
        let text = CompanySearch::text("132").unwrap().on_days(DayField::Created, Comparison::UpTo, day);
        assert_eq!(text.expression(), "132 createDT<=2017-07-01");
    }

    #[test]
    fn what_would_become_another_condition_is_refused() {
        assert_eq!(CompanySearch::name("帮我吧 北京"), Err(InvalidSearch::Space));
        assert_eq!(CompanySearch::name("帮我吧\u{3000}北京"), Err(InvalidSearch::Space));
        assert_eq!(CompanySearch::name(""), Err(InvalidSearch::Empty));
        assert_eq!(CompanySearch::text("createDT>2017-07-01"), Err(InvalidSearch::Sign));
        assert_eq!(CompanySearch::field("field_1:x", "y"), Err(InvalidSearch::Sign));
        assert!(CompanySearch::name("a:b").is_ok());
    }

    #[test]
    fn debug_shows_no_name() {
        assert!(!format!("{:?}", CompanySearch::name("hush")).contains("hush"));
    }
}
