//! What is known of the views of one connection: immutable, replaced as a whole.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Unavailable, view::View};

/// Of a desk that no reading of this process stands behind.
pub(super) const RESTARTED: &str = "restarted";

/// All views of a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Desk {
    pub(super) views: BTreeMap<Key, Arc<Standing>>,
    /// Enabled views that nobody has read yet, and why not, if a try failed.
    pub(super) unread: BTreeMap<Key, Option<Reason>>,
    /// The highest number of a version, be it of a view that is gone: everything up to it is known.
    pub(super) version: i64,
    /// When that version was written.
    pub(super) written_at: Option<Timestamp>,
    /// When the vendor's list of views was last read, and everything on it at least once; `None` before the first time.
    pub(super) read_at: Option<Timestamp>,
    /// When the last try to read the list began.
    pub(super) tried_at: Option<Timestamp>,
    /// Why nothing can be read at all at the moment.
    pub(super) stale: Option<Stale>,
}

/// A view and how fresh it is.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) view: Arc<View>,
    /// When it was last read successfully.
    pub(super) read_at: Timestamp,
    /// When the last try to read it began.
    pub(super) tried_at: Timestamp,
    /// Why it alone could not be read.
    pub(super) stale: Option<Stale>,
}

/// Says that what is served is older than it should be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Stale {
    /// When it was last read successfully.
    pub(super) since: Option<Timestamp>,
    /// Code of the error that the last reading ended in.
    pub(super) reason: Reason,
}

/// The code of an error.
pub(super) type Reason = Cow<'static, str>;

/// A view's id. Ids are numbers in text: shorter ones first puts them in the order of the numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(usize, String);

impl Key {
    pub(super) fn new(id: &str) -> Self {
        Self(id.len(), id.to_owned())
    }

    pub(super) fn id(&self) -> &str {
        &self.1
    }
}

impl Desk {
    /// The desk of views as the store has them, until somebody has read the vendor.
    pub(super) fn restored(
        views: Vec<View>,
        version: i64,
        written_at: Option<Timestamp>,
        read_at: Option<Timestamp>,
    ) -> Self {
        let at = |view: &View| read_at.unwrap_or(view.changed_at).max(view.changed_at);
        let standing = |view: View| {
            let at = at(&view);
            let stale = Some(Stale { since: Some(at), reason: RESTARTED.into() });
            Standing { view: Arc::new(view), read_at: at, tried_at: at, stale }
        };
        let views: BTreeMap<Key, Arc<Standing>> =
            views.into_iter().map(|view| (Key::new(&view.id), Arc::new(standing(view)))).collect();
        let read_at = read_at.or(written_at).filter(|_| !views.is_empty());
        let stale = read_at.map(|since| Stale { since: Some(since), reason: RESTARTED.into() });
        Self { views, unread: BTreeMap::new(), version, written_at, read_at, tried_at: read_at, stale }
    }

    /// When any view last changed.
    pub(super) fn changed_at(&self) -> Timestamp {
        let written = self.written_at.into_iter();
        let changed = self.views.values().map(|standing| standing.view.changed_at);
        written.chain(changed).max().unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// A view, be it switched off.
    pub(super) fn view(&self, id: &str) -> Result<&Arc<Standing>, Unavailable> {
        self.views.get(&Key::new(id)).ok_or_else(|| self.unknown(id))
    }

    /// A view whose tickets are read.
    pub(super) fn enabled(&self, id: &str) -> Result<&Arc<Standing>, Unavailable> {
        self.view(id).and_then(|standing| {
            Some(standing).filter(|standing| standing.view.card.enabled).ok_or_else(|| self.unknown(id))
        })
    }

    /// The ids of the views whose tickets are read.
    pub(super) fn enabled_ids(&self) -> Vec<String> {
        let enabled = self.views.values().filter(|standing| standing.view.card.enabled);
        enabled.map(|standing| standing.view.id.clone()).collect()
    }

    /// Why a view is served older than it should be, if it is: by a failure of its own, or of everything.
    /// That nobody has read it yet says less than why nobody can.
    pub(super) fn stale_of<'a>(&'a self, standing: &'a Standing) -> Option<&'a Stale> {
        let own = standing.stale.as_ref();
        own.filter(|own| own.reason != RESTARTED).or(self.stale.as_ref()).or(own)
    }

    /// Why some of the desk is older than it should be, if any is: nothing can be read, or else the view that has gone
    /// without a reading the longest.
    pub(super) fn stale_at_all(&self) -> Option<&Stale> {
        let own = self.views.values().filter_map(|standing| standing.stale.as_ref());
        self.stale.as_ref().or_else(|| own.min_by_key(|stale| stale.since))
    }

    /// There is no such view, or it waits for its first reading.
    fn unknown(&self, id: &str) -> Unavailable {
        match self.unread.get(&Key::new(id)) {
            Some(reason) => Unavailable::Pending { reason: reason.clone(), retry_after_s: 1 },
            None => Unavailable::UnknownView { view: id.to_owned(), known: self.enabled_ids() },
        }
    }
}
