//! One state of a view, gathered from pages that are read one after another while the view may change.
//!
//! What is kept is a guess at the whole: the view as it was last known, with every page that differs put in its place, and
//! what follows moved as that page suggests. The guess is taken once all other pages, read after the one that differed
//! last, are what it says: then it is what the vendor had when that page was read. So a view that hasn't changed costs
//! each of its pages once, and so does one that gained or lost a ticket on its first page. That is pure: who reads asks
//! which page it needs.
//!
//! A ticket that is changed and changed back between two looks at its page isn't noticed; nor, at a vendor that doesn't say
//! how many tickets there are, some that come while as many go. Nothing else is missed.

use std::collections::{HashMap, HashSet};

use super::entry::{Entry, Id};

/// How often as many pages are read as there are: once, and three times again.
const ROUNDS: usize = 4;
/// Pages of a view. A vendor whose pages do not end is given up on after a million tickets.
const MOST_PAGES: usize = 10_000;

/// A page as it was read.
pub(super) struct Listed {
    pub(super) entries: Vec<Entry>,
    /// How many tickets the view has, if the vendor said so.
    pub(super) count: Option<u64>,
    /// Whether it has more after these.
    pub(super) more: bool,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// To read this page; they count from 0.
    Page(usize),
    /// Nothing: all of it is one state of the view.
    Whole,
    /// Nothing: it changes faster than it can be read, or its count is not that of its tickets.
    Changing,
    /// Nothing: its pages do not end.
    Endless,
}

/// A view that is being read.
pub(super) struct Gathering {
    /// Tickets of a page that the vendor should give.
    asked: usize,
    /// Tickets of a page that it does give.
    per_page: usize,
    /// It doesn't give pages of another size, whatever its count says.
    is_sized: bool,
    /// The guess; `None` where nothing is known of a place.
    places: Vec<Option<Entry>>,
    /// The page to read next.
    page: usize,
    /// Pages in a row that were as the guess says.
    same: usize,
    /// Some page was not, so that the guess is of this reading.
    differed: bool,
    read: usize,
    /// The tickets of the pages before the next one, in this round.
    seen: HashSet<Id>,
}

impl Gathering {
    /// Begins with the tickets that the view had when it was last read.
    pub(super) fn new(before: impl Iterator<Item = Entry>, per_page: usize) -> Self {
        let places = before.map(Some).collect();
        Self {
            asked: per_page,
            per_page,
            is_sized: false,
            places,
            page: 0,
            same: 0,
            differed: false,
            read: 0,
            seen: HashSet::new(),
        }
    }

    /// How many tickets the next page should have.
    pub(super) fn per_page(&self) -> usize {
        self.per_page
    }

    pub(super) fn next(&self) -> Next {
        let pages = self.pages();
        if self.read > 0 && self.is_whole(pages) {
            Next::Whole
        } else if pages > MOST_PAGES {
            Next::Endless
        } else if self.read >= ROUNDS * pages {
            Next::Changing
        } else {
            Next::Page(self.page)
        }
    }

    /// Takes the page that `next` asked for.
    pub(super) fn take(&mut self, listed: Listed) {
        self.size(&listed);
        let start = self.page * self.per_page;
        if start == 0 {
            self.seen.clear();
        }
        let total = self.total(start, &listed);
        let entries = unique(listed.entries);
        self.seen.extend(entries.iter().map(|entry| entry.id.clone()));
        self.read += 1;
        // All of a view whose vendor doesn't care for the size of a page.
        let all = start == 0 && entries.len() == total;
        if self.says(start, total, &entries) {
            self.same += 1;
        } else {
            // A page past the end says nothing of any other.
            (self.same, self.differed) = (0, start < total);
            self.put(start, total, entries);
        }
        if all {
            self.same = self.pages();
        }
        self.page = (self.page + 1) % self.pages();
    }

    /// A vendor may give fewer tickets a page than it was asked for: the first page tells. One that counts tickets which it
    /// doesn't give looks the same until it has no second page.
    fn size(&mut self, listed: &Listed) {
        let given = listed.entries.len();
        let has_more = listed.count.map_or(listed.more, |count| count > given as u64);
        let per_page = if self.page == 0 && (1..self.per_page).contains(&given) && has_more && !self.is_sized
        {
            given
        } else if self.page > 0 && given == 0 && has_more && self.per_page < self.asked {
            self.is_sized = true;
            self.asked
        } else {
            return;
        };
        (self.per_page, self.same, self.differed) = (per_page, 0, false);
    }

    /// The tickets as far as they are known, each once.
    pub(super) fn entries(self) -> Vec<Entry> {
        self.places.into_iter().flatten().collect()
    }

    /// Each page was as it was before this reading, or all were the same after the one that differed last.
    fn is_whole(&self, pages: usize) -> bool {
        let enough = if self.differed { pages - 1 } else { pages };
        self.same >= enough && self.places.iter().all(Option::is_some)
    }

    fn pages(&self) -> usize {
        self.pages_of(self.places.len())
    }

    fn pages_of(&self, total: usize) -> usize {
        total.div_ceil(self.per_page).max(1)
    }

    /// How many tickets the view has by this page. Where the vendor gives no count, the last page tells, or one that has
    /// nothing which those before it hadn't.
    fn total(&self, start: usize, listed: &Listed) -> usize {
        let end = start + listed.entries.len();
        let most = (MOST_PAGES + 1) * self.per_page;
        match listed.count {
            Some(count) => usize::try_from(count).unwrap_or(most).min(most),
            None if start > 0 && listed.entries.iter().all(|entry| self.seen.contains(&entry.id)) => start,
            None if !listed.more => end,
            None => self.places.len().max(end + 1),
        }
    }

    fn says(&self, start: usize, total: usize, entries: &[Entry]) -> bool {
        let end = (start + self.per_page).min(total);
        let page = self.places.get(start.min(end)..end).unwrap_or_default();
        self.places.len() == total
            && page.len() == entries.len()
            && page.iter().zip(entries).all(|(place, entry)| place.as_ref() == Some(entry))
    }

    /// Puts a page in its place. What comes after its last ticket in the guess comes after the page; what it has of the
    /// pages before it is not known to be there any more.
    fn put(&mut self, start: usize, total: usize, entries: Vec<Entry>) {
        let places = std::mem::take(&mut self.places);
        let at: HashMap<&Id, usize> =
            places.iter().enumerate().filter_map(|(at, place)| Some((&place.as_ref()?.id, at))).collect();
        let last = entries.iter().rev().find_map(|entry| at.get(&entry.id));
        let tail = last.map_or(start, |last| last + 1).min(places.len());
        let mut seen: HashSet<Id> = entries.iter().map(|entry| entry.id.clone()).collect();
        let mut known = |place: &Option<Entry>| place.clone().filter(|entry| seen.insert(entry.id.clone()));
        let mut guess: Vec<Option<Entry>> = places.iter().take(start).map(&mut known).collect();
        guess.resize(start, None);
        let tail: Vec<Entry> = places[tail..].iter().filter_map(&mut known).collect();
        guess.extend(entries.into_iter().map(Some));
        guess.extend(tail.into_iter().map(Some));
        guess.resize(total, None);
        self.places = guess;
    }
}

/// The first of those that have one id.
fn unique(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen = HashSet::with_capacity(entries.len());
    entries.retain(|entry| seen.insert(entry.id.clone()));
    entries
}

#[cfg(test)]
mod tests;
