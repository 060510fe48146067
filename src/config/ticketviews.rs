//! How ticket views are read, and who hears of them.

use std::{collections::BTreeSet, fmt};

use serde::Deserialize;
use url::Url;

use super::{interval, keys::SecretKey, origin::Origin, tries::Retry};
use crate::diagnostic::Place;

/// How ticket views are read, and who is told what changes. In the file a subscriber is its entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TicketViews<S = Subscriber> {
    /// Seconds between two readings, a day at most; 0 turns them off.
    #[serde(deserialize_with = "refresh_s")]
    pub refresh_s: u64,
    /// Days for which a state of a view is kept once another has followed it; 0 keeps the newest only.
    pub history_days: u64,
    /// Whose pages may read them in a browser.
    pub cors_origins: Vec<Origin>,
    /// Who is sent what changes.
    pub subscribers: Vec<S>,
}

impl<S> Default for TicketViews<S> {
    /// A week: long enough to compare a day with the same day before, and to come back from a holiday with a cursor.
    fn default() -> Self {
        Self { refresh_s: 60, history_days: 7, cors_origins: Vec::new(), subscribers: Vec::new() }
    }
}

impl<S> TicketViews<S> {
    /// The same with other subscribers.
    pub(super) fn with<T>(&self, subscribers: Vec<T>) -> TicketViews<T> {
        let Self { refresh_s, history_days, cors_origins, subscribers: _ } = self;
        let (refresh_s, history_days) = (*refresh_s, *history_days);
        TicketViews { refresh_s, history_days, cors_origins: cors_origins.clone(), subscribers }
    }
}

fn refresh_s<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    interval::seconds(deserializer, "refresh_s", "to read no ticket views")
}

/// Somebody who is sent what changes in ticket views: in the journal a connection of its own, `acme.wallboard`.
/// `Debug` shows its name only.
#[derive(Clone)]
pub struct Subscriber {
    /// Its name within the connection.
    pub name: String,
    /// Where its address stands in the file.
    pub place: Place,
    /// Where messages are posted. Its path and query may hold a token.
    pub url: Url,
    /// Each signs, the newest first.
    pub keys: Vec<SecretKey>,
    /// Ids of the views that it hears of; `None` for all.
    pub views: Option<BTreeSet<String>>,
    /// How long a message is tried, if not as long as the connection's events are.
    pub retry: Option<Retry>,
}

impl fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscriber({})", self.name)
    }
}

impl Subscriber {
    /// The name under which its messages stand in the journal: no connection's name has a full stop.
    pub fn journal(&self, connection: &str) -> String {
        format!("{connection}.{}", self.name)
    }
}
