//! The audit log: begun before, ended after, and never changed.

use std::collections::BTreeSet;

use deskbridge::store::{Act, Action, AuditEntry, AuditFilter, Limits, Store};
use futures_util::future::join_all;

use super::support::*;

pub(crate) fn act(action: Action, connection: Option<&str>) -> Act {
    Act {
        actor: Some("运维".into()),
        action,
        connection: connection.map(str::to_owned),
        object: Some(r#""created-1""#.into()),
        options: Some(r#"{"key":"same"}"#.into()),
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".into()),
    }
}

fn all() -> AuditFilter {
    AuditFilter { limit: 100, ..AuditFilter::default() }
}

async fn numbers(store: &Store, filter: AuditFilter) -> Vec<i64> {
    store.audit(filter).await.unwrap().iter().map(|entry| entry.number).collect()
}

#[tokio::test]
async fn an_entry_is_there_before_its_end_and_stays_as_it_ended() {
    let desk = Desk::new().await;
    let number = desk.store.audit_begin(act(Action::ReplayEvent, Some("acme")), at(1)).await.unwrap();
    let begun = AuditEntry {
        number,
        at: at(1),
        actor: Some("运维".into()),
        action: "event.replay".into(),
        connection: Some("acme".into()),
        object: Some(r#""created-1""#.into()),
        options: Some(r#"{"key":"same"}"#.into()),
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".into()),
        ended_at: None,
        outcome: None,
        count: None,
    };
    assert_eq!(desk.store.audit(all()).await.unwrap(), std::slice::from_ref(&begun));
    desk.store.audit_end(number, "done", Some(3), at(2)).await.unwrap();
    let ended = AuditEntry { ended_at: Some(at(2)), outcome: Some("done".into()), count: Some(3), ..begun };
    assert_eq!(desk.store.audit(all()).await.unwrap(), std::slice::from_ref(&ended));
    desk.store.audit_end(number, "forbidden", None, at(3)).await.unwrap();
    assert_eq!(desk.store.audit(all()).await.unwrap(), std::slice::from_ref(&ended), "what has ended doesn't change");
    let desk = desk.reopen(at(4)).await.unwrap();
    assert_eq!(desk.store.audit(all()).await.unwrap(), [ended]);
}

#[tokio::test]
async fn pages_go_back_in_time_and_a_filter_leaves_out_the_rest() {
    let desk = Desk::new().await;
    let about = [Some("acme"), Some("beta"), Some("acme.wall"), None, Some("acme2")];
    for (ms, connection) in (1..).zip(about) {
        let action = if ms % 2 == 0 { Action::DiscardEvent } else { Action::ReplayEvent };
        assert_eq!(desk.store.audit_begin(act(action, connection), at(ms)).await.unwrap(), ms);
    }
    let of = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
    for (filter, expected) in [
        (all(), &[5, 4, 3, 2, 1][..]),
        (AuditFilter { limit: 2, ..all() }, &[5, 4]),
        (AuditFilter { limit: 2, before: Some(4), ..all() }, &[3, 2]),
        (AuditFilter { connection: Some("acme".into()), ..all() }, &[3, 1]),
        (AuditFilter { connection: Some("acme.wall".into()), ..all() }, &[3]),
        (AuditFilter { connections: of(&["acme", "beta"]), ..all() }, &[3, 2, 1]),
        (AuditFilter { connections: of(&[]), ..all() }, &[]),
        (AuditFilter { connections: of(&["acme"]), connection: Some("beta".into()), ..all() }, &[]),
        (AuditFilter { action: Some(Action::DiscardEvent), ..all() }, &[4, 2]),
        (AuditFilter { since: Some(at(2)), until: Some(at(4)), ..all() }, &[3, 2]),
    ] {
        assert_eq!(numbers(&desk.store, filter.clone()).await, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn entries_begun_at_once_are_numbered_without_a_gap() {
    let desk = Desk::new().await;
    let begun = (0..40).map(|_| desk.store.audit_begin(act(Action::ReplayEvent, Some("acme")), at(1)));
    let mut begun: Vec<i64> = join_all(begun).await.into_iter().map(Result::unwrap).collect();
    begun.sort_unstable();
    assert_eq!(begun, (1..=40).collect::<Vec<i64>>());
}

#[tokio::test]
async fn entries_past_their_age_are_forgotten_but_the_newest_stays_and_numbers_go_on() {
    let desk = Desk::new().await;
    for ms in [1, 2, 3] {
        desk.store.audit_begin(act(Action::ReplayEvent, Some("acme")), at(ms)).await.unwrap();
    }
    let limits = Limits { audit: Some(std::time::Duration::from_millis(100)), ..Limits::default() };
    let size = desk.store.size().await.unwrap();
    desk.store.tidy(&limits, false, &size, at(102)).await.unwrap();
    assert_eq!(numbers(&desk.store, all()).await, [3, 2]);
    desk.store.tidy(&Limits::default(), false, &size, at(1_000_000)).await.unwrap();
    assert_eq!(numbers(&desk.store, all()).await, [3, 2], "without an age they are kept for ever");
    desk.store.tidy(&limits, false, &size, at(1_000_000)).await.unwrap();
    assert_eq!(numbers(&desk.store, all()).await, [3]);
    let next = desk.store.audit_begin(act(Action::ReplayEvent, Some("acme")), at(1_000_000)).await;
    assert_eq!(next.unwrap(), 4);
}
