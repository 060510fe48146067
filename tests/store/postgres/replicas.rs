//! Several processes on one database.

use std::collections::BTreeMap;

use deskbridge::store::{Accepted, NewVersion, Store, StoreError};
use futures_util::future::{join, join_all};

use super::support::*;

/// Another process on the same database.
async fn another(desk: &Desk) -> Store {
    Store::open(&desk.url(), at(0)).await.expect("a second replica")
}

#[tokio::test]
async fn an_event_that_is_sent_to_two_replicas_at_once_is_new_to_one_of_them() {
    let desk = Desk::new().await;
    let other = another(&desk).await;
    for n in 0..20 {
        let id = n.to_string();
        let both =
            join(desk.store.accept(event("1", &id), at(0)), other.accept(event("1", &id), at(0))).await;
        let (first, second) = (both.0.unwrap(), both.1.unwrap());
        let is_new = |accepted: &Accepted| matches!(accepted, Accepted::New { .. });
        assert_eq!([&first, &second].into_iter().filter(|it| is_new(it)).count(), 1, "{first:?} {second:?}");
    }
    assert_eq!(desk.claim(100, 0).await.len(), 1, "one lane has one head");
}

/// Ends every way to the server.
async fn cut_off(desk: &Desk) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'deskbridge'";
    desk.place.client().await.query_one(sql, &[]).await.unwrap();
}

/// Claims and settles until nothing is due any more; the sequences of each lane in the order in which they were settled.
async fn work(store: &Store, done: &std::sync::Mutex<BTreeMap<String, Vec<i64>>>) {
    loop {
        let claimed = store.claim(CONNECTION, 3, LEASE, at(1)).await.unwrap();
        if claimed.is_empty() {
            return;
        }
        for one in claimed {
            done.lock().unwrap().entry(one.event.lane.to_string()).or_default().push(one.sequence);
            store.settle(settlement(&one, delivered(), 1)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn two_replicas_do_every_event_once_and_each_lane_in_order() {
    const LANES: usize = 10;
    const EVENTS: usize = 200;
    let desk = Desk::new().await;
    let other = another(&desk).await;
    let stores = [&desk.store, &other];
    let accepts = (0..EVENTS).map(|n| {
        let (lane, id) = ((n % LANES).to_string(), n.to_string());
        stores[n % 3 % 2].accept(event(&lane, &id), at(0))
    });
    let accepted = join_all(accepts).await;
    assert!(accepted.iter().all(|accepted| matches!(accepted, Ok(Accepted::New { .. }))), "{accepted:?}");
    let done = std::sync::Mutex::default();
    let mut left = EVENTS;
    // A worker ends when nothing is due for it at a moment: another one may have a lane in hand then.
    while left > 0 {
        join_all([&desk.store, &other, &desk.store, &other].map(|store| work(store, &done))).await;
        left = EVENTS - done.lock().unwrap().values().map(Vec::len).sum::<usize>();
    }
    let done = done.into_inner().unwrap();
    assert_eq!(done.values().map(Vec::len).collect::<Vec<_>>(), [EVENTS / LANES; LANES]);
    for (lane, sequences) in done {
        assert!(sequences.is_sorted_by(|a, b| a < b), "{lane}: {sequences:?}");
    }
    assert_eq!(desk.store.next_due(CONNECTION).await.unwrap(), None);
}

#[tokio::test]
async fn an_event_of_a_replica_that_died_is_another_ones_when_its_lease_has_ended() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    let first = desk.claim_one(0).await;
    let other = another(&desk).await;
    assert_eq!(other.claim(CONNECTION, 10, LEASE, at(99)).await.unwrap().len(), 0);
    let second = other.claim(CONNECTION, 10, LEASE, at(100)).await.unwrap().remove(0);
    assert_eq!((second.event.id.as_str(), second.attempt, second.interrupted), ("a", 2, 1));
    let late = desk.store.settle(settlement(&first, delivered(), 101)).await;
    assert!(matches!(late, Err(StoreError::LeaseLost)), "{late:?}");
    let renewed = desk.store.renew(vec![first.hold(), second.hold()], at(500)).await.unwrap();
    assert_eq!(renewed, [second.hold()]);
    other.settle(settlement(&second, delivered(), 102)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 102).await, ["b"]);
}

#[tokio::test]
async fn a_replica_is_woken_by_what_another_one_accepts_and_hears_of_what_it_settles() {
    let desk = Desk::new().await;
    let other = another(&desk).await;
    let (arrivals, mut settlements) = (other.arrivals(CONNECTION), other.settlements());
    desk.accept("1", "a").await;
    arrivals.notified().await;
    let claimed = desk.claim_one(0).await;
    desk.store.settle(settlement(&claimed, delivered(), 1)).await.unwrap();
    let heard = settlements.recv().await.unwrap();
    assert_eq!((heard.connection.as_str(), heard.sequence), (CONNECTION, claimed.sequence));
}

#[tokio::test]
async fn a_replica_is_woken_when_a_lane_of_which_another_one_settled_an_event_goes_on() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    let claimed = desk.claim_one(0).await;
    let other = another(&desk).await;
    let arrivals = other.arrivals(CONNECTION);
    desk.store.settle(settlement(&claimed, delivered(), 1)).await.unwrap();
    arrivals.notified().await;
    assert_eq!(other.claim(CONNECTION, 10, LEASE, at(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn news_that_came_while_nobody_could_hear_it_is_made_up_for() {
    let desk = Desk::new().await;
    let other = another(&desk).await;
    let arrivals = other.arrivals(CONNECTION);
    cut_off(&desk).await;
    // polls: the store, until it has found its way again
    while desk.store.accept(event("1", "a"), at(0)).await.is_err() {}
    arrivals.notified().await;
}

#[tokio::test]
async fn a_replica_hears_of_versions_of_ticket_views_that_another_one_puts_and_can_not_put_the_same() {
    let desk = Desk::new().await;
    let other = another(&desk).await;
    let news = other.view_news(CONNECTION);
    let version = NewVersion { view: "15".into(), about: Some("{}".into()), count: 0, chunks: Vec::new() };
    for number in 0..3 {
        desk.store.put_versions(CONNECTION, number, vec![version.clone()], at(0)).await.unwrap();
        // polls: news may be of the version before, or of none
        while other.versions_after(CONNECTION, number, 1).await.unwrap().is_empty() {
            news.notified().await;
        }
        let late = other.put_versions(CONNECTION, number, vec![version.clone()], at(0)).await;
        assert!(matches!(late, Err(StoreError::Outrun)), "{late:?}");
    }
}

#[tokio::test]
async fn news_of_ticket_views_that_came_while_nobody_could_hear_it_is_made_up_for() {
    let desk = Desk::new().await;
    let other = another(&desk).await;
    let news = other.view_news(CONNECTION);
    cut_off(&desk).await;
    let version = NewVersion { view: "15".into(), about: None, count: 0, chunks: Vec::new() };
    // polls: the store, until it has found its way again
    while let Err(StoreError::Unreachable(_)) =
        desk.store.put_versions(CONNECTION, 0, vec![version.clone()], at(0)).await
    {}
    while other.versions_after(CONNECTION, 0, 1).await.map_or(true, |versions| versions.is_empty()) {
        news.notified().await;
    }
}

#[tokio::test]
async fn of_two_replicas_one_leads_until_its_time_has_passed() {
    let desk = Desk::new().await;
    let other = another(&desk).await;
    assert!(desk.store.lead("upkeep", "one", at(100), at(0)).await.unwrap());
    assert!(!other.lead("upkeep", "two", at(150), at(50)).await.unwrap());
    assert!(desk.store.lead("upkeep", "one", at(200), at(90)).await.unwrap());
    assert!(other.lead("upkeep", "two", at(300), at(200)).await.unwrap());
    assert!(!desk.store.lead("upkeep", "one", at(400), at(210)).await.unwrap());
}
