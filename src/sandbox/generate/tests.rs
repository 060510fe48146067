use std::collections::BTreeSet;

use proptest::prelude::*;

use super::indices::{Indices, Sequence};
use super::*;

fn desk() -> Generator {
    Generator {
        seed: 7,
        counts: Counts { tickets: 1000, companies: 30, contacts: 100, replies: 2500, ..Counts::default() },
    }
}

#[test]
fn a_seed_always_makes_the_same_rows_and_another_seed_makes_others() {
    let other = Generator { seed: 8, ..desk() };
    assert_eq!(desk().ticket(999), desk().ticket(999));
    assert_eq!(desk().company(3), desk().company(3));
    assert_ne!(desk().ticket(999), other.ticket(999));
    assert_ne!(desk().contact(5).created, other.contact(5).created);
}

#[test]
fn times_ascend_with_the_index() {
    for index in 1..200 {
        let (before, after) = (desk().ticket(index - 1), desk().ticket(index));
        assert!(before.created < after.created && before.updated < after.updated);
        assert!(after.created < after.updated);
    }
}

#[test]
fn replies_are_spread_over_the_tickets_and_none_is_lost() {
    let desk = desk();
    assert_eq!((0..1000).map(|ticket| desk.replies_of(ticket)).sum::<u64>(), 2500);
    let mut seen = BTreeSet::new();
    for ticket in [0, 499, 500, 999] {
        let row = desk.ticket(ticket);
        for n in 0..desk.replies_of(ticket) {
            let reply = desk.reply(ticket, n);
            assert!(row.created <= reply.created && reply.created < row.updated);
            assert!(seen.insert(reply.index));
        }
    }
}

#[test]
fn counts_are_read_and_mistakes_named() {
    let counts = Counts::parse("tickets=1000000, replies=5").unwrap();
    assert_eq!(counts, Counts { tickets: 1_000_000, replies: 5, ..Counts::default() });
    for (text, told) in [("ticket=1", "contacts"), ("tickets", "no number"), ("tickets=99999999", "10000000")]
    {
        assert!(Counts::parse(text).unwrap_err().contains(told), "{text}");
    }
}

proptest! {
    /// The arithmetic against a plain search.
    #[test]
    fn the_nth_match_is_the_one_that_a_search_finds(
        (start, end) in (0_u64..60, 0_u64..120),
        (period, first, step) in (1_u64..25, 0_u64..30, 1_u64..9),
        changed in proptest::collection::btree_set(0_u64..120, 0..20),
        backwards: bool,
    ) {
        let wanted = |index: u64| {
            let remainder = index % period;
            remainder >= first && (remainder - first).is_multiple_of(step)
        };
        let mut found: Vec<u64> = (start..end).filter(|i| wanted(*i) && !changed.contains(i)).collect();
        if backwards {
            found.reverse();
        }
        for indices in [
            Indices::stepping(start..end, period, first, step),
            Indices::repeating(start..end, period, wanted),
        ] {
            let mut sequence = Sequence::of(vec![indices], &changed);
            if backwards {
                sequence = sequence.backwards();
            }
            let computed: Vec<u64> = (0..sequence.len()).map_while(|n| sequence.nth(n)).collect();
            prop_assert_eq!(&computed, &found);
            prop_assert_eq!(sequence.nth(sequence.len()), None);
        }
    }

    /// Any page of two sorted lists against sorting them together.
    #[test]
    fn a_page_of_both_lists_is_a_page_of_their_union(
        mut stored in proptest::collection::vec(0_u32..50, 0..20),
        mut made in proptest::collection::vec(0_u32..50, 0..20),
        offset in 0_u64..45,
        size in 0_u64..12,
    ) {
        stored.sort_unstable();
        made.sort_unstable();
        let mut union: Vec<u32> = stored.iter().chain(&made).copied().collect();
        union.sort_unstable();
        let expected: Vec<u32> =
            union.into_iter().skip(usize::try_from(offset)?).take(usize::try_from(size)?).collect();
        let stored: Vec<&u32> = stored.iter().collect();
        let nth = |n: u64| made.get(usize::try_from(n).ok()?).copied();
        let page = merge::page(&stored, &nth, made.len() as u64, &|one, other| one.cmp(other), offset..offset + size);
        prop_assert_eq!(page.into_iter().map(|row| *row).collect::<Vec<_>>(), expected);
    }
}
