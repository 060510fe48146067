//! Keeps one reading a connection under way, of whichever configuration is in force.

use std::{collections::HashMap, mem, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    Reading, TicketViews,
    announce::Announcer,
    desk::{Desk, Stale},
};

/// Bytes of the name by which a process reads.
const HOLDER_BYTES: usize = 8;
/// Wait after a reading panicked: what made it is likely still there, and another process may do better.
const PANIC_PAUSE: Duration = Duration::from_secs(10);
/// The code of a failure that is a defect of this program.
const INTERNAL: &str = "internal";

impl TicketViews {
    /// Reads the views of every connection of the moment again and again, until `stop`. One whose source is new is
    /// read at once.
    pub async fn run(mut views: watch::Receiver<Arc<Self>>, stop: CancellationToken) {
        let holder: Arc<str> = hex::encode(rand::random::<[u8; HOLDER_BYTES]>()).into();
        let mut running: HashMap<String, Running> = HashMap::new();
        while !stop.is_cancelled() {
            let wanted = views.borrow_and_update().clone();
            for (name, reading) in mem::take(&mut running) {
                match wanted.desks.get(&name) {
                    Some(same) if Arc::ptr_eq(same, &reading.reading) => drop(running.insert(name, reading)),
                    // The next one reads on in its place.
                    Some(_) => reading.end().await,
                    None => reading.end_for_good().await,
                }
            }
            for (name, reading) in &wanted.desks {
                running
                    .entry(name.clone())
                    .or_insert_with(|| Running::start(reading.clone(), holder.clone()));
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Ok(()) = views.changed() => {}
            }
        }
        for reading in running.into_values() {
            reading.end_for_good().await;
        }
    }
}

/// A reading under way.
struct Running {
    reading: Arc<Reading>,
    holder: Arc<str>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(reading: Arc<Reading>, holder: Arc<str>) -> Self {
        let task = tokio::spawn({
            let (reading, holder) = (reading.clone(), holder.clone());
            async move {
                let (reading, holder) = (&*reading, &*holder);
                let work = move || async move {
                    tokio::join!(reading.keep_fresh(holder), Announcer::new(reading).run());
                };
                again_after_panics(PANIC_PAUSE, work, || reading.panicked()).await;
            }
        });
        Self { reading, holder, task }
    }

    /// Another process may read from now on.
    async fn end_for_good(self) {
        let (reading, holder) = (self.reading.clone(), self.holder.clone());
        self.end().await;
        reading.release(&holder).await;
        reading.metrics.no_ticketviews(&reading.source.connection);
    }

    /// Returns when nothing of it goes on: two must not write to one desk.
    async fn end(self) {
        self.task.abort();
        self.task.await.ok();
    }
}

/// Does the work until it comes to an end of its own; `panicked` is told each time that it panics.
async fn again_after_panics<F: Future<Output = ()>>(
    pause: Duration,
    work: impl Fn() -> F,
    panicked: impl Fn(),
) {
    // A desk is replaced as a whole, so that none is left behind half-made.
    while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
        panicked();
        tokio::time::sleep(pause).await;
    }
}

impl Reading {
    fn panicked(&self) {
        tracing::error!(connection = self.source.connection, "the reading of ticket views panicked");
        let mut desk = Desk::clone(&self.board.desk());
        let since = desk.stale.as_ref().map_or(desk.read_at, |stale| stale.since);
        (desk.tried_at, desk.stale) =
            (Some(Timestamp::now()), Some(Stale { since, reason: INTERNAL.into() }));
        self.board.put(desk);
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, time::Duration};

    use super::again_after_panics;

    #[tokio::test]
    async fn work_that_panics_is_begun_again_and_each_panic_is_told() {
        let (begun, told) = (Cell::new(0), Cell::new(0));
        let work = || async {
            begun.set(begun.get() + 1);
            assert!(begun.get() > 2, "a defect");
        };
        again_after_panics(Duration::ZERO, work, || told.set(told.get() + 1)).await;
        assert_eq!((begun.get(), told.get()), (3, 2));
    }
}
