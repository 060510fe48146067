//! Something that is read seldom and asked for often: one reading at a time, whoever asks meanwhile waits for it.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::LookUpError;

/// What was read, and when the reading began: what changed since may be missing.
#[derive(Debug)]
pub struct Reading<T> {
    /// What was read.
    pub value: Arc<T>,
    /// When it was begun.
    pub at: Timestamp,
}

/// A value that is read when it is asked for and too old.
#[derive(Debug)]
pub(super) struct Cached<T>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T> {
    last: Option<Reading<T>>,
    failed: Option<(Timestamp, Arc<LookUpError>)>,
}

impl<T> Cached<T> {
    /// The last reading if it is `good`, or a new one. A failure is that of all who waited for the reading: each
    /// asking again for itself would only hold the others up.
    pub(super) async fn get<F>(
        &self,
        good: impl Fn(&Reading<T>) -> bool,
        read: impl FnOnce() -> F,
    ) -> Result<Reading<T>, Arc<LookUpError>>
    where
        F: Future<Output = Result<T, LookUpError>>,
    {
        let asked = Timestamp::now();
        let mut state = self.0.lock().await;
        if let Some(last) = state.last.as_ref().filter(|last| good(last)) {
            return Ok(last.clone());
        }
        if let Some((_, error)) = state.failed.as_ref().filter(|(at, _)| *at >= asked) {
            return Err(error.clone());
        }
        let at = Timestamp::now();
        let read = read().await.map(|value| Reading { value: Arc::new(value), at }).map_err(Arc::new);
        match &read {
            Ok(reading) => state.last = Some(reading.clone()),
            Err(error) => state.failed = Some((Timestamp::now(), error.clone())),
        }
        read
    }
}

impl<T> Default for Cached<T> {
    fn default() -> Self {
        Self(Mutex::new(State { last: None, failed: None }))
    }
}

impl<T> Clone for Reading<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), at: self.at }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;
    use crate::store::StoreError;

    fn failure() -> LookUpError {
        LookUpError::Store(StoreError::Closed)
    }

    #[tokio::test]
    async fn many_who_ask_at_once_cause_one_reading() {
        let (cached, reads) = (Cached::default(), AtomicUsize::new(0));
        let read = || async {
            tokio::task::yield_now().await;
            Ok(reads.fetch_add(1, Ordering::Relaxed))
        };
        let all = join_all((0..50).map(|_| cached.get(|_| true, read))).await;
        assert!(all.iter().all(|reading| *reading.as_ref().unwrap().value == 0));
        assert_eq!(reads.into_inner(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_that_of_all_who_waited_and_of_nobody_after_them() {
        let (cached, reads) = (Cached::<usize>::default(), AtomicUsize::new(0));
        let fail = || async {
            reads.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Err(failure())
        };
        let all = join_all((0..50).map(|_| cached.get(|_| true, fail))).await;
        assert!(all.iter().all(Result::is_err));
        assert_eq!(reads.into_inner(), 1);
        let after = cached.get(|_| true, || async { Ok(7) }).await;
        assert_eq!(*after.unwrap().value, 7);
    }

    #[tokio::test]
    async fn what_is_not_good_any_more_is_read_again() {
        let cached = Cached::default();
        let first = cached.get(|_| true, || async { Ok(1) }).await.unwrap();
        let kept = cached.get(|reading| reading.at >= first.at, || async { Ok(2) }).await.unwrap();
        let again = cached.get(|reading| reading.at > first.at, || async { Ok(3) }).await.unwrap();
        assert_eq!((*kept.value, *again.value), (1, 3));
    }
}
