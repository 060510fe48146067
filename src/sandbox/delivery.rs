//! How the bytes of an answer reach the caller: at once, in pieces, not all of them, or more than anybody wants.

use std::io;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::HttpResponseBuilder;
use actix_web::body::{BodySize, MessageBody, SizedStream};
use actix_web::web::Bytes;
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use std::{pin::Pin, task};

/// What is held of a body that repeats itself.
const PIECE_BYTES: u64 = 16 * 1024;

/// Where a body ends too early.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cut {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Of the whole, from 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<f64>,
    /// Whether the answer claims to be whole; otherwise the connection breaks.
    #[serde(default)]
    complete: bool,
}

/// So many bytes at a time, and a pause after each.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pace {
    pub(crate) bytes: u64,
    pub(crate) interval_ms: u64,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Whole(Bytes),
    /// A JSON object of so many bytes (and a little more) that nobody holds.
    Repeated(u64),
}

/// What happens to it on the way.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Delivery {
    pub(crate) cut: Option<Cut>,
    pub(crate) pace: Option<Pace>,
}

impl Cut {
    pub(crate) fn check(&self) -> Result<(), String> {
        match (self.bytes, self.share) {
            (Some(_), None) => Ok(()),
            (None, Some(share)) if (0.0..=1.0).contains(&share) => Ok(()),
            _ => Err("fault.cut: needs either bytes or a share from 0 to 1".to_owned()),
        }
    }

    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a body, to the byte or so"
    )]
    fn end(&self, whole: u64) -> u64 {
        let share = self.share.map(|share| (whole as f64 * share) as u64);
        self.bytes.or(share).unwrap_or(whole).min(whole)
    }
}

impl Delivery {
    pub(crate) fn send(self, response: &mut HttpResponseBuilder, content: Content) -> HttpResponse {
        match (content, self.cut, self.pace) {
            (Content::Whole(bytes), None, None) => response.body(bytes),
            (content, cut, pace) => {
                let whole = content.len();
                let end = cut.map_or(whole, |cut| cut.end(whole));
                let breaks = cut.is_some_and(|cut| !cut.complete);
                let promised = if breaks { whole } else { end };
                let pieces = Pieces { content, at: 0, end, pace, breaks };
                response.body(SizedStream::new(promised, pieces.stream()))
            }
        }
    }
}

impl Content {
    const HEAD: &'static [u8] = b"{\"data\":\"";
    const TAIL: &'static [u8] = b"\"}";

    fn len(&self) -> u64 {
        match self {
            Self::Whole(bytes) => bytes.len() as u64,
            Self::Repeated(bytes) => bytes + (Self::HEAD.len() + Self::TAIL.len()) as u64,
        }
    }

    /// The bytes of a part.
    fn part(&self, from: u64, to: u64) -> Bytes {
        let whole = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        match self {
            Self::Whole(bytes) => bytes.slice(whole(from)..whole(to)),
            Self::Repeated(_) => (from..to).map(|at| self.repeated_at(at)).collect(),
        }
    }

    fn repeated_at(&self, at: u64) -> u8 {
        let in_head = usize::try_from(at).ok().and_then(|at| Self::HEAD.get(at));
        let tail_begins = self.len() - Self::TAIL.len() as u64;
        let in_tail = at.checked_sub(tail_begins).and_then(|at| Self::TAIL.get(usize::try_from(at).ok()?));
        in_head.or(in_tail).copied().unwrap_or(b'x')
    }
}

/// What is left to send.
struct Pieces {
    content: Content,
    at: u64,
    end: u64,
    pace: Option<Pace>,
    breaks: bool,
}

impl Pieces {
    fn stream(self) -> Pin<Box<dyn Stream<Item = io::Result<Bytes>>>> {
        Box::pin(stream::unfold(self, Self::next))
    }

    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if self.at >= self.end {
            return self.ended().await;
        }
        if let Some(pace) = self.pace.filter(|_| self.at > 0) {
            tokio::time::sleep(Duration::from_millis(pace.interval_ms)).await;
        }
        let to = self.end.min(self.at + self.pace.map_or(PIECE_BYTES, |pace| pace.bytes));
        let piece = self.content.part(self.at, to);
        self.at = to;
        Some((Ok(piece), self))
    }

    async fn ended(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if !self.breaks {
            return None;
        }
        self.breaks = false;
        // The server writes what it has while a body has nothing to give, and drops it when a body fails.
        tokio::task::yield_now().await;
        Some((Err(broken()), self))
    }
}

/// A body that fails at its first byte. The server gives the connection up before it has written anything, so
/// the caller sees it close without even a status line.
pub(crate) struct BrokenBody;

impl MessageBody for BrokenBody {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(1)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> task::Poll<Option<Result<Bytes, Self::Error>>> {
        task::Poll::Ready(Some(Err(broken())))
    }
}

fn broken() -> io::Error {
    io::Error::other("connection reset by a planned fault")
}
