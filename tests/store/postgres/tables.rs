//! The tables' version, and programs of different ages on them.

use deskbridge::store::{Archive, AsOf, AuditFilter, ContentId, NewVersion, Piece, Store, StoreError};
use futures_util::future::join_all;

use super::{plans::scans, support::*};

#[tokio::test]
async fn replicas_that_start_at_once_make_the_tables_once() {
    let place = Place::new().await;
    let url = place.url();
    let stores = join_all((0..4).map(|_| Store::open(&url, at(0)))).await;
    for store in stores {
        store.expect("one made the tables, the others waited").ping().await.unwrap();
    }
}

#[tokio::test]
async fn tables_of_a_newer_program_are_used_as_long_as_it_only_added_to_them() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let client = desk.place.client().await;
    let later = "INSERT INTO schema_version (version, oldest) VALUES (98, 1);
                 ALTER TABLE events ADD COLUMN colour TEXT; ALTER TABLE deliveries ADD COLUMN size BIGINT DEFAULT 1";
    client.batch_execute(later).await.unwrap();
    desk.accept("2", "b").await;
    let desk = desk.reopen(at(1)).await.unwrap();
    desk.accept("3", "c").await;
    assert_eq!(desk.claim_ids(10, 1).await, ["a", "b", "c"]);
    client.batch_execute("INSERT INTO schema_version (version, oldest) VALUES (99, 99)").await.unwrap();
    let url = desk.url();
    assert!(matches!(Archive::open(&url).err(), Some(StoreError::TooNew { found: 99, .. })));
    let refused = desk.reopen(at(2)).await.map(drop).unwrap_err();
    assert!(matches!(refused, StoreError::TooNew { found: 99, .. }), "{refused:?}");
    assert!(refused.to_string().contains("run a newer deskbridge"), "{refused}");
}

#[tokio::test]
async fn tables_of_version_1_begin_a_history_of_ticket_views_and_its_replicas_go_on() {
    let place = Place::new().await;
    let client = place.client().await;
    client.batch_execute(include_str!("../../../src/store/postgres/steps/1.sql")).await.unwrap();
    let version_1 =
        "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, oldest BIGINT NOT NULL);
                     INSERT INTO schema_version VALUES (1, 1);
                     INSERT INTO snapshots VALUES ('acme', '15', 0, '{}')";
    client.batch_execute(version_1).await.unwrap();
    let store = Store::open(&place.url(), at(0)).await.unwrap();
    keep_views(&store).await;
    let sql = "SELECT max(oldest), (SELECT count(*) FROM snapshots) FROM schema_version";
    let row = client.query_one(sql, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 1), "a replica of version 1 misses nothing");
}

#[tokio::test]
async fn an_archive_makes_no_tables() {
    let place = Place::new().await;
    let refused = Archive::open(&place.url()).err();
    assert!(matches!(refused, Some(StoreError::TooOld { found: 0, .. })), "{refused:?}");
    let made = place.client().await.query_one("SELECT to_regclass('events') IS NULL", &[]).await.unwrap();
    assert!(made.get::<_, bool>(0));
}

#[tokio::test]
async fn tables_stand_in_the_schema_that_the_address_names() {
    let desk = Desk::new().await;
    desk.place.client().await.batch_execute("CREATE SCHEMA tenant").await.unwrap();
    let store =
        Store::open(&format!("{}?options=-c%20search_path%3Dtenant", desk.url()), at(0)).await.unwrap();
    store.accept(event("1", "a"), at(0)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 0).await, [""; 0], "it is another store");
    assert_eq!(store.claim(CONNECTION, 10, LEASE, at(0)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_postgresql_can_not_keep_is_refused_or_made_readable() {
    let desk = Desk::new().await;
    let mut version = event("1", "a");
    version.traceparent = Some("with\0nul".into());
    let refused = desk.store.accept(version, at(0)).await;
    assert!(matches!(refused, Err(StoreError::Unstorable(_))), "{refused:?}");
    desk.accept("1", "b").await;
    let claimed = desk.claim_one(0).await;
    let told = deskbridge::event::Reason::new("refused", "Bangwo8 said \0");
    desk.store.settle(settlement(&claimed, deskbridge::event::Outcome::Parked(told), 1)).await.unwrap();
    assert_eq!(desk.record("b").await.summary.reason.unwrap().message, "Bangwo8 said \u{fffd}");
}

/// Everything that is asked about ticket views.
async fn keep_views(store: &Store) {
    let piece = Piece { id: ContentId::of(b"1"), content: b"1".into() };
    let version = NewVersion { view: "15".into(), about: None, count: 0, chunks: vec![piece.id] };
    let ids = vec![piece.id];
    store.put_pieces(CONNECTION, vec![piece], at(0)).await.unwrap();
    store.put_versions(CONNECTION, 0, vec![version], at(0)).await.unwrap();
    store.pieces(CONNECTION, ids.clone()).await.unwrap();
    store.old_pieces(CONNECTION, at(1), None, 10).await.unwrap();
    for as_of in [AsOf::Now, AsOf::Time(at(1))] {
        store.versions(CONNECTION, as_of).await.unwrap();
        store.version(CONNECTION, "15", as_of).await.unwrap();
    }
    store.oldest_version(CONNECTION, "15").await.unwrap();
    store.versions_after(CONNECTION, 0, 10).await.unwrap();
    store.counts_over_time(CONNECTION, "15", at(0), at(9), 10).await.unwrap();
    store.prune_versions(CONNECTION, at(9), 10).await.unwrap();
    store.chunks_in_use(CONNECTION).await.unwrap();
    store.forget_pieces(CONNECTION, ids, at(9)).await.unwrap();
    store.cursors(CONNECTION, "ask/").await.unwrap();
    store.forget_cursor(CONNECTION, "ask/15").await.unwrap();
}

/// Those of ticket views.
const VIEWS: [&str; 3] = ["view_pieces", "view_versions", "cursors"];

#[tokio::test]
async fn every_statement_about_ticket_views_has_an_index_to_go_by() {
    let place = Place::new().await;
    // Nobody goes by an index in a table of one row: who may not go otherwise does, if there is one.
    let url = format!("{}?options=-c%20enable_seqscan%3Doff", place.url());
    let client = place.client().await;
    Store::open(&url, at(0)).await.unwrap().close();
    let (made, _) = scans(&client, &VIEWS).await;
    let store = Store::open(&url, at(0)).await.unwrap();
    keep_views(&store).await;
    store.close();
    drop(store);
    let (by_row, by_index) = scans(&client, &VIEWS).await;
    assert_eq!(by_row, made, "to make an index is to go through its table");
    assert!(by_index >= 15, "{by_index}");
}

#[tokio::test]
async fn tables_of_each_earlier_version_are_upgraded_with_events_that_wait_and_what_was_kept() {
    let steps = [
        include_str!("../../../src/store/postgres/steps/1.sql"),
        include_str!("../../../src/store/postgres/steps/2.sql"),
        include_str!("../../../src/store/postgres/steps/3.sql"),
    ];
    for version in 1..=steps.len() {
        let place = Place::new().await;
        let client = place.client().await;
        let made =
            "CREATE TABLE schema_version (version BIGINT NOT NULL PRIMARY KEY, oldest BIGINT NOT NULL);
                    INSERT INTO schema_version SELECT number, 1 FROM generate_series(1, VERSION) AS number";
        client.batch_execute(&steps[..version].concat()).await.unwrap();
        client.batch_execute(&made.replace("VERSION", &version.to_string())).await.unwrap();
        let waits = "INSERT INTO events (connection, id, type, lane, accepted_at, digest, data_start, data_end, body)
                     VALUES ('acme', 'waits', 'ticket.updated', 'ticket:1', 0, '\\x00', 0, 5, 'waits');
                     INSERT INTO deliveries (connection, seq, lane, status, open, due_at, attempts, tried, fresh_at, updated_at)
                     SELECT connection, seq, lane, 'accepted', 1, 0, 0, 0, 0, 0 FROM events;
                     INSERT INTO links (connection, kind, source_id, target_id, updated_at, written)
                     VALUES ('acme', 'ticket', '1', '7', 0, '{}')";
        client.batch_execute(waits).await.unwrap();
        let desk = Desk { store: Store::open(&place.url(), at(1)).await.unwrap(), place };
        let claimed = desk.claim_one(1).await;
        assert_eq!(
            (claimed.event.id.as_str(), &claimed.event.body[..]),
            ("waits", &b"waits"[..]),
            "{version}"
        );
        assert_eq!(claimed.link.expect("the link").target_id, "7", "{version}");
        desk.store.prune(at(2), |_| {}).await.unwrap();
        assert_eq!(desk.store.audit(AuditFilter { limit: 1, ..AuditFilter::default() }).await.unwrap(), []);
    }
}
