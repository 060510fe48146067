//! Claiming: one event of a lane, in order, under a lease.

use std::{collections::BTreeSet, time::Duration};

use deskbridge::{event::Status, store::StoreError};
use futures_util::future::join_all;

use super::support::*;

#[tokio::test]
async fn a_claim_hands_out_one_event_of_a_lane_at_most() {
    let desk = Desk::new().await;
    for (lane, id) in [("1", "a"), ("1", "b"), ("2", "c"), ("2", "d"), ("3", "e")] {
        desk.accept(lane, id).await;
    }
    assert_eq!(desk.claim_ids(10, 0).await, ["a", "c", "e"]);
    assert_eq!(desk.claim_ids(10, 0).await, [""; 0], "each lane has one under way");
    assert_eq!(desk.status("b").await, Status::Accepted);
}

#[tokio::test]
async fn a_claim_hands_out_no_more_than_it_is_asked_for_and_the_oldest_first() {
    let desk = Desk::new().await;
    for id in ["a", "b", "c", "d"] {
        desk.accept(id, id).await;
    }
    assert_eq!(desk.claim_ids(0, 0).await, [""; 0]);
    assert_eq!(desk.claim_ids(2, 0).await, ["a", "b"]);
    assert_eq!(desk.claim_ids(2, 0).await, ["c", "d"]);
}

#[tokio::test]
async fn what_is_due_longer_is_handed_out_before_what_was_accepted_earlier() {
    let desk = Desk::new().await;
    desk.store.accept(event("1", "late"), at(20)).await.unwrap();
    desk.store.accept(event("2", "early"), at(10)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 9).await, [""; 0], "neither is due yet");
    assert_eq!(desk.claim_ids(10, 30).await, ["early", "late"]);
}

#[tokio::test]
async fn an_event_under_a_lease_is_nobody_elses_until_the_lease_ends() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let first = desk.claim_one(0).await;
    assert_eq!((first.attempt, first.tried), (1, 1));
    assert_eq!(desk.claim_ids(10, 99).await, [""; 0]);
    let second = desk.claim_one(100).await;
    assert_eq!((second.sequence, second.attempt, second.tried), (first.sequence, 2, 2));
    assert_eq!(second.fresh_at, at(0), "its age counts from its acceptance");
}

#[tokio::test]
async fn whoever_lost_the_lease_can_not_settle_and_the_new_holder_can() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let (first, second) = (desk.claim_one(0).await, desk.claim_one(100).await);
    let lost = desk.store.settle(settlement(&first, delivered(), 101)).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost)), "{lost:?}");
    assert_eq!(desk.status("a").await, Status::Delivering);
    desk.store.settle(settlement(&second, delivered(), 102)).await.unwrap();
    let record = desk.record("a").await;
    assert_eq!(record.summary.status, Status::Delivered);
    let ends: Vec<_> = record.attempts.iter().map(|attempt| attempt.finished_at).collect();
    assert_eq!(ends, [None, Some(at(102))], "the lost attempt is on record as one that never ended");
}

#[tokio::test]
async fn a_lease_that_ended_but_was_not_taken_over_can_still_be_settled() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let claimed = desk.claim_one(0).await;
    desk.store.settle(settlement(&claimed, delivered(), 500)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 600).await, [""; 0]);
}

#[tokio::test]
async fn claims_at_the_same_moment_never_share_an_event() {
    let desk = Desk::new().await;
    for n in 0..100 {
        desk.accept(&(n % 50).to_string(), &n.to_string()).await;
    }
    let claims = join_all((0..16).map(|_| desk.claim_ids(5, 0))).await;
    let all: Vec<String> = claims.into_iter().flatten().collect();
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (50, 50), "the head of each lane, once");
}

#[tokio::test]
async fn a_connection_is_handed_out_its_own_events_only() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    assert_eq!(desk.store.claim("beta", 10, LEASE, at(0)).await.unwrap().len(), 0);
    assert_eq!(desk.store.next_due("beta").await.unwrap(), None);
}

#[tokio::test]
async fn the_next_due_time_is_that_of_the_earliest_event_or_end_of_a_lease() {
    let desk = Desk::new().await;
    assert_eq!(desk.store.next_due(CONNECTION).await.unwrap(), None);
    desk.accept("1", "a").await;
    assert_eq!(desk.store.next_due(CONNECTION).await.unwrap(), Some(at(0)));
    desk.store.claim(CONNECTION, 1, Duration::from_millis(70), at(5)).await.unwrap();
    assert_eq!(desk.store.next_due(CONNECTION).await.unwrap(), Some(at(75)));
}
