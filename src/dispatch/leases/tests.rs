use bytes::Bytes;

use super::*;
use crate::event::{Event, EventId, EventType, Lane};

const LASTS: Duration = Duration::from_secs(30);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// A store with one event, and the folder that it is in.
async fn store() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("deskbridge.db").display());
    let store = Store::open(&url, at(0)).await.unwrap();
    let event = Event {
        connection: "acme".into(),
        id: EventId::plain("打印机").unwrap(),
        event_type: EventType::TicketCreated,
        lane: Lane::new("ticket", "1").unwrap(),
        time: None,
        traceparent: None,
        body: Bytes::from_static(b"{}"),
        digest: None,
        data: 0..2,
        hint: false,
        version: None,
        verified_by: None,
    };
    store.accept(event, at(0)).await.unwrap();
    (store, folder)
}

async fn claim(store: &Store, second: i64) -> Option<Claimed> {
    store.claim("acme", 1, LASTS, at(second)).await.unwrap().pop()
}

#[tokio::test]
async fn a_lease_that_is_renewed_lasts_and_one_that_is_not_ends() {
    let (store, _folder) = store().await;
    let leases = Arc::new(Leases::new(store.clone(), "acme".into(), LASTS));
    let held = leases.hold(&claim(&store, 0).await.unwrap(), at(0));
    leases.renew(at(20)).await;
    assert!(claim(&store, 49).await.is_none(), "it lasts until 50");
    assert!(!held.lost.is_cancelled());
    assert_eq!(claim(&store, 50).await.unwrap().attempt, 2);
}

#[tokio::test]
async fn an_attempt_is_told_that_somebody_else_has_its_event() {
    let (store, _folder) = store().await;
    let leases = Arc::new(Leases::new(store.clone(), "acme".into(), LASTS));
    let first = leases.hold(&claim(&store, 0).await.unwrap(), at(0));
    let second = leases.hold(&claim(&store, 30).await.unwrap(), at(30));
    leases.renew(at(31)).await;
    first.lost().await;
    assert!(!second.lost.is_cancelled());
}

#[tokio::test]
async fn an_attempt_is_given_up_when_its_lease_has_ended_and_the_store_does_not_answer() {
    let (store, _folder) = store().await;
    let leases = Arc::new(Leases::new(store.clone(), "acme".into(), LASTS));
    let held = leases.hold(&claim(&store, 0).await.unwrap(), at(0));
    store.close();
    leases.renew(at(29)).await;
    assert!(!held.lost.is_cancelled(), "nobody can have it yet");
    leases.renew(at(30)).await;
    held.lost().await;
}

#[tokio::test]
async fn what_has_ended_is_not_renewed() {
    let (store, _folder) = store().await;
    let leases = Arc::new(Leases::new(store.clone(), "acme".into(), LASTS));
    let held = leases.hold(&claim(&store, 0).await.unwrap(), at(0));
    drop(held);
    let before = store.commits();
    leases.renew(at(10)).await;
    assert_eq!((leases.holds().len(), store.commits()), (0, before));
}
