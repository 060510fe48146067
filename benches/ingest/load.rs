//! The load generator: a number of keep-alive connections, each with one request in flight.
//!
//! It shares the cores with the server it measures, so it does as little as it can: a request is one write of bytes
//! that exist already, and of an answer only the status and the length are read.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Result;
use crate::request::Batch;

/// Longer answers than this are read in more than one piece.
const READ_BUFFER_BYTES: usize = 4096;

/// What came back. Every request was answered with 202, or there is no `Round`.
pub(crate) struct Round {
    elapsed: Duration,
    /// Sorted.
    latencies: Vec<Duration>,
}

impl Round {
    pub(crate) fn requests(&self) -> usize {
        self.latencies.len()
    }

    pub(crate) fn seconds(&self) -> f64 {
        self.elapsed.as_secs_f64()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.requests() as f64 / self.seconds()
    }

    /// The latency that the given share of the requests stayed within, 0.99 for the 99th percentile.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }
}

/// Sends until the time is over or the batch is used up.
pub(crate) fn run(
    batch: &Arc<Batch>,
    server: SocketAddr,
    connections: usize,
    threads: usize,
    duration: Duration,
) -> Result<Round> {
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let shares =
        (0..threads).map(|thread| connections / threads + usize::from(thread < connections % threads));
    let workers: Vec<_> = shares
        .map(|connections| {
            let sender =
                Sender { batch: batch.clone(), next: next.clone(), server, deadline: start + duration };
            thread::spawn(move || send_from_one_thread(sender, connections))
        })
        .collect();
    let mut latencies = Vec::new();
    for worker in workers {
        latencies.extend(worker.join().map_err(|_| "a thread of the load generator panicked")??);
    }
    let elapsed = start.elapsed();
    latencies.sort_unstable();
    Ok(Round { elapsed, latencies })
}

fn send_from_one_thread(sender: Sender, connections: usize) -> Result<Vec<Duration>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut running = JoinSet::new();
        for _ in 0..connections {
            running.spawn(sender.clone().send());
        }
        let mut latencies = Vec::new();
        while let Some(finished) = running.join_next().await {
            latencies.extend(finished??);
        }
        Ok(latencies)
    })
}

#[derive(Clone)]
struct Sender {
    batch: Arc<Batch>,
    /// Shared by all connections, so that a fast one takes more of the batch than a slow one.
    next: Arc<AtomicUsize>,
    server: SocketAddr,
    deadline: Instant,
}

impl Sender {
    async fn send(self) -> Result<Vec<Duration>> {
        let mut stream = TcpStream::connect(self.server).await?;
        stream.set_nodelay(true)?;
        let mut answer = Vec::with_capacity(READ_BUFFER_BYTES);
        let mut latencies = Vec::new();
        let mut sent = Instant::now();
        while sent < self.deadline
            && let Some(request) = self.batch.get(self.next.fetch_add(1, Ordering::Relaxed))
        {
            stream.write_all(request).await?;
            read_accepted(&mut stream, &mut answer).await?;
            let answered = Instant::now();
            latencies.push(answered - sent);
            sent = answered;
        }
        Ok(latencies)
    }
}

/// Reads one answer; any status but 202 is an error.
async fn read_accepted(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    answer.clear();
    let length = loop {
        if stream.read_buf(answer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        if let Some(length) = answer_length(answer)? {
            break length;
        }
    };
    while answer.len() < length {
        if stream.read_buf(answer).await? == 0 {
            return Err("the server closed the connection within an answer".into());
        }
    }
    if !answer.starts_with(b"HTTP/1.1 202 ") || answer.len() != length {
        return Err(format!("not one 202: {}", String::from_utf8_lossy(answer)).into());
    }
    Ok(())
}

/// Of the head and the body together; `None` until the head is complete.
fn answer_length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let lines = answer[..head].split(|byte| *byte == b'\n');
    let body = lines.filter_map(content_length).next().ok_or("an answer without Content-Length")?;
    Ok(Some(head + 4 + body))
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    if !name.eq_ignore_ascii_case(NAME) {
        return None;
    }
    str::from_utf8(value).ok()?.trim().parse().ok()
}
