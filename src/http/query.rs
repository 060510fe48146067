//! The query of an address: each parameter once, and only those that the address knows, so that a misspelt one is
//! noticed. What can't be read is told in words that say what can.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use actix_web::HttpRequest;
use jiff::Timestamp;
use url::form_urlencoded;

use super::problem::Problem;

/// The code of a query that can't be read.
pub(super) const INVALID: &str = "invalid_query";
/// What a time has to be, in a body or a query: a query's `+` is understood as it is, too.
const A_TIME: &str =
    "must be an RFC 3339 date-time with its offset: 2026-11-20T09:00:00Z, or 2026-11-20T17:00:00+08:00";
/// Bytes of a time's offset as a number: `+08:00`.
const OFFSET: usize = 6;

/// The parameters that were given and not yet taken.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the parameters of an address that knows these.
    pub(super) fn read(request: &HttpRequest, known: &[&str]) -> Result<Self, Problem> {
        let given: Vec<(String, String)> = pairs(request);
        for (place, (name, value)) in given.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return Err(invalid(unknown(known)));
            }
            if given[..place].iter().any(|(before, _)| before == name) {
                return Err(invalid(format!("{name} stands there twice: send it once")));
            }
            if value.contains('\0') {
                return Err(invalid(format!("{name}: must not contain a NUL character")));
            }
        }
        Ok(Self(given))
    }

    /// Reads the query of an address that knows no parameters.
    pub(super) fn none(request: &HttpRequest) -> Result<(), Problem> {
        Self::read(request, &[]).map(drop)
    }

    /// A parameter as it was sent.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// A whole number within bounds.
    pub(super) fn number(&self, name: &str, bounds: RangeInclusive<u64>) -> Result<Option<u64>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        // Digits alone: neither a sign nor anything else that a parser lets pass.
        let number = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        number.filter(|number| bounds.contains(number)).map(Some).ok_or_else(|| {
            let (from, to) = bounds.into_inner();
            let bound = if to < i64::MAX as u64 { format!("to {to}") } else { "on".to_owned() };
            invalid(format!("{name}: must be a whole number from {from} {bound}"))
        })
    }

    /// What an answer gave out to go on from: nobody is told what it is made of.
    pub(super) fn cursor(&self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let cursor = text.parse().ok().filter(|_| digits);
        cursor.map(Some).ok_or_else(|| invalid(format!("{name}: must be one that an answer gave out")))
    }

    /// A moment.
    pub(super) fn time(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.time_text(name).map(|text| moment(INVALID, name, &text)).transpose()
    }

    /// A moment's text. A `+` that was not encoded came as a space, which no offset begins with.
    pub(super) fn time_text(&self, name: &str) -> Option<String> {
        let mut text = self.text(name)?;
        if let Some(sign) = text.len().checked_sub(OFFSET)
            && text.as_bytes()[sign] == b' '
        {
            text.replace_range(sign..=sign, "+");
        }
        Some(text)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(invalid(format!("{name}: must be true or false"))),
        }
    }

    /// Ids with commas between them.
    pub(super) fn ids(&self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let ids: Vec<String> = text.split(',').map(|id| id.trim().to_owned()).collect();
        if ids.iter().any(String::is_empty) {
            return Err(invalid(format!("{name}: must be ids with commas between them, as 15,2")));
        }
        Ok(Some(ids))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// The query's parameters, decoded.
pub(super) fn pairs(request: &HttpRequest) -> Vec<(String, String)> {
    form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect()
}

/// A parameter, if it was given, whose type says itself what is allowed; of a query or of a body.
pub(super) fn parsed<T: FromStr<Err: Display>>(
    code: &'static str,
    name: &str,
    text: Option<String>,
) -> Result<Option<T>, Problem> {
    let parsed = text.map(|text| text.parse::<T>()).transpose();
    parsed.map_err(|error| Problem::new(code, format!("{name}: {error}")))
}

/// A moment; of a query or of a body.
pub(super) fn moment(code: &'static str, name: &str, text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|_| Problem::new(code, format!("{name}: {A_TIME}")))
}

/// Refuses a range that nothing can be in: from `since` on, and before `until`; of a query or of a body.
pub(super) fn in_order(
    code: &'static str,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<(), Problem> {
    match since.zip(until) {
        Some((since, until)) if since >= until => {
            Err(Problem::new(code, format!("since ({since}) must be before until ({until})")))
        }
        _ => Ok(()),
    }
}

fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(INVALID, detail)
}

/// The name that was sent is not said back: it may be anything.
fn unknown(known: &[&str]) -> String {
    match known {
        [] => "the address takes no parameters".to_owned(),
        known => format!("the address takes no parameters but {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn query(text: &str) -> Result<Query, Problem> {
        Query::read(&TestRequest::with_uri(&format!("/?{text}")).to_http_request(), &["a", "b"])
    }

    #[test]
    fn a_parameter_is_known_and_stands_there_once() {
        assert!(query("a=1&b=2").is_ok());
        for (text, says) in [("c=1", "but a, b"), ("a=1&a=1", "twice"), ("a=%00", "NUL")] {
            let problem = query(text).err().unwrap();
            assert!(problem.detail().contains(says), "{text}: {}", problem.detail());
        }
    }

    #[test]
    fn a_plus_that_was_not_encoded_is_a_plus() {
        let moment = |text: &str| query(&format!("a={text}")).unwrap().time("a");
        let expected = "2026-11-20T01:00:00Z".parse().unwrap();
        for text in ["2026-11-20T09:00:00+08:00", "2026-11-20T09:00:00%2B08:00", "2026-11-20T01:00:00Z"] {
            assert_eq!(moment(text).unwrap(), Some(expected), "{text}");
        }
        for text in ["", "yesterday", "2026-11-20", "2026-11-20T09:00:00"] {
            assert!(moment(text).unwrap_err().detail().contains("RFC 3339"), "{text}");
        }
    }

    #[test]
    fn numbers_are_digits_within_their_bounds() {
        let number = |text: &str| query(&format!("a={text}")).unwrap().number("a", 1..=500);
        assert_eq!(number("500").unwrap(), Some(500));
        for text in ["0", "501", "%2B5", "-5", "5.0", "", "99999999999999999999"] {
            assert!(number(text).unwrap_err().detail().contains("from 1 to 500"), "{text}");
        }
    }

    #[test]
    fn a_list_has_no_empty_ids() {
        let ids = |text: &str| query(&format!("a={text}")).unwrap().ids("a");
        assert_eq!(ids("15,%202").unwrap(), Some(vec!["15".to_owned(), "2".to_owned()]));
        for text in ["", ",", "15,", "15,,2"] {
            assert!(ids(text).is_err(), "{text}");
        }
    }
}
