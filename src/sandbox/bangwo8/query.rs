//! The grammar of searches (§8.4): `term`, or `term` and a date filter after a space.
//!
//! A space always separates, so a text that has one cannot be searched for: such a query finds nothing. What
//! a term's key means is the business of what is searched.

use std::cmp::Ordering;

use jiff::civil::Date;

/// Lengths first, or `<=` would be read as `<`.
const COMPARISONS: &[(&str, &[Ordering])] = &[
    ("<=", &[Ordering::Less, Ordering::Equal]),
    (">=", &[Ordering::Greater, Ordering::Equal]),
    ("<", &[Ordering::Less]),
    (">", &[Ordering::Greater]),
    (":", &[Ordering::Equal]),
];

/// Characters of a day in `2018-02-03 00:00:00`.
const DAY: usize = 10;

#[derive(Debug)]
pub(crate) struct Query {
    /// What stands before the colon: `companyName`, `field_1`.
    pub(crate) key: Option<String>,
    /// Never empty.
    pub(crate) text: String,
    filter: Option<DayFilter>,
}

#[derive(Debug)]
struct DayFilter {
    of: Time,
    allowed: &'static [Ordering],
    day: String,
}

#[derive(Debug, Clone, Copy)]
enum Time {
    Created,
    Updated,
}

impl Query {
    /// `None` for what the grammar does not have.
    pub(crate) fn parse(query: &str) -> Option<Self> {
        let mut words = query.split_whitespace();
        let (term, filter) = (words.next()?, words.next());
        if words.next().is_some() {
            return None;
        }
        let (key, text) = match term.split_once(':') {
            Some((key, text)) => (Some(key.to_owned()), text),
            None => (None, term),
        };
        let filter = match filter {
            Some(word) => Some(DayFilter::parse(word)?),
            None => None,
        };
        (!text.is_empty()).then(|| Self { key, text: text.to_owned(), filter })
    }

    /// Whether something created and updated at these times passes the date filter, if there is one.
    pub(crate) fn allows(&self, created: &str, updated: &str) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.allows(created, updated))
    }
}

impl DayFilter {
    fn parse(word: &str) -> Option<Self> {
        let (of, rest) = match word.strip_prefix("createDT") {
            Some(rest) => (Time::Created, rest),
            None => (Time::Updated, word.strip_prefix("updateDT")?),
        };
        let (sign, allowed) = COMPARISONS.iter().find(|(sign, _)| rest.starts_with(sign))?;
        let day = rest.strip_prefix(sign)?;
        is_day(day).then(|| Self { of, allowed, day: day.to_owned() })
    }

    fn allows(&self, created: &str, updated: &str) -> bool {
        let time = match self.of {
            Time::Created => created,
            Time::Updated => updated,
        };
        self.allowed.contains(&day_of(time).cmp(&self.day))
    }
}

/// The day of a time; days as text sort by time.
fn day_of(time: &str) -> &str {
    time.get(..DAY).unwrap_or(time)
}

/// Whether the text is a date as the documents write it, `2018-02-03`.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == DAY && text.parse::<Date>().is_ok()
}
