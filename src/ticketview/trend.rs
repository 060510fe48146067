//! How many tickets a view had over time, for charts.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use super::{Served, TicketViews, Unavailable, normalize::Id, prepared::Body};

/// Changes that are read from the store at a time.
const CHANGES: usize = 5000;
/// Points of a chart at most: more than a screen has places for.
pub const MAX_POINTS: u64 = 2000;
/// Points that there are about, if nobody says how far apart they should be.
const POINTS: u64 = 300;
/// Distances that a reader takes for round, in seconds: up to a day.
const ROUND: [u64; 14] = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/// A time and what is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    since: Timestamp,
    until: Timestamp,
    every_s: u64,
}

/// A point of a chart, and what was until the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Point {
    at: Timestamp,
    /// At that moment; nothing while nothing was known.
    count: Option<u64>,
    /// Fewest and most from then until the next point.
    min: Option<u64>,
    max: Option<u64>,
}

impl TicketViews {
    /// How many tickets a view had over time:
    /// `{"ticketview_id","every","points":[{"at","count","min","max"}],"stale"}`.
    pub async fn trend(&self, connection: &str, id: &str, span: Span) -> Result<Served, Unavailable> {
        #[derive(Serialize)]
        struct Trend<'a> {
            ticketview_id: &'a Id,
            every: u64,
            points: Vec<Point>,
            stale: (),
        }
        let (reading, desk) = self.desk(connection)?;
        let standing = desk.view(id)?;
        let (mut chart, mut since) = (Chart::new(span), span.since);
        loop {
            let store = &reading.store;
            let changes = store.counts_over_time(connection, id, since, span.until, CHANGES).await?;
            changes.iter().for_each(|(at, count)| chart.change(*at, *count));
            match changes.last() {
                // The first of the next is the last of these.
                Some((last, _)) if changes.len() == CHANGES && *last > since => since = *last,
                _ => break,
            }
        }
        let ticketview_id = &standing.view.card.about.id;
        let body = Trend { ticketview_id, every: span.every_s, points: chart.finish(), stale: () };
        reading.of_one(Body::json(&body)?, &desk, standing)
    }
}

impl Span {
    /// From `since` to before `until`, with a point every so many seconds, or at round distances.
    ///
    /// Errors: a sentence for who asked.
    pub fn new(since: Timestamp, until: Timestamp, every_s: Option<u64>) -> Result<Self, String> {
        let seconds = until.as_second().saturating_sub(since.as_second());
        let Some(seconds) = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0) else {
            return Err("since has to be at least a second before until".to_owned());
        };
        let every_s = every_s.unwrap_or_else(|| round(seconds));
        if every_s == 0 {
            return Err("every counts seconds, from 1".to_owned());
        }
        if seconds.div_ceil(every_s) > MAX_POINTS {
            let least = seconds.div_ceil(MAX_POINTS);
            return Err(format!("that are more than {MAX_POINTS} points: every has to be {least} or more"));
        }
        Ok(Self { since, until, every_s })
    }
}

/// The smallest round distance with which there are not too many points.
fn round(seconds: u64) -> u64 {
    let enough = ROUND.into_iter().find(|every| seconds.div_ceil(*every) <= POINTS);
    enough.unwrap_or_else(|| seconds.div_ceil(POINTS).next_multiple_of(86400))
}

/// Points in the making: fed with changes in their order.
pub(super) struct Chart {
    span: Span,
    points: Vec<Point>,
    /// What is in force after the changes so far.
    count: Option<u64>,
}

impl Chart {
    pub(super) fn new(span: Span) -> Self {
        Self { span, points: Vec::new(), count: None }
    }

    /// The number became this; before the first point, it is what was in force there.
    pub(super) fn change(&mut self, at: Timestamp, count: u64) {
        if at > self.span.since {
            self.reach(at);
        }
        self.count = Some(count);
        // A change at the very moment of the next point is the next one's.
        let inside = at > self.span.since && self.next() != Some(at);
        if let Some(last) = self.points.last_mut().filter(|_| inside) {
            last.min = Some(last.min.map_or(count, |min| min.min(count)));
            last.max = Some(last.max.map_or(count, |max| max.max(count)));
        }
    }

    /// All points.
    pub(super) fn finish(mut self) -> Vec<Point> {
        self.reach(self.span.until);
        self.points
    }

    /// Sets the points that lie before a time with what is in force.
    fn reach(&mut self, time: Timestamp) {
        let until = time.min(self.span.until);
        while let Some(at) = self.next().filter(|at| *at < until) {
            self.points.push(Point { at, count: self.count, min: self.count, max: self.count });
        }
    }

    fn next(&self) -> Option<Timestamp> {
        let after = self.span.every_s.checked_mul(self.points.len() as u64)?;
        self.span.since.checked_add(Duration::from_secs(after)).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn chart(span: Span, changes: &[(i64, u64)]) -> Vec<Point> {
        let mut chart = Chart::new(span);
        changes.iter().for_each(|(second, count)| chart.change(at(*second), *count));
        chart.finish()
    }

    fn point(second: i64, count: Option<u64>, min: Option<u64>, max: Option<u64>) -> Point {
        Point { at: at(second), count, min, max }
    }

    #[test]
    fn a_point_has_what_was_in_force_and_the_bounds_of_what_came_until_the_next() {
        let span = Span::new(at(100), at(140), Some(10)).unwrap();
        let points = chart(span, &[(40, 7), (103, 9), (105, 5), (110, 6), (121, 8)]);
        let expected = [
            point(100, Some(7), Some(5), Some(9)),
            point(110, Some(6), Some(6), Some(6)),
            point(120, Some(6), Some(6), Some(8)),
            point(130, Some(8), Some(8), Some(8)),
        ];
        assert_eq!(points, expected);
    }

    #[test]
    fn before_anything_was_known_there_is_no_number() {
        let span = Span::new(at(100), at(120), Some(10)).unwrap();
        let points = chart(span, &[(115, 3)]);
        assert_eq!(points, [point(100, None, None, None), point(110, None, Some(3), Some(3))]);
        assert_eq!(chart(span, &[]).len(), 2);
    }

    #[test]
    fn a_span_has_its_bounds_and_round_distances() {
        let every = |seconds| Span::new(at(0), at(seconds), None).unwrap().every_s;
        assert_eq!([60, 3600, 86_400, 7 * 86_400].map(every), [1, 15, 300, 3600]);
        for (since, until, every, says) in [
            (5, 5, None, "at least a second"),
            (9, 5, None, "at least a second"),
            (0, 60, Some(0), "from 1"),
            (0, 2001, Some(1), "every has to be 2 or more"),
        ] {
            let error = Span::new(at(since), at(until), every).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(Span::new(at(0), at(2000), Some(1)).is_ok());
    }

    proptest! {
        #[test]
        fn every_point_is_what_the_last_change_up_to_it_says(
            mut changes in prop::collection::vec((0..400_i64, 0..9_u64), 0..40),
            since in 0..200_i64, length in 1..200_i64, every in 1..50_u64,
        ) {
            changes.sort_by_key(|(second, _)| *second);
            // As the store tells them: the one in force at the beginning, then those until the end.
            let before = changes.iter().rposition(|(second, _)| *second <= since).unwrap_or(0);
            let told: Vec<_> = changes[before.min(changes.len())..].iter().filter(|(second, _)| *second < since + length).copied().collect();
            let points = chart(Span::new(at(since), at(since + length), Some(every)).unwrap(), &told);
            prop_assert_eq!(points.len() as u64, (length as u64).div_ceil(every));
            for point in points {
                let now = point.at.as_second();
                let expected = changes.iter().rev().find(|(second, _)| *second <= now).map(|(_, count)| *count);
                prop_assert_eq!(point.count, expected);
                let until = (now + every as i64).min(since + length);
                let inside = changes.iter().filter(|(second, _)| (now + 1..until).contains(second)).map(|(_, count)| *count);
                let all: Vec<u64> = expected.into_iter().chain(inside).collect();
                prop_assert_eq!(point.min, all.iter().min().copied());
                prop_assert_eq!(point.max, all.iter().max().copied());
            }
        }
    }
}
