//! What is known of one caller's connection, whichever version of HTTP it speaks: whether anything is being answered on
//! it, how much at once, and how long of an answer nothing was taken. It knows no clock: whoever looks at it from time to
//! time is told how many looks ago something was.

use std::{
    collections::HashMap,
    net::{Shutdown, TcpStream},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    http::Version,
    web::Bytes,
};

/// Requests of one connection that are answered at once. Only HTTP/2 has several: the streams of a browser's tabs are
/// far fewer, and a sender who has more opens another connection. The server announces no limit of its own, and who
/// never makes room for the answers keeps each of them in memory.
const MAX_AT_ONCE: usize = 128;
/// Bytes of an answer that an HTTP/2 reader has to make room for before it is given more, and before it is thought to read
/// at all: as many as the server library sends in one frame.
const PIECE: usize = 16 * 1024;

/// One connection.
pub struct Socket {
    stream: TcpStream,
    answering: AtomicUsize,
    requests: AtomicU64,
    looks: AtomicU64,
    /// At which look each answer that waits for room gave its last piece, by the answer's number.
    waiting: Mutex<HashMap<u64, u64>>,
}

impl Socket {
    /// A connection by another handle of its own.
    pub fn new(stream: TcpStream) -> Self {
        let (answering, requests, looks) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Self { stream, answering, requests, looks, waiting: Mutex::default() }
    }

    /// One more look. How many there were since the other end last made room for the answer that has waited longest; none if
    /// no answer waits. Of HTTP/2 only: with HTTP/1.1, the system itself notices (`TCP_USER_TIMEOUT`).
    pub fn look(&self) -> Option<u64> {
        let now = self.looks.fetch_add(1, Ordering::Relaxed) + 1;
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.values().min().map(|given| now - given)
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// True while something is answered, up to the last byte of the answer.
    pub fn is_busy(&self) -> bool {
        self.answering.load(Ordering::Relaxed) > 0
    }

    /// Ends the connection. Whoever reads or writes on it meets its end.
    pub fn cut(&self) {
        // An error says that it has ended already.
        self.stream.shutdown(Shutdown::Both).ok();
    }

    /// One more request; none if there are too many at once.
    pub(super) fn begin(self: &Arc<Self>) -> Option<Answering> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let before = self.answering.fetch_add(1, Ordering::Relaxed);
        // Dropped, it takes itself off again.
        Some(Answering { socket: self.clone(), number }).filter(|_| before < MAX_AT_ONCE)
    }

    /// Notes that an answer gave a piece, and now waits for room.
    fn gave(&self, answer: u64) {
        let now = self.looks.load(Ordering::Relaxed);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(answer, now);
    }

    /// Notes that there was room for it.
    fn taken(&self, answer: u64) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&answer);
    }
}

/// A request that is being answered.
pub(super) struct Answering {
    socket: Arc<Socket>,
    /// Of all that the connection had.
    number: u64,
}

impl Answering {
    /// The body of its answer, up to whose end it lasts.
    pub(super) fn until_sent(self, version: Version, body: BoxBody) -> BoxBody {
        if matches!(body.size(), BodySize::None | BodySize::Sized(0)) {
            return body;
        }
        let sending = Sending { body, answering: self };
        match version {
            Version::HTTP_2 => BoxBody::new(Pieces { sending, rest: Bytes::new() }),
            _ => BoxBody::new(sending),
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.socket.requests.fetch_add(1, Ordering::Relaxed);
        self.socket.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Sending {
    body: BoxBody,
    /// Dropped with it.
    answering: Answering,
}

impl MessageBody for Sending {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// A body in pieces, of which the next is asked for when there was room for the one before.
struct Pieces {
    sending: Sending,
    rest: Bytes,
}

impl MessageBody for Pieces {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.sending.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.taken();
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.sending).poll_next(context)) {
                Some(Ok(next)) => self.rest = next,
                end => return Poll::Ready(end),
            }
        }
        let length = self.rest.len().min(PIECE);
        let Answering { socket, number } = &self.sending.answering;
        socket.gave(*number);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

impl Pieces {
    fn taken(&self) {
        self.sending.answering.socket.taken(self.sending.answering.number);
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.taken();
    }
}
