//! The calls of an attempt, to both vendors, for its record.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use serde::Serialize;

use crate::{
    bangwo8::{self, Recording},
    udesk,
};

/// Notes of the calls so far. Those to the target are noted by its client.
#[derive(Default)]
pub(super) struct Calls {
    to_target: Recording,
    to_source: Mutex<Vec<Noted>>,
}

/// A call to the source, after so many to the target.
#[derive(Clone)]
struct Noted {
    after: usize,
    call: SourceCall,
}

/// A call to the source, in the words of the target's recorded calls.
#[derive(Debug, Clone, Serialize)]
struct SourceCall {
    method: &'static str,
    path: String,
    status: Option<u16>,
    duration_ms: u128,
    code: &'static str,
}

impl Calls {
    /// Notes beside those of the target's client.
    pub(super) fn beside(to_target: Recording) -> Self {
        Self { to_target, to_source: Mutex::default() }
    }

    /// Reads something at the source and notes the call.
    pub(super) async fn read<T>(
        &self,
        path: String,
        call: impl Future<Output = Result<T, udesk::Error>>,
    ) -> Result<T, udesk::Error> {
        let started = Instant::now();
        let read = call.await;
        let call = SourceCall {
            method: "GET",
            path,
            status: read.as_ref().ok().map(|_| 200),
            duration_ms: started.elapsed().as_millis(),
            code: read.as_ref().err().map_or("ok", udesk::Error::code),
        };
        let after = self.to_target.calls().len();
        self.to_source.lock().unwrap_or_else(PoisonError::into_inner).push(Noted { after, call });
        read
    }

    /// True if the last call to the target was answered.
    pub(super) fn target_answered(&self) -> bool {
        self.to_target.calls().last().is_some_and(|call| call.status.is_some())
    }

    /// All of them in the order in which they ended, as the store keeps them.
    pub(super) fn to_json(&self) -> String {
        #[derive(Serialize)]
        #[serde(untagged)]
        enum Call {
            Source(SourceCall),
            Target(bangwo8::Call),
        }
        let to_source = self.to_source.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut all: Vec<Call> = self.to_target.calls().into_iter().map(Call::Target).collect();
        for (before, Noted { after, call }) in to_source.into_iter().enumerate() {
            all.insert((before + after).min(all.len()), Call::Source(call));
        }
        serde_json::to_string(&all).unwrap_or_else(|_| "[]".to_owned())
    }
}
