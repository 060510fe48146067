//! What attempts meant to make: written down only by who has the event, handed on until it is known, closed by an
//! operator who has looked.

use deskbridge::{
    event::{EventId, Outcome, Reason},
    store::{
        Answered, Claimed, Filter, Hold, Intent, Link, LinkKey, Replay, ReplayKey, ReplayMapping, Settlement,
        StoreError, UNCERTAIN,
    },
};

use super::support::*;

fn id(id: &str) -> EventId {
    EventId::stored(id.into())
}

async fn intend(desk: &Desk, hold: Hold, ms: i64) -> Result<(), StoreError> {
    let (step, request_id, sent) = ("create".into(), "r1".into(), r#"{"subject":"打印机离线"}"#.into());
    desk.store.intend(Intent { hold, step, request_id, sent, at: at(ms) }).await
}

/// `a` was tried once, and nobody knows what came of its call.
async fn in_doubt(outcome: Outcome) -> Desk {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    let claimed = desk.claim_one(0).await;
    intend(&desk, claimed.hold(), 0).await.unwrap();
    desk.store.settle(settlement(&claimed, outcome, 1)).await.unwrap();
    desk
}

fn open(claimed: &Claimed) -> usize {
    claimed.effects.iter().filter(|effect| effect.answered_at.is_none()).count()
}

fn uncertain() -> Outcome {
    Outcome::Parked(Reason::new(UNCERTAIN, "whether it is there can't be told"))
}

#[tokio::test]
async fn who_lost_the_event_writes_no_intent_and_no_link() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let first = desk.claim_one(0).await;
    let second = desk.claim_one(200).await;
    assert!(matches!(intend(&desk, first.hold(), 201).await, Err(StoreError::LeaseLost)));
    intend(&desk, second.hold(), 201).await.unwrap();
    let link = |id: &str| {
        let key = LinkKey::from(&first.event.lane);
        Link { key, target_id: id.into(), version: None, written: None }
    };
    desk.store.put_link_of(&second.hold(), link("2"), at(202)).await.unwrap();
    let late = desk.store.put_link_of(&first.hold(), link("1"), at(203)).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)), "{late:?}");
    let kept = desk.store.link(CONNECTION, &LinkKey::from(&first.event.lane)).await.unwrap();
    assert_eq!(kept.unwrap().target_id, "2");
}

#[tokio::test]
async fn a_lease_is_renewed_for_who_has_it_alone() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    let first = desk.claim_one(0).await;
    let held = desk.store.renew(vec![first.hold()], at(500)).await.unwrap();
    assert_eq!(held, [first.hold()]);
    assert!(desk.claim(1, 499).await.is_empty());
    let second = desk.claim_one(500).await;
    let held = desk.store.renew(vec![first.hold(), second.hold()], at(900)).await.unwrap();
    assert_eq!(held, [second.hold()]);
}

#[tokio::test]
async fn an_intent_is_open_until_an_attempt_says_what_came_of_it() {
    let desk = in_doubt(Outcome::Retry(reason(), at(2))).await;
    let claimed = desk.claim_one(2).await;
    let [effect] = &claimed.effects[..] else { panic!("{:?}", claimed.effects) };
    assert_eq!((effect.attempt, effect.step.as_str(), effect.request_id.as_str()), (1, "create", "r1"));
    assert_eq!((effect.sent.as_str(), effect.started_at), (r#"{"subject":"打印机离线"}"#, at(0)));
    let answered = Answered { attempt: 1, step: "create".into(), target_id: Some("5237431".into()) };
    let ended = settlement(&claimed, Outcome::Retry(reason(), at(4)), 3);
    desk.store.settle(Settlement { answered: vec![answered], ..ended }).await.unwrap();
    let effects = desk.claim_one(4).await.effects;
    assert_eq!((effects[0].answered_at, effects[0].target_id.as_deref()), (Some(at(3)), Some("5237431")));
    assert_eq!(desk.record("a").await.effects, effects);
}

#[tokio::test]
async fn what_an_event_left_open_is_seen_by_the_others_of_its_lane() {
    let desk = in_doubt(Outcome::Dead(reason())).await;
    desk.store.discard(CONNECTION, &id("a"), at(2)).await.unwrap();
    let next = desk.claim_one(2).await;
    let lane = &next.event.lane;
    let open = desk.store.open_effects(CONNECTION, lane, "create", next.sequence).await.unwrap();
    assert_eq!(open.len(), 1);
    let other = desk.store.open_effects(CONNECTION, lane, "reply", next.sequence).await.unwrap();
    assert!(other.is_empty());
    let own = desk.store.open_effects(CONNECTION, lane, "create", next.sequence - 1).await.unwrap();
    assert!(own.is_empty(), "its own are handed out with it");
}

#[tokio::test]
async fn only_who_has_looked_at_an_event_ends_its_doubt() {
    let replays = [(None, 1), (Some(UNCERTAIN), 0)];
    for (code, left) in replays {
        let desk = in_doubt(uncertain()).await;
        let filter = Filter { code: code.map(str::to_owned), limit: 1, ..Filter::default() };
        assert_eq!(desk.store.count_held(CONNECTION, filter.clone()).await.unwrap(), 1);
        let replayed = desk.store.replay_all(CONNECTION, filter, Replay::default(), at(2)).await.unwrap();
        assert_eq!((replayed, open(&desk.claim_one(2).await)), (1, left), "{code:?}");
    }
    let desk = in_doubt(uncertain()).await;
    desk.store.replay(CONNECTION, &id("a"), Replay::default(), at(2)).await.unwrap();
    assert_eq!(open(&desk.claim_one(2).await), 0);
}

#[tokio::test]
async fn a_replay_can_ask_for_new_request_ids_and_for_the_first_mapping() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    for (n, mapping) in ["first", "second"].into_iter().enumerate() {
        let claimed = desk.claim_one(n as i64).await;
        assert_eq!((claimed.key, claimed.pinned.as_deref()), (0, None));
        let parked = settlement(&claimed, Outcome::Parked(reason()), 5);
        let parked = Settlement { mapping: Some(mapping.into()), ..parked };
        desk.store.settle(parked).await.unwrap();
        let how = match mapping {
            "first" => Replay::default(),
            _ => Replay { mapping: ReplayMapping::Pinned, key: ReplayKey::New },
        };
        desk.store.replay(CONNECTION, &id("a"), how, at(n as i64 + 1)).await.unwrap();
    }
    let claimed = desk.claim_one(9).await;
    assert_eq!((claimed.key, claimed.pinned.as_deref(), claimed.tried), (1, Some("first"), 1));
}

#[tokio::test]
async fn the_next_of_a_lane_is_one_that_waits_for_its_turn() {
    let desk = Desk::new().await;
    for name in ["a", "b", "c"] {
        desk.accept("1", name).await;
    }
    let claimed = desk.claim_one(0).await;
    let next = desk.store.next_in_lane(CONNECTION, &claimed.event.lane, claimed.sequence).await.unwrap();
    let (sequence, event) = next.unwrap();
    assert_eq!((event.id.as_str(), sequence > claimed.sequence), ("b", true));
    let end = desk.store.next_in_lane(CONNECTION, &claimed.event.lane, sequence + 1).await.unwrap();
    assert!(end.is_none());
}

#[tokio::test]
async fn all_that_a_filter_meets_is_given_up_and_its_lanes_go_on() {
    let desk = Desk::new().await;
    for lane in ["1", "2", "3"] {
        desk.accept(lane, &format!("{lane}-first")).await;
        desk.accept(lane, &format!("{lane}-second")).await;
    }
    for claimed in desk.claim(10, 0).await {
        let outcome = match claimed.event.lane.source_id() {
            "3" => Outcome::Parked(Reason::new("unknown_value", "no arm")),
            _ => Outcome::Dead(reason()),
        };
        desk.store.settle(settlement(&claimed, outcome, 1)).await.unwrap();
    }
    let dead = Filter { code: Some(reason().code), limit: 1, ..Filter::default() };
    assert_eq!(desk.store.discard_all(CONNECTION, dead, at(2)).await.unwrap(), 2);
    assert_eq!(desk.claim_ids(10, 2).await, ["1-second", "2-second"]);
    assert_eq!(desk.store.count_held(CONNECTION, Filter::default()).await.unwrap(), 1);
}
