//! Notes of the HTTP calls made through one handle, for the record of a delivery.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Serialize, Serializer};

/// The calls made so far through the handle that it was made with; clones see the same calls.
#[derive(Clone, Debug, Default)]
pub struct Recording(Arc<Mutex<Vec<Call>>>);

/// One HTTP call, token requests and repeated requests included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// The path without query.
    pub path: String,
    /// The HTTP status, if an answer began.
    pub status: Option<u16>,
    /// From sending to the last byte of the answer; `duration_ms` in JSON.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// `ok`, or the [`code`](super::Error::code) of the error it ended in.
    pub code: &'static str,
}

impl Recording {
    /// The calls in the order in which they ended.
    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, call: Call) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    }
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(duration.as_millis())
}
