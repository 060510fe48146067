//! A store that stays bounded: what it forgets, what it never forgets, and how it tells what it holds.

use std::time::Duration;

use deskbridge::{
    event::{Event, EventId, Outcome, Status},
    store::{
        Accepted, Archive, Backlog, ContentId, Filter, Limits, Link, LinkKey, NewVersion, Piece, Replay, Room,
        Settlement, Store, StoreError,
    },
};
use proptest::prelude::*;

use super::{journals::*, support::*};

pub(crate) const MIB: u64 = 1024 * 1024;

/// Claims and settles until nothing is due; how many there were.
pub(crate) async fn deliver_all(desk: &Desk, ms: i64) -> usize {
    let mut delivered_events = 0;
    loop {
        let claimed = desk.claim(50, ms).await;
        if claimed.is_empty() {
            return delivered_events;
        }
        for claimed in claimed {
            desk.store.settle(settlement(&claimed, delivered(), ms)).await.unwrap();
            delivered_events += 1;
        }
    }
}

/// Tidies until nothing is left to do; how many were forgotten past their age and for want of room.
pub(crate) async fn tidy(store: &Store, limits: &Limits, evict: bool, ms: i64) -> (u64, u64) {
    let (mut aged, mut evicted) = (0, 0);
    loop {
        let look = store.look(limits).await.unwrap();
        let evict = evict && look.room < Room::Ample;
        let tidied = store.tidy(limits, evict, &look.size, at(ms)).await.unwrap();
        (aged, evicted) = (aged + tidied.aged, evicted + tidied.evicted);
        if !tidied.more {
            store.look(limits).await.unwrap();
            return (aged, evicted);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_not_settled_outlives_pruning_and_is_delivered_in_the_same_order(plan in plan()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (whole, pruned) = (journal(&plan).await, journal(&plan).await);
            let before = listed(&whole.store).await;
            let forgotten = pruned.store.prune(at(1_000), |_| {}).await.unwrap();
            let settled = |(_, status): &&(String, _)| {
                use deskbridge::event::Status::{Delivered, Discarded, Skipped};
                matches!(status, Delivered | Skipped | Discarded)
            };
            // The newest event stays, for the numbers of those that come.
            let newest_is_settled = before.first().is_some_and(|newest| settled(&newest));
            let goes = before.iter().filter(settled).count() - usize::from(newest_is_settled);
            assert_eq!(forgotten, goes as u64);
            let stays = before.iter().skip(usize::from(newest_is_settled));
            let stays: Vec<_> = stays.into_iter().filter(|event| !settled(event)).cloned().collect();
            let found = listed(&pruned.store).await;
            assert_eq!(found[usize::from(newest_is_settled)..], stays[..]);
            assert_eq!(drained(&pruned.store).await, drained(&whole.store).await);
        });
    }
}

#[tokio::test]
async fn an_id_that_was_forgotten_is_new_again_and_numbers_go_on() {
    let desk = Desk::new().await;
    for id in ["old", "newest"] {
        desk.accept(id, id).await;
    }
    assert_eq!(deliver_all(&desk, 1).await, 2);
    assert_eq!(desk.store.prune(at(2), |_| {}).await.unwrap(), 1);
    let newest = desk.store.accept(event("newest", "newest"), at(3)).await.unwrap();
    let Accepted::Duplicate { sequence: highest } = newest else { panic!("{newest:?}") };
    let again = desk.store.accept(event("old", "old"), at(3)).await.unwrap();
    assert_eq!(again, Accepted::New { sequence: highest + 1 });
}

#[tokio::test]
async fn an_event_is_forgotten_at_its_age_and_not_before() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("2", "b").await;
    deliver_all(&desk, 10).await;
    let limits = Limits { retention: Some(Duration::from_millis(100)), ..Limits::default() };
    assert_eq!(tidy(&desk.store, &limits, false, 110).await, (0, 0));
    assert_eq!(tidy(&desk.store, &limits, false, 111).await, (1, 0));
    let for_ever = Limits::default();
    assert_eq!(tidy(&desk.store, &for_ever, false, i64::from(u32::MAX)).await, (0, 0));
}

#[tokio::test]
async fn dead_messages_to_a_subscriber_are_forgotten_and_dead_events_of_a_connection_are_not() {
    let desk = Desk::new().await;
    for (connection, id) in
        [("acme.wallboard", "1"), (CONNECTION, "2"), ("acme.wallboard", "3"), ("acme.wallboard", "4")]
    {
        let event = Event { connection: connection.into(), ..event(id, id) };
        desk.store.accept(event, at(0)).await.unwrap();
    }
    for (connection, ms) in [("acme.wallboard", 10), (CONNECTION, 10)] {
        for claimed in desk.store.claim(connection, 10, LEASE, at(1)).await.unwrap() {
            let dead = Settlement { hold_lane: false, ..settlement(&claimed, Outcome::Dead(reason()), ms) };
            desk.store.settle(dead).await.unwrap();
        }
    }
    desk.accept("5", "newest").await;
    let archive = Archive::open(&desk.url()).unwrap();
    assert_eq!(archive.count_settled(at(11)).unwrap(), 3);
    let id = EventId::plain("3").unwrap();
    desk.store.replay("acme.wallboard", &id, Replay::default(), at(11)).await.unwrap();
    let limits = Limits { retention: Some(Duration::from_millis(100)), ..Limits::default() };
    assert_eq!(tidy(&desk.store, &limits, false, 110).await, (0, 0), "not before their age");
    assert_eq!(tidy(&desk.store, &limits, false, 111).await, (2, 0));
    let left = async |connection: &str| -> Vec<String> {
        let events = desk.store.events(connection, Filter { limit: 10, ..Filter::default() }).await.unwrap();
        events.iter().map(|event| event.id.as_str().to_owned()).collect()
    };
    assert_eq!(left("acme.wallboard").await, ["3"], "it is on its way again");
    assert_eq!(left(CONNECTION).await, ["newest", "2"], "it wants a person");
    let claimed = desk.store.claim("acme.wallboard", 1, LEASE, at(112)).await.unwrap().remove(0);
    let dead = Settlement { hold_lane: false, ..settlement(&claimed, Outcome::Dead(reason()), 112) };
    desk.store.settle(dead).await.unwrap();
    let tight = Limits { budget: Some(1), ..Limits::default() };
    assert_eq!(tidy(&desk.store, &tight, true, 10_000).await, (0, 1), "where room is short, before their age");
}

#[tokio::test]
async fn what_was_settled_just_now_stays_even_where_room_is_short() {
    let desk = Desk::new().await;
    for n in 0..20 {
        desk.accept(&n.to_string(), &n.to_string()).await;
    }
    deliver_all(&desk, 1).await;
    let limits = Limits { budget: Some(1), ..Limits::default() };
    assert_eq!(tidy(&desk.store, &limits, true, 1_000).await, (0, 0));
    assert_eq!(tidy(&desk.store, &limits, true, 10_000).await, (0, 19));
}

#[tokio::test]
async fn what_would_be_forgotten_is_counted_beforehand() {
    let desk = Desk::new().await;
    for (lane, ms) in [("1", 1), ("2", 2), ("3", 3)] {
        desk.accept(lane, lane).await;
        deliver_all(&desk, ms).await;
    }
    desk.accept("4", "waits").await;
    let archive = Archive::open(&desk.url()).unwrap();
    for (before, settled) in [(1, 0), (2, 1), (99, 3)] {
        assert_eq!(archive.count_settled(at(before)).unwrap(), settled, "before {before}");
    }
    assert_eq!(desk.store.prune(at(3), |_| {}).await.unwrap(), 2);
    assert_eq!(archive.count_settled(at(99)).unwrap(), 1);
}

#[tokio::test]
async fn stats_tell_of_events_by_status_and_of_the_oldest_that_waits() {
    let desk = Desk::new().await;
    let archive = Archive::open(&desk.url()).unwrap();
    let empty = archive.stats().unwrap();
    assert_eq!((empty.events, empty.oldest_waiting), (Vec::new(), None));
    desk.accept("1", "delivered").await;
    deliver_all(&desk, 1).await;
    desk.store.accept(event("2", "parked"), at(2)).await.unwrap();
    let claimed = desk.claim_one(2).await;
    desk.store.settle(settlement(&claimed, Outcome::Parked(reason()), 2)).await.unwrap();
    desk.store.accept(event("2", "behind"), at(3)).await.unwrap();
    let stats = archive.stats().unwrap();
    let count = |status| Backlog { connection: CONNECTION.into(), status, events: 1 };
    assert_eq!(stats.events, [Status::Accepted, Status::Delivered, Status::Parked].map(count));
    assert_eq!(stats.oldest_waiting, Some(at(2)));
    assert!(stats.schema > 1 && stats.size.taken > 0, "{stats:?}");
}

#[tokio::test]
async fn events_and_pieces_of_ticket_views_count_as_what_the_store_holds() {
    let desk = Desk::new().await;
    let used = async || {
        let size = desk.store.look(&Limits::default()).await.unwrap().size;
        assert!(size.used <= size.taken, "{size:?}");
        size.taken
    };
    let empty = used().await;
    for n in 0..20 {
        desk.store.accept(event_with(&n.to_string(), &n.to_string(), &noise(n)), at(0)).await.unwrap();
    }
    let with_events = used().await;
    assert!(with_events > empty + 2 * MIB, "{empty} {with_events}");
    let pieces = (20..40).map(|n| noise(n).into_bytes());
    let pieces = pieces.map(|content| Piece { id: ContentId::of(&content), content }).collect();
    desk.store.put_pieces(CONNECTION, pieces, at(0)).await.unwrap();
    let with_pieces = used().await;
    assert!(with_pieces > with_events + 2 * MIB, "{with_events} {with_pieces}");
    let chunks = (0..100_000).map(|n: u32| ContentId::of(&n.to_be_bytes())).collect();
    let version = NewVersion { view: "15".into(), about: None, count: 0, chunks };
    desk.store.put_versions(CONNECTION, 0, vec![version], at(0)).await.unwrap();
    let with_versions = used().await;
    assert!(with_versions > with_pieces + MIB, "{with_pieces} {with_versions}");
}

#[tokio::test]
async fn nothing_of_ticket_views_is_taken_while_no_events_are() {
    let desk = Desk::new().await;
    desk.store.look(&Limits { budget: Some(1), ..Limits::default() }).await.unwrap();
    let piece = || vec![Piece { id: ContentId::of(b"1"), content: b"1".to_vec() }];
    let version = || vec![NewVersion { view: "15".into(), about: None, count: 0, chunks: Vec::new() }];
    let refused = desk.store.put_pieces(CONNECTION, piece(), at(0)).await;
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    let refused = desk.store.put_versions(CONNECTION, 0, version(), at(0)).await;
    assert!(matches!(refused, Err(StoreError::Full)), "{refused:?}");
    assert_eq!(desk.store.close_views(CONNECTION, 0, vec!["15".into()], at(0)).await.unwrap(), 1);
    desk.store.look(&Limits::default()).await.unwrap();
    desk.store.put_pieces(CONNECTION, piece(), at(0)).await.unwrap();
    assert_eq!(desk.store.put_versions(CONNECTION, 1, version(), at(0)).await.unwrap(), 2);
}

/// A good tenth of a megabyte that nobody can make shorter than half.
fn noise(n: u32) -> String {
    let blocks = (0..4_000_u32).map(|block| ContentId::of(&[n.to_be_bytes(), block.to_be_bytes()].concat()));
    blocks.map(|block| block.to_string()).collect()
}

#[tokio::test]
async fn a_count_of_what_waits_tells_when_it_was_made() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let clock = || at(77);
    let census = desk.store.census(clock).await.unwrap();
    assert_eq!((census.at, census.backlog[0].events), (at(77), 1));
    desk.accept("2", "b").await;
    assert_eq!(desk.store.census(clock).await.unwrap().backlog[0].events, 2, "a cheap count is made anew");
}

#[tokio::test]
async fn what_was_last_written_to_an_entity_goes_at_its_age_and_which_entity_it_is_stays() {
    const WRITTEN: &str = r#"{"phone":"9f86d081884c7d65"}"#;
    const COUNTED: &str = r#"{"@sequence":"9","phone":"9f86d081884c7d65"}"#;
    let desk = Desk::new().await;
    // More than go in one piece, and one that is written again later.
    for n in 0..300 {
        let key = LinkKey { kind: "ticket".into(), source_id: n.to_string() };
        let written = Some(if n == 0 || n == 299 { WRITTEN } else { COUNTED }.to_owned());
        let link = Link { key, target_id: n.to_string(), version: Some(7), written };
        desk.store.put_link(CONNECTION, link.clone(), at(10)).await.unwrap();
        if n == 0 {
            desk.store.put_link(CONNECTION, link, at(11)).await.unwrap();
        }
    }
    let link = async |source_id: &str| {
        let key = LinkKey { kind: "ticket".into(), source_id: source_id.into() };
        desk.store.link(CONNECTION, &key).await.unwrap().unwrap()
    };
    let limits = Limits { retention: Some(Duration::from_millis(100)), ..Limits::default() };
    tidy(&desk.store, &limits, false, 110).await;
    assert!(link("1").await.written.is_some(), "not before its age");
    tidy(&desk.store, &limits, false, 111).await;
    let forgotten = link("299").await;
    assert_eq!((forgotten.target_id.as_str(), forgotten.version, forgotten.written), ("299", Some(7), None));
    for n in 1..299 {
        let counted = link(&n.to_string()).await.written;
        assert_eq!(counted.as_deref(), Some(r#"{"@sequence":"9"}"#), "what comes late is known by it");
    }
    assert!(link("0").await.written.is_some(), "it was written again");
    desk.store.prune(at(12), |_| {}).await.unwrap();
    assert_eq!(link("0").await.written, None);
    let Desk { store, place } = desk;
    store.close();
    drop(store);
    let bytes = place.bytes().await;
    let hash = b"9f86d081884c7d65";
    assert!(!bytes.windows(hash.len()).any(|window| window == hash), "a hash of something short can be guessed");
}
