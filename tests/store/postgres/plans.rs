//! Which way statements go through tables that have grown: by the server's own count of how often each was gone through row by
//! row. Its statistics know how large they are, as on a server that is in use.

use std::time::{Duration, Instant};

use deskbridge::{
    event::{EventId, EventType, Lane, Outcome, Status, Subject},
    store::{
        Act, Action, AuditFilter, Erasure, Filter, Intent, Link, LinkKey, Replay, Settlement, Store,
        UNCERTAIN,
    },
};
use tokio_postgres::Client;

use super::support::*;

/// Connections beside ours, and settled events of each: so many that no statement about one has cause to read all.
const OTHERS: i64 = 40;
const EVENTS: i64 = 500;
/// Tables that grow with the events.
const GROWING: [&str; 5] = ["events", "deliveries", "attempts", "effects", "links"];

/// A store in which much was done for many, and the server knows it.
async fn grown() -> Desk {
    let desk = Desk::new().await;
    let fill = "
        INSERT INTO events (connection, id, type, lane, accepted_at, digest, data_start, data_end, body)
        SELECT CASE c WHEN 0 THEN 'acme' ELSE 'other-' || c END, 'e' || n, 'ticket.updated', 'ticket:' || n,
               1700000000000, '\\x00', 0, 2, '{}'
        FROM generate_series(0, OTHERS) AS c, generate_series(1, EVENTS) AS n;
        INSERT INTO deliveries (connection, seq, lane, status, open, attempts, tried, fresh_at, updated_at)
        SELECT connection, seq, lane, 'delivered', 0, 1, 1, accepted_at, accepted_at FROM events;
        INSERT INTO attempts (connection, seq, attempt, started_at, finished_at, outcome, calls)
        SELECT connection, seq, 1, accepted_at, accepted_at, 'delivered', '[]' FROM events;
        INSERT INTO effects (connection, seq, attempt, step, request_id, sent, started_at, answered_at)
        SELECT connection, seq, 1, 'create', 'r', '{}', accepted_at, accepted_at FROM events;
        INSERT INTO links (connection, kind, source_id, target_id, updated_at, written)
        SELECT connection, 'ticket', substr(lane, 8), seq::text, accepted_at, '{\"@sequence\":\"1\"}' FROM events;
        ANALYZE";
    let fill = fill.replace("OTHERS", &OTHERS.to_string()).replace("EVENTS", &EVENTS.to_string());
    desk.place.client().await.batch_execute(&fill).await.unwrap();
    desk
}

/// How often tables were gone through row by row, and how often by an index, once everybody has left: a session tells it at its
/// end.
pub(super) async fn scans(client: &Client, tables: &[&str]) -> (i64, i64) {
    let others = "SELECT count(*) FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let since = Instant::now();
    // polls: nobody tells that a session has ended.
    while client.query_one(others, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(since.elapsed() < Duration::from_secs(20), "the sessions of a closed store end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let sql =
        "SELECT sum(seq_scan)::int8, sum(idx_scan)::int8 FROM pg_stat_user_tables WHERE relname = ANY($1)";
    let row = client.query_one(sql, &[&tables]).await.unwrap();
    (row.get(0), row.get(1))
}

/// Every filter by which somebody may look for events.
fn filters() -> Vec<Filter> {
    let all = || Filter { limit: 10, ..Filter::default() };
    vec![
        all(),
        Filter { status: Some(Status::Delivered), ..all() },
        Filter { status: Some(Status::Parked), ..all() },
        Filter { status: Some(Status::Dead), ..all() },
        Filter { event_type: Some(EventType::TicketUpdated), ..all() },
        Filter { lane: Lane::new("ticket", "1").ok(), ..all() },
        Filter { code: Some(UNCERTAIN.into()), ..all() },
        Filter { since: Some(at(0)), until: Some(at(9)), before: Some(9), ..all() },
    ]
}

/// What is looked at.
async fn look(store: &Store, id: &EventId) {
    store.event(CONNECTION, id).await.unwrap();
    let lane = Lane::new("ticket", "new").unwrap();
    store.next_in_lane(CONNECTION, &lane, 0).await.unwrap();
    store.next_due(CONNECTION).await.unwrap();
    store.open_effects(CONNECTION, &lane, "create", 0).await.unwrap();
    store.is_linked("ticket", "7").await.unwrap();
    store.link(CONNECTION, &LinkKey::from(&lane)).await.unwrap();
    store.knows(CONNECTION).await.unwrap();
    store.connections().await.unwrap();
    for filter in filters() {
        store.events(CONNECTION, filter.clone()).await.unwrap();
        store.held_lanes(CONNECTION, filter.clone()).await.unwrap();
        store.count_held(CONNECTION, filter.clone()).await.unwrap();
        let unattended = Filter { unattended_at: Some(at(9)), ..filter };
        store.count_held(CONNECTION, unattended).await.unwrap();
    }
}

/// What workers and operators do with one event.
async fn work(desk: &Desk, id: &str) {
    desk.accept("new", id).await;
    let claimed = desk.claim_one(1).await;
    let (step, request_id, sent) = ("create".to_owned(), "r".to_owned(), "{}".to_owned());
    desk.store.intend(Intent { hold: claimed.hold(), step, request_id, sent, at: at(1) }).await.unwrap();
    let key = LinkKey::from(&claimed.event.lane);
    let link = Link { key, target_id: "7".into(), version: None, written: Some("{}".into()) };
    let settlement = Settlement { links: vec![link], ..settlement(&claimed, Outcome::Parked(reason()), 2) };
    desk.store.settle(settlement).await.unwrap();
    look(&desk.store, &claimed.event.id).await;
    desk.store.replay(CONNECTION, &claimed.event.id, Replay::default(), at(3)).await.unwrap();
    let again = desk.claim_one(3).await;
    desk.store.settle(super::support::settlement(&again, Outcome::Parked(reason()), 4)).await.unwrap();
    let all = || Filter { code: Some(reason().code), ..Filter::default() };
    assert_eq!(desk.store.replay_all(CONNECTION, all(), Replay::default(), at(5)).await.unwrap(), 1);
    let waiting = Filter { unattended_at: Some(at(6)), ..Filter::default() };
    assert_eq!(desk.store.discard_all(CONNECTION, waiting, at(6)).await.unwrap(), 1);
}

#[tokio::test]
async fn no_statement_of_the_journal_goes_through_all_that_was_ever_done() {
    let desk = grown().await;
    let (url, client) = (desk.url(), desk.place.client().await);
    desk.store.close();
    let Desk { store, place } = desk;
    drop(store);
    let (before, _) = scans(&client, &GROWING).await;
    let desk = Desk { store: Store::open(&url, at(0)).await.unwrap(), place };
    work(&desk, "new-1").await;
    let action = Action::DiscardEvent;
    let act = Act { actor: None, action, connection: None, object: None, options: None, trace_id: None };
    let number = desk.store.audit_begin(act, at(0)).await.unwrap();
    desk.store.audit_end(number, "done", None, at(0)).await.unwrap();
    desk.store.audit(AuditFilter { limit: 10, ..AuditFilter::default() }).await.unwrap();
    desk.store.prune(at(-1), |_| {}).await.unwrap();
    let subject = Subject::new("nobody@example.com", false).unwrap();
    let erasure =
        Erasure { connection: Some(CONNECTION.into()), subject, discard_waiting: true, dry_run: false };
    desk.store.erase(&erasure, at(9)).await.unwrap();
    let Desk { store, place } = desk;
    store.close();
    drop(store);
    let (after, by_index) = scans(&client, &GROWING).await;
    let sql = "SELECT relname || ' ' || seq_scan FROM pg_stat_user_tables ORDER BY 1";
    let each: Vec<String> = client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(after, before, "{each:?}");
    assert!(by_index > 100, "{by_index}");
    drop(place);
}
