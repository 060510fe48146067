//! The one writer of a replica: a thread with a way of its own to the server. Whatever waits when it becomes free is
//! one transaction of a few statements, sent in one go, so everybody shares the price of the round trip and the fsync.
//!
//! When the way breaks, whoever waits is told so, and so is everybody until there is a new one: nobody waits for a
//! server that may be gone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Runtime},
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use super::{
    address::Address,
    connect::ANSWER,
    group::{Group, Job},
    notify::Ringer,
    session::Session,
};
use crate::store::StoreError;

/// Jobs that may wait for the writer before `offer` says so.
const QUEUE: usize = 8192;
/// Between two tries to find the way again; doubled from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// A handle to the writer. Dropping it, or `close`, ends the thread after it has done what waits.
pub(super) struct Writer {
    jobs: std::sync::Mutex<Option<mpsc::Sender<Job>>>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
    commits: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(address: Address, ringer: Ringer) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        let statements = Arc::new(AtomicU64::new(0));
        let worker =
            Worker { address, queue, ringer, commits: commits.clone(), statements: statements.clone() };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let thread = std::thread::Builder::new().name("store-writer".into());
        let thread = thread.spawn(move || runtime.block_on(worker.run(&runtime)))?;
        Ok(Self { jobs: Some(jobs).into(), thread: Some(thread).into(), commits, statements })
    }

    /// Does a job and answers when it is committed.
    ///
    /// Error: `Unreachable` when the way broke: then nobody knows whether it was.
    pub(super) async fn write<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, done) = oneshot::channel();
        self.sender()?.send(job(reply)).await.map_err(|_| StoreError::Closed)?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// As `write`, but says `Overloaded` at once when too much waits already.
    pub(super) async fn offer<T>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Result<T, StoreError> {
        let (reply, done) = oneshot::channel();
        self.sender()?.try_send(job(reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// How many transactions were committed, by the writer and by those who tell it with `committed`.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many statements the writer's transactions had.
    pub(super) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Somebody else has committed one.
    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes no more jobs, and returns when those that wait are done.
    pub(super) fn close(&self) {
        drop(lock(&self.jobs).take());
        if let Some(thread) = lock(&self.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer ended by a panic");
        }
    }

    fn sender(&self) -> Result<mpsc::Sender<Job>, StoreError> {
        lock(&self.jobs).clone().ok_or(StoreError::Closed)
    }
}

/// Where a job's answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A poisoned lock here guards nothing but a handle: the handle is still good.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct Worker {
    address: Address,
    queue: mpsc::Receiver<Job>,
    ringer: Ringer,
    commits: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
}

impl Worker {
    async fn run(mut self, runtime: &Runtime) {
        let bells = runtime.spawn(self.ringer.clone().run(self.address.clone()));
        while let Some(session) = self.find_a_way().await {
            if !self.work(&session).await {
                break;
            }
            tracing::warn!(store = %self.address, "the way to the store broke");
        }
        bells.abort();
    }

    /// A session, or nothing when no more jobs can come. Who asks while the first try is under way waits for it; it
    /// ends in seconds. After that, whoever asks is refused.
    async fn find_a_way(&mut self) -> Option<Session> {
        let mut opened = Session::open(&self.address).await;
        let mut pause = FIRST_PAUSE;
        loop {
            match opened {
                Ok(session) => return Some(session),
                Err(error) => tracing::warn!(%error, "the store can't be reached"),
            }
            opened = self.try_again(pause).await?;
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    async fn try_again(&mut self, pause: Duration) -> Option<Result<Session, StoreError>> {
        let address = &self.address;
        let opening = async {
            sleep(pause).await;
            Session::open(address).await
        };
        tokio::pin!(opening);
        loop {
            tokio::select! {
                opened = &mut opening => return Some(opened),
                job = self.queue.recv() => Group::one(job?).refuse(|| StoreError::Unreachable(address.to_string())),
            }
        }
    }

    /// Does what comes in. True when the way broke, false when no more jobs can come.
    async fn work(&mut self, session: &Session) -> bool {
        while let Some(group) = self.gather().await {
            if !self.commit(session, group).await || session.is_broken() {
                return true;
            }
        }
        false
    }

    /// Whatever waits, as far as it fits into one transaction.
    async fn gather(&mut self) -> Option<Group> {
        let mut group = Group::one(self.queue.recv().await?);
        while group.has_room()
            && let Ok(job) = self.queue.try_recv()
        {
            group.add(job);
        }
        Some(group)
    }

    /// Does a group's jobs and answers them. False if the server doesn't answer any more.
    async fn commit(&self, session: &Session, group: Group) -> bool {
        let Ok(result) = timeout(ANSWER, session.transaction(&group)).await else {
            group.refuse(|| StoreError::Unreachable(format!("{} doesn't answer", self.address)));
            return false;
        };
        match result {
            Ok(answers) => {
                self.commits.fetch_add(1, Ordering::Relaxed);
                self.statements.fetch_add(answers.statements, Ordering::Relaxed);
                group.answer(answers, &self.ringer);
            }
            // One of the group may be at fault: each is done alone, so that only that one is told so.
            Err(StoreError::Refused(_)) if group.len() > 1 => {
                let mut answers = true;
                for one in group.split().map(Group::one) {
                    match answers {
                        true => answers = Box::pin(self.commit(session, one)).await,
                        false => one.refuse(|| StoreError::Unreachable(self.address.to_string())),
                    }
                }
                return answers;
            }
            Err(error) => {
                // The server may be another one by now, behind the same name.
                let stays = !matches!(error, StoreError::Unreachable(_));
                group.refuse(|| error.again());
                return stays;
            }
        }
        true
    }
}
