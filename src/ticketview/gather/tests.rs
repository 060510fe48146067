//! A vendor whose view changes between any two pages, and what is gathered of it.

use proptest::prelude::*;

use super::{Gathering, Listed, Next, ROUNDS};
use crate::{
    store::ContentId,
    ticketview::entry::{Entry, Id},
};

const PER_PAGE: usize = 5;

/// What happens to a view at once. Places are taken modulo its length.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    Add(usize),
    Remove(usize),
    Rewrite(usize),
    /// As in a view of the newest first: what is rewritten comes to the front.
    ToFront(usize),
    /// All of these at once.
    Several(Vec<Change>),
}

/// A vendor with a memory: every state that its view ever had.
struct Vendor {
    states: Vec<Vec<Entry>>,
    /// Nothing comes back: ids and rows are used once.
    used: u64,
}

impl Vendor {
    fn new(tickets: usize) -> Self {
        let mut vendor = Self { states: vec![Vec::new()], used: 0 };
        let entries = (0..tickets).map(|_| vendor.fresh()).collect();
        vendor.states = vec![entries];
        vendor
    }

    fn fresh(&mut self) -> Entry {
        self.used += 1;
        Entry { id: Id::Number(self.used), row: ContentId::of(&self.used.to_be_bytes()) }
    }

    fn now(&self) -> &Vec<Entry> {
        self.states.last().unwrap()
    }

    fn change(&mut self, change: &Change) {
        let mut entries = self.now().clone();
        self.apply(change, &mut entries);
        self.states.push(entries);
    }

    fn apply(&mut self, change: &Change, entries: &mut Vec<Entry>) {
        let at = |place: usize, entries: &Vec<Entry>| place.checked_rem(entries.len());
        match change {
            Change::Nothing => {}
            Change::Add(place) => {
                let place = place % (entries.len() + 1);
                entries.insert(place, self.fresh());
            }
            Change::Remove(place) => drop(at(*place, entries).map(|at| entries.remove(at))),
            Change::Rewrite(place) => {
                if let Some(at) = at(*place, entries) {
                    entries[at].row = self.fresh().row;
                }
            }
            Change::ToFront(place) => {
                if let Some(at) = at(*place, entries) {
                    let entry = Entry { row: self.fresh().row, ..entries.remove(at) };
                    entries.insert(0, entry);
                }
            }
            Change::Several(changes) => changes.iter().for_each(|change| self.apply(change, entries)),
        }
    }

    fn page(&self, page: usize, counts: bool) -> Listed {
        let entries = self.now();
        let start = (page * PER_PAGE).min(entries.len());
        let end = (start + PER_PAGE).min(entries.len());
        let count = counts.then_some(entries.len() as u64);
        Listed { entries: entries[start..end].to_vec(), count, more: end < entries.len() }
    }
}

/// Reads to the end; how many pages it took, and what came of it.
fn read(
    vendor: &mut Vendor,
    mut gathering: Gathering,
    counts: bool,
    mut between: impl FnMut(&mut Vendor),
) -> (usize, Next, Vec<Entry>) {
    let mut pages = 0;
    loop {
        match gathering.next() {
            Next::Page(page) => {
                gathering.take(vendor.page(page, counts));
                pages += 1;
                between(vendor);
            }
            end => return (pages, end, gathering.entries()),
        }
    }
}

fn from_nothing() -> Gathering {
    Gathering::new(std::iter::empty(), PER_PAGE)
}

fn knowing(entries: &[Entry]) -> Gathering {
    Gathering::new(entries.iter().cloned(), PER_PAGE)
}

fn any_change() -> impl Strategy<Value = Change> {
    let one = prop_oneof![
        3 => Just(Change::Nothing),
        1 => any::<usize>().prop_map(Change::Add),
        1 => any::<usize>().prop_map(Change::Remove),
        1 => any::<usize>().prop_map(Change::Rewrite),
        1 => any::<usize>().prop_map(Change::ToFront),
    ];
    let several = prop::collection::vec(one.clone(), 2..5).prop_map(Change::Several);
    prop_oneof![4 => one, 1 => several]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_gathered_was_there_at_one_moment(
        tickets in 0..40_usize,
        known in any::<bool>(),
        before in prop::collection::vec(any_change(), 0..6),
        changes in prop::collection::vec(any_change(), 0..60),
    ) {
        let mut vendor = Vendor::new(tickets);
        let gathering = if known { knowing(vendor.now()) } else { from_nothing() };
        before.iter().for_each(|change| vendor.change(change));
        let since = vendor.states.len() - 1;
        let mut changes = changes.iter();
        let (_, end, entries) = read(&mut vendor, gathering, true, |vendor| {
            changes.next().iter().for_each(|change| vendor.change(change));
        });
        if end == Next::Whole {
            prop_assert!(vendor.states[since..].contains(&entries), "{entries:?} never was");
        }
    }

    #[test]
    fn a_view_at_rest_is_gathered_whole_and_each_page_costs_once_or_twice(
        tickets in 0..40_usize,
        known in any::<bool>(),
        counts in any::<bool>(),
        before in prop::collection::vec(any_change(), 0..6),
    ) {
        let mut vendor = Vendor::new(tickets);
        let gathering = if known { knowing(vendor.now()) } else { from_nothing() };
        before.iter().for_each(|change| vendor.change(change));
        let expected = vendor.now().clone();
        let pages = expected.len().div_ceil(PER_PAGE).max(1);
        let (read, end, entries) = read(&mut vendor, gathering, counts, |_| {});
        prop_assert_eq!((end, entries), (Next::Whole, expected));
        // Whoever counts by the last page has been to the end before the first round begins.
        prop_assert!(read <= 2 * pages + usize::from(!counts) * pages, "{read} of {pages}");
    }

    #[test]
    fn what_comes_or_goes_or_is_renewed_on_the_first_page_costs_each_page_once(
        tickets in 6..40_usize, place in any::<usize>(), kind in 0..4
    ) {
        let mut vendor = Vendor::new(tickets);
        let gathering = knowing(vendor.now());
        let place = place % PER_PAGE;
        vendor.change(&match kind {
            0 => Change::Add(place),
            1 => Change::Remove(place),
            2 => Change::Rewrite(place),
            _ => Change::ToFront(tickets - 1),
        });
        let pages = vendor.now().len().div_ceil(PER_PAGE);
        let (read, end, entries) = read(&mut vendor, gathering, true, |_| {});
        prop_assert_eq!((read, end, &entries), (pages, Next::Whole, vendor.now()));
    }

    #[test]
    fn no_answer_whatever_makes_it_read_on_for_ever_or_hold_a_ticket_twice(
        pages in prop::collection::vec(
            (prop::collection::vec(0..30_u64, 0..8), prop::option::of(0..40_u64), any::<bool>()), 1..20
        )
    ) {
        let mut gathering = from_nothing();
        let mut answers = pages.iter().cycle();
        let mut reads = 0;
        while let Next::Page(_) = gathering.next() {
            let (ids, count, more) = answers.next().unwrap();
            let entry = |id: &u64| Entry { id: Id::Number(*id), row: ContentId::of(&id.to_be_bytes()) };
            gathering.take(Listed { entries: ids.iter().map(entry).collect(), count: *count, more: *more });
            reads += 1;
            prop_assert!(reads <= 500);
        }
        let mut ids: Vec<Id> = gathering.entries().into_iter().map(|entry| entry.id).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), all);
    }
}

#[test]
fn a_view_that_changes_with_every_page_is_given_up_on_after_three_rounds_more() {
    let mut vendor = Vendor::new(20);
    let all = Change::Several((0..20).map(Change::Rewrite).collect());
    let (read, end, _) = read(&mut vendor, from_nothing(), true, |vendor| vendor.change(&all));
    assert_eq!((read, end), (ROUNDS * 4, Next::Changing));
}

#[test]
fn a_page_that_changes_all_the_time_does_not_keep_the_others_from_being_taken() {
    let mut vendor = Vendor::new(20);
    let (read, end, entries) =
        read(&mut vendor, from_nothing(), true, |vendor| vendor.change(&Change::Rewrite(0)));
    assert_eq!((read, end), (8, Next::Whole));
    assert!(vendor.states.contains(&entries));
}

#[test]
fn a_vendor_that_gives_all_at_once_is_asked_once() {
    let mut gathering = from_nothing();
    let all = Vendor::new(23).now().clone();
    gathering.take(Listed { entries: all.clone(), count: Some(23), more: false });
    assert_eq!((gathering.next(), gathering.entries()), (Next::Whole, all));
}

#[test]
fn a_vendor_that_counts_more_than_it_gives_is_given_up_on_with_what_there_is() {
    let vendor = Vendor::new(23);
    let mut gathering = from_nothing();
    while let Next::Page(page) = gathering.next() {
        gathering.take(Listed { count: Some(24), ..vendor.page(page, true) });
    }
    assert_eq!((gathering.next(), gathering.entries()), (Next::Changing, vendor.now().clone()));
}

#[test]
fn a_vendor_whose_pages_are_smaller_than_asked_for_is_read_whole_and_each_page_once_or_twice() {
    for (counts, known) in [(true, false), (true, true), (false, false), (false, true)] {
        let mut vendor = Vendor::new(23);
        let before: Vec<Entry> = vendor.now().iter().filter(|_| known).cloned().collect();
        let gathering = Gathering::new(before.into_iter(), 20 * PER_PAGE);
        let (read, end, entries) = read(&mut vendor, gathering, counts, |_| {});
        assert_eq!((end, &entries), (Next::Whole, vendor.now()), "{counts} {known}");
        assert!(read <= 15, "{read} {counts} {known}");
    }
}

#[test]
fn a_vendor_that_counts_what_it_does_not_give_is_not_asked_for_page_after_page_of_it() {
    let vendor = Vendor::new(1);
    let mut gathering = Gathering::new(std::iter::empty(), 100);
    let mut reads = 0;
    while let Next::Page(page) = gathering.next() {
        gathering.take(Listed { count: Some(5000), ..vendor.page(page, true) });
        reads += 1;
    }
    assert_eq!((gathering.next(), gathering.entries()), (Next::Changing, vendor.now().clone()));
    assert!(reads <= ROUNDS * 50, "{reads}");
}

#[test]
fn pages_that_do_not_end_are_given_up_on() {
    let mut gathering = from_nothing();
    gathering.take(Listed { entries: Vec::new(), count: Some(u64::MAX), more: true });
    assert_eq!(gathering.next(), Next::Endless);
}
