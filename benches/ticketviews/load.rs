//! The load generator: a number of keep-alive connections, each with one request in flight.
//!
//! It shares the cores with the server it measures, so it does as little as it can: a request is one write of bytes
//! that exist already, and of an answer only the status and the length are read.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::Result;

/// An answer of a view fits in one piece.
const READ_BUFFER_BYTES: usize = 64 * 1024;

/// What is sent again and again.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) server: SocketAddr,
    pub(crate) bytes: Arc<[u8]>,
}

/// What came back: every answer had the status that was expected, or there is no `Round`.
pub(crate) struct Round {
    elapsed: Duration,
    /// Sorted.
    latencies: Vec<Duration>,
}

impl Round {
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that the given share of the requests stayed within, 0.99 for the 99th percentile.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        self.latencies.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }
}

/// Sends for so many seconds, from one thread of its own.
pub(crate) fn run(request: &Request, connections: usize, seconds: u64, status: u16) -> Result<Round> {
    let start = Instant::now();
    let deadline = start + Duration::from_secs(seconds);
    let request = request.clone();
    let sender = std::thread::spawn(move || send_all(&request, connections, deadline, status));
    let mut latencies = sender.join().map_err(|_| "the load generator panicked")??;
    let elapsed = start.elapsed();
    latencies.sort_unstable();
    Ok(Round { elapsed, latencies })
}

fn send_all(request: &Request, connections: usize, deadline: Instant, status: u16) -> Result<Vec<Duration>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let mut running = JoinSet::new();
        for _ in 0..connections {
            running.spawn(send(request.clone(), deadline, status));
        }
        let mut latencies = Vec::new();
        while let Some(finished) = running.join_next().await {
            latencies.extend(finished??);
        }
        Ok(latencies)
    })
}

async fn send(request: Request, deadline: Instant, status: u16) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(request.server).await?;
    stream.set_nodelay(true)?;
    let mut answer = Vec::with_capacity(READ_BUFFER_BYTES);
    let mut latencies = Vec::new();
    let mut sent = Instant::now();
    let expected = format!("HTTP/1.1 {status} ");
    while sent < deadline {
        stream.write_all(&request.bytes).await?;
        read_answer(&mut stream, &mut answer, expected.as_bytes()).await?;
        let answered = Instant::now();
        latencies.push(answered - sent);
        sent = answered;
    }
    Ok(latencies)
}

async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>, expected: &[u8]) -> Result<()> {
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
    if !answer.starts_with(expected) || answer.len() != length {
        let head = answer.get(..300.min(answer.len())).unwrap_or_default();
        return Err(format!("not what was expected: {}", String::from_utf8_lossy(head)).into());
    }
    Ok(())
}

/// Of the head and the body together; `None` until the head is complete. A 304 has no body.
fn answer_length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    if answer.starts_with(b"HTTP/1.1 304") {
        return Ok(Some(head + 4));
    }
    let mut lines = answer[..head].split(|byte| *byte == b'\n');
    let body = lines.find_map(content_length).ok_or("an answer without Content-Length")?;
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
