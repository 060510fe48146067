//! The vendor's list of the fields of tickets, read again now and then: its words stand in every custom field.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::normalize::FieldBook;
use crate::bangwo8::{Client, Error, Retry};

/// Fields are changed by hand, a few times a day.
const EVERY: Duration = Duration::from_secs(600);
/// Time between two readings because of a ticket that has a field which the list didn't: a vendor may list some never.
const LEAST: Duration = Duration::from_secs(60);
/// How often the first reading may fail before tickets are read without names, where there are none with names yet: names that
/// come later change every ticket.
const TRIES: u32 = 3;

/// The list of fields as it was last read.
#[derive(Default)]
pub(super) struct Fields {
    book: Arc<FieldBook>,
    read_at: Option<Instant>,
    /// A ticket had a field that the list hasn't.
    behind: bool,
    failures: u32,
    /// There are tickets from before, with the names of then: better those, marked, than all of them anew without names.
    named_before: bool,
}

impl Fields {
    /// Nothing is known yet. `named_before` says that there are tickets that were read by a list.
    pub(super) fn new(named_before: bool) -> Self {
        Self { named_before, ..Self::default() }
    }

    pub(super) fn book(&self) -> Arc<FieldBook> {
        self.book.clone()
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        let wait = if self.behind || self.failures > 0 { LEAST } else { EVERY };
        self.read_at.is_none_or(|at| now >= at + wait)
    }

    /// A ticket has this field.
    pub(super) fn met(&mut self, key: &str) {
        self.behind |= !self.book.knows(key);
    }

    /// Reads the list. Where it may not be read, and where it could not be a few times, what is known of it stays.
    ///
    /// Error: the vendor's, of a first reading that should be tried again.
    pub(super) async fn read(&mut self, client: &Client, now: Instant) -> Result<(), Error> {
        match client.ticket_fields().await {
            Ok(fields) => {
                let book = Arc::new(FieldBook::new(&fields));
                *self = Self { book, read_at: Some(now), behind: false, failures: 0, named_before: true };
                Ok(())
            }
            Err(error) => self.failed(error, now),
        }
    }

    fn failed(&mut self, error: Error, now: Instant) -> Result<(), Error> {
        let never = error.retry() == Retry::Never;
        self.failures = self.failures.saturating_add(1);
        if self.read_at.is_none() && !never && (self.named_before || self.failures < TRIES) {
            return Err(error);
        }
        if self.failures == 1 || self.read_at.is_none() {
            tracing::warn!(%error, "the list of ticket fields can't be read: custom fields go without names of their own");
        }
        self.read_at = Some(now);
        Ok(())
    }
}
