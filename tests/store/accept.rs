//! Accepting: once, whole, in order, and many with one commit.

use deskbridge::{
    event::{EventId, Status},
    store::{Accepted, StoreError},
};
use futures_util::future::{join, join_all};

use super::support::*;

#[tokio::test]
async fn an_event_is_new_once_and_a_duplicate_of_itself_afterwards() {
    let desk = Desk::new().await;
    let first = desk.store.accept(event("1", "a"), at(0)).await.unwrap();
    let Accepted::New { sequence } = first else { panic!("{first:?}") };
    let second = desk.store.accept(event("1", "a"), at(1)).await.unwrap();
    assert_eq!(second, Accepted::Duplicate { sequence });
    assert_eq!(desk.claim_ids(10, 1).await, ["a"]);
    assert_eq!(desk.record("a").await.summary.accepted_at, at(0));
}

#[tokio::test]
async fn other_bytes_under_the_same_id_are_a_conflict_and_the_first_stay() {
    let desk = Desk::new().await;
    desk.store.accept(event_with("1", "a", "one"), at(0)).await.unwrap();
    let other = desk.store.accept(event_with("1", "a", "two"), at(1)).await.unwrap();
    assert_eq!(other, Accepted::Conflict);
    assert_eq!(desk.record("a").await.event.body, "one");
}

#[tokio::test]
async fn a_delivered_event_is_still_known_as_a_duplicate() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let claimed = desk.claim_one(0).await;
    desk.store.settle(settlement(&claimed, delivered(), 1)).await.unwrap();
    let again = desk.store.accept(event("1", "a"), at(2)).await.unwrap();
    assert!(matches!(again, Accepted::Duplicate { .. }), "{again:?}");
    assert_eq!(desk.status("a").await, Status::Delivered);
}

#[tokio::test]
async fn the_same_id_of_another_connection_is_another_event() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let mut other = event_with("1", "a", "other bytes");
    other.connection = "beta".into();
    let accepted = desk.store.accept(other, at(0)).await.unwrap();
    assert!(matches!(accepted, Accepted::New { .. }), "{accepted:?}");
    assert_eq!(desk.claim(10, 0).await.len(), 1);
    let claimed = desk.store.claim("beta", 10, LEASE, at(0)).await.unwrap();
    assert_eq!(claimed[0].event.body, "other bytes");
}

#[tokio::test]
async fn sequences_grow_in_the_order_of_acceptance() {
    let desk = Desk::new().await;
    let mut sequences = Vec::new();
    for id in ["c", "a", "b"] {
        sequences.push(desk.accept(id, id).await);
    }
    assert!(sequences.is_sorted_by(|a, b| a < b), "{sequences:?}");
}

#[tokio::test]
async fn an_event_comes_back_as_it_was_accepted() {
    let desk = Desk::new().await;
    let mut accepted = event_with("urn:x:1", "a", "{\"data\": {\"工单\": 1}}");
    accepted.data = 9..accepted.body.len() - 1;
    accepted.time = Some(at(-5));
    accepted.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into());
    desk.store.accept(accepted.clone(), at(0)).await.unwrap();
    let claimed = desk.claim_one(0).await.event;
    for found in [claimed, desk.record("a").await.event] {
        assert_eq!((&found.connection, &found.id), (&accepted.connection, &accepted.id));
        assert_eq!((found.event_type, &found.lane), (accepted.event_type, &accepted.lane));
        assert_eq!((found.time, &found.traceparent), (accepted.time, &accepted.traceparent));
        assert_eq!((&found.body, &found.data), (&accepted.body, &accepted.data));
        assert_eq!(found.data(), "{\"工单\": 1}".as_bytes());
    }
}

#[tokio::test]
async fn events_accepted_at_once_share_a_few_commits() {
    const EVENTS: u64 = 500;
    let desk = Desk::new().await;
    let (before, statements) = (desk.store.commits(), desk.store.statements());
    let accepts = (0..EVENTS).map(|n| desk.store.accept(event(&n.to_string(), &n.to_string()), at(0)));
    for accepted in join_all(accepts).await {
        assert!(matches!(accepted, Ok(Accepted::New { .. })), "{accepted:?}");
    }
    let commits = desk.store.commits() - before;
    assert!(commits <= EVENTS / 5, "{commits} commits for {EVENTS} events");
    let statements = desk.store.statements() - statements;
    assert!((1..=3 * EVENTS).contains(&statements), "{statements} statements for {EVENTS} events");
    assert_eq!(desk.claim(1000, 0).await.len(), 500);
}

#[tokio::test]
async fn of_many_copies_that_come_at_once_one_is_new() {
    let desk = Desk::new().await;
    let copies = join_all((0..50).map(|_| desk.store.accept(event("1", "a"), at(0)))).await;
    let new = copies.iter().filter(|copy| matches!(copy, Ok(Accepted::New { .. }))).count();
    let same = copies.iter().filter(|copy| matches!(copy, Ok(Accepted::Duplicate { .. }))).count();
    assert_eq!((new, same), (1, 49));
}

#[tokio::test]
async fn a_write_that_fails_takes_no_other_one_of_its_group_with_it() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let claimed = desk.claim_one(0).await;
    desk.store.settle(settlement(&claimed, delivered(), 1)).await.unwrap();
    let before = desk.store.commits();
    let accepts =
        join_all((0..200).map(|n| desk.store.accept(event(&format!("2-{n}"), &n.to_string()), at(1))));
    let settles = join_all((0..20).map(|_| desk.store.settle(settlement(&claimed, delivered(), 1))));
    let (accepted, settled) = join(accepts, settles).await;
    assert!(desk.store.commits() - before < 200, "they were written in groups");
    assert!(settled.iter().all(|settled| matches!(settled, Err(StoreError::LeaseLost))), "{settled:?}");
    assert!(accepted.iter().all(|accepted| matches!(accepted, Ok(Accepted::New { .. }))), "{accepted:?}");
    assert_eq!(desk.claim(1000, 1).await.len(), 200);
}

#[tokio::test]
async fn whoever_waits_for_work_is_woken_by_an_event() {
    let desk = Desk::new().await;
    let arrivals = desk.store.arrivals(CONNECTION);
    desk.accept("1", "a").await;
    arrivals.notified().await;
}

#[tokio::test]
async fn of_several_events_all_are_taken_or_none() {
    let desk = Desk::new().await;
    let known = desk.accept("1", "a").await;
    let all = ["b", "c"].map(|id| event("1", id));
    let batch = [vec![event("1", "a")], all.to_vec()].concat();
    let accepted = desk.store.accept_all(CONNECTION, batch, at(1)).await.unwrap();
    let [first, second, third] = accepted[..] else { panic!("{accepted:?}") };
    assert_eq!(first, Accepted::Duplicate { sequence: known });
    assert!(matches!((second, third), (Accepted::New { sequence: b }, Accepted::New { sequence: c }) if b < c));
    let clash = vec![event("1", "d"), event_with("1", "b", "other bytes"), event("1", "e")];
    let refused = desk.store.accept_all(CONNECTION, clash, at(2)).await.unwrap();
    assert_eq!(refused[1], Accepted::Conflict);
    for id in ["d", "e"] {
        assert!(desk.store.event(CONNECTION, &EventId::stored(id.into())).await.unwrap().is_none(), "{id}");
    }
    assert!(matches!(desk.store.accept(event("2", "d"), at(3)).await, Ok(Accepted::New { .. })));
}
