//! Stands in a `Debug` output for what must not be shown.

use std::fmt;

/// Says that there is a text without saying which.
pub(super) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}
