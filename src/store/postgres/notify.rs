//! News between replicas: who writes says so, who waits is woken. News may be lost with a connection, so the database
//! is asked now and then as well, one short statement for all who wait.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, future::try_join3, stream::poll_fn};
use tokio::{
    sync::{Notify, mpsc},
    time::sleep,
};
use tokio_postgres::{AsyncMessage, Client, Notification};

use super::{
    address::Address,
    connect::{Purpose, Wire, answer, connect, why},
    events::get,
};
use crate::store::{StoreError, bells::Bells};

const ARRIVALS: &str = "deskbridge_arrivals";
const VIEWS: &str = "deskbridge_views";
const SETTLED: &str = "deskbridge_settled";

/// Between two messages at least: a notification is a transaction, and one wakes for all that came meanwhile.
const PAUSE: Duration = Duration::from_millis(5);
/// How often the database is asked although nobody said anything: as long as an event of a dead replica may wait
/// longer than its lease.
const POLL: Duration = Duration::from_secs(5);
/// Before a broken way is looked for again.
const RETRY: Duration = Duration::from_secs(1);
/// Settlements told at once. Only a sender who waits for an outcome wants them, and looks for itself in the end.
const TOLD: usize = 512;
/// Notifications that wait for the bells to ring.
const HEARD: usize = 1024;

/// Takes down what others should hear. Cheap to clone.
#[derive(Clone)]
pub(super) struct Ringer {
    news: Arc<Mutex<News>>,
    there_are: Arc<Notify>,
    bells: Arc<Bells>,
}

#[derive(Default)]
struct News {
    arrivals: BTreeSet<String>,
    views: BTreeSet<String>,
    settled: Vec<String>,
}

impl Ringer {
    pub(super) fn new(bells: Arc<Bells>) -> Self {
        Self { news: Arc::default(), there_are: Arc::default(), bells }
    }

    /// There is work for a connection.
    pub(super) fn arrived(&self, connection: &str) {
        let mut news = self.news();
        if !news.arrivals.contains(connection) {
            news.arrivals.insert(connection.to_owned());
            self.there_are.notify_one();
        }
    }

    /// There are new versions of a connection's ticket views.
    pub(super) fn viewed(&self, connection: &str) {
        if self.news().views.insert(connection.to_owned()) {
            self.there_are.notify_one();
        }
    }

    /// An event came to rest or to its next wait.
    pub(super) fn settled(&self, connection: &str, sequence: i64) {
        let mut news = self.news();
        if news.settled.len() < TOLD {
            news.settled.push(format!("{connection} {sequence}"));
            self.there_are.notify_one();
        }
    }

    /// Tells and hears for ever.
    pub(super) async fn run(self, address: Address) {
        loop {
            if let Err(error) = self.listen(&address).await {
                tracing::warn!(%error, "no news from other replicas: the store is asked again later");
            }
            sleep(RETRY).await;
        }
    }

    async fn listen(&self, address: &Address) -> Result<(), StoreError> {
        let (client, wire) = connect(address, Purpose::Bells).await?;
        let (heard, news) = mpsc::channel(HEARD);
        tokio::spawn(forward(wire, heard));
        answer(client.batch_execute(&format!("LISTEN {ARRIVALS}; LISTEN {VIEWS}; LISTEN {SETTLED}"))).await?;
        let row = answer(client.query_one("SELECT pg_backend_pid()", &[])).await?;
        self.bells.all();
        try_join3(self.hear(news, get(&row, 0)?), self.tell(&client), self.look(&client)).await?;
        Ok(())
    }

    /// Rings for what others say; what this replica says it knows.
    async fn hear(&self, mut news: mpsc::Receiver<Notification>, own: i32) -> Result<(), StoreError> {
        while let Some(notification) = news.recv().await {
            if notification.process_id() != own {
                self.ring(notification.channel(), notification.payload());
            }
        }
        Err(StoreError::Unreachable("the connection for news ended".to_owned()))
    }

    fn ring(&self, channel: &str, payload: &str) {
        if channel == ARRIVALS {
            self.bells.arrived(payload);
        } else if channel == VIEWS {
            self.bells.viewed(payload);
        } else if let Some((connection, sequence)) = payload.rsplit_once(' ')
            && let Ok(sequence) = sequence.parse()
        {
            self.bells.settled(connection.to_owned(), sequence);
        }
    }

    /// Says what was taken down. Outside the transactions that it is about: a notification holds up every other
    /// commit that has one.
    async fn tell(&self, client: &Client) -> Result<(), StoreError> {
        let sql = "SELECT pg_notify(n.channel, n.payload) FROM unnest($1::text[], $2::text[]) AS n(channel, payload)";
        let statement = answer(client.prepare(sql)).await?;
        loop {
            self.there_are.notified().await;
            let News { arrivals, views, settled } = std::mem::take(&mut *self.news());
            let arrivals = arrivals.into_iter().map(|payload| (ARRIVALS, payload));
            let views = views.into_iter().map(|payload| (VIEWS, payload));
            let settled = settled.into_iter().map(|payload| (SETTLED, payload));
            let (channels, payloads): (Vec<&str>, Vec<String>) = arrivals.chain(views).chain(settled).unzip();
            answer(client.execute(&statement, &[&channels, &payloads])).await?;
            sleep(PAUSE).await;
        }
    }

    /// Rings for every connection that has something due by the server's clock. It is a hint: who is woken asks for
    /// work by its own clock.
    async fn look(&self, client: &Client) -> Result<(), StoreError> {
        let sql = "SELECT c FROM unnest($1::text[]) AS c
                   WHERE EXISTS (SELECT 1 FROM deliveries WHERE connection = c
                                  AND due_at <= (extract(epoch FROM clock_timestamp()) * 1000)::int8)";
        let statement = answer(client.prepare(sql)).await?;
        loop {
            sleep(POLL).await;
            let awaited = self.bells.awaited();
            for row in answer(client.query(&statement, &[&awaited])).await? {
                self.bells.arrived(get(&row, 0)?);
            }
        }
    }

    fn news(&self) -> std::sync::MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Moves what goes over the way, and passes on what the server says by itself.
async fn forward(mut wire: Wire, heard: mpsc::Sender<Notification>) {
    let mut messages = poll_fn(|cx| wire.poll_message(cx));
    while let Some(message) = messages.next().await {
        match message {
            Ok(AsyncMessage::Notification(notification)) => {
                if heard.send(notification).await.is_err() {
                    return;
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = %why(&error), "the connection for news ended");
                return;
            }
        }
    }
}
