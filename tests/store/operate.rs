//! What an operator can do, and what an operator sees.

use deskbridge::{
    event::{EventId, EventType, Lane, Outcome, Status},
    store::{Backlog, Filter, Replay, StoreError},
};

use super::support::*;

fn id(id: &str) -> EventId {
    EventId::stored(id.into())
}

/// Two events of a lane, the first of them parked after its second attempt.
async fn parked() -> Desk {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    let claimed = desk.claim_one(0).await;
    desk.store.settle(settlement(&claimed, Outcome::Retry(reason(), at(2)), 1)).await.unwrap();
    let claimed = desk.claim_one(2).await;
    desk.store.settle(settlement(&claimed, Outcome::Parked(reason()), 3)).await.unwrap();
    desk
}

#[tokio::test]
async fn a_replayed_event_is_due_in_its_old_place_with_its_attempts_counted_from_one() {
    let desk = parked().await;
    desk.store.replay(CONNECTION, &id("a"), Replay::default(), at(10)).await.unwrap();
    let claimed = desk.claim_one(10).await;
    assert_eq!((claimed.event.id.as_str(), claimed.attempt, claimed.tried), ("a", 3, 1));
    assert_eq!(claimed.fresh_at, at(10), "its age counts from now");
    desk.store.settle(settlement(&claimed, delivered(), 11)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 11).await, ["b"]);
}

#[tokio::test]
async fn a_discarded_event_lets_its_lane_go_on_and_is_never_handed_out() {
    let desk = parked().await;
    let mut settlements = desk.store.settlements();
    desk.store.discard(CONNECTION, &id("a"), at(10)).await.unwrap();
    let record = desk.record("a").await;
    assert_eq!((record.summary.status, record.summary.reason), (Status::Discarded, Some(reason())));
    assert_eq!(settlements.recv().await.unwrap().sequence, record.summary.sequence);
    assert_eq!(desk.claim_ids(10, 1_000_000).await, ["b"]);
}

#[tokio::test]
async fn only_a_parked_or_dead_event_can_be_operated_on() {
    let desk = Desk::new().await;
    for outcome in [delivered(), Outcome::Skipped(reason()), Outcome::Retry(reason(), at(9))] {
        let name = outcome.status().as_str();
        desk.accept(name, name).await;
        let claimed = desk.claim_one(0).await;
        desk.store.settle(settlement(&claimed, outcome, 1)).await.unwrap();
        for refused in [
            desk.store.replay(CONNECTION, &id(name), Replay::default(), at(2)).await,
            desk.store.discard(CONNECTION, &id(name), at(2)).await,
        ] {
            let is_refused =
                matches!(&refused, Err(StoreError::WrongStatus { status, .. }) if status.as_str() == name);
            assert!(is_refused, "{name}: {refused:?}");
        }
    }
    let unknown = desk.store.replay(CONNECTION, &id("never"), Replay::default(), at(2)).await;
    assert!(matches!(unknown, Err(StoreError::NotFound)), "{unknown:?}");
    let elsewhere = desk.store.discard("beta", &id("delivered"), at(2)).await;
    assert!(matches!(elsewhere, Err(StoreError::NotFound)), "{elsewhere:?}");
}

/// `a` is dead and its lane has gone on to `b` and `c`.
async fn passed_over() -> Desk {
    let desk = Desk::new().await;
    for name in ["a", "b", "c"] {
        desk.accept("1", name).await;
    }
    let claimed = desk.claim_one(0).await;
    let dead = settlement(&claimed, Outcome::Dead(reason()), 1);
    desk.store.settle(deskbridge::store::Settlement { hold_lane: false, ..dead }).await.unwrap();
    desk
}

#[tokio::test]
async fn a_dead_event_that_its_lane_went_on_without_comes_back_before_those_after_it() {
    let desk = passed_over().await;
    desk.store.replay(CONNECTION, &id("a"), Replay::default(), at(2)).await.unwrap();
    for name in ["a", "b", "c"] {
        let claimed = desk.claim_one(3).await;
        assert_eq!(claimed.event.id.as_str(), name);
        desk.store.settle(settlement(&claimed, delivered(), 3)).await.unwrap();
    }
}

#[tokio::test]
async fn a_replayed_event_waits_for_the_one_of_its_lane_that_is_being_delivered() {
    let desk = passed_over().await;
    let in_hand = desk.claim_one(1).await;
    assert_eq!(in_hand.event.id.as_str(), "b");
    desk.store.replay(CONNECTION, &id("a"), Replay::default(), at(2)).await.unwrap();
    assert!(desk.claim_ids(10, 2).await.is_empty());
    desk.store.settle(settlement(&in_hand, Outcome::Retry(reason(), at(3)), 3)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 3).await, ["a"], "what is tried again waits behind it");
}

#[tokio::test]
async fn the_backlog_counts_what_holds_a_lane_and_nothing_else() {
    let desk = parked().await;
    desk.accept("2", "c").await;
    let claimed = desk.claim_one(5).await;
    let backlog = |status, events| Backlog { connection: CONNECTION.into(), status, events };
    let mut found = desk.store.backlog().await.unwrap();
    found.sort_by_key(|row| row.status.as_str());
    let expected = [backlog(Status::Accepted, 1), backlog(Status::Delivering, 1), backlog(Status::Parked, 1)];
    assert_eq!(found, expected);
    desk.store.settle(settlement(&claimed, delivered(), 6)).await.unwrap();
    assert_eq!(desk.store.backlog().await.unwrap().iter().map(|row| row.events).sum::<u64>(), 2);
}

#[tokio::test]
async fn a_list_has_the_newest_first_and_only_what_its_filter_lets_through() {
    let desk = parked().await;
    desk.store.accept(event("2", "c"), at(20)).await.unwrap();
    let last = desk.record("c").await.summary.sequence;
    let all = Filter { limit: 10, ..Filter::default() };
    let lane = Lane::new("ticket", "1").unwrap();
    let filters = [
        (all.clone(), vec!["c", "b", "a"]),
        (Filter { limit: 2, ..all.clone() }, vec!["c", "b"]),
        (Filter { before: Some(last), ..all.clone() }, vec!["b", "a"]),
        (Filter { status: Some(Status::Parked), ..all.clone() }, vec!["a"]),
        (Filter { lane: Some(lane), ..all.clone() }, vec!["b", "a"]),
        (Filter { since: Some(at(20)), ..all.clone() }, vec!["c"]),
        (Filter { event_type: Some(EventType::TicketCreated), ..all }, vec![]),
    ];
    for (filter, expected) in filters {
        let found = desk.store.events(CONNECTION, filter.clone()).await.unwrap();
        let ids: Vec<&str> = found.iter().map(|summary| summary.id.as_str()).collect();
        assert_eq!(ids, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn of_a_journal_that_nobody_works_on_what_waits_can_be_given_up() {
    let desk = parked().await;
    desk.accept("2", "in-hand").await;
    desk.claim_one(4).await;
    let held = async |unattended_at| {
        desk.store.count_held(CONNECTION, Filter { unattended_at, ..Filter::default() }).await.unwrap()
    };
    let ended = 4 + LEASE.as_millis() as i64;
    assert_eq!((held(None).await, held(Some(at(5))).await, held(Some(at(ended))).await), (1, 2, 3));
    let refused = desk.store.discard_unattended(CONNECTION, &id("in-hand"), at(5)).await;
    assert!(matches!(refused, Err(StoreError::WrongStatus { status: Status::Delivering, .. })), "{refused:?}");
    desk.store.discard_unattended(CONNECTION, &id("b"), at(5)).await.unwrap();
    assert_eq!(desk.status("b").await, Status::Discarded);
    let again = desk.store.discard_unattended(CONNECTION, &id("b"), at(5)).await;
    assert!(matches!(again, Err(StoreError::WrongStatus { status: Status::Discarded, .. })), "{again:?}");
    let missing = desk.store.discard_unattended(CONNECTION, &id("nobody"), at(5)).await;
    assert!(matches!(missing, Err(StoreError::NotFound)), "{missing:?}");
    let all = Filter { unattended_at: Some(at(ended)), ..Filter::default() };
    assert_eq!(desk.store.discard_all(CONNECTION, all, at(ended)).await.unwrap(), 2);
    assert_eq!(desk.claim_ids(10, ended).await, [""; 0]);
}
