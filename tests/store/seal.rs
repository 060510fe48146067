//! Content that is encrypted: unreadable in what the engine keeps, readable to those who have the key, and to nobody
//! under another key.

use std::{collections::BTreeMap, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use deskbridge::{
    event::{Event, Outcome, Reason},
    store::{
        Accepted, Answered, AsOf, ContentId, Filter, Intent, Keyring, Link, LinkKey, NewVersion, Piece, Place,
        Settlement, Store, StoreError,
    },
};

use super::support::*;

/// What no reader of the bytes may find.
const CANARY: &str = "canary-4711@example.com";

/// A file of keys: each name with the byte that its key is made of.
fn keys(folder: &tempfile::TempDir, keys: &[(&str, u8)]) -> Keyring {
    let line = |(name, byte): &(&str, u8)| format!("{name}:{}\n", BASE64_STANDARD.encode([*byte; 32]));
    let path: PathBuf = folder.path().join("encryption.keys");
    std::fs::write(&path, keys.iter().map(line).collect::<String>()).unwrap();
    Keyring::read(&path).unwrap()
}

fn place(desk: &Desk, keys: &Keyring) -> Place {
    Place { url: desk.url(), keys: keys.clone() }
}

/// The desk's store closed and opened again with these keys.
async fn with_keys(desk: Desk, keys: &Keyring) -> Result<Desk, StoreError> {
    desk.store.close();
    let Desk { store, place } = desk;
    drop(store);
    let store = Store::open(Place { url: place.url(), keys: keys.clone() }, at(0)).await?;
    Ok(Desk { store, place })
}

fn telling(id: &str) -> Event {
    event_with("1", id, &format!(r#"{{"data":{{"email":"{CANARY}"}}}}"#))
}

/// Writes the canary wherever content can be.
async fn fill(store: &Store) {
    store.accept(telling("e1"), at(0)).await.unwrap();
    let claimed = store.claim(CONNECTION, 1, LEASE, at(1)).await.unwrap().pop().unwrap();
    let intent = Intent {
        hold: claimed.hold(),
        step: "create".into(),
        request_id: "r1".into(),
        sent: format!(r#"{{"subject":"{CANARY}"}}"#),
        at: at(1),
    };
    store.intend(intent).await.unwrap();
    let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
    let link = Link { key, target_id: "5237431".into(), version: None, written: Some(CANARY.into()) };
    let settlement = Settlement {
        calls: format!(r#"[{{"message":"{CANARY}"}}]"#),
        links: vec![link],
        answered: vec![Answered { attempt: 1, step: "create".into(), target_id: None }],
        ..settlement(&claimed, Outcome::Parked(Reason::new("refused", CANARY)), 2)
    };
    store.settle(settlement).await.unwrap();
    let piece = Piece { id: ContentId::of(CANARY.as_bytes()), content: CANARY.into() };
    let chunks = vec![piece.id];
    store.put_pieces(CONNECTION, vec![piece], at(2)).await.unwrap();
    let version = NewVersion { view: "15".into(), about: Some(CANARY.into()), count: 1, chunks };
    store.put_versions(CONNECTION, 0, vec![version], at(2)).await.unwrap();
}

/// Everywhere that the canary comes back, in the order of `fill`.
async fn told(store: &Store) -> Vec<String> {
    let record = store.event(CONNECTION, &telling("e1").id).await.unwrap().unwrap();
    let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
    let link = store.link(CONNECTION, &key).await.unwrap().unwrap();
    let list = store.events(CONNECTION, Filter { limit: 9, ..Filter::default() }).await.unwrap();
    let lanes = store.held_lanes(CONNECTION, Filter { limit: 9, ..Filter::default() }).await.unwrap();
    let id = ContentId::of(CANARY.as_bytes());
    let pieces = store.pieces(CONNECTION, vec![id]).await.unwrap();
    let versions = store.versions(CONNECTION, AsOf::Now).await.unwrap();
    vec![
        String::from_utf8(record.event.body.to_vec()).unwrap(),
        record.effects[0].sent.clone(),
        record.attempts[0].calls.clone(),
        record.attempts[0].reason.as_ref().unwrap().message.clone(),
        record.summary.reason.unwrap().message,
        list.last().unwrap().reason.as_ref().unwrap().message.clone(),
        lanes[0].by.reason.as_ref().unwrap().message.clone(),
        link.written.unwrap(),
        String::from_utf8(pieces[&id].clone()).unwrap(),
        versions[0].about.clone().unwrap(),
    ]
}

async fn is_in_the_clear(desk: &Desk) -> bool {
    let bytes = desk.place.bytes().await;
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

fn under(names: &[(Option<&str>, u64)]) -> BTreeMap<Option<String>, u64> {
    names.iter().map(|(name, values)| (name.map(str::to_owned), *values)).collect()
}

#[tokio::test]
async fn no_byte_of_any_content_is_kept_readable_and_all_of_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(&folder, &[("k1", 1)]);
    let plain = Desk::new().await;
    fill(&plain.store).await;
    assert!(is_in_the_clear(&plain).await, "the search would find it");
    let desk = with_keys(Desk::new().await, &keys).await.unwrap();
    fill(&desk.store).await;
    assert!(!is_in_the_clear(&desk).await);
    let said = told(&desk.store).await;
    assert!(said.iter().all(|said| said.contains(CANARY)), "{said:?}");
    assert_eq!(said, told(&plain.store).await);
    assert!(desk.store.is_linked("ticket", "5237431").await.unwrap(), "what is looked for stays plain");
}

#[tokio::test]
async fn a_repetition_is_known_under_whatever_key_the_first_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new().await;
    desk.store.accept(telling("e1"), at(0)).await.unwrap();
    let desk = with_keys(desk, &keys(&folder, &[("k1", 1)])).await.unwrap();
    let again = |event: Event| desk.store.accept(event, at(1));
    assert_eq!(again(telling("e1")).await.unwrap(), Accepted::Duplicate { sequence: 1 });
    assert_eq!(again(telling("e2")).await.unwrap(), Accepted::New { sequence: 2 });
    assert_eq!(again(telling("e2")).await.unwrap(), Accepted::Duplicate { sequence: 2 });
    assert_eq!(again(event_with("1", "e2", "{}")).await.unwrap(), Accepted::Conflict);
    let batch = desk.store.accept_all(CONNECTION, vec![telling("e2"), telling("e3")], at(1)).await.unwrap();
    assert_eq!(batch, [Accepted::Duplicate { sequence: 2 }, Accepted::New { sequence: batch_last(&batch) }]);
}

fn batch_last(batch: &[Accepted]) -> i64 {
    match batch.last() {
        Some(Accepted::New { sequence }) => *sequence,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_missing_key_and_another_key_of_the_same_name_are_found_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let desk = with_keys(Desk::new().await, &keys(&folder, &[("k1", 1)])).await.unwrap();
    desk.store.close();
    for (other, named) in [(Keyring::default(), "k1"), (keys(&folder, &[("k2", 2)]), "k1")] {
        let refused = Store::open(place(&desk, &other), at(1)).await.map(drop).unwrap_err();
        assert!(matches!(&refused, StoreError::KeyMissing(name) if name == named), "{refused}");
    }
    let refused = Store::open(place(&desk, &keys(&folder, &[("k1", 9)])), at(1)).await.map(drop).unwrap_err();
    assert!(matches!(&refused, StoreError::KeyWrong(name) if name == "k1"), "{refused}");
    Store::open(place(&desk, &keys(&folder, &[("k2", 2), ("k1", 1)])), at(1)).await.unwrap();
}

#[tokio::test]
async fn a_store_in_use_is_encrypted_and_rotated_and_says_what_is_under_which_key() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new().await;
    fill(&desk.store).await;
    let first = keys(&folder, &[("k1", 1)]);
    let desk = with_keys(desk, &first).await.unwrap();
    desk.store.accept(telling("e2"), at(3)).await.unwrap();
    let values = desk.store.under_keys(&mut |_| {}).await.unwrap();
    assert_eq!(values, under(&[(None, 8), (Some("k1"), 1)]), "plain ones stay readable");
    let mut progress = BTreeMap::new();
    let mut tell = |at: deskbridge::store::Progress| {
        progress.insert((at.stage as u8, at.table), at);
    };
    let found = desk.store.reencrypt(&mut tell).await.unwrap();
    assert_eq!(found, values);
    assert!(progress.len() > 8 && progress.values().all(|at| at.is_end()), "each table is told of to its end: {progress:?}");
    assert_eq!(desk.store.under_keys(&mut |_| {}).await.unwrap(), under(&[(Some("k1"), 9)]));
    desk.store.close();
    Store::rewrite(&desk.url()).await.unwrap();
    let both = keys(&folder, &[("k2", 2), ("k1", 1)]);
    let desk = with_keys(desk, &both).await.unwrap();
    assert!(told(&desk.store).await.iter().all(|said| said.contains(CANARY)));
    desk.store.reencrypt(&mut |_| {}).await.unwrap();
    let second = keys(&folder, &[("k2", 2)]);
    let desk = with_keys(desk, &second).await.expect("the old key can go");
    assert!(told(&desk.store).await.iter().all(|said| said.contains(CANARY)));
    let archive = tokio::task::spawn_blocking({
        let place = place(&desk, &Keyring::default());
        move || deskbridge::store::Archive::open(place)?.under_keys()
    });
    assert_eq!(archive.await.unwrap().unwrap(), under(&[(Some("k2"), 9)]), "no key is needed to count");
}

#[tokio::test]
async fn a_plain_text_that_looks_like_an_encrypted_one_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new().await;
    let looks = ["sealed:k1:AAAA", "sealed:", "sealed::x"];
    for (number, body) in (1..).zip(looks.into_iter().chain(["\0sealed\0\u{2}k1xxxx"])) {
        desk.store.accept(event_with("1", &format!("e{number}"), body), at(0)).await.unwrap();
        assert_eq!(desk.record(&format!("e{number}")).await.event.body, body.as_bytes());
    }
    let key = LinkKey { kind: "ticket".into(), source_id: "1".into() };
    for text in looks {
        let written = Some(text.to_owned());
        let link = Link { key: key.clone(), target_id: "1".into(), version: None, written };
        desk.store.put_link(CONNECTION, link.clone(), at(0)).await.unwrap();
        assert_eq!(desk.store.link(CONNECTION, &key).await.unwrap(), Some(link));
    }
    let desk = with_keys(desk, &keys(&folder, &[("k1", 1)])).await.unwrap();
    desk.store.reencrypt(&mut |_| {}).await.unwrap();
    assert_eq!(desk.record("e1").await.event.body, looks[0].as_bytes());
}

#[test]
fn a_file_of_keys_is_read_or_its_mistake_is_told_without_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("encryption.keys");
    let key = BASE64_STANDARD.encode([7; 32]);
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        Keyring::read(&path)
    };
    let ring = read(&format!("# 2026\n\nk2:{key}\nk1:{}\n", BASE64_STANDARD.encode([8; 32]))).unwrap();
    assert_eq!((ring.first_name(), format!("{ring:?}")), (Some("k2"), r#"["k2", "k1"]"#.to_owned()));
    for (text, why) in [
        (String::new(), "holds no encryption key"),
        (key.clone(), ":1: there is no name"),
        (format!("k1:{key}\nk1:{key}"), ":2: another key above has the same name"),
        (format!("k 1:{key}"), ":1: a key's name"),
        ("k1:c2hvcnQ=".to_owned(), "has not 32 bytes"),
        (format!("k1:!{key}"), "not base64"),
    ] {
        let error = read(&text).unwrap_err().to_string();
        assert!(error.contains(why) && !error.contains(&key), "{error}");
    }
    let error = Keyring::read(&folder.path().join("missing")).unwrap_err().to_string();
    assert!(error.contains("can't be read"), "{error}");
}

#[tokio::test]
async fn events_are_accepted_while_all_that_is_kept_is_encrypted_anew() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new().await;
    for n in 0..2000 {
        desk.store.accept(telling(&format!("e{n}")), at(0)).await.unwrap();
    }
    let desk = with_keys(desk, &keys(&folder, &[("k1", 1)])).await.unwrap();
    let store = desk.store.clone();
    let encrypting = tokio::spawn(async move { store.reencrypt(&mut |_| {}).await.unwrap() });
    let (mut accepted, mut meanwhile) = (0, false);
    while !encrypting.is_finished() {
        desk.store.accept(telling(&format!("new-{accepted}")), at(1)).await.unwrap();
        // The work begins while the first is accepted.
        meanwhile |= accepted > 0 && !encrypting.is_finished();
        accepted += 1;
    }
    encrypting.await.unwrap();
    assert!(meanwhile, "none of {accepted} began and ended while all was encrypted");
    let left = desk.store.under_keys(&mut |_| {}).await.unwrap();
    assert_eq!(left, under(&[(Some("k1"), 2000 + accepted)]));
}
