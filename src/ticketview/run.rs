//! Keeps one reading a connection under way, of whichever configuration is in force.

use std::{collections::HashMap, mem, sync::Arc};

use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Reading, TicketViews, announce::Announcer};

/// Bytes of the name by which a process reads.
const HOLDER_BYTES: usize = 8;

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
                tokio::join!(reading.keep_fresh(&holder), Announcer::new(&reading).run());
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
        if let Err(error) = self.task.await
            && error.is_panic()
        {
            tracing::error!(
                connection = self.reading.source.connection,
                "the reading of ticket views panicked"
            );
        }
    }
}
