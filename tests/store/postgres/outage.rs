//! The way to the server breaks, and the server with it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use deskbridge::store::{Accepted, Store, StoreError};
use tokio::{sync::watch, time::timeout};

use super::{
    proxy::{Proxy, Way},
    server::Server,
    support::*,
};

/// Longer than anybody may have to wait for an answer, whatever happens.
const AT_MOST: Duration = Duration::from_secs(20);

/// A store whose way to the server can be broken, and one whose way can't.
struct Broken {
    proxy: Proxy,
    store: Store,
    desk: Desk,
}

impl Broken {
    async fn new() -> Self {
        let desk = Desk::new().await;
        let url = desk.url();
        let (head, database) = url.rsplit_once('/').expect("a database");
        let (user, server) = head.rsplit_once('@').expect("a user");
        let proxy = Proxy::to(server.to_owned()).await;
        let url = format!("{user}@127.0.0.1:{}/{database}", proxy.port());
        let store = Store::open(&url, at(0)).await.expect("the way is whole");
        Self { proxy, store, desk }
    }
}

#[tokio::test]
async fn whoever_waits_while_the_way_breaks_is_told_so_and_the_way_is_found_again() {
    let Broken { proxy, store, desk } = Broken::new().await;
    store.accept(event("1", "before"), at(0)).await.unwrap();
    proxy.turn(Way::Broken).await;
    let refused = timeout(AT_MOST, store.accept(event("2", "during"), at(0))).await.expect("nothing hangs");
    assert!(matches!(refused, Err(StoreError::Unreachable(_))), "{refused:?}");
    let refused = timeout(AT_MOST, store.claim(CONNECTION, 9, LEASE, at(0))).await.expect("nothing hangs");
    assert!(matches!(refused, Err(StoreError::Unreachable(_))), "{refused:?}");
    assert!(matches!(
        timeout(AT_MOST, store.ping()).await.expect("nothing hangs"),
        Err(StoreError::Unreachable(_))
    ));
    proxy.turn(Way::Whole).await;
    // polls: the store, until it has found its way again
    let after = async { while store.accept(event("3", "after"), at(0)).await.is_err() {} };
    timeout(AT_MOST, after).await.expect("the way is found again");
    assert_eq!(desk.claim_ids(10, 0).await, ["before", "after"]);
}

#[tokio::test]
async fn reads_are_told_so_too_and_go_on_afterwards() {
    let Broken { proxy, store, desk: _desk } = Broken::new().await;
    store.accept(event("1", "a"), at(0)).await.unwrap();
    assert_eq!(store.next_due(CONNECTION).await.unwrap(), Some(at(0)));
    proxy.turn(Way::Broken).await;
    let refused = timeout(AT_MOST, store.next_due(CONNECTION)).await.expect("nothing hangs");
    assert!(matches!(refused, Err(StoreError::Unreachable(_))), "{refused:?}");
    proxy.turn(Way::Whole).await;
    // polls: the store, until it has found its way again
    let after = async { while store.next_due(CONNECTION).await.is_err() {} };
    timeout(AT_MOST, after).await.expect("the way is found again");
}

#[tokio::test]
async fn an_accept_whose_answer_was_lost_is_a_duplicate_when_it_is_sent_again() {
    let Broken { proxy, store, desk } = Broken::new().await;
    store.ping().await.unwrap();
    proxy.turn(Way::Mute).await;
    let lost = tokio::spawn({
        let store = store.clone();
        async move { store.accept(event("1", "a"), at(0)).await }
    });
    // polls: the journal, until the event is there
    while desk.store.next_due(CONNECTION).await.unwrap().is_none() {}
    proxy.turn(Way::Broken).await;
    let lost = timeout(AT_MOST, lost).await.expect("nothing hangs").unwrap();
    assert!(matches!(lost, Err(StoreError::Unreachable(_))), "{lost:?}");
    proxy.turn(Way::Whole).await;
    // polls: the store, until it has found its way again
    let again = loop {
        if let Ok(accepted) = store.accept(event("1", "a"), at(1)).await {
            break accepted;
        }
    };
    assert!(matches!(again, Accepted::Duplicate { .. }), "{again:?}");
    assert_eq!(desk.claim_ids(10, 1).await, ["a"]);
}

#[tokio::test]
async fn a_settlement_whose_answer_was_lost_is_sent_again_and_holds() {
    let Broken { proxy, store, desk } = Broken::new().await;
    desk.accept("1", "a").await;
    desk.accept("1", "b").await;
    let claimed = store.claim(CONNECTION, 1, LEASE, at(0)).await.unwrap().remove(0);
    proxy.turn(Way::Mute).await;
    let settled = tokio::spawn({
        let store = store.clone();
        async move { store.settle(settlement(&claimed, delivered(), 1)).await }
    });
    // polls: the journal, until the event is settled
    while !desk.status("a").await.is_settled() {}
    proxy.turn(Way::Broken).await;
    proxy.turn(Way::Whole).await;
    timeout(AT_MOST, settled).await.expect("nothing hangs").unwrap().unwrap();
    assert_eq!(desk.record("a").await.attempts.len(), 1);
    assert_eq!(desk.claim_ids(10, 1).await, ["b"]);
}

#[tokio::test]
async fn a_transaction_that_was_cut_off_leaves_nothing_behind() {
    let Broken { proxy, store, desk } = Broken::new().await;
    let blocker = desk.place.client().await;
    blocker.batch_execute("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let cut = tokio::spawn({
        let store = store.clone();
        async move { store.accept(event("1", "a"), at(0)).await }
    });
    let waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass";
    // polls: the server, until the accept waits for the lock
    while blocker.query_opt(waits, &[]).await.unwrap().is_none() {}
    proxy.turn(Way::Broken).await;
    let cut = timeout(AT_MOST, cut).await.expect("nothing hangs").unwrap();
    assert!(matches!(cut, Err(StoreError::Unreachable(_))), "{cut:?}");
    let cancel = "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted";
    blocker.query_one(cancel, &[]).await.unwrap();
    blocker.batch_execute("COMMIT").await.unwrap();
    let accepted = desk.store.accept(event("1", "a"), at(1)).await.unwrap();
    assert!(matches!(accepted, Accepted::New { .. }), "{accepted:?}");
}

/// Accepts one event after the other until told to stop; those whose acceptance was answered.
async fn accept_all(
    store: Store,
    mut stop: watch::Receiver<bool>,
    answered: watch::Sender<usize>,
) -> Vec<String> {
    let mut accepted = Vec::new();
    for n in 0.. {
        if *stop.borrow_and_update() {
            break;
        }
        if store.accept(event(&n.to_string(), &n.to_string()), at(0)).await.is_ok() {
            accepted.push(n.to_string());
            answered.send_replace(accepted.len());
        }
    }
    accepted
}

#[tokio::test]
async fn a_server_that_is_killed_under_load_has_all_that_was_answered() {
    let server = Arc::new(Server::new());
    let store = Store::open(&server.url(), at(0)).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let (answered, mut answers) = watch::channel(0);
    let accepts = tokio::spawn(accept_all(store.clone(), stopped, answered));
    answers.wait_for(|answers| *answers >= 20).await.unwrap();
    let restarting = server.clone();
    let restart = tokio::task::spawn_blocking(move || {
        restarting.kill();
        restarting.start();
    });
    restart.await.unwrap();
    let before = *answers.borrow_and_update();
    timeout(AT_MOST, answers.wait_for(|answers| *answers >= before + 20))
        .await
        .expect("it is found again")
        .unwrap();
    stop.send_replace(true);
    let accepted = accepts.await.unwrap();
    let stored = store.claim(CONNECTION, 100_000, LEASE, at(0)).await.unwrap();
    let stored: BTreeSet<String> = stored.iter().map(|claimed| claimed.event.id.to_string()).collect();
    let lost: Vec<_> = accepted.iter().filter(|id| !stored.contains(*id)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    store.close();
}
