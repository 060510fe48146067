//! One page of stored and generated rows as if they stood in one list.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

/// The rows at these positions of both sorted lists together. Of equal rows the stored one comes first. Only the
/// page's rows are made, and a few to find its beginning.
pub(crate) fn page<'a, T: Clone>(
    stored: &[&'a T],
    generated: &dyn Fn(u64) -> Option<T>,
    generated_len: u64,
    compare: &dyn Fn(&T, &T) -> Ordering,
    positions: Range<u64>,
) -> Vec<Cow<'a, T>> {
    let less = |n: u64, row: &T| generated(n).is_some_and(|made| compare(&made, row) == Ordering::Less);
    let before = |row: &T| first_not(generated_len, |n| less(n, row));
    let taken = first_not(stored.len() as u64, |n| {
        let row = usize::try_from(n).ok().and_then(|n| stored.get(n));
        row.is_some_and(|row| n + before(row) < positions.start)
    });
    let mut rows = Vec::new();
    let mut stored = stored.iter().skip(usize::try_from(taken).unwrap_or(usize::MAX)).peekable();
    let mut next = positions.start - taken;
    for _ in positions {
        let made = generated(next).filter(|_| next < generated_len);
        match (stored.peek(), made) {
            (Some(row), Some(made)) if compare(&made, row) == Ordering::Less => rows.push(Cow::Owned(made)),
            (Some(row), _) => {
                rows.push(Cow::Borrowed(**row));
                stored.next();
                continue;
            }
            (None, Some(made)) => rows.push(Cow::Owned(made)),
            (None, None) => break,
        }
        next += 1;
    }
    rows
}

/// The first of `0..end` for which a condition no longer holds; `end` if it always does.
pub(crate) fn first_not(end: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = u64::midpoint(low, high);
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
