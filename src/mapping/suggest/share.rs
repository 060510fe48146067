//! A part of a whole in thousandths: whole numbers, so that the same desks give the same file on every machine.

use std::fmt;

/// From 0 to 1000 thousandths; shown as `0.93`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Share(pub(super) u32);

impl Share {
    pub(super) const NONE: Self = Self(0);
    pub(super) const WHOLE: Self = Self(1000);

    /// So many of so many, rounded; none of none.
    pub(super) fn of(part: u32, whole: u32) -> Self {
        Self((1000 * part + whole / 2).checked_div(whole).unwrap_or_default())
    }

    /// As `of`.
    pub(super) fn of_counts(part: usize, whole: usize) -> Self {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX / 2000).min(u32::MAX / 2000);
        Self::of(count(part), count(whole))
    }

    /// This share of another one.
    pub(super) fn times(self, other: Self) -> Self {
        Self((self.0 * other.0 + 500) / 1000)
    }

    /// Both together, at most the whole.
    pub(super) fn plus(self, other: Self) -> Self {
        Self((self.0 + other.0).min(1000))
    }

    /// The mean of this share and another one, of which the other one counts `weight`.
    pub(super) fn mixed(self, other: Self, weight: Self) -> Self {
        Self((self.0 * (1000 - weight.0) + other.0 * weight.0 + 500) / 1000)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = (self.0 + 5) / 10;
        write!(f, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}
