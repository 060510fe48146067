//! Bodies that are made when they are first asked for and kept while there is room: pages but the first, pages of
//! before, lists, and what is marked. Each is named by the version it is of, so that none is ever out of date.

use quick_cache::{Weighter, sync::Cache};

use super::{bodies::Page, desk::Stale, prepared::Body};

/// Bytes that bodies of one connection take at most: three hundred pages of 100 tickets.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// About how large a body is: how many places there are to begin with.
const TYPICAL_BYTES: u64 = 64 * 1024;
/// What a body takes beside its bytes: its place, its tags, what it is named by.
const BESIDE: u64 = 512;

/// What a body is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// All views when this version was the connection's newest.
    List(i64),
    /// The counts of all enabled ones, likewise.
    Counts(i64),
    /// Tickets of the view's state of this version.
    Tickets(i64, Page),
    /// The same as Bangwo8 would answer, with the address that its neighbours are told by.
    Wire(i64, Page, String),
    /// The body with this tag, with this mark.
    Marked(String, Stale),
}

impl Key {
    /// Bytes that it has on the heap.
    fn len(&self) -> usize {
        match self {
            Self::List(_) | Self::Counts(_) | Self::Tickets(..) => 0,
            Self::Wire(_, _, address) => address.len(),
            Self::Marked(tag, stale) => tag.len() + stale.reason.len(),
        }
    }
}

/// The bodies of one connection.
pub(super) struct PageCache(Cache<Key, Body, Bytes>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Body> for Bytes {
    /// As it is, and about as much again for what will be made of it.
    fn weight(&self, key: &Key, body: &Body) -> u64 {
        BESIDE + key.len() as u64 + 2 * body.len() as u64
    }
}

impl Default for PageCache {
    fn default() -> Self {
        Self(Cache::with_weighter((MOST_BYTES / TYPICAL_BYTES) as usize, MOST_BYTES, Bytes))
    }
}

impl PageCache {
    /// The body of this name; `make` makes it if it isn't there.
    pub(super) fn get<E>(&self, key: &Key, make: impl FnOnce() -> Result<Body, E>) -> Result<Body, E> {
        self.0.get_or_insert_with(key, make)
    }

    /// Forgets all, since their names have come to mean something else.
    pub(super) fn clear(&self) {
        self.0.clear();
    }

    /// As `get`, of a body that has to be waited for; one makes it for all that wait.
    pub(super) async fn fetch<E>(
        &self,
        key: &Key,
        make: impl Future<Output = Result<Body, E>>,
    ) -> Result<Body, E> {
        self.0.get_or_insert_async(key, make).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_small_the_bodies_are_they_take_no_more_than_their_share() {
        let cache = PageCache::default();
        let address = "/".repeat(1000);
        for number in 0..60_000 {
            let key = Key::Wire(number, Page::FIRST, address.clone());
            cache.get(&key, || Ok::<_, ()>(Body::new("{}"))).unwrap();
        }
        assert!(cache.0.weight() <= MOST_BYTES);
        let most = MOST_BYTES / (BESIDE + address.len() as u64);
        assert!((1..=most).contains(&(cache.0.len() as u64)), "{} bodies", cache.0.len());
    }
}
