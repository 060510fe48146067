//! The load generator: a number of keep-alive connections, each with one request in flight.
//!
//! It shares the cores with the server it measures, so it does as little as it can: a request is one write of bytes
//! that exist already, and of an answer only the status, the length and what a 503 has to have are read.

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

/// Who sends, and for how long.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) threads: usize,
    pub(crate) duration: Duration,
    /// Whoever is sent back with 503 sends the same again at once, whatever `Retry-After` says. Else any answer but 202
    /// is an error.
    pub(crate) stubborn: bool,
}

/// What came back.
pub(crate) struct Round {
    elapsed: Duration,
    /// Of what was answered with 202; sorted.
    latencies: Vec<Duration>,
    /// Requests that were answered with 503.
    sent_back: usize,
    /// Requests whose connection ended before an answer could be read.
    cut_off: usize,
}

impl Round {
    pub(crate) fn requests(&self) -> usize {
        self.latencies.len()
    }

    pub(crate) fn sent_back(&self) -> usize {
        self.sent_back
    }

    pub(crate) fn cut_off(&self) -> usize {
        self.cut_off
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
pub(crate) fn run(batch: &Arc<Batch>, server: SocketAddr, load: Load) -> Result<Round> {
    let next = Arc::new(AtomicUsize::new(0));
    let start = Instant::now();
    let shares = (0..load.threads).map(|thread| {
        load.connections / load.threads + usize::from(thread < load.connections % load.threads)
    });
    let workers: Vec<_> = shares
        .map(|connections| {
            let sender = Sender {
                batch: batch.clone(),
                next: next.clone(),
                server,
                deadline: start + load.duration,
                stubborn: load.stubborn,
            };
            thread::spawn(move || send_from_one_thread(sender, connections))
        })
        .collect();
    let mut sent = Sent::default();
    for worker in workers {
        sent.add(worker.join().map_err(|_| "a thread of the load generator panicked")??);
    }
    let elapsed = start.elapsed();
    sent.latencies.sort_unstable();
    Ok(Round { elapsed, latencies: sent.latencies, sent_back: sent.sent_back, cut_off: sent.cut_off })
}

#[derive(Default)]
struct Sent {
    latencies: Vec<Duration>,
    sent_back: usize,
    cut_off: usize,
}

impl Sent {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.sent_back += other.sent_back;
        self.cut_off += other.cut_off;
    }
}

fn send_from_one_thread(sender: Sender, connections: usize) -> Result<Sent> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut running = JoinSet::new();
        for _ in 0..connections {
            running.spawn(sender.clone().send());
        }
        let mut sent = Sent::default();
        while let Some(finished) = running.join_next().await {
            sent.add(finished??);
        }
        Ok(sent)
    })
}

#[derive(Clone)]
struct Sender {
    batch: Arc<Batch>,
    /// Shared by all connections, so that a fast one takes more of the batch than a slow one.
    next: Arc<AtomicUsize>,
    server: SocketAddr,
    deadline: Instant,
    stubborn: bool,
}

/// A request's end.
enum Answer {
    Accepted,
    SentBack,
    CutOff,
}

impl Sender {
    async fn send(self) -> Result<Sent> {
        let mut line = Line::to(self.server).await?;
        let mut sent = Sent::default();
        let mut since = Instant::now();
        let mut request = self.next_request();
        while since < self.deadline
            && let Some(bytes) = request
        {
            let answer = line.ask(bytes, self.batch.padding(), self.stubborn).await?;
            let answered = Instant::now();
            match answer {
                Answer::Accepted => {
                    sent.latencies.push(answered - since);
                    request = self.next_request();
                }
                Answer::SentBack => sent.sent_back += 1,
                Answer::CutOff => sent.cut_off += 1,
            }
            since = answered;
        }
        Ok(sent)
    }

    fn next_request(&self) -> Option<&[u8]> {
        self.batch.get(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// A connection, and another after it when it ends.
struct Line {
    server: SocketAddr,
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Line {
    async fn to(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { server, stream, answer: Vec::with_capacity(READ_BUFFER_BYTES) })
    }

    async fn ask(&mut self, request: &[u8], padding: &[u8], stubborn: bool) -> Result<Answer> {
        match self.exchange(request, padding).await {
            Ok(()) => {}
            Err(_) if stubborn => {
                *self = Self::to(self.server).await?;
                return Ok(Answer::CutOff);
            }
            Err(error) => return Err(error),
        }
        if self.answer.starts_with(b"HTTP/1.1 202 ") {
            return Ok(Answer::Accepted);
        }
        if !stubborn || !self.sends_back() {
            return Err(format!("neither 202 nor 503: {}", String::from_utf8_lossy(&self.answer)).into());
        }
        if has(&self.answer, b"\r\nconnection: close\r\n") {
            *self = Self::to(self.server).await?;
        }
        Ok(Answer::SentBack)
    }

    /// Whether the answer is the 503 that may be expected: with the time after which to come again.
    fn sends_back(&self) -> bool {
        self.answer.starts_with(b"HTTP/1.1 503 ") && has(&self.answer, b"\r\nretry-after: ")
    }

    async fn exchange(&mut self, request: &[u8], padding: &[u8]) -> Result<()> {
        self.answer.clear();
        self.stream.write_all(request).await?;
        if !padding.is_empty() {
            self.stream.write_all(padding).await?;
        }
        let length = loop {
            self.read_some().await?;
            if let Some(length) = answer_length(&self.answer)? {
                break length;
            }
        };
        while self.answer.len() < length {
            self.read_some().await?;
        }
        if self.answer.len() > length {
            return Err("more than one answer to a request".into());
        }
        Ok(())
    }

    async fn read_some(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.answer).await? == 0 {
            return Err("the server closed the connection before its answer was whole".into());
        }
        Ok(())
    }
}

fn has(answer: &[u8], line: &[u8]) -> bool {
    answer.windows(line.len()).any(|window| window.eq_ignore_ascii_case(line))
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
