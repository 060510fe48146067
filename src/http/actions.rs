//! What operators want done, beside the requests that asked for it: neither a caller that leaves nor the thread that served it
//! takes an action along. Doesn't know what is done, nor who writes it down.

use std::time::Duration;

use tokio::{
    runtime::Handle,
    task::JoinHandle,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Longest that a stop waits for what an action that was broken off leaves to be written: a supervisor waits little longer
/// than the grace period.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The actions under way. Clones are the same ones.
#[derive(Clone)]
pub struct Actions {
    /// Not that of a thread that serves requests: it ends with its last connection.
    runtime: Handle,
    under_way: TaskTracker,
    /// Cancelled when a stop can wait no longer.
    cut: CancellationToken,
}

impl Actions {
    /// None as yet. They are done by the application's `runtime`.
    pub fn new(runtime: Handle) -> Self {
        Self { runtime, under_way: TaskTracker::new(), cut: CancellationToken::new() }
    }

    /// Returns when all have ended; to be called once nobody can ask for another. Those that go on at the `deadline` are
    /// broken off: then it is false.
    pub async fn finish(&self, deadline: Instant) -> bool {
        self.under_way.close();
        if timeout_at(deadline, self.under_way.wait()).await.is_ok() {
            return true;
        }
        self.cut.cancel();
        if timeout(LAST_WORDS, self.under_way.wait()).await.is_err() {
            tracing::error!(
                "that an operator's action was broken off can't be written: its entry stays open"
            );
        }
        false
    }

    /// Begins something that a stop waits for.
    pub(super) fn begin<T: Send + 'static>(
        &self,
        action: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.under_way.spawn_on(action, &self.runtime)
    }

    /// What comes of the part of an action that may be broken off; none if it was.
    pub(super) async fn unless_cut<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.cut.run_until_cancelled(work).await
    }
}
