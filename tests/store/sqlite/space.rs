//! What only a file can do when it grows: be refused room, and give room back.

use deskbridge::store::{Accepted, Limits, Room, Store, StoreError};
use futures_util::FutureExt;

use super::{journals::*, retention::*, support::*};

/// An event of a tenth of a megabyte.
fn large(n: u32) -> deskbridge::event::Event {
    event_with(&n.to_string(), &format!("large-{n}"), &"打".repeat(33_000))
}

#[tokio::test]
async fn a_store_at_its_budget_refuses_events_delivers_and_takes_events_again() {
    let desk = Desk::new().await;
    let limits = Limits { budget: Some(8 * MIB), ..Limits::default() };
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
async fn accepting_more_than_was_left_at_the_last_look_asks_for_another_one() {
    let desk = Desk::new().await;
    let limits = Limits { budget: Some(2 * MIB), ..Limits::default() };
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
