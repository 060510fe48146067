//! Keeps one reading a connection under way, of whichever configuration is in force.

use std::{collections::HashMap, mem, sync::Arc};

use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{Reading, TicketViews, announce::Announcer, lead::Leader};

impl TicketViews {
    /// Reads the views of every connection of the moment again and again, until `stop`. One whose source is new is
    /// read at once.
    pub async fn run(mut views: watch::Receiver<Arc<Self>>, stop: CancellationToken) {
        let mut running: HashMap<String, Running> = HashMap::new();
        while !stop.is_cancelled() {
            let wanted = views.borrow_and_update().clone();
            for (name, reading) in mem::take(&mut running) {
                match wanted.desks.get(&name) {
                    Some(same) if Arc::ptr_eq(same, &reading.reading) => drop(running.insert(name, reading)),
                    _ => reading.end().await,
                }
            }
            for (name, reading) in &wanted.desks {
                running.entry(name.clone()).or_insert_with(|| Running::start(reading.clone()));
            }
            tokio::select! {
                () = stop.cancelled() => {}
                Ok(()) = views.changed() => {}
            }
        }
        for reading in running.into_values() {
            reading.end().await;
        }
    }
}

/// A reading under way.
struct Running {
    reading: Arc<Reading>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(reading: Arc<Reading>) -> Self {
        let task = tokio::spawn({
            let reading = reading.clone();
            async move {
                tokio::join!(reading.keep_fresh(), Announcer::new(&reading).run());
            }
        });
        Self { reading, task }
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

impl Reading {
    /// Reads for ever.
    async fn keep_fresh(&self) {
        Leader::new(self).run().await;
    }
}
