//! What a list holds: stored rows and generated ones, in one order, of which a page is made at a time.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;

use super::order::{descending, directed};
use super::page::{self, Page};
use super::{Admitted, Call};
use crate::sandbox::generate::indices::{Indices, Sequence};
use crate::sandbox::generate::merge;

/// How two rows of a list stand to each other.
pub(crate) type Compare<'a, T> = Box<dyn Fn(&T, &T) -> Ordering + 'a>;

/// The rows that match a query.
pub(crate) struct Selection<'a, T> {
    /// Sorted by `compare`.
    stored: Vec<&'a T>,
    /// Indices of generated rows, in the order of `compare`.
    generated: Sequence,
    compare: Compare<'a, T>,
    make: Box<dyn Fn(u64) -> T + 'a>,
    most: u64,
}

impl<'a, T: Clone> Selection<'a, T> {
    pub(crate) fn new(
        mut stored: Vec<&'a T>,
        generated: Sequence,
        compare: Compare<'a, T>,
        make: impl Fn(u64) -> T + 'a,
    ) -> Self {
        stored.sort_by(|one, other| compare(one, other));
        Self { stored, generated, compare, make: Box::new(make), most: u64::MAX }
    }

    /// No more than the first so many.
    pub(crate) fn first(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    pub(crate) fn len(&self) -> usize {
        let all = self.generated.len() + self.stored.len() as u64;
        usize::try_from(all.min(self.most)).unwrap_or(usize::MAX)
    }

    /// The rows of a page; none past the end.
    pub(crate) fn page(&self, page: &Page) -> Vec<Cow<'a, T>> {
        let made = |n: u64| self.generated.nth(n).map(|index| (self.make)(index));
        let positions = page.positions(self.len());
        merge::page(&self.stored, &made, self.generated.len(), &*self.compare, positions)
    }
}

/// The generated rows in the caller's time windows: both times ascend with the index, so the windows are a range.
pub(crate) fn in_windows(call: &Call, count: u64, times: impl Fn(u64) -> (String, String)) -> Range<u64> {
    let begun = |index| {
        let (created, updated) = times(index);
        page::begun(call, "created", &created) && page::begun(call, "updated", &updated)
    };
    let not_over = |index| {
        let (created, updated) = times(index);
        page::not_over(call, "created", &created) && page::not_over(call, "updated", &updated)
    };
    merge::first_not(count, |index| !begun(index))..merge::first_not(count, not_over)
}

/// What is listed by its times: companies and contacts.
pub(crate) trait Timed: Clone {
    fn id(&self) -> u64;
    fn created(&self) -> &str;
    fn updated(&self) -> &str;
}

/// Stored rows and generated ones in the caller's windows, by ascending id unless `created_order` or
/// `updated_order` is asked for. Generated rows that were changed are among the stored ones.
pub(crate) fn by_times<'a, T: Timed>(
    admitted: &Admitted<'_>,
    stored: Vec<&'a T>,
    count: u64,
    changed: &BTreeSet<u64>,
    make: impl Fn(u64) -> T + 'a,
) -> Selection<'a, T> {
    let (created, updated) = (descending(admitted, "created_order"), descending(admitted, "updated_order"));
    let range = in_windows(admitted.call, count, |index| {
        let row = make(index);
        (row.created().to_owned(), row.updated().to_owned())
    });
    let forwards = Sequence::of(vec![Indices::all(range)], changed);
    let generated = if created.or(updated) == Some(true) { forwards.backwards() } else { forwards };
    let by = |asked: Option<bool>, ordering: Ordering| {
        asked.map_or(Ordering::Equal, |down| directed(ordering, down))
    };
    let compare = move |one: &T, other: &T| {
        by(created, one.created().cmp(other.created()))
            .then_with(|| by(updated, one.updated().cmp(other.updated())))
            .then_with(|| one.id().cmp(&other.id()))
    };
    Selection::new(stored, generated, Box::new(compare), make)
}
