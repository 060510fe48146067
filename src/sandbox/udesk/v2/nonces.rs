//! Which nonces were used lately.

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

/// Each nonce may be used once within this time; a timestamp may be off by as much, on either side (§1.3 \[S\]).
pub(crate) const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Nonces remembered, far above what the vendor's 60 calls a minute spend in a window.
const MAX_REMEMBERED: usize = 100_000;

#[derive(Debug, Default)]
pub(crate) struct Nonces {
    used: HashSet<String>,
    by_age: BTreeSet<(Timestamp, String)>,
}

impl Nonces {
    /// Spends a nonce; false if it was spent within the window.
    pub(crate) fn spend(&mut self, nonce: &str, now: Timestamp) -> bool {
        self.forget(now);
        let fresh = self.used.insert(nonce.to_owned());
        if fresh {
            self.by_age.insert((now, nonce.to_owned()));
        }
        fresh
    }

    fn forget(&mut self, now: Timestamp) {
        while let Some((spent, nonce)) = self.by_age.first() {
            if now.duration_since(*spent) <= WINDOW && self.by_age.len() < MAX_REMEMBERED {
                return;
            }
            self.used.remove(nonce);
            self.by_age.pop_first();
        }
    }
}
