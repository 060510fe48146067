//! Whether there is room for more events. It is measured now and then; in between, what is accepted is taken off.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use tokio::sync::Notify;

use super::StoreError;

/// What an event takes beside its bytes: its rows, their keys and the indexes on them, of a few attempts.
const ROWS_BYTES: i64 = 2048;

/// How much may be accepted before somebody has to measure again.
pub(super) struct Gate {
    full: AtomicBool,
    left: AtomicI64,
    strained: Arc<Notify>,
}

impl Default for Gate {
    /// As much as one likes, until it is measured.
    fn default() -> Self {
        Self { full: AtomicBool::new(false), left: AtomicI64::new(i64::MAX), strained: Arc::default() }
    }
}

impl Gate {
    /// Takes an event of so many bytes off. Where that uses up what was left, whoever measures is woken, and events are
    /// taken until it has: an estimate refuses nobody.
    ///
    /// Error: `Full`.
    pub(super) fn take(&self, bytes: usize) -> Result<(), StoreError> {
        if self.is_full() {
            return Err(StoreError::Full);
        }
        let cost = i64::try_from(bytes).unwrap_or(i64::MAX).saturating_add(ROWS_BYTES);
        let left = self.left.fetch_sub(cost, Ordering::Relaxed);
        if left >= 0 && left < cost {
            self.strained.notify_one();
        }
        Ok(())
    }

    /// So many bytes are left; 0 refuses events until it is measured again.
    pub(super) fn measured(&self, left: u64) {
        self.left.store(i64::try_from(left).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.full.store(left == 0, Ordering::Relaxed);
    }

    /// An event could not be stored. Where the disk itself had no room for it, the next ones are refused at once: what
    /// room there comes to be is for deliveries first, until it is measured.
    pub(super) fn failed(&self, error: &StoreError) {
        if matches!(error, StoreError::Full) {
            self.measured(0);
            self.strained.notify_one();
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// See [`super::Store::strained`].
    pub(super) fn strained(&self) -> Arc<Notify> {
        self.strained.clone()
    }
}
