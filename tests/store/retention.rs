//! A store that stays bounded: what it forgets, what it never forgets, and what it says when there is no room.

use std::time::Duration;

use deskbridge::store::{Accepted, Limits, Room, Store, StoreError};
use futures_util::FutureExt;
use proptest::prelude::*;

use super::{journals::*, support::*};

const MIB: u64 = 1024 * 1024;

/// An event of a tenth of a megabyte.
fn large(n: u32) -> deskbridge::event::Event {
    event_with(&n.to_string(), &format!("large-{n}"), &"打".repeat(33_000))
}

async fn deliver_all(desk: &Desk, ms: i64) -> usize {
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
async fn tidy(store: &Store, limits: &Limits, evict: bool, ms: i64) -> (u64, u64) {
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
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_not_settled_outlives_pruning_and_is_delivered_in_the_same_order(plan in plan()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
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
    let limits = Limits { budget: None, retention: Some(Duration::from_millis(100)) };
    assert_eq!(tidy(&desk.store, &limits, false, 110).await, (0, 0));
    assert_eq!(tidy(&desk.store, &limits, false, 111).await, (1, 0));
    let for_ever = Limits::default();
    assert_eq!(tidy(&desk.store, &for_ever, false, i64::from(u32::MAX)).await, (0, 0));
}

#[tokio::test]
async fn a_store_at_its_budget_refuses_events_delivers_and_takes_events_again() {
    let desk = Desk::new().await;
    let limits = Limits { budget: Some(8 * MIB), retention: None };
    let mut taken = 0;
    let refused = loop {
        desk.store.look(&limits).await.unwrap();
        match desk.store.accept(large(taken), at(0)).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken < 100, "100 events of a tenth of a megabyte are more than 8 MiB");
    };
    assert!(matches!(refused, StoreError::Full), "{refused:?}");
    assert!(refused.to_string().contains("DESKBRIDGE_DISK_BUDGET_BYTES"), "{refused}");
    assert!(taken > 10 && desk.store.is_full());
    assert_eq!(deliver_all(&desk, 1).await, taken as usize, "deliveries go on");
    assert!(matches!(desk.store.accept(large(taken), at(2)).await, Err(StoreError::Full)));
    let (aged, evicted) = tidy(&desk.store, &limits, true, 60_000).await;
    assert_eq!((aged, evicted), (0, u64::from(taken) - 1));
    assert!(!desk.store.is_full());
    assert!(matches!(desk.store.accept(large(taken), at(60_000)).await, Ok(Accepted::New { .. })));
}

#[tokio::test]
async fn what_was_settled_just_now_stays_even_where_room_is_short() {
    let desk = Desk::new().await;
    for n in 0..20 {
        desk.store.accept(large(n), at(0)).await.unwrap();
    }
    deliver_all(&desk, 1).await;
    let limits = Limits { budget: Some(MIB), retention: None };
    assert_eq!(tidy(&desk.store, &limits, true, 1_000).await, (0, 0));
    assert_eq!(tidy(&desk.store, &limits, true, 10_000).await, (0, 19));
}

#[tokio::test]
async fn accepting_more_than_was_left_at_the_last_look_asks_for_another_one() {
    let desk = Desk::new().await;
    let limits = Limits { budget: Some(2 * MIB), retention: None };
    assert_eq!(desk.store.look(&limits).await.unwrap().room, Room::Ample);
    let strained = desk.store.strained();
    desk.store.accept(large(0), at(0)).await.unwrap();
    assert!(strained.notified().now_or_never().is_none(), "there is room for more");
    for n in 1..30 {
        desk.store.accept(large(n), at(0)).await.expect("an estimate refuses nobody");
    }
    assert!(strained.notified().now_or_never().is_some());
    assert_eq!(desk.store.look(&limits).await.unwrap().room, Room::Full);
    assert!(matches!(desk.store.accept(large(30), at(0)).await, Err(StoreError::Full)));
}

#[tokio::test]
async fn space_that_was_freed_goes_back_to_the_disk() {
    let desk = Desk::new().await;
    for n in 0..60 {
        desk.store.accept(large(n), at(0)).await.unwrap();
    }
    deliver_all(&desk, 1).await;
    desk.store.prune(at(2), |_| {}).await.unwrap();
    let size = desk.store.look(&Limits::default()).await.unwrap().size;
    assert!(size.taken < 2 * MIB, "{size:?}");
    assert_eq!(size.taken, size.used);
    let desk = desk.reopen(at(3)).await.unwrap();
    let bytes = std::fs::metadata(desk.place.file()).unwrap().len();
    assert!(bytes < 2 * MIB, "{bytes} bytes");
}

#[tokio::test]
async fn a_file_from_before_incremental_vacuum_keeps_its_space_for_reuse_until_it_is_upgraded() {
    let desk = Desk::new().await;
    let (url, file) = (desk.url(), desk.place.file());
    desk.store.close();
    std::fs::remove_file(&file).unwrap();
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch("PRAGMA auto_vacuum = NONE; CREATE TABLE filler (n); DROP TABLE filler;").unwrap();
    drop(old);
    let desk = desk.reopen(at(0)).await.unwrap();
    for n in 0..60 {
        desk.store.accept(large(n), at(0)).await.unwrap();
    }
    deliver_all(&desk, 1).await;
    assert_eq!(desk.store.prune(at(2), |_| {}).await.unwrap(), 59);
    let size = desk.store.look(&Limits::default()).await.unwrap().size;
    assert!(size.taken > 5 * MIB && size.used < 2 * MIB, "{size:?}");
    desk.store.close();
    let upgraded = Store::upgrade(&url).await.unwrap();
    assert!(upgraded.rewritten && upgraded.from == upgraded.to, "{upgraded:?}");
    let bytes = std::fs::metadata(&file).unwrap().len();
    assert!(bytes < 2 * MIB, "{bytes} bytes");
    assert!(!Store::upgrade(&url).await.unwrap().rewritten, "once is enough");
    let desk = desk.reopen(at(3)).await.unwrap();
    assert_eq!(listed(&desk.store).await.len(), 1, "and it holds what it held");
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
