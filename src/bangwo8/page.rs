//! One page of a list, and the walk over all of them.

use std::{
    collections::{HashSet, VecDeque},
    future::Future,
};

use futures_util::{Stream, stream};

use super::{error::Error, request::Endpoint};

/// The page size of every walk but that of asset tables; the vendor advises no more (§2.2).
pub(super) const PER_PAGE: u32 = 100;
/// An end for a vendor whose pages never end: a million elements at 100 a page.
const MAX_PAGES: u32 = 10_000;

/// One page of a list, and whether to ask for the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The elements in the vendor's order.
    pub items: Vec<T>,
    /// How many there are on all pages, if the vendor said so.
    pub count: Option<u64>,
    /// Whether another page is to be expected.
    pub more: bool,
}

impl<T> Page<T> {
    /// `next_page` is whether the vendor gave a link to the next page. The link itself is never followed: its
    /// spaces are not encoded, and scheme and host may be others (§4.3).
    pub(super) fn new(
        items: Vec<T>,
        count: Option<u64>,
        next_page: bool,
        page: u32,
        per_page: u32,
    ) -> Page<T> {
        let before = u64::from(page.saturating_sub(1)) * u64::from(per_page);
        let full = items.len() as u64 >= u64::from(per_page);
        let counted = count.map_or(full, |count| before + (items.len() as u64) < count);
        let more = !items.is_empty() && (next_page || counted);
        Page { items, count, more }
    }
}

/// All elements of a list, page after page as they are asked for: a page is read when the one before is used up,
/// and no more than one is held. The first error ends the stream.
///
/// `read` reads a page by its number, which begins at 1; `id` is what elements are told apart by; `endpoint` names
/// the list in errors. Elements move between pages while they are read, so what the page before had already is
/// dropped, and what moves to an earlier page is missed.
///
/// It always ends: at an empty page, at one that [`Page::more`] calls the last, or at one that brings nothing but
/// what the page before did, as from a vendor that ignores the page number or answers the last page for ever. If
/// the count then says that elements are missing, or after 10,000 pages, it ends with an error, because a list
/// that was cut short would look complete.
pub(super) fn walk<T, R, F>(
    endpoint: Endpoint,
    id: fn(&T) -> &str,
    read: R,
) -> impl Stream<Item = Result<T, Error>> + Send
where
    T: Send,
    R: Fn(u32) -> F + Send,
    F: Future<Output = Result<Page<T>, Error>> + Send,
{
    stream::try_unfold(start(endpoint, id, read), |mut walk| async move {
        Ok(walk.next().await?.map(|item| (item, walk)))
    })
}

fn start<T, R>(endpoint: Endpoint, id: fn(&T) -> &str, read: R) -> Walk<T, R> {
    let (ready, before) = (VecDeque::new(), HashSet::new());
    Walk { endpoint, id, read, page: 1, ready, before, taken: 0, done: false }
}

/// Where a walk stands.
struct Walk<T, R> {
    endpoint: Endpoint,
    id: fn(&T) -> &str,
    read: R,
    /// The page to read next.
    page: u32,
    /// What is left of the page read last.
    ready: VecDeque<T>,
    /// The ids of the page read last.
    before: HashSet<String>,
    /// How many different elements the pages so far had.
    taken: u64,
    done: bool,
}

impl<T, R, F> Walk<T, R>
where
    R: Fn(u32) -> F,
    F: Future<Output = Result<Page<T>, Error>>,
{
    async fn next(&mut self) -> Result<Option<T>, Error> {
        while self.ready.is_empty() && !self.done {
            if self.page > MAX_PAGES {
                return Err(self.endpoint.bad_answer("its pages do not end"));
            }
            let page = (self.read)(self.page).await?;
            self.take(page)?;
        }
        Ok(self.ready.pop_front())
    }

    fn take(&mut self, page: Page<T>) -> Result<(), Error> {
        let empty = page.items.is_empty();
        let ids: HashSet<String> = page.items.iter().map(|item| (self.id)(item).to_owned()).collect();
        self.ready.extend(page.items.into_iter().filter(|item| !self.before.contains((self.id)(item))));
        self.taken += self.ready.len() as u64;
        // A vendor with smaller pages than asked for is noticed by its count.
        let missing = page.count.is_some_and(|count| self.taken < count);
        if self.ready.is_empty() && !empty && missing {
            return Err(self.endpoint.bad_answer("it repeats a page instead of going on"));
        }
        self.done = self.ready.is_empty() || !(page.more || missing);
        self.before = ids;
        self.page += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::ready};

    use futures_util::FutureExt;

    use super::*;

    fn more(items: usize, count: Option<u64>, next_page: bool, page: u32) -> bool {
        Page::new(vec![(); items], count, next_page, page, 10).more
    }

    #[test]
    fn an_empty_page_is_the_last_whatever_the_vendor_promises() {
        assert!(!more(0, Some(99), true, 1));
    }

    #[test]
    fn without_a_count_a_full_page_has_a_successor_and_a_short_one_has_not() {
        assert!(more(10, None, false, 1));
        assert!(!more(9, None, false, 1));
    }

    #[test]
    fn a_count_decides_also_when_the_vendor_ignores_the_page_size() {
        assert!(more(10, Some(11), false, 1));
        assert!(!more(10, Some(20), false, 2));
        assert!(!more(25, Some(25), false, 1));
    }

    #[test]
    fn a_next_page_link_is_believed() {
        assert!(more(5, None, true, 1));
    }

    /// What a walk over the given pages brings, and how many pages it read.
    fn walked(pages: &[&[&'static str]], count: Option<u64>, for_ever: bool) -> (Vec<String>, usize) {
        let read = Cell::new(0);
        let page = |number: u32| {
            read.set(number as usize);
            let last = if for_ever { pages.last() } else { None };
            let items = pages.get(number as usize - 1).or(last).copied().unwrap_or_default();
            ready(Ok(Page::new(items.to_vec(), count, false, number, 2)))
        };
        let mut walk = start(Endpoint::get(&["tickets"]), |item: &&'static str| item, page);
        let mut found = Vec::new();
        loop {
            match walk.next().now_or_never().unwrap() {
                Ok(Some(item)) => found.push(item.to_owned()),
                Ok(None) => break,
                Err(error) => break found.push(error.code().to_owned()),
            }
        }
        (found, read.get())
    }

    #[test]
    fn a_walk_ends_at_a_short_page_or_at_the_count() {
        assert_eq!(walked(&[&["1", "2"], &["3"]], None, false), (strings(&["1", "2", "3"]), 2));
        assert_eq!(walked(&[&["1", "2"], &["3", "4"]], Some(4), false), (strings(&["1", "2", "3", "4"]), 2));
        assert_eq!(walked(&[&["1", "2"], &["3", "4"]], None, false), (strings(&["1", "2", "3", "4"]), 3));
        assert_eq!(walked(&[], None, false), (vec![], 1));
    }

    #[test]
    fn smaller_pages_than_asked_for_lose_nothing_that_is_counted() {
        assert_eq!(walked(&[&["1"], &["2"], &["3"]], Some(3), false), (strings(&["1", "2", "3"]), 3));
    }

    #[test]
    fn what_moved_to_the_next_page_is_there_once() {
        assert_eq!(
            walked(&[&["1", "2"], &["2", "3"], &["4"]], None, false).0,
            strings(&["1", "2", "3", "4"])
        );
    }

    #[test]
    fn a_last_page_that_is_repeated_for_ever_ends_the_walk() {
        assert_eq!(walked(&[&["1", "2"], &["3", "4"]], None, true), (strings(&["1", "2", "3", "4"]), 3));
    }

    #[test]
    fn a_repeated_page_is_an_error_while_counted_elements_are_missing() {
        assert_eq!(walked(&[&["1", "2"]], Some(9), true), (strings(&["1", "2", "bad_answer"]), 2));
    }

    #[test]
    fn pages_that_never_end_are_given_up_on() {
        let endless = |number: u32| {
            let items = if number.is_multiple_of(2) { vec!["1", "2"] } else { vec!["3", "4"] };
            ready(Ok(Page::new(items, None, false, number, 2)))
        };
        let mut walk = start(Endpoint::get(&["tickets"]), |item: &&'static str| item, endless);
        let mut found = 0;
        let error = loop {
            match walk.next().now_or_never().unwrap() {
                Ok(_) => found += 1,
                Err(error) => break error,
            }
        };
        assert_eq!((found, error.code()), (20_000, "bad_answer"));
    }

    fn strings(items: &[&str]) -> Vec<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }
}
