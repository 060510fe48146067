//! Who doesn't want to wait until a view is due: an operator, or a delivery that has touched a ticket.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::sync::Notify;

use super::{
    TicketViews, Unavailable,
    desk::{Desk, Key},
    entry::Id,
};

/// Tickets that may wait to have their views hastened. More are not looked for: the list of views is read at once then,
/// and shows most of what they changed.
const MOST_TICKETS: usize = 10_000;

/// What became of the wish to have a view read at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshed {
    /// It is going to be read: whoever asked did not wait for it to the end.
    Asked,
    /// It was read.
    Read {
        /// Whether it was in another state than before.
        changed: bool,
    },
    /// It could not be read.
    Failed {
        /// The code of the error.
        reason: Cow<'static, str>,
    },
}

/// What is wanted at once, until whoever reads takes it.
#[derive(Default)]
pub(super) struct Asks {
    wanted: Mutex<Wanted>,
    rung: Notify,
}

/// What is wanted at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// These views.
    pub(super) views: BTreeSet<String>,
    /// The views that hold these tickets, or come to.
    pub(super) tickets: HashSet<Id>,
}

impl Asks {
    pub(super) fn view(&self, id: &str) {
        self.wanted().views.insert(id.to_owned());
        self.rung.notify_one();
    }

    pub(super) fn ticket(&self, id: &str) {
        let mut wanted = self.wanted();
        if wanted.tickets.len() < MOST_TICKETS {
            wanted.tickets.insert(Id::new(id));
        }
        drop(wanted);
        self.rung.notify_one();
    }

    pub(super) fn take(&self) -> Wanted {
        mem::take(&mut *self.wanted())
    }

    /// Returns when something was asked for since it last did.
    pub(super) async fn rung(&self) {
        self.rung.notified().await;
    }

    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TicketViews {
    /// Has a view read at once, by whichever process reads the connection's views, and waits so long for what comes of
    /// it. Wishes for one view that come while it is read are one.
    ///
    /// Errors: `Off`; `UnknownView`, also for one that turns out to be gone.
    pub async fn refresh(
        &self,
        connection: &str,
        view: &str,
        wait: Duration,
    ) -> Result<Refreshed, Unavailable> {
        let board = &self.reading(connection)?.board;
        let (desk, asked) = (board.desk(), Timestamp::now());
        let before = match desk.enabled(view) {
            Ok(standing) => standing.view.version,
            Err(Unavailable::Pending { .. }) => 0,
            Err(error) => return Err(error),
        };
        board.asks.view(view);
        let ended = board.wait_for(|desk| ended(desk, view, before, asked));
        tokio::time::timeout(wait, ended).await.unwrap_or(Ok(Refreshed::Asked))
    }

    /// Has the views read soon that hold a ticket, or come to, since it was changed at Bangwo8 just now. A connection
    /// whose views are not read doesn't care.
    pub fn hasten(&self, connection: &str, ticket: &str) {
        if let Ok(reading) = self.reading(connection) {
            reading.board.asks.ticket(ticket);
        }
    }
}

/// What became of a view since it was asked for; nothing as long as nobody has tried.
fn ended(desk: &Desk, view: &str, before: i64, asked: Timestamp) -> Option<Result<Refreshed, Unavailable>> {
    if let Some(stale) = desk.stale.as_ref().filter(|_| desk.tried_at >= Some(asked)) {
        return Some(Ok(Refreshed::Failed { reason: stale.reason.clone() }));
    }
    let standing = match desk.enabled(view) {
        Ok(standing) => standing,
        Err(Unavailable::Pending { .. }) => return failed_before_its_first(desk, view),
        Err(error) => return Some(Err(error)),
    };
    let tried = standing.tried_at >= asked;
    tried.then(|| match &standing.stale {
        Some(stale) => Ok(Refreshed::Failed { reason: stale.reason.clone() }),
        None => Ok(Refreshed::Read { changed: standing.view.version != before }),
    })
}

fn failed_before_its_first(desk: &Desk, view: &str) -> Option<Result<Refreshed, Unavailable>> {
    let reason = desk.unread.get(&Key::new(view))?.clone()?;
    Some(Ok(Refreshed::Failed { reason }))
}
