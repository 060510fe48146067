//! Journals with events in every state, made the same way as often as a test wants one.

use deskbridge::{
    event::{Event, Outcome, Status},
    store::{Action, ContentId, Filter, Intent, Link, LinkKey, NewVersion, Piece, Replay, Store},
};
use proptest::prelude::*;

use super::{audit::act, support::*};

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Delivered,
    Skipped,
    Retried,
    Parked,
    Dead { hold_lane: bool },
    Discarded,
    InHand,
}

/// The lanes and fates of some events, in the order of their acceptance. An event behind one that holds its lane
/// waits.
pub(crate) fn plan() -> impl Strategy<Value = Vec<(u8, Fate)>> {
    let fate = prop_oneof![
        6 => Just(Fate::Delivered),
        1 => Just(Fate::Skipped),
        1 => Just(Fate::Retried),
        1 => Just(Fate::Parked),
        1 => any::<bool>().prop_map(|hold_lane| Fate::Dead { hold_lane }),
        1 => Just(Fate::Discarded),
        1 => Just(Fate::InHand),
    ];
    proptest::collection::vec((0u8..5, fate), 1..30)
}

/// The `n`th event of a plan, from 1, as it was sent.
pub(crate) fn planned(n: usize, lane: u8) -> Event {
    event_with(&lane.to_string(), &format!("e{n}"), &format!("第 {n} 个，打印机离线"))
}

/// A store in which all that was accepted at `at(0)`, and settled at `at(1)`.
pub(crate) async fn journal(plan: &[(u8, Fate)]) -> Desk {
    let desk = Desk::new().await;
    for (n, (lane, _)) in (1..).zip(plan) {
        desk.store.accept(planned(n, *lane), at(0)).await.unwrap();
    }
    loop {
        let claimed = desk.claim(10, 1).await;
        if claimed.is_empty() {
            return desk;
        }
        for claimed in claimed {
            let (_, fate) = plan[claimed.sequence as usize - 1];
            let outcome = match fate {
                Fate::Delivered => delivered(),
                Fate::Skipped => Outcome::Skipped(reason()),
                Fate::Retried => Outcome::Retry(reason(), at(5_000)),
                Fate::Parked | Fate::Discarded => Outcome::Parked(reason()),
                Fate::Dead { .. } => Outcome::Dead(reason()),
                Fate::InHand => continue,
            };
            let hold_lane = fate != Fate::Dead { hold_lane: false };
            let settlement = deskbridge::store::Settlement { hold_lane, ..settlement(&claimed, outcome, 1) };
            desk.store.settle(settlement).await.unwrap();
            if fate == Fate::Discarded {
                desk.store.discard(CONNECTION, &claimed.event.id, at(1)).await.unwrap();
            }
        }
    }
}

/// The ids and statuses of all events, newest first.
pub(crate) async fn listed(store: &Store) -> Vec<(String, Status)> {
    let all = store.events(CONNECTION, Filter { limit: 1000, ..Filter::default() }).await.unwrap();
    all.into_iter().map(|summary| (summary.id.to_string(), summary.status)).collect()
}

/// Replays all that is held, delivers everything, one event at a time, and returns the ids in the order of delivery with
/// the bytes of each.
pub(crate) async fn drained(store: &Store) -> Vec<(String, Vec<u8>)> {
    let now = at(10_000);
    store.replay_all(CONNECTION, Filter::default(), Replay::default(), now).await.unwrap();
    let mut order = Vec::new();
    while let Some(claimed) = store.claim(CONNECTION, 1, LEASE, now).await.unwrap().pop() {
        order.push((claimed.event.id.to_string(), claimed.event.body.to_vec()));
        store.settle(settlement(&claimed, delivered(), 10_000)).await.unwrap();
    }
    order
}

/// Something in each table beside the journal's own.
pub(crate) async fn furnish(store: &Store) {
    let key = LinkKey { kind: "ticket".into(), source_id: "工单-1".into() };
    let link = Link { key, target_id: "5237431".into(), version: Some(7), written: Some("{}".into()) };
    store.put_link(CONNECTION, link, at(1)).await.unwrap();
    let piece = Piece { id: ContentId::of(b"0"), content: b"0".into() };
    let version = NewVersion { view: "12".into(), about: None, count: 0, chunks: vec![piece.id] };
    store.put_pieces(CONNECTION, vec![piece], at(1)).await.unwrap();
    store.put_versions(CONNECTION, 0, vec![version], at(1)).await.unwrap();
    store.keep_mapping("d1", "name: acme", at(1)).await.unwrap();
    store.put_cursor(CONNECTION, "tickets", "第 3 页", at(1)).await.unwrap();
    let number = store.audit_begin(act(Action::ReplayEvent, Some(CONNECTION)), at(1)).await.unwrap();
    store.audit_end(number, "done", Some(1), at(1)).await.unwrap();
    store.accept(event("furnished", "with-effects"), at(0)).await.unwrap();
    let claimed = store.claim(CONNECTION, 100, LEASE, at(1)).await.unwrap().pop().unwrap();
    let (step, request_id, sent) = ("create".into(), "r1".into(), r#"{"subject":"打印机"}"#.into());
    store.intend(Intent { hold: claimed.hold(), step, request_id, sent, at: at(1) }).await.unwrap();
    store.settle(settlement(&claimed, Outcome::Parked(reason()), 1)).await.unwrap();
}
