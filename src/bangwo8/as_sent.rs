//! What was read, beside the JSON it was read from.

use std::fmt;

use serde_json::Value;

/// An element of an answer, for a reader that passes on what the vendor sent.
///
/// `Debug` shows only what `Debug` of the element does.
#[derive(Clone, PartialEq)]
pub struct AsSent<T> {
    /// The element as it was understood.
    pub it: T,
    /// The element as the vendor sent it: its keys in its order, whatever this client knows of them.
    pub sent: Value,
}

impl<T> AsSent<T> {
    /// Makes a reader of elements keep what it reads.
    pub(super) fn keeping(read: impl Fn(&Value) -> Option<T>) -> impl Fn(&Value) -> Option<AsSent<T>> {
        move |sent| Some(AsSent { it: read(sent)?, sent: sent.clone() })
    }
}

impl<T: fmt::Debug> fmt::Debug for AsSent<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AsSent").field("it", &self.it).finish_non_exhaustive()
    }
}
