//! Bodies as they come in: in time, and no more of them at once than there is memory for. Whatever reads a body reads
//! it through this; how large one may be is said where it is put together.

use std::{
    io::{Error, ErrorKind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{dev::Payload, error::PayloadError, web::Bytes};
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

use super::{
    problem::Problem,
    room::{Held, Room},
};

/// Bytes by which a body has to come on in each step of time, by how many quarters of the room are taken. As long as there
/// is room: less than any line brings over which tickets are sent. The less there is, the less who dawdles may keep.
const STEP_BYTES: [usize; 5] = [1024, 1024, 16 * 1024, 64 * 1024, 64 * 1024];
/// Wait that is asked of a sender whose body found no room, in seconds.
const RETRY_S: u64 = 1;

/// How bodies are read.
pub struct Bodies {
    room: Room,
    whole: Duration,
    step: Duration,
}

impl Bodies {
    /// Bodies of up to `max_bytes`, which may take `whole` and have to come on in each `step`.
    pub fn new(max_bytes: usize, whole: Duration, step: Duration) -> Self {
        Self { room: Room::new(max_bytes), whole, step }
    }

    /// Where bodies find room.
    pub(super) fn room(&self) -> &Room {
        &self.room
    }

    /// The same body, which ends with an error if it comes too slowly or finds no room; and the room it takes, to be
    /// kept until it is no longer needed.
    pub(super) fn bounded(&self, payload: Payload, held: Held) -> (Payload, Arc<Held>) {
        let held = Arc::new(held);
        let body = Body {
            payload,
            held: held.clone(),
            whole: Box::pin(sleep(self.whole)),
            step: Box::pin(sleep(self.step)),
            step_time: self.step,
            step_bytes: 0,
        };
        (Payload::Stream { payload: Box::pin(body) }, held)
    }
}

/// What is wrong with a body, of an error while it was read.
pub(super) fn problem(error: &PayloadError) -> Problem {
    match error {
        PayloadError::Overflow => {
            Problem::new("payload_too_large", "the body is larger than DESKBRIDGE_MAX_BODY_BYTES allows")
        }
        PayloadError::Io(error) if error.kind() == ErrorKind::TimedOut => {
            Problem::new("request_timeout", "the body came too slowly; nothing was stored")
        }
        PayloadError::Io(error) if error.kind() == ErrorKind::OutOfMemory => {
            let detail = "too many bodies are being read at once; nothing was stored, try again later";
            Problem::new("overloaded", detail).retry_after(RETRY_S)
        }
        _ => Problem::new("invalid_body", "the body broke off, or its length or encoding is wrong"),
    }
}

struct Body {
    payload: Payload,
    held: Arc<Held>,
    whole: Pin<Box<Sleep>>,
    step: Pin<Box<Sleep>>,
    step_time: Duration,
    /// What has come since the step began.
    step_bytes: usize,
}

impl Body {
    /// True once it is too slow.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        while self.step.as_mut().poll(context).is_ready() {
            if self.step_bytes < STEP_BYTES[self.held.quarters()] {
                return true;
            }
            self.step_bytes = 0;
            let next = self.step.deadline() + self.step_time;
            self.step.as_mut().reset(next);
        }
        self.whole.as_mut().poll(context).is_ready()
    }

    fn count(&mut self, chunk: Bytes) -> Result<Bytes, PayloadError> {
        self.step_bytes = self.step_bytes.saturating_add(chunk.len());
        if self.held.grow(chunk.len()) { Ok(chunk) } else { Err(ended(ErrorKind::OutOfMemory)) }
    }
}

impl Stream for Body {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let come = Pin::new(&mut self.payload).poll_next(context);
        if come.is_pending() && self.is_late(context) {
            return Poll::Ready(Some(Err(ended(ErrorKind::TimedOut))));
        }
        let chunk = ready!(come);
        Poll::Ready(chunk.map(|chunk| chunk.and_then(|chunk| self.count(chunk))))
    }
}

fn ended(kind: ErrorKind) -> PayloadError {
    PayloadError::Io(Error::from(kind))
}
