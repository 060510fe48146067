//! What only a file can do: be somebody else's, of another version, or missing.

use deskbridge::store::{Archive, AsOf, NewVersion, Store, StoreError};

use super::{place::Place, support::*};

#[tokio::test]
async fn an_event_that_a_dead_process_had_in_hand_is_due_at_once_and_its_lane_stays_in_order() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    desk.claim_one(0).await;
    let desk = desk.reopen(at(1)).await.unwrap();
    let again = desk.claim_one(1).await;
    assert_eq!((again.event.id.as_str(), again.attempt), ("a", 2));
    let attempts = desk.record("a").await.attempts;
    assert_eq!((attempts[0].finished_at, attempts[0].outcome.clone()), (None, None), "it never ended");
    desk.store.settle(settlement(&again, delivered(), 2)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 2).await, ["b"]);
}

#[tokio::test]
async fn a_second_process_is_kept_off_the_same_file_as_long_as_the_first_lives() {
    let desk = Desk::new().await;
    match Store::open(&desk.url(), at(0)).await.map(|_| ()) {
        Err(StoreError::InUse(path)) => assert!(path.ends_with("desk.db"), "{path}"),
        other => panic!("{other:?}"),
    }
    desk.accept("1", "a").await;
    desk.reopen(at(1)).await.unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_and_left_as_it_is() {
    let desk = Desk::new().await;
    let (url, file) = (desk.url(), desk.place.file());
    desk.store.close();
    let newer = rusqlite::Connection::open(&file).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    let refused = desk.reopen(at(1)).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::TooNew { found: 99, known: 5 })), "{refused:?}");
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("run a newer deskbridge"), "{url}: {message}");
    let version: i64 = newer.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[tokio::test]
async fn a_file_of_the_version_before_is_upgraded_with_what_is_in_it() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let path = desk.place.file();
    desk.store.close();
    let older = rusqlite::Connection::open(&path).unwrap();
    older
        .execute_batch(
            "DROP INDEX links_written; ALTER TABLE events DROP COLUMN hint; ALTER TABLE links DROP COLUMN written;
             ALTER TABLE events DROP COLUMN version; ALTER TABLE events DROP COLUMN verified_by;
             ALTER TABLE deliveries DROP COLUMN request_key;
             ALTER TABLE deliveries DROP COLUMN mapping; ALTER TABLE deliveries DROP COLUMN pinned;
             ALTER TABLE attempts DROP COLUMN mapping; CREATE TABLE snapshots (view); PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(older);
    let desk = desk.reopen(at(1)).await.unwrap();
    let claimed = desk.claim_one(1).await;
    assert_eq!((claimed.event.id.as_str(), claimed.event.hint), ("a", false));
    assert_eq!(claimed.event.verified_by, None);
}

#[tokio::test]
async fn a_file_of_version_3_is_upgraded_and_begins_a_history_of_its_ticket_views() {
    let place = Place::new().await;
    let older = rusqlite::Connection::open(place.file()).unwrap();
    older.execute_batch(include_str!("version_3.sql")).unwrap();
    drop(older);
    let upgraded = Store::upgrade(&place.url()).await.unwrap();
    assert_eq!((upgraded.from, upgraded.to), (3, 5));
    let desk = Desk { store: Store::open(&place.url(), at(1)).await.unwrap(), place };
    assert_eq!(desk.claim_ids(10, 1).await, ["a"]);
    assert_eq!(desk.store.cursor(CONNECTION, "tickets").await.unwrap().as_deref(), Some("第 3 页"));
    assert_eq!(desk.store.versions(CONNECTION, AsOf::Now).await.unwrap(), []);
    let version = NewVersion { view: "15".into(), about: None, count: 0, chunks: Vec::new() };
    assert_eq!(desk.store.put_versions(CONNECTION, 0, vec![version], at(1)).await.unwrap(), 1);
    let desk = desk.reopen(at(2)).await.unwrap();
    assert_eq!(desk.store.versions(CONNECTION, AsOf::Now).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_of_each_earlier_version_is_upgraded_with_events_that_wait_and_what_was_kept() {
    // Of versions before 3 there was less, but nothing else.
    let before_3 = "DROP TABLE effects; ALTER TABLE events DROP COLUMN version;
        ALTER TABLE events DROP COLUMN verified_by; ALTER TABLE deliveries DROP COLUMN request_key;
        ALTER TABLE deliveries DROP COLUMN mapping; ALTER TABLE deliveries DROP COLUMN pinned;
        ALTER TABLE attempts DROP COLUMN mapping; PRAGMA user_version = 2";
    let before_2 = "ALTER TABLE events DROP COLUMN hint; ALTER TABLE links DROP COLUMN written;
        PRAGMA user_version = 1";
    let manual = steps_back();
    let steps = [manual[0], manual[1], before_3, before_2];
    for taken in 1..=steps.len() {
        let desk = Desk::new().await;
        desk.accept("1", "parked").await;
        let claimed = desk.claim_one(0).await;
        let outcome = deskbridge::event::Outcome::Parked(reason());
        desk.store.settle(settlement(&claimed, outcome, 1)).await.unwrap();
        desk.accept("2", "waits").await;
        desk.store.put_cursor(CONNECTION, "tickets", "第 3 页", at(0)).await.unwrap();
        let Desk { store, place } = desk;
        store.close();
        drop(store);
        let older = rusqlite::Connection::open(place.file()).unwrap();
        older.execute_batch("DROP INDEX links_written").unwrap();
        steps[..taken].iter().for_each(|step| older.execute_batch(step).unwrap());
        let version: usize = older.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 5 - taken);
        drop(older);
        let desk = Desk { store: Store::open(&place.url(), at(2)).await.unwrap(), place };
        assert_eq!(desk.claim_ids(10, 2).await, ["waits"], "from {version}");
        let parked = desk.record("parked").await;
        assert_eq!((parked.attempts.len(), parked.event.body), (1, "parked".into()), "from {version}");
        desk.store.prune(at(3), |_| {}).await.expect("every index is there");
        let cursor = desk.store.cursor(CONNECTION, "tickets").await.unwrap();
        assert_eq!(cursor.as_deref(), Some("第 3 页"), "from {version}");
    }
}

/// The commands of the manual that lead back from a version to the one before.
fn steps_back() -> Vec<&'static str> {
    let manual = include_str!("../../../docs/operations/upgrading.md");
    manual.split("sqlite3 data/deskbridge.db '").skip(1).filter_map(|rest| rest.split('\'').next()).collect()
}

#[tokio::test]
async fn a_file_goes_back_version_by_version_as_the_manual_says_and_up_again_with_what_is_in_it() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.store.put_cursor(CONNECTION, "tickets", "第 3 页", at(0)).await.unwrap();
    let Desk { store, place } = desk;
    store.close();
    let tables = |db: &rusqlite::Connection| -> Vec<String> {
        let mut names =
            db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        names.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let older = rusqlite::Connection::open(place.file()).unwrap();
    for step in steps_back() {
        older.execute_batch(step).unwrap();
    }
    let version_3 = rusqlite::Connection::open_in_memory().unwrap();
    version_3.execute_batch(include_str!("version_3.sql")).unwrap();
    assert_eq!(tables(&older), tables(&version_3), "a program of version 3 finds what it knows");
    let version: i64 = older.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 3);
    drop(older);
    let desk = Desk { store: Store::open(&place.url(), at(1)).await.unwrap(), place };
    assert_eq!(desk.claim_ids(10, 1).await, ["a"]);
    assert_eq!(desk.store.cursor(CONNECTION, "tickets").await.unwrap().as_deref(), Some("第 3 页"));
}

#[tokio::test]
async fn the_folder_of_a_store_is_made_if_it_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/of/tenant/desk.db");
    let store = Store::open(&format!("sqlite:{}", path.display()), at(0)).await.unwrap();
    store.ping().await.unwrap();
    assert!(path.is_file());
}

#[tokio::test]
async fn an_archive_makes_no_file_and_upgrades_none() {
    let desk = Desk::new().await;
    let missing = format!("{}.nothing", desk.url());
    assert!(matches!(Archive::open(&missing), Err(StoreError::File { .. })));
    assert!(matches!(Archive::open("mysql:x"), Err(StoreError::UnknownEngine)));
    desk.store.close();
    let db = rusqlite::Connection::open(desk.place.file()).unwrap();
    for (version, older) in [(1, true), (99, false)] {
        db.pragma_update(None, "user_version", version).unwrap();
        let error = Archive::open(&desk.url()).err().expect("another version is refused");
        assert_eq!(matches!(error, StoreError::TooOld { .. }), older, "{error}");
    }
    assert!(!std::path::Path::new(missing.trim_start_matches("sqlite:")).exists());
}
