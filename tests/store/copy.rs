//! A journal that moves: all of it, provably, and what was delivered stays delivered.

use deskbridge::store::{Accepted, Compared, Stage, Store, StoreError, is_same};
use proptest::prelude::*;

use super::{journals::*, support::*};

fn there(desk: &Desk) -> String {
    format!("sqlite:{}", desk.place.file().with_file_name("there.db").display())
}

/// The names of the tables that differ.
fn different(compared: &[Compared]) -> Vec<&'static str> {
    compared.iter().filter(|table| table.from != table.to).map(|table| table.table).collect()
}

async fn copied(from: &Store, url: &str) -> Store {
    let to = Store::open_for_copy(url).await.unwrap();
    let mut told = std::collections::BTreeMap::new();
    let mut tell = |at: deskbridge::store::Progress| {
        told.insert((at.stage as u8, at.table), at);
    };
    let compared = from.copy_to(&to, at(2), &mut tell).await.unwrap();
    assert_eq!(told.len(), 3 * compared.len());
    assert!(told.values().all(|at| at.is_end()), "each table is told of to its end: {told:?}");
    assert_eq!(different(&compared), [""; 0]);
    to
}

/// Changes a closed store behind everybody's back.
fn meddle(url: &str, sql: &str) {
    let db = rusqlite::Connection::open(url.trim_start_matches("sqlite:")).unwrap();
    let changed = db.execute(sql, []).unwrap();
    assert!(changed > 0, "{sql} changes something");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_copy_holds_the_same_and_goes_on_delivering_in_the_same_order(plan in plan()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let desk = journal(&plan).await;
            let to = copied(&desk.store, &there(&desk)).await;
            assert_eq!(listed(&to).await, listed(&desk.store).await);
            to.close();
            let to = Store::open(&there(&desk), at(3)).await.unwrap();
            let again = to.accept(planned(1, plan[0].0), at(3)).await.unwrap();
            assert_eq!(again, Accepted::Duplicate { sequence: 1 });
            let new = to.accept(planned(plan.len() + 1, 0), at(3)).await.unwrap();
            assert_eq!(new, Accepted::New { sequence: plan.len() as i64 + 1 });
            desk.store.accept(planned(plan.len() + 1, 0), at(3)).await.unwrap();
            // What a worker had in hand is due when a process takes the store over.
            let desk = desk.reopen(at(3)).await.unwrap();
            assert_eq!(drained(&to).await, drained(&desk.store).await);
        });
    }
}

#[tokio::test]
async fn every_table_is_copied_and_a_change_to_any_of_them_is_found() {
    let desk = Desk::new().await;
    furnish(&desk.store).await;
    let to = copied(&desk.store, &there(&desk)).await;
    let compared = desk.store.compare(&to, &mut |_| {}).await.unwrap();
    assert!(compared.iter().all(|table| table.from.rows > 0), "no table is left out: {compared:?}");
    to.close();
    for (table, sql) in [
        ("events", "UPDATE events SET body = zeroblob(length(body))"),
        ("attempts", "UPDATE attempts SET calls = calls || ' '"),
        ("effects", "DELETE FROM effects"),
        ("links", "UPDATE links SET version = NULL"),
        ("mappings", "UPDATE mappings SET kept_at = kept_at + 1"),
        ("cursors", "UPDATE cursors SET place = '第 4 页' WHERE name = 'tickets'"),
        ("view_pieces", "UPDATE view_pieces SET content = x'00'"),
        ("view_versions", "UPDATE view_versions SET about = '{}'"),
        ("audit", "UPDATE audit SET outcome = NULL"),
        ("deliveries", "UPDATE deliveries SET status = 'delivered'"),
    ] {
        std::fs::remove_file(there(&desk).trim_start_matches("sqlite:")).unwrap();
        copied(&desk.store, &there(&desk)).await.close();
        meddle(&there(&desk), sql);
        let to = Store::open(&there(&desk), at(3)).await.unwrap();
        let compared = desk.store.compare(&to, &mut |_| {}).await.unwrap();
        assert_eq!(different(&compared), [table], "{sql}");
        to.close();
    }
}

#[tokio::test]
async fn a_copy_that_was_broken_off_is_opened_by_nobody_and_goes_on_where_it_stopped() {
    let desk = Desk::new().await;
    for n in 0..100 {
        desk.accept(&n.to_string(), &format!("e{n}")).await;
    }
    furnish(&desk.store).await;
    copied(&desk.store, &there(&desk)).await.close();
    meddle(&there(&desk), "DELETE FROM deliveries");
    meddle(&there(&desk), "DELETE FROM events WHERE seq > 40");
    meddle(&there(&desk), "UPDATE cursors SET place = 'unfinished' WHERE name = 'copy'");
    let refused = Store::open(&there(&desk), at(3)).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::Unfinished)), "{refused:?}");
    let to = Store::open_for_copy(&there(&desk)).await.unwrap();
    let mut first_event = None;
    let mut tell = |progress: deskbridge::store::Progress| {
        if (progress.stage, progress.table) == (Stage::Copying, "events") {
            first_event.get_or_insert(progress.rows);
        }
    };
    let compared = desk.store.copy_to(&to, at(3), &mut tell).await.unwrap();
    assert_eq!(different(&compared), [""; 0]);
    assert!(first_event.is_some_and(|rows| rows > 40), "the first 40 are not copied again: {first_event:?}");
    to.close();
    Store::open(&there(&desk), at(4)).await.unwrap();
}

#[tokio::test]
async fn a_copy_that_differs_stays_closed() {
    let desk = Desk::new().await;
    furnish(&desk.store).await;
    copied(&desk.store, &there(&desk)).await.close();
    meddle(&there(&desk), "UPDATE events SET body = zeroblob(length(body))");
    meddle(&there(&desk), "UPDATE cursors SET place = 'unfinished' WHERE name = 'copy'");
    let to = Store::open_for_copy(&there(&desk)).await.unwrap();
    let compared = desk.store.copy_to(&to, at(3), &mut |_| {}).await.unwrap();
    assert_eq!(different(&compared), ["events"]);
    to.close();
    let refused = Store::open(&there(&desk), at(4)).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::Unfinished)), "{refused:?}");
}

#[tokio::test]
async fn a_store_that_holds_something_is_not_copied_into() {
    let desk = Desk::new().await;
    let other = Desk::new().await;
    other.accept("1", "a").await;
    other.store.close();
    let refused = Store::open_for_copy(&other.url()).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::NotEmpty)), "{refused:?}");
    let other = other.reopen(at(2)).await.unwrap();
    assert_eq!(other.claim_ids(9, 2).await, ["a"]);
    assert!(is_same(&desk.url(), &desk.url().replace("/desk.db", "/./desk.db")));
    assert!(!is_same(&desk.url(), &other.url()));
}

#[tokio::test]
async fn what_is_no_store_is_neither_made_nor_copied() {
    let desk = Desk::new().await;
    let refused = Store::open_existing(&there(&desk)).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::File { .. })), "{refused:?}");
    assert!(!desk.place.file().with_file_name("there.db").exists());
}

#[tokio::test]
async fn a_closed_store_is_one_file() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    assert_eq!(listed(&desk.store).await.len(), 1, "somebody has read, too");
    desk.store.close();
    let folder = std::fs::read_dir(desk.file().parent().unwrap()).unwrap();
    let mut names: Vec<_> = folder.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["desk.db", "desk.db.lock"]);
}
