//! A warning that something can't be sent, now and then: a collector that is down for a night is one line an hour, not
//! one a second.

use std::{
    fmt::Display,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Between two warnings of one signal.
const AGAIN: Duration = Duration::from_secs(3600);

/// Whoever sends one signal keeps one.
#[derive(Debug)]
pub(super) struct Complaint {
    signal: &'static str,
    /// When the last warning was.
    last: Mutex<Option<Instant>>,
}

impl Complaint {
    pub(super) fn new(signal: &'static str) -> Self {
        Self { signal, last: Mutex::default() }
    }

    /// Passes on how an export ended, and says what is wrong with it if that was not said lately.
    pub(super) fn about<E: Display>(&self, ended: Result<(), E>) -> Result<(), E> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &ended {
            Err(error) if last.is_none_or(|at| at.elapsed() >= AGAIN) => {
                *last = Some(Instant::now());
                let signal = self.signal;
                tracing::warn!(signal, %error, "telemetry can't be sent and is dropped; the service goes on without");
            }
            _ => {}
        }
        ended
    }
}
