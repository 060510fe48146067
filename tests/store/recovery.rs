//! Opening, closing, and what a process finds that another one left behind.

use deskbridge::{
    event::{Outcome, Status},
    store::{Accepted, Store, StoreError},
};

use super::support::*;

#[tokio::test]
async fn whatever_was_settled_or_not_is_found_again_by_the_next_process() {
    let desk = Desk::new().await;
    for (lane, id) in [("1", "done"), ("1", "waiting"), ("2", "later"), ("3", "parked")] {
        desk.accept(lane, id).await;
    }
    for claimed in desk.claim(10, 0).await {
        let outcome = match claimed.event.id.as_str() {
            "done" => delivered(),
            "later" => Outcome::Retry(reason(), at(500)),
            _ => Outcome::Parked(reason()),
        };
        desk.store.settle(settlement(&claimed, outcome, 1)).await.unwrap();
    }
    let desk = desk.reopen(at(10)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 10).await, ["waiting"]);
    assert_eq!(
        desk.claim_ids(10, 500).await[..],
        ["waiting", "later"],
        "the first's lease has ended by then"
    );
    assert_eq!((desk.status("done").await, desk.status("parked").await), (Status::Delivered, Status::Parked));
    let again = desk.store.accept(event("1", "done"), at(10)).await.unwrap();
    assert!(matches!(again, Accepted::Duplicate { .. }), "{again:?}");
}

#[tokio::test]
async fn sequences_go_on_where_the_last_process_stopped() {
    let desk = Desk::new().await;
    let before = desk.accept("1", "a").await;
    let desk = desk.reopen(at(1)).await.unwrap();
    assert!(desk.accept("1", "b").await > before);
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_refused_with_an_example() {
    let refused = Store::open("mysql://localhost/desk", at(0)).await.map(|_| ());
    assert!(matches!(refused, Err(StoreError::UnknownEngine)), "{refused:?}");
    assert!(refused.unwrap_err().to_string().contains("sqlite:data/deskbridge.db"));
}

#[tokio::test]
async fn a_closed_store_takes_nothing_more_and_says_so() {
    let desk = Desk::new().await;
    desk.accept("1", "a").await;
    desk.store.close();
    let refused = desk.store.accept(event("1", "b"), at(1)).await;
    assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
    let desk = desk.reopen(at(2)).await.unwrap();
    assert_eq!(desk.claim_ids(10, 2).await, ["a"]);
    assert_eq!(
        desk.store
            .events(CONNECTION, deskbridge::store::Filter { limit: 9, ..Default::default() })
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn what_was_asked_for_before_the_close_is_done_before_it() {
    let desk = Desk::new().await;
    let store = desk.store.clone();
    let accepts: Vec<_> = (0..200)
        .map(|n| {
            tokio::spawn({
                let store = store.clone();
                async move { store.accept(event(&n.to_string(), &n.to_string()), at(0)).await }
            })
        })
        .collect();
    let accepted = futures_util::future::join_all(accepts);
    let close = tokio::task::spawn_blocking(move || store.close());
    let (accepted, closed) = futures_util::future::join(accepted, close).await;
    closed.unwrap();
    let stored = accepted.into_iter().filter(|answer| answer.as_ref().unwrap().is_ok()).count();
    let desk = desk.reopen(at(1)).await.unwrap();
    assert_eq!(desk.claim(1000, 1).await.len(), stored, "what was answered is there, and nothing else");
}
