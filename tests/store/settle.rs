//! Settling: what each outcome does to the event and to its lane, and what is remembered of it.

use deskbridge::{
    event::{Ignored, Outcome, Reason, Status, TargetRef},
    store::{Link, LinkKey, StoreError},
};

use super::support::*;

/// A lane with two events, the first of which is claimed, settled at `at(5)` with the given outcome.
async fn settled(outcome: Outcome, hold_lane: bool) -> Desk {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    let claimed = desk.claim_one(0).await;
    let ended = settlement(&claimed, outcome, 5);
    desk.store.settle(deskbridge::store::Settlement { hold_lane, ..ended }).await.unwrap();
    desk
}

#[tokio::test]
async fn a_delivered_event_lets_its_lane_go_on() {
    let desk = settled(delivered(), true).await;
    assert_eq!(desk.store.next_due(CONNECTION).await.unwrap(), Some(at(5)));
    assert_eq!(desk.claim_ids(10, 5).await, ["b"]);
    assert_eq!(desk.status("a").await, Status::Delivered);
}

#[tokio::test]
async fn a_skipped_event_lets_its_lane_go_on() {
    let desk = settled(Outcome::Skipped(reason()), true).await;
    assert_eq!(desk.claim_ids(10, 5).await, ["b"]);
    assert_eq!(desk.status("a").await, Status::Skipped);
}

#[tokio::test]
async fn an_event_to_be_retried_keeps_its_lane_and_is_due_at_its_time() {
    let desk = settled(Outcome::Retry(reason(), at(50)), true).await;
    assert_eq!(desk.status("a").await, Status::Retrying);
    assert_eq!(desk.claim_ids(10, 49).await, [""; 0]);
    let again = desk.claim_one(50).await;
    assert_eq!((again.event.id.as_str(), again.attempt, again.tried), ("a", 2, 2));
    desk.store.settle(settlement(&again, delivered(), 60)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 60).await, ["b"]);
}

#[tokio::test]
async fn a_parked_event_keeps_its_lane_for_ever() {
    let desk = settled(Outcome::Parked(reason()), false).await;
    assert_eq!(desk.claim_ids(10, 1_000_000).await, [""; 0]);
    assert_eq!(desk.store.next_due(CONNECTION).await.unwrap(), None, "nothing is to be waited for");
}

#[tokio::test]
async fn a_dead_event_keeps_its_lane_if_it_is_to_hold_it() {
    let desk = settled(Outcome::Dead(reason()), true).await;
    assert_eq!(desk.claim_ids(10, 1_000_000).await, [""; 0]);
}

#[tokio::test]
async fn a_dead_event_lets_its_lane_go_on_if_it_is_not_to_hold_it() {
    let desk = settled(Outcome::Dead(reason()), false).await;
    assert_eq!(desk.claim_ids(10, 5).await, ["b"]);
    assert_eq!(desk.status("a").await, Status::Dead);
}

#[tokio::test]
async fn a_lane_that_was_held_lets_later_events_wait_too() {
    let desk = settled(Outcome::Parked(reason()), true).await;
    desk.accept("1", "c").await;
    desk.accept("2", "d").await;
    assert_eq!(desk.claim_ids(10, 10).await, ["d"]);
}

#[tokio::test]
async fn an_attempt_is_settled_once() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let claimed = desk.claim_one(0).await;
    desk.store.settle(settlement(&claimed, Outcome::Retry(reason(), at(10)), 1)).await.unwrap();
    let again = desk.store.settle(settlement(&claimed, delivered(), 2)).await;
    assert!(matches!(again, Err(StoreError::LeaseLost)), "{again:?}");
    assert_eq!(desk.status("a").await, Status::Retrying);
}

#[tokio::test]
async fn what_was_settled_is_remembered_in_the_events_record() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let first = desk.claim_one(0).await;
    desk.store.settle(settlement(&first, Outcome::Retry(reason(), at(10)), 3)).await.unwrap();
    let second = desk.claim_one(10).await;
    let mut ended = settlement(&second, delivered(), 12);
    ended.ignored = vec![Ignored { pointer: "/sla".into(), reason: "no_row".into() }];
    ended.calls = r#"[{"method":"POST"}]"#.into();
    desk.store.settle(ended.clone()).await.unwrap();
    let record = desk.record("a").await;
    assert_eq!(record.summary.status, Status::Delivered);
    assert_eq!(record.summary.reason, None, "it was delivered, so the reason of the retry is over");
    assert_eq!(record.summary.updated_at, at(12));
    assert_eq!(record.summary.target, Some(TargetRef { kind: "ticket".into(), id: "5237431".into() }));
    assert_eq!((record.ignored, record.due_at), (ended.ignored, None));
    let [one, two] = &record.attempts[..] else { panic!("{:?}", record.attempts) };
    assert_eq!((one.number, one.started_at, one.finished_at), (1, at(0), Some(at(3))));
    assert_eq!((one.outcome.as_deref(), one.retry_at), (Some("retrying"), Some(at(10))));
    assert_eq!(one.reason, Some(reason()));
    assert_eq!((two.number, two.started_at, two.finished_at), (2, at(10), Some(at(12))));
    assert_eq!((two.outcome.as_deref(), two.calls.as_str()), (Some("delivered"), ended.calls.as_str()));
}

#[tokio::test]
async fn an_attempt_is_on_record_before_it_has_ended() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.claim_one(7).await;
    let attempts = desk.record("a").await.attempts;
    assert_eq!((attempts.len(), attempts[0].started_at, attempts[0].finished_at), (1, at(7), None));
}

#[tokio::test]
async fn a_link_is_written_with_the_settlement_and_handed_out_with_the_lanes_next_event() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    let claimed = desk.claim_one(0).await;
    assert_eq!(claimed.link, None);
    let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
    let link = Link { key: key.clone(), target_id: "7".into(), version: Some(3), written: Some("{}".into()) };
    let mut ended = settlement(&claimed, delivered(), 1);
    ended.links.push(link.clone());
    desk.store.settle(ended).await.unwrap();
    assert_eq!(desk.store.link(CONNECTION, &key).await.unwrap(), Some(link.clone()));
    assert_eq!(desk.claim_one(1).await.link, Some(link));
    assert_eq!(desk.store.link("beta", &key).await.unwrap(), None);
}

#[tokio::test]
async fn a_settlement_that_came_too_late_writes_no_link_either() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let (first, _) = (desk.claim_one(0).await, desk.claim_one(100).await);
    let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
    let mut late = settlement(&first, delivered(), 101);
    late.links.push(Link { key: key.clone(), target_id: "7".into(), version: None, written: None });
    assert!(desk.store.settle(late).await.is_err());
    assert_eq!(desk.store.link(CONNECTION, &key).await.unwrap(), None);
}

#[tokio::test]
async fn a_link_keeps_its_version_when_it_is_written_without_one() {
    let desk = Desk::new().await;
    let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
    let link = |version| Link { key: key.clone(), target_id: "7".into(), version, written: None };
    desk.store.put_link(CONNECTION, link(Some(3)), at(0)).await.unwrap();
    desk.store.put_link(CONNECTION, link(None), at(1)).await.unwrap();
    assert_eq!(desk.store.link(CONNECTION, &key).await.unwrap(), Some(link(Some(3))));
}

#[tokio::test]
async fn a_settlement_is_announced() {
    let desk = Desk::new().await;
    let sequence = desk.accept("1", "a").await;
    let mut settlements = desk.store.settlements();
    let claimed = desk.claim_one(0).await;
    desk.store.settle(settlement(&claimed, Outcome::Parked(Reason::new("x", "y")), 1)).await.unwrap();
    let heard = settlements.recv().await.unwrap();
    assert_eq!((heard.connection.as_str(), heard.sequence), (CONNECTION, sequence));
}
