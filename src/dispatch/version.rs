//! How new what an event says is. Pure.

use super::written::Written;
use crate::{mapping::Mapped, store::Link};

/// Two counts, neither of which can be compared with the other: what one tells, the other may not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Version {
    /// The update time that the mapping reads, in unix milliseconds. It wins where both sides have it.
    pub(super) time: Option<i64>,
    /// The sender's own count, with which the event came.
    pub(super) sequence: Option<i64>,
}

impl Version {
    /// Of an event that came with this count.
    pub(super) fn of(mapped: &Mapped, sequence: Option<i64>) -> Self {
        Self { time: mapped.version, sequence }
    }

    /// True if something newer was applied. Times are compared by the grain, in milliseconds.
    pub(super) fn is_older(self, link: &Link, grain: i64) -> bool {
        match (self.time, link.version) {
            (Some(new), Some(applied)) => new / grain < applied / grain,
            _ => {
                let applied = Written::of(link).sequence();
                self.sequence.zip(applied).is_some_and(|(new, applied)| new < applied)
            }
        }
    }

    /// True if `next` is at least as new by every count that this one has.
    pub(super) fn is_followed_by(self, next: Self) -> bool {
        // Nothing is less than anything.
        self.time <= next.time && self.sequence <= next.sequence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::LinkKey;

    fn link(time: Option<i64>, sequence: Option<i64>) -> Link {
        let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
        let written = Written::default().at(sequence).text();
        Link { key, target_id: "7".into(), version: time, written }
    }

    fn version(time: Option<i64>, sequence: Option<i64>) -> Version {
        Version { time, sequence }
    }

    #[test]
    fn times_are_compared_with_times_and_counts_with_counts() {
        let applied = link(Some(1_700_000_000_000), Some(7));
        assert!(version(Some(1_600_000_000_000), Some(8)).is_older(&applied, 1), "the time wins");
        assert!(!version(Some(1_800_000_000_000), Some(6)).is_older(&applied, 1));
        assert!(version(None, Some(6)).is_older(&applied, 1));
        assert!(!version(None, Some(7)).is_older(&applied, 1));
        assert!(!version(None, Some(6)).is_older(&link(Some(1_700_000_000_000), None), 1));
        assert!(!version(None, None).is_older(&applied, 1));
    }

    #[test]
    fn what_follows_has_every_count_that_is_there() {
        assert!(version(None, None).is_followed_by(version(Some(1), None)));
        assert!(version(Some(1), Some(2)).is_followed_by(version(Some(1), Some(2))));
        assert!(!version(Some(1), Some(2)).is_followed_by(version(Some(2), None)));
        assert!(!version(Some(1), None).is_followed_by(version(None, Some(1))));
    }
}
