//! Times as they are written on a command line.

use jiff::Timestamp;

use super::Failure;

/// What a time has to be, in words for whoever typed it.
const A_TIME: &str =
    "write a date and time with its offset: 2026-11-01T00:00:00+08:00, or 2026-10-31T16:00:00Z";

/// A time.
pub(super) fn timestamp(text: &str) -> Result<Timestamp, &'static str> {
    text.trim().parse().map_err(|_| A_TIME)
}

/// Refuses a range that nothing can be in: from `since` on, and before `until`.
pub(super) fn in_order(since: Option<Timestamp>, until: Option<Timestamp>) -> Result<(), Failure> {
    match since.zip(until) {
        Some((since, until)) if since >= until => {
            Err(Failure::Usage(format!("--since ({since}) must be before --until ({until})")))
        }
        _ => Ok(()),
    }
}
