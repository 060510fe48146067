//! The one writer thread. Whatever waits when it becomes free is committed as one transaction, so the price of
//! an fsync is shared by everybody who asked meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};
use tokio::sync::{mpsc, oneshot};

use super::checkpoint::Checkpointer;
use crate::store::StoreError;

/// Jobs that may wait for the writer before `try_write` says so.
const QUEUE: usize = 8192;
/// Jobs in one transaction at most: bounds how long the first of them waits for the last.
const GROUP: usize = 1024;

/// A handle to the writer thread. Dropping the last one, or `close`, ends the thread after it has done what
/// waits.
pub(super) struct Writer {
    jobs: std::sync::Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: std::sync::Mutex<Option<JoinHandle<()>>>,
    commits: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
}

impl Writer {
    /// Moves `connection` to a thread of its own, and `folding`, another one to the same file, to a second.
    pub(super) fn start(mut connection: Connection, folding: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let commits = Arc::new(AtomicU64::new(0));
        let counter = commits.clone();
        let statements = count_statements(&mut connection).map_err(std::io::Error::other)?;
        let (checkpointer, folds) = Checkpointer::start(folding)?;
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(move || {
            let commits = Commits { counter, checkpointer };
            run(&connection, queue, &commits);
            drop(commits);
            if folds.join().is_err() {
                tracing::error!("the store's checkpointer ended by a panic");
            }
        })?;
        Ok(Self { jobs: Some(jobs).into(), thread: Some(thread).into(), commits, statements })
    }

    /// Does `work` in a transaction and answers when it is on disk. `work` may run twice: again alone after
    /// another member of its group has failed.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, done) = task(work);
        self.sender()?.send(job).await.map_err(|_| StoreError::Closed)?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// As `write`, but says `Overloaded` at once when too much waits already.
    pub(super) async fn try_write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (job, done) = task(work);
        self.sender()?.try_send(job).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// How many transactions were committed.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many statements were run.
    pub(super) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
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

    fn sender(&self) -> Result<mpsc::Sender<Box<dyn Job>>, StoreError> {
        lock(&self.jobs).clone().ok_or(StoreError::Closed)
    }
}

/// A poisoned lock here guards nothing but a handle: the handle is still good.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Counts what a connection runs from now on.
fn count_statements(connection: &mut Connection) -> rusqlite::Result<Arc<AtomicU64>> {
    let statements = Arc::new(AtomicU64::new(0));
    let counter = statements.clone();
    let count = move |_: TraceEvent<'_>| {
        counter.fetch_add(1, Ordering::Relaxed);
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count))?;
    Ok(statements)
}

/// Where commits are told.
struct Commits {
    counter: Arc<AtomicU64>,
    checkpointer: Checkpointer,
}

impl Commits {
    fn another(&self) {
        self.checkpointer.committed(self.counter.fetch_add(1, Ordering::Relaxed) + 1);
    }
}

fn run(connection: &Connection, mut queue: mpsc::Receiver<Box<dyn Job>>, commits: &Commits) {
    let mut group = Vec::with_capacity(GROUP);
    // A connection that can't roll back is of no more use: who asks then is told that the store is closed.
    while connection.is_autocommit() && queue.blocking_recv_many(&mut group, GROUP) > 0 {
        match transaction(connection, &mut group, commits) {
            Ok(()) => group.drain(..).for_each(|job| job.committed(Ok(()))),
            // One of the group failed: each is done alone, so that only the one at fault is told so.
            Err(_) if group.len() > 1 => group.drain(..).for_each(|job| alone(connection, job, commits)),
            Err(error) => group.drain(..).for_each(|job| job.committed(Err(error.again()))),
        }
    }
}

fn alone(connection: &Connection, job: Box<dyn Job>, commits: &Commits) {
    let mut group = [job];
    let result = transaction(connection, &mut group, commits);
    let [job] = group;
    job.committed(result);
}

fn transaction(
    connection: &Connection,
    group: &mut [Box<dyn Job>],
    commits: &Commits,
) -> Result<(), StoreError> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let done = group.iter_mut().try_for_each(|job| job.run(connection));
    match done.and_then(|()| Ok(connection.prepare_cached("COMMIT")?.execute([])?)) {
        Ok(_) => {
            commits.another();
            Ok(())
        }
        Err(error) => {
            if !connection.is_autocommit() {
                connection.prepare_cached("ROLLBACK")?.execute([])?;
            }
            Err(error)
        }
    }
}

/// Work that is done inside a transaction and answered after its commit.
trait Job: Send {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    fn committed(self: Box<Self>, result: Result<(), StoreError>);
}

struct Task<T, F> {
    work: F,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

type Reply<T> = oneshot::Receiver<Result<T, StoreError>>;

fn task<T, F>(work: F) -> (Box<dyn Job>, Reply<T>)
where
    T: Send + 'static,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
{
    let (reply, done) = oneshot::channel();
    (Box::new(Task { work, result: None, reply }), done)
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        match (self.work)(connection) {
            Err(error) if !error.is_refusal() => Err(error),
            result => {
                self.result = Some(result);
                Ok(())
            }
        }
    }

    fn committed(self: Box<Self>, result: Result<(), StoreError>) {
        let Self { result: done, reply, .. } = *self;
        let answer = result.and_then(|()| done.unwrap_or(Err(StoreError::Closed)));
        // Nobody waits any more when a caller was cut off: the work is done all the same.
        if reply.send(answer).is_err() {
            tracing::debug!("a caller left before its write was committed");
        }
    }
}
