//! Which generated rows a list shows, without looking at any of them.

use std::collections::BTreeSet;
use std::ops::Range;

/// Row indices in ascending order: those of a range whose remainder by a period is one of some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Indices {
    range: Range<u64>,
    period: u64,
    remainders: Remainders,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Remainders {
    /// `first`, `first + step`, …
    Every { first: u64, step: u64 },
    /// Ascending.
    Listed(Vec<u64>),
}

impl Indices {
    pub(crate) fn all(range: Range<u64>) -> Self {
        Self::stepping(range, 1, 0, 1)
    }

    /// Those whose remainder by the period is accepted.
    pub(crate) fn repeating(range: Range<u64>, period: u64, accepts: impl Fn(u64) -> bool) -> Self {
        let remainders = Remainders::Listed((0..period).filter(|remainder| accepts(*remainder)).collect());
        Self { range: upwards(range), period, remainders }
    }

    /// Those whose remainder by the period is `first`, `first + step` and so on. A period or step of 0 has none.
    pub(crate) fn stepping(range: Range<u64>, period: u64, first: u64, step: u64) -> Self {
        Self { range: upwards(range), period, remainders: Remainders::Every { first, step } }
    }

    /// Those of these that are accepted, each looked at and listed.
    pub(crate) fn only(&self, accepts: impl Fn(u64) -> bool) -> Self {
        let listed = (0..self.len()).filter_map(|n| self.nth(n)).filter(|index| accepts(*index)).collect();
        // One period holds them all, so the remainders are the indices.
        Self { range: self.range.clone(), period: u64::MAX, remainders: Remainders::Listed(listed) }
    }

    fn contains(&self, index: u64) -> bool {
        self.range.contains(&index) && self.before(index + 1) > self.before(index)
    }

    /// How many of all rows below an index, whatever the range, are among these.
    fn before(&self, index: u64) -> u64 {
        let whole = index.checked_div(self.period).unwrap_or(0) * self.a_period_has();
        whole + self.remainders_below(index.checked_rem(self.period).unwrap_or(0))
    }

    fn a_period_has(&self) -> u64 {
        self.remainders_below(self.period)
    }

    fn remainders_below(&self, bound: u64) -> u64 {
        match &self.remainders {
            Remainders::Every { first, step: 0 } => u64::from(*first < bound && self.period > 0),
            Remainders::Every { first, step } => bound.saturating_sub(*first).div_ceil(*step),
            Remainders::Listed(listed) => listed.partition_point(|remainder| *remainder < bound) as u64,
        }
    }

    fn len(&self) -> u64 {
        self.before(self.range.end).saturating_sub(self.before(self.range.start))
    }

    fn nth(&self, n: u64) -> Option<u64> {
        let rank = self.before(self.range.start) + n;
        let of_period = rank.checked_rem(self.a_period_has())?;
        let remainder = match &self.remainders {
            Remainders::Every { first, step } => first + of_period * step,
            Remainders::Listed(listed) => *listed.get(usize::try_from(of_period).ok()?)?,
        };
        let index = (rank / self.a_period_has()) * self.period + remainder;
        Some(index).filter(|index| self.range.contains(index))
    }

    /// The rank of a member among these.
    fn rank(&self, index: u64) -> u64 {
        self.before(index).saturating_sub(self.before(self.range.start))
    }
}

/// A range that ends before it starts holds nothing.
fn upwards(range: Range<u64>) -> Range<u64> {
    range.start.min(range.end)..range.end
}

/// Indices in the order of a list: parts one after the other, without the rows that have been changed and are
/// therefore stored, perhaps all backwards.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sequence {
    parts: Vec<Part>,
    backwards: bool,
}

#[derive(Debug, Clone)]
struct Part {
    indices: Indices,
    /// Ranks left out, ascending.
    without: Vec<u64>,
}

impl Sequence {
    pub(crate) fn of(parts: Vec<Indices>, changed: &BTreeSet<u64>) -> Self {
        let parts = parts.into_iter().map(|indices| {
            let out = changed.range(indices.range.clone()).filter(|index| indices.contains(**index));
            let without = out.map(|index| indices.rank(*index)).collect();
            Part { indices, without }
        });
        Self { parts: parts.collect(), backwards: false }
    }

    pub(crate) fn backwards(mut self) -> Self {
        self.backwards = !self.backwards;
        self
    }

    pub(crate) fn len(&self) -> u64 {
        self.parts.iter().map(Part::len).sum()
    }

    pub(crate) fn nth(&self, n: u64) -> Option<u64> {
        let mut left = if self.backwards { self.len().checked_sub(n + 1)? } else { n };
        for part in &self.parts {
            match left.checked_sub(part.len()) {
                None => return part.nth(left),
                Some(after) => left = after,
            }
        }
        None
    }
}

impl Part {
    fn len(&self) -> u64 {
        self.indices.len().saturating_sub(self.without.len() as u64)
    }

    fn nth(&self, n: u64) -> Option<u64> {
        // `rank - position` is how many remain before the one left out, so those up to n lie before the answer.
        let (mut low, mut high) = (0, self.without.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.without.get(middle) {
                Some(rank) if rank - middle as u64 <= n => low = middle + 1,
                _ => high = middle,
            }
        }
        self.indices.nth(n + low as u64)
    }
}
