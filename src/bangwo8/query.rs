//! The query of a request, built from typed parameters. What has no value is left out: the vendor's own default
//! applies then.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// The parameters in the order in which they were added. They are percent-encoded when they are sent (§2).
#[derive(Clone, Debug, Default)]
pub(super) struct Query(pub(super) Vec<(&'static str, String)>);

/// The two ends of a span, both included; an open end is `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window<T> {
    /// The earliest that is included.
    pub start: Option<T>,
    /// The latest that is included.
    pub end: Option<T>,
}

/// The direction of a sorted list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `asc`: the smallest or earliest first.
    Ascending,
    /// `desc`: the greatest or latest first.
    Descending,
}

impl Query {
    /// No parameters.
    pub(super) fn new() -> Query {
        Query::default()
    }

    /// One parameter more, unless it has no value.
    pub(super) fn with(mut self, name: &'static str, value: Option<impl ToString>) -> Query {
        self.0.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// A page by its number and size. Both are always sent, since the documents disagree on the defaults (§4.3).
    pub(super) fn page(self, page: u32, per_page: u32) -> Query {
        self.with("page", Some(page)).with("per_page", Some(per_page))
    }

    /// Ids, joined by commas (§13, 31).
    pub(super) fn ids<'a>(self, ids: impl IntoIterator<Item = &'a str>) -> Query {
        self.with("ids", Some(ids.into_iter().collect::<Vec<_>>().join(",")))
    }

    /// A window of days, as `YYYY-MM-DD`.
    pub(super) fn days(self, [start, end]: [&'static str; 2], window: &Window<Date>) -> Query {
        self.with(start, window.start).with(end, window.end)
    }

    /// A window of times, as `YYYY-MM-DD HH:MM:SS` in the tenant's zone; fractions of a second are cut off.
    pub(super) fn times(
        self,
        [start, end]: [&'static str; 2],
        window: &Window<Timestamp>,
        time_zone: &TimeZone,
    ) -> Query {
        let local =
            |time: Timestamp| time.to_zoned(time_zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        self.with(start, window.start.map(local)).with(end, window.end.map(local))
    }
}

// Derived, it would ask for a default of the ends, which nobody needs.
impl<T> Default for Window<T> {
    fn default() -> Window<T> {
        Window { start: None, end: None }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Order::Ascending => "asc",
            Order::Descending => "desc",
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::{civil::date, tz};

    use super::*;

    #[test]
    fn what_has_no_value_is_left_out() {
        let query = Query::new().with("a", None::<&str>).with("b", Some(Order::Descending)).page(2, 100);
        assert_eq!(
            query.0,
            [("b", "desc".to_owned()), ("page", "2".to_owned()), ("per_page", "100".to_owned())]
        );
    }

    #[test]
    fn days_and_times_are_spelled_as_the_vendor_reads_them() {
        let days = Window { start: Some(date(2012, 1, 1)), end: None };
        assert_eq!(Query::new().days(["from", "to"], &days).0, [("from", "2012-01-01".to_owned())]);
        let times = Window { start: None, end: "2019-12-19T06:28:51.9Z".parse().ok() };
        let query = Query::new().times(["from", "to"], &times, &tz::offset(8).to_time_zone());
        assert_eq!(query.0, [("to", "2019-12-19 14:28:51".to_owned())]);
    }
}
