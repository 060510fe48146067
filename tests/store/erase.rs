//! What was stored about a person is forgotten, byte by byte, and everything else stays as it was.

use deskbridge::{
    event::{Event, Outcome, Reason, Status, Subject},
    store::{Accepted, Answered, ContentId, Erased, Erasure, Intent, Link, LinkKey, Piece, Replay, Settlement, StoreError},
};

use super::support::*;

/// What no reader of the bytes may find afterwards.
const CANARY: &str = "wang-4711@example.com";

fn telling(lane: &str, id: &str) -> Event {
    event_with(lane, id, &format!(r#"{{"data":{{"subject":"打印机离线","email":"{CANARY}"}}}}"#))
}

fn erasure(dry_run: bool, discard_waiting: bool) -> Erasure {
    let subject = Subject::new("Wang-4711@Example.com", false).unwrap();
    Erasure { connection: Some(CONNECTION.into()), subject, discard_waiting, dry_run }
}

/// Takes the event that is due to its end, with the person in all that is written of it.
async fn settle(desk: &Desk, journal: &str, outcome: Outcome) {
    let claimed = desk.store.claim(journal, 1, LEASE, at(1)).await.unwrap().pop().expect("one is due");
    let (step, request_id) = ("create".to_owned(), format!("r{}", claimed.sequence));
    let sent = format!(r#"{{"email":"{CANARY}"}}"#);
    desk.store.intend(Intent { hold: claimed.hold(), step, request_id, sent, at: at(1) }).await.unwrap();
    let key = LinkKey::from(&claimed.event.lane);
    let written = Some(format!(r#"{{"email":"{CANARY}"}}"#));
    let settlement = Settlement {
        calls: format!(r#"[{{"message":"{CANARY}"}}]"#),
        links: vec![Link { key, target_id: "5237431".into(), version: Some(7), written }],
        answered: vec![Answered { attempt: 1, step: "create".into(), target_id: Some("5237431".into()) }],
        ..settlement(&claimed, outcome, 2)
    };
    desk.store.settle(settlement).await.unwrap();
}

async fn is_on_disk(desk: &Desk) -> bool {
    let bytes = desk.place.bytes().await;
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

fn counts(erased: &Erased) -> [u64; 5] {
    let waiting = erased.waiting.len() as u64;
    [erased.events, erased.messages, erased.effects, erased.links, waiting]
}

#[tokio::test]
async fn nothing_of_a_person_is_left_and_that_there_was_an_event_is_still_known() {
    let desk = Desk::new().await;
    desk.store.accept(telling("1", "e1"), at(0)).await.unwrap();
    settle(&desk, CONNECTION, Outcome::Skipped(Reason::new("unchanged", CANARY))).await;
    desk.accept("2", "somebody-else").await;
    let message = Event { connection: format!("{CONNECTION}.wallboard"), ..telling("1", "m1") };
    desk.store.accept(message, at(0)).await.unwrap();
    settle(&desk, "acme.wallboard", delivered()).await;
    let other = Event { connection: "acme2".into(), ..event_with("1", "o1", r#"{"email":"li@example.com"}"#) };
    desk.store.accept(other, at(0)).await.unwrap();
    assert!(is_on_disk(&desk).await, "the search would find it");

    let dry = desk.store.erase(&erasure(true, false), at(3)).await.unwrap();
    assert_eq!(counts(&dry), [1, 1, 2, 2, 0]);
    assert!(is_on_disk(&desk).await, "nothing is changed by looking");
    let erased = desk.store.erase(&erasure(false, false), at(3)).await.unwrap();
    assert_eq!(counts(&erased), counts(&dry));
    assert!(erased.scrubbed && !is_on_disk(&desk).await);

    let record = desk.record("e1").await;
    assert!(record.event.is_erased() && record.event.data().is_empty());
    let reason = record.summary.reason.expect("why it ended stays");
    assert_eq!((record.summary.status, reason.code.as_str(), reason.message.as_str()), (Status::Skipped, "unchanged", ""));
    assert_eq!((record.attempts.len(), record.attempts[0].calls.as_str()), (1, "[]"));
    assert_eq!((record.effects[0].sent.as_str(), record.effects[0].target_id.as_deref()), ("", Some("5237431")));
    let link = desk.store.link(CONNECTION, &LinkKey::from(&record.event.lane)).await.unwrap().unwrap();
    assert_eq!((link.target_id.as_str(), link.version, link.written), ("5237431", Some(7), None));
    let again = desk.store.accept(telling("1", "e1"), at(4)).await.unwrap();
    assert_eq!(again, Accepted::Duplicate { sequence: record.summary.sequence });
    assert_eq!(desk.record("somebody-else").await.event.body, &b"somebody-else"[..]);
    assert_eq!(counts(&desk.store.erase(&erasure(false, false), at(5)).await.unwrap()), [0; 5]);
}

#[tokio::test]
async fn what_waits_is_told_and_erased_only_by_who_gives_it_up() {
    let desk = Desk::new().await;
    desk.store.accept(telling("1", "parked"), at(0)).await.unwrap();
    settle(&desk, CONNECTION, Outcome::Parked(Reason::new("unknown_value", CANARY))).await;
    desk.store.accept(telling("1", "behind"), at(0)).await.unwrap();
    desk.accept("1", "other").await;
    let kept = desk.store.erase(&erasure(false, false), at(3)).await.unwrap();
    let waiting: Vec<_> = kept.waiting.iter().map(|it| (it.id.as_str(), it.status)).collect();
    assert_eq!(waiting, [("parked", Status::Parked), ("behind", Status::Accepted)]);
    assert_eq!(counts(&kept), [0, 0, 0, 0, 2]);
    assert!(!desk.record("parked").await.event.is_erased());

    let erased = desk.store.erase(&erasure(false, true), at(4)).await.unwrap();
    assert_eq!(counts(&erased), [2, 0, 1, 1, 0]);
    assert!(!is_on_disk(&desk).await);
    assert_eq!(desk.status("behind").await, Status::Discarded);
    let refused = desk.store.replay(CONNECTION, &telling("1", "parked").id, Replay::default(), at(5)).await;
    assert!(matches!(refused, Err(StoreError::Erased)), "{refused:?}");
    assert_eq!(desk.claim_ids(9, 5).await, ["other"], "the lane goes on");
}

#[tokio::test]
async fn what_a_worker_has_in_hand_is_left_to_it() {
    let desk = Desk::new().await;
    desk.store.accept(telling("1", "e1"), at(0)).await.unwrap();
    let claimed = desk.claim_one(1).await;
    let erased = desk.store.erase(&erasure(false, true), at(2)).await.unwrap();
    assert_eq!(erased.waiting[0].status, Status::Delivering);
    desk.store.settle(settlement(&claimed, delivered(), 3)).await.unwrap();
    assert_eq!(counts(&desk.store.erase(&erasure(false, true), at(4)).await.unwrap()), [1, 0, 0, 0, 0]);
}

#[tokio::test]
async fn what_was_done_of_a_lane_is_left_while_a_worker_has_another_event_of_it_in_hand() {
    let desk = Desk::new().await;
    desk.store.accept(telling("1", "done"), at(0)).await.unwrap();
    settle(&desk, CONNECTION, delivered()).await;
    desk.accept("1", "in-hand").await;
    let claimed = desk.claim_one(2).await;
    let erased = desk.store.erase(&erasure(false, true), at(3)).await.unwrap();
    assert_eq!((erased.waiting[0].id.as_str(), counts(&erased)), ("done", [0, 0, 0, 0, 1]));
    let former = claimed.link.clone().expect("the link that the first one made");
    let settlement = Settlement { links: vec![former], ..settlement(&claimed, delivered(), 4) };
    desk.store.settle(settlement).await.unwrap();
    assert_eq!(counts(&desk.store.erase(&erasure(false, true), at(5)).await.unwrap()), [1, 0, 1, 1, 0]);
    assert!(!is_on_disk(&desk).await, "nor what was known of both");
}

#[tokio::test]
async fn what_a_worker_was_given_before_it_was_forgotten_is_never_written_again_unseen() {
    let desk = Desk::new().await;
    let key = |lane: &str| LinkKey { kind: "ticket".into(), source_id: lane.into() };
    // Each time the worker comes a little later, from before the erasure begins until after it has ended.
    for pauses in 0..24 {
        let (lane, done) = (pauses.to_string(), format!("done-{pauses}"));
        desk.store.accept(telling(&lane, &done), at(0)).await.unwrap();
        settle(&desk, CONNECTION, delivered()).await;
        desk.accept(&lane, &format!("other-{pauses}")).await;
        let claiming = async {
            for _ in 0..pauses {
                desk.store.ping().await.unwrap();
            }
            desk.claim_one(3).await
        };
        let all = erasure(false, false);
        let (erased, claimed) = tokio::join!(desk.store.erase(&all, at(3)), claiming);
        let former = claimed.link.clone().expect("the link that the first one made");
        let settlement = Settlement { links: vec![former], ..settlement(&claimed, delivered(), 4) };
        desk.store.settle(settlement).await.unwrap();
        let link = desk.store.link(CONNECTION, &key(&lane)).await.unwrap().expect("a link");
        let left: Vec<_> = erased.unwrap().waiting.into_iter().map(|it| it.id.to_string()).collect();
        assert_eq!(left, if link.written.is_some() { vec![done] } else { vec![] }, "after {pauses} pauses");
        desk.store.erase(&all, at(5)).await.unwrap();
    }
    assert!(!is_on_disk(&desk).await);
}

#[tokio::test]
async fn who_was_slower_than_its_lease_writes_nothing_of_its_lane_again() {
    let desk = Desk::new().await;
    desk.store.accept(telling("1", "done"), at(0)).await.unwrap();
    settle(&desk, CONNECTION, delivered()).await;
    desk.accept("1", "slow").await;
    let claimed = desk.claim_one(2).await;
    let after = 2 + LEASE.as_millis() as i64;
    assert_eq!(counts(&desk.store.erase(&erasure(false, false), at(after)).await.unwrap()), [1, 0, 1, 1, 0]);
    let former = claimed.link.clone().expect("the link that the first one made");
    let settlement = Settlement { links: vec![former], ..settlement(&claimed, delivered(), after) };
    let late = desk.store.settle(settlement).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)), "{late:?}");
    assert!(!is_on_disk(&desk).await);
    let again = desk.claim_one(after).await;
    assert_eq!((again.event.id.as_str(), again.attempt, again.interrupted), ("slow", 2, 1));
}

#[tokio::test]
async fn what_was_last_written_counts_once_however_many_events_tell_of_it() {
    let desk = Desk::new().await;
    for id in ["one", "two", "three"] {
        desk.store.accept(telling("1", id), at(0)).await.unwrap();
        settle(&desk, CONNECTION, delivered()).await;
    }
    let dry = desk.store.erase(&erasure(true, false), at(3)).await.unwrap();
    assert_eq!(counts(&dry), [3, 0, 3, 1, 0]);
    assert_eq!(counts(&desk.store.erase(&erasure(false, false), at(3)).await.unwrap()), counts(&dry));
}

#[tokio::test]
async fn what_a_dead_worker_had_in_hand_is_erased_once_its_lease_has_ended() {
    let desk = Desk::new().await;
    desk.store.accept(telling("1", "e1"), at(0)).await.unwrap();
    let claimed = desk.claim_one(1).await;
    let after = 1 + LEASE.as_millis() as i64;
    assert_eq!(counts(&desk.store.erase(&erasure(false, true), at(after)).await.unwrap()), [1, 0, 0, 0, 0]);
    let late = desk.store.settle(settlement(&claimed, delivered(), after)).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)), "{late:?}");
    assert!(!is_on_disk(&desk).await);
}

#[tokio::test]
async fn a_person_is_forgotten_everywhere_at_once_by_who_names_no_connection() {
    let desk = Desk::new().await;
    for journal in ["acme", "acme-2", "acme.wallboard", "gone.wallboard", "zz"] {
        let event = Event { connection: journal.into(), ..telling("1", journal) };
        desk.store.accept(event, at(0)).await.unwrap();
    }
    let key = LinkKey { kind: "ticket".into(), source_id: "9".into() };
    let link = Link { key, target_id: "7".into(), version: None, written: None };
    desk.store.put_link("linked", link, at(0)).await.unwrap();
    let piece = Piece { id: ContentId::of(CANARY.as_bytes()), content: CANARY.into() };
    desk.store.put_pieces("pieces", vec![piece], at(0)).await.unwrap();
    let names: Vec<String> = desk.store.connections().await.unwrap().into_iter().collect();
    assert_eq!(names, ["acme", "acme-2", "gone", "linked", "pieces", "zz"]);
    for (name, is_known) in [("acme", true), ("gone", true), ("linked", true), ("pieces", true), ("ac", false), ("acme.wallboard", false)] {
        assert_eq!(desk.store.knows(name).await.unwrap(), is_known, "{name}");
    }
    desk.store.forget_pieces("pieces", vec![ContentId::of(CANARY.as_bytes())], at(1)).await.unwrap();
    let one = desk.store.erase(&erasure(false, true), at(1)).await.unwrap();
    assert_eq!((counts(&one), is_on_disk(&desk).await), ([1, 1, 0, 0, 0], true));
    let all = Erasure { connection: None, ..erasure(false, true) };
    let erased = desk.store.erase(&all, at(2)).await.unwrap();
    assert_eq!((counts(&erased), is_on_disk(&desk).await), ([2, 1, 0, 0, 0], false));
}

#[tokio::test]
async fn events_are_accepted_while_a_person_is_forgotten() {
    let desk = Desk::new().await;
    for n in 0..200 {
        desk.store.accept(telling(&n.to_string(), &format!("e{n}")), at(0)).await.unwrap();
    }
    let (store, all) = (desk.store.clone(), erasure(false, true));
    let erasing = tokio::spawn(async move { store.erase(&all, at(1)).await.unwrap() });
    let (mut accepted, mut meanwhile) = (0, false);
    while !erasing.is_finished() {
        desk.accept("new", &format!("new-{accepted}")).await;
        // The work begins while the first is accepted.
        meanwhile |= accepted > 0 && !erasing.is_finished();
        accepted += 1;
    }
    assert_eq!(erasing.await.unwrap().events, 200);
    assert!(meanwhile, "none of {accepted} began and ended while the person was forgotten");
}
