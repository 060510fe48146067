//! Spans of time and orders, as they are written on the command line.

use std::str::FromStr;

use clap::ValueEnum;
use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

use super::super::Failure;
use crate::bangwo8::{Order, Window};

/// An end of a span: `2024-01-31T08:00:00+08:00`, or `2024-01-31T08:00:00` or `2024-01-31` in the tenant's zone.
#[derive(Clone, Copy)]
pub(super) enum Moment {
    At(Timestamp),
    Local(DateTime),
    Day(Date),
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = || text.parse().map(Self::Day);
        // A date and time can be read as a date, so what says more is tried first.
        text.parse()
            .map(Self::At)
            .or_else(|_| if text.len() > DAY { text.parse().map(Self::Local) } else { day() })
            .map_err(|_| "write a day such as 2024-01-31, or a time such as 2024-01-31T08:00:00+08:00")
    }
}

/// Characters of `2024-01-31`.
const DAY: usize = 10;
/// The second that ends a day; the vendor's times have no fractions.
const LAST_SECOND: Time = Time::constant(23, 59, 59, 0);

/// From the first second of `start` to the last of `end`, of `created` or `updated`.
pub(super) fn window(
    of: &str,
    start: Option<Moment>,
    end: Option<Moment>,
    zone: &TimeZone,
) -> Result<Window<Timestamp>, Failure> {
    let start = start.map(|moment| moment.timestamp(Time::midnight(), zone)).transpose()?;
    let end = end.map(|moment| moment.timestamp(LAST_SECOND, zone)).transpose()?;
    in_order(of, start, end)
}

/// From `start` to `end`, both of them in it.
pub(super) fn in_order<T: PartialOrd>(
    of: &str,
    start: Option<T>,
    end: Option<T>,
) -> Result<Window<T>, Failure> {
    match (&start, &end) {
        (Some(from), Some(to)) if from > to => {
            Err(Failure::Usage(format!("--{of}-start must not be after --{of}-end: nothing is in between")))
        }
        _ => Ok(Window { start, end }),
    }
}

impl Moment {
    fn timestamp(self, of_a_day: Time, zone: &TimeZone) -> Result<Timestamp, Failure> {
        let local = match self {
            Self::At(timestamp) => return Ok(timestamp),
            Self::Local(local) => local,
            Self::Day(day) => day.to_datetime(of_a_day),
        };
        zone.to_timestamp(local).map_err(Failure::usage)
    }
}

/// A direction of sorting.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Direction {
    Asc,
    Desc,
}

impl From<Direction> for Order {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Asc => Self::Ascending,
            Direction::Desc => Self::Descending,
        }
    }
}
