//! The history of ticket views: numbered states, and the pieces that they are made of.

use std::time::Duration;

use deskbridge::store::{AsOf, ContentId, NewVersion, Piece, Store, StoreError, Version};
use futures_util::future::{join, join_all};
use tokio::time::timeout;

use super::support::*;

fn piece(content: &str) -> Piece {
    Piece { id: ContentId::of(content.as_bytes()), content: content.into() }
}

fn id(content: &str) -> ContentId {
    ContentId::of(content.as_bytes())
}

/// A state of a view with one chunk and as many tickets as it is told.
fn state(view: &str, count: u64) -> NewVersion {
    let about = Some(format!(r#"{{"title":"我的工单 {view}"}}"#));
    NewVersion { view: view.into(), about, count, chunks: vec![id(&format!("{view} {count}"))] }
}

fn gone(view: &str) -> NewVersion {
    NewVersion { view: view.into(), about: None, count: 0, chunks: Vec::new() }
}

async fn put(store: &Store, after: i64, versions: Vec<NewVersion>, ms: i64) -> i64 {
    store.put_versions(CONNECTION, after, versions, at(ms)).await.unwrap()
}

async fn put_pieces(store: &Store, contents: &[&str], ms: i64) {
    let pieces = contents.iter().map(|content| piece(content)).collect();
    store.put_pieces(CONNECTION, pieces, at(ms)).await.unwrap();
}

async fn numbers(store: &Store, as_of: AsOf) -> Vec<(String, i64)> {
    let versions = store.versions(CONNECTION, as_of).await.unwrap();
    versions.into_iter().map(|version| (version.view, version.number)).collect()
}

fn named(versions: &[(&str, i64)]) -> Vec<(String, i64)> {
    versions.iter().map(|(view, number)| ((*view).to_owned(), *number)).collect()
}

/// The views `15` and `2`: 1 and 2 at 10, 3 (of 15) at 20, 4 (15 is gone) and 5 at 30.
async fn history(store: &Store) {
    assert_eq!(put(store, 0, vec![state("15", 1), state("2", 7)], 10).await, 2);
    assert_eq!(put(store, 2, vec![state("15", 2)], 20).await, 3);
    assert_eq!(put(store, 3, vec![gone("15"), state("2", 8)], 30).await, 5);
}

#[tokio::test]
async fn a_version_is_read_back_as_it_was_put() {
    let desk = Desk::new().await;
    history(&desk.store).await;
    let version = desk.store.version(CONNECTION, "15", AsOf::Number(3)).await.unwrap().unwrap();
    let NewVersion { view, about, count, chunks } = state("15", 2);
    assert_eq!(version, Version { number: 3, prior: 1, view, at: at(20), about, count, chunks });
    let last = desk.store.version(CONNECTION, "15", AsOf::Now).await.unwrap().unwrap();
    assert_eq!((last.number, last.prior, last.about, last.chunks), (4, 3, None, Vec::new()));
    assert_eq!(desk.store.version(CONNECTION, "16", AsOf::Now).await.unwrap(), None);
    assert_eq!(desk.store.version("beta", "15", AsOf::Now).await.unwrap(), None);
}

#[tokio::test]
async fn every_view_is_seen_as_it_was_then() {
    let desk = Desk::new().await;
    assert_eq!(numbers(&desk.store, AsOf::Now).await, []);
    history(&desk.store).await;
    let as_of = |ms| AsOf::Time(at(ms));
    for (then, expected) in [
        (AsOf::Now, &[("15", 4), ("2", 5)][..]),
        (AsOf::Number(5), &[("15", 4), ("2", 5)]),
        (AsOf::Number(3), &[("15", 3), ("2", 2)]),
        (AsOf::Number(1), &[("15", 1)]),
        (AsOf::Number(0), &[]),
        (as_of(9), &[]),
        (as_of(10), &[("15", 1), ("2", 2)]),
        (as_of(29), &[("15", 3), ("2", 2)]),
        (as_of(99), &[("15", 4), ("2", 5)]),
    ] {
        assert_eq!(numbers(&desk.store, then).await, named(expected), "{then:?}");
        let of_15 = desk.store.version(CONNECTION, "15", then).await.unwrap().map(|version| version.number);
        assert_eq!(of_15, expected.first().map(|(_, number)| *number), "{then:?}");
    }
}

#[tokio::test]
async fn each_connection_has_numbers_of_its_own() {
    let desk = Desk::new().await;
    history(&desk.store).await;
    assert_eq!(desk.store.put_versions("beta", 0, vec![state("15", 3)], at(5)).await.unwrap(), 1);
    assert_eq!(numbers(&desk.store, AsOf::Now).await, named(&[("15", 4), ("2", 5)]));
    desk.store.put_pieces("beta", vec![piece("行")], at(0)).await.unwrap();
    assert!(desk.store.pieces(CONNECTION, vec![id("行")]).await.unwrap().is_empty());
}

#[tokio::test]
async fn one_call_may_put_several_states_of_a_view() {
    let desk = Desk::new().await;
    assert_eq!(put(&desk.store, 0, vec![state("15", 1), state("2", 1), state("15", 2)], 10).await, 3);
    assert_eq!(put(&desk.store, 3, Vec::new(), 20).await, 3, "nothing is put");
    let all = desk.store.versions_after(CONNECTION, 0, 10).await.unwrap();
    let numbers: Vec<_> = all.iter().map(|version| (version.number, version.prior)).collect();
    assert_eq!(numbers, [(1, 0), (2, 0), (3, 1)]);
}

#[tokio::test]
async fn who_does_not_know_the_newest_version_puts_none() {
    let desk = Desk::new().await;
    history(&desk.store).await;
    for after in [0, 4, 6] {
        let refused = desk.store.put_versions(CONNECTION, after, vec![state("15", 9)], at(40)).await;
        assert!(matches!(refused, Err(StoreError::Outrun)), "{after}: {refused:?}");
    }
    assert_eq!(desk.store.versions_after(CONNECTION, 5, 10).await.unwrap(), []);
    assert_eq!(put(&desk.store, 5, vec![state("15", 9)], 40).await, 6);
}

#[tokio::test]
async fn of_many_who_put_after_the_same_number_one_does() {
    let desk = Desk::new().await;
    for round in 0..10 {
        // Of different lengths: the longer ones reach past those that are taken.
        let puts = (1..=8).map(|length| {
            let versions = (0..length).map(|view| state(&view.to_string(), round)).collect();
            let after = desk.store.versions(CONNECTION, AsOf::Now);
            async {
                let after = after.await.unwrap().iter().map(|version| version.number).max().unwrap_or(0);
                desk.store.put_versions(CONNECTION, after, versions, at(1)).await
            }
        });
        let puts = join_all(puts).await;
        assert!(puts.iter().any(Result::is_ok), "{puts:?}");
        assert!(puts.iter().all(|put| matches!(put, Ok(_) | Err(StoreError::Outrun))), "{puts:?}");
    }
    let all = desk.store.versions_after(CONNECTION, 0, 10_000).await.unwrap();
    assert!((1..).zip(&all).all(|(number, version)| version.number == number), "no number is left out");
}

#[tokio::test]
async fn times_never_go_back_although_a_clock_does() {
    let desk = Desk::new().await;
    put(&desk.store, 0, vec![state("15", 1)], 50).await;
    put(&desk.store, 1, vec![state("2", 1)], 20).await;
    put(&desk.store, 2, vec![state("15", 2)], 60).await;
    let all = desk.store.versions_after(CONNECTION, 0, 10).await.unwrap();
    assert_eq!(all.iter().map(|version| version.at).collect::<Vec<_>>(), [at(50), at(50), at(60)]);
    assert_eq!(numbers(&desk.store, AsOf::Time(at(50))).await, named(&[("15", 1), ("2", 2)]));
}

#[tokio::test]
async fn versions_are_followed_in_their_order_and_page_by_page() {
    let desk = Desk::new().await;
    history(&desk.store).await;
    let after = async |number, limit| -> Vec<i64> {
        let versions = desk.store.versions_after(CONNECTION, number, limit).await.unwrap();
        versions.iter().map(|version| version.number).collect()
    };
    assert_eq!(after(0, 2).await, [1, 2]);
    assert_eq!(after(2, 2).await, [3, 4]);
    assert_eq!(after(4, 2).await, [5]);
    assert_eq!(after(5, 2).await, [0; 0]);
}

#[tokio::test]
async fn counts_over_time_begin_with_the_one_in_force() {
    let desk = Desk::new().await;
    let mut last = 0;
    for n in 1..=5 {
        last = put(&desk.store, last, vec![state("15", n), state("2", 100 + n)], 10 * n as i64).await;
    }
    let counts = async |since, until, limit| {
        let counts = desk.store.counts_over_time(CONNECTION, "15", at(since), at(until), limit).await;
        counts.unwrap()
    };
    assert_eq!(counts(0, 100, 10).await.len(), 5);
    assert_eq!(counts(25, 40, 10).await, [(at(20), 2), (at(30), 3)], "what is of 40 is too late");
    assert_eq!(counts(30, 41, 10).await, [(at(30), 3), (at(40), 4)]);
    assert_eq!(counts(20, 99, 2).await, [(at(20), 2), (at(30), 3)]);
    assert_eq!(counts(0, 10, 10).await, []);
    assert_eq!(counts(70, 80, 10).await, [(at(50), 5)]);
}

#[tokio::test]
async fn the_oldest_version_is_the_oldest_that_is_kept() {
    let desk = Desk::new().await;
    history(&desk.store).await;
    let oldest = async |view| desk.store.oldest_version(CONNECTION, view).await.unwrap().map(|it| it.number);
    assert_eq!((oldest("15").await, oldest("2").await, oldest("3").await), (Some(1), Some(2), None));
    assert_eq!(desk.store.prune_versions(CONNECTION, at(21), 10).await.unwrap(), 1);
    assert_eq!((oldest("15").await, oldest("2").await), (Some(3), Some(2)));
}

#[tokio::test]
async fn pruning_forgets_what_was_followed_before_then_and_keeps_the_newest_of_each_view() {
    let desk = Desk::new().await;
    history(&desk.store).await;
    let kept = async || -> Vec<i64> {
        let versions = desk.store.versions_after(CONNECTION, 0, 10).await.unwrap();
        versions.iter().map(|version| version.number).collect()
    };
    assert_eq!(desk.store.prune_versions(CONNECTION, at(20), 10).await.unwrap(), 0, "1 was in force until 20");
    assert_eq!(desk.store.prune_versions(CONNECTION, at(30), 10).await.unwrap(), 1);
    assert_eq!(kept().await, [2, 3, 4, 5]);
    assert_eq!(numbers(&desk.store, AsOf::Time(at(29))).await, named(&[("15", 3), ("2", 2)]), "still known");
    assert_eq!(desk.store.prune_versions(CONNECTION, at(1_000_000), 1).await.unwrap(), 1, "no more than asked");
    assert_eq!(kept().await, [3, 4, 5]);
    assert_eq!(desk.store.prune_versions("beta", at(1_000_000), 10).await.unwrap(), 0);
    assert_eq!(desk.store.prune_versions(CONNECTION, at(1_000_000), 10).await.unwrap(), 1);
    assert_eq!(kept().await, [4, 5], "the newest of each view, and with it the highest number");
    assert_eq!(put(&desk.store, 5, vec![state("15", 1)], 40).await, 6);
    let back = desk.store.version(CONNECTION, "15", AsOf::Now).await.unwrap().unwrap();
    assert_eq!(back.prior, 4);
}

#[tokio::test]
async fn a_long_history_is_pruned_as_far_as_asked() {
    let desk = Desk::new().await;
    let versions = (0..1000).map(|n| state(&(n % 10).to_string(), n)).collect();
    assert_eq!(put(&desk.store, 0, versions, 10).await, 1000);
    assert_eq!(desk.store.prune_versions(CONNECTION, at(11), 300).await.unwrap(), 300);
    assert_eq!(desk.store.versions_after(CONNECTION, 0, 1).await.unwrap()[0].number, 301);
    assert_eq!(desk.store.prune_versions(CONNECTION, at(11), 0).await.unwrap(), 0);
    assert_eq!(desk.store.prune_versions(CONNECTION, at(11), 10_000).await.unwrap(), 690);
    assert_eq!(desk.store.versions(CONNECTION, AsOf::Now).await.unwrap().len(), 10);
}

#[tokio::test]
async fn pieces_are_found_by_the_hash_of_their_content() {
    let desk = Desk::new().await;
    assert_eq!(id("").to_string(), "e3b0c44298fc1c149afbf4c8996fb924", "as everybody's SHA-256 begins");
    put_pieces(&desk.store, &["工单一", "工单二", "工单一"], 0).await;
    let ids = vec![id("工单二"), id("工单三"), id("工单一")];
    let found = desk.store.pieces(CONNECTION, ids).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[&id("工单一")], "工单一".as_bytes());
}

#[tokio::test]
async fn many_pieces_and_long_ones_are_kept_in_one_call() {
    let desk = Desk::new().await;
    let long = "长".repeat(1_000_000);
    let mut pieces: Vec<Piece> = (0..2000).map(|n| piece(&format!("工单 {n}"))).collect();
    pieces.extend(["a", "b", "c"].map(|end| piece(&format!("{long}{end}"))));
    let ids: Vec<ContentId> = pieces.iter().map(|piece| piece.id).collect();
    desk.store.put_pieces(CONNECTION, pieces, at(0)).await.unwrap();
    let found = desk.store.pieces(CONNECTION, ids).await.unwrap();
    assert_eq!(found.len(), 2003);
    assert!(found.iter().all(|(id, content)| ContentId::of(content) == *id));
}

#[tokio::test]
async fn old_pieces_are_listed_in_order_and_page_by_page() {
    let desk = Desk::new().await;
    put_pieces(&desk.store, &["a", "b", "c", "d"], 10).await;
    put_pieces(&desk.store, &["e", "b"], 20).await;
    put_pieces(&desk.store, &["d"], 5).await;
    let mut expected = [id("a"), id("c"), id("d")];
    expected.sort();
    let old = async |before, after, limit| {
        desk.store.old_pieces(CONNECTION, at(before), after, limit).await.unwrap()
    };
    assert_eq!(old(10, None, 10).await, [], "used at 10, not before");
    assert_eq!(old(11, None, 2).await, expected[..2]);
    assert_eq!(old(11, Some(expected[1]), 2).await, expected[2..], "a time that is earlier marks nothing");
    assert_eq!(old(11, Some(expected[2]), 2).await, []);
    assert_eq!(old(21, None, 10).await.len(), 5);
}

#[tokio::test]
async fn a_piece_that_was_put_again_is_not_forgotten() {
    let desk = Desk::new().await;
    put_pieces(&desk.store, &["a", "b"], 10).await;
    put_pieces(&desk.store, &["a"], 20).await;
    let both = vec![id("a"), id("b"), id("c")];
    assert_eq!(desk.store.forget_pieces(CONNECTION, both.clone(), at(20)).await.unwrap(), 1);
    assert_eq!(desk.store.pieces(CONNECTION, both).await.unwrap().into_keys().collect::<Vec<_>>(), [id("a")]);
}

#[tokio::test]
async fn what_is_put_while_it_is_swept_is_there_afterwards() {
    let desk = Desk::new().await;
    let contents: Vec<String> = (0..300).map(|n| format!("工单 {n}")).collect();
    let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
    let ids: Vec<ContentId> = contents.iter().map(|content| id(content)).collect();
    for round in 0..5 {
        put_pieces(&desk.store, &contents, 10 * round).await;
        let now = 10 * round + 5;
        let sweep = desk.store.forget_pieces(CONNECTION, ids.clone(), at(now));
        let (_, swept) = join(put_pieces(&desk.store, &contents, now), sweep).await;
        swept.unwrap();
        assert_eq!(desk.store.pieces(CONNECTION, ids.clone()).await.unwrap().len(), 300, "round {round}");
    }
}

#[tokio::test]
async fn chunks_of_all_versions_that_are_kept_are_in_use() {
    let desk = Desk::new().await;
    let versions = (0..200).map(|n| state(&(n % 2).to_string(), n / 4)).collect();
    put(&desk.store, 0, versions, 10).await;
    let in_use = async || {
        let mut chunks = desk.store.chunks_in_use(CONNECTION).await.unwrap();
        chunks.sort();
        chunks
    };
    assert_eq!(in_use().await.len(), 100, "each once");
    desk.store.prune_versions(CONNECTION, at(11), 1000).await.unwrap();
    let mut left = [id("0 49"), id("1 49")];
    left.sort();
    assert_eq!(in_use().await, left);
}

#[tokio::test]
async fn a_version_of_ten_thousand_chunks_is_kept_as_it_is() {
    let desk = Desk::new().await;
    let chunks: Vec<ContentId> = (0..10_000).map(|n| id(&n.to_string())).collect();
    let large = NewVersion { chunks: chunks.clone(), ..state("15", 2_560_000) };
    put(&desk.store, 0, vec![large], 10).await;
    let desk = desk.reopen(at(20)).await.unwrap();
    let version = desk.store.version(CONNECTION, "15", AsOf::Now).await.unwrap().unwrap();
    assert_eq!((version.count, &version.chunks), (2_560_000, &chunks));
    assert_eq!(desk.store.chunks_in_use(CONNECTION).await.unwrap().len(), 10_000);
}

#[tokio::test]
async fn whoever_waits_for_news_of_views_is_woken() {
    let desk = Desk::new().await;
    let news = desk.store.view_news(CONNECTION);
    put(&desk.store, 0, vec![state("15", 1)], 10).await;
    timeout(Duration::from_secs(10), news.notified()).await.expect("there are news");
}

#[tokio::test]
async fn cursors_are_listed_by_how_their_names_begin_and_forgotten() {
    let desk = Desk::new().await;
    for name in ["ask/15", "ask/2", "ask/工单", "ask", "asl", "ask0"] {
        desk.store.put_cursor(CONNECTION, name, &format!("{name} 处"), at(0)).await.unwrap();
    }
    desk.store.put_cursor("beta", "ask/3", "", at(0)).await.unwrap();
    let names = async |prefix| {
        let cursors = desk.store.cursors(CONNECTION, prefix).await.unwrap();
        cursors.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(names("ask/").await, ["ask/15", "ask/2", "ask/工单"]);
    assert_eq!(desk.store.cursors(CONNECTION, "ask/2").await.unwrap(), [("ask/2".into(), "ask/2 处".into())]);
    desk.store.forget_cursor(CONNECTION, "ask/2").await.unwrap();
    desk.store.forget_cursor(CONNECTION, "ask/2").await.unwrap();
    assert_eq!(names("ask").await, ["ask", "ask/15", "ask/工单", "ask0"]);
    assert_eq!(names("").await.len(), 5);
}
