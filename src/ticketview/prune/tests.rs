//! What goes and what stays, on a store of its own.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, tz::TimeZone};

use super::SPARE;
use crate::{
    bangwo8,
    store::{AsOf, ContentId, NewVersion, Piece, Store},
    telemetry::Metrics,
    ticketview::{
        Reading, Source,
        board::Board,
        chunk::{self, Chunk},
        desk::Desk,
        entry::{Entry, Id},
    },
};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn start() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

async fn reading(folder: &tempfile::TempDir) -> Reading {
    let url = format!("sqlite:{}", folder.path().join("deskbridge.db").display());
    let store = Store::open(&url, start()).await.unwrap();
    let auth = bangwo8::Auth::Basic { account: "a".into(), password: "b".into() };
    let client = bangwo8::Client::new(bangwo8::Options::new("http://127.0.0.1:9".parse().unwrap(), auth));
    let source = Source {
        connection: "acme".into(),
        client: client.unwrap(),
        time_zone: TimeZone::UTC,
        every: HOUR,
        history: 7 * DAY,
        subscribers: Vec::new(),
    };
    let board = Arc::new(Board::new(Desk::default()));
    Reading { source, store, metrics: Arc::new(Metrics::new()), board }
}

/// A row of a ticket, and its view's only chunk; both kept, and a state of the view of them.
async fn state(reading: &Reading, row: &str, after: i64, now: Timestamp) -> (Piece, Arc<Chunk>) {
    let row = Piece { id: ContentId::of(row.as_bytes()), content: row.into() };
    let chunk = chunk::chunks(vec![Entry { id: Id::Number(1), row: row.id }], &[]).remove(0);
    reading.store.put_pieces("acme", vec![row.clone(), chunk.piece()], now).await.unwrap();
    let version = NewVersion { view: "2".into(), about: Some("{}".into()), count: 1, chunks: vec![chunk.id] };
    reading.store.put_versions("acme", after, vec![version], now).await.unwrap();
    (row, chunk)
}

async fn is_kept(reading: &Reading, pieces: &(Piece, Arc<Chunk>)) -> bool {
    let ids = vec![pieces.0.id, pieces.1.id];
    match reading.store.pieces("acme", ids).await.unwrap().len() {
        0 => false,
        2 => true,
        other => panic!("{other} of a row and its chunk"),
    }
}

#[tokio::test]
async fn a_state_past_its_age_goes_and_its_pieces_a_round_later_unless_another_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let reading = reading(&folder).await;
    let old = state(&reading, "old", 0, start()).await;
    let new = state(&reading, "new", 1, start() + HOUR).await;
    reading.prune(start() + 6 * DAY).await.unwrap();
    assert_eq!(reading.store.oldest_version("acme", "2").await.unwrap().unwrap().number, 1);
    reading.prune(start() + 9 * DAY).await.unwrap();
    assert_eq!(reading.store.oldest_version("acme", "2").await.unwrap().unwrap().number, 2);
    assert!(is_kept(&reading, &old).await, "whoever is reading it may go on");
    reading.prune(start() + 9 * DAY + HOUR).await.unwrap();
    assert!(!is_kept(&reading, &old).await);
    assert!(is_kept(&reading, &new).await);
    reading.prune(start() + 900 * DAY).await.unwrap();
    reading.prune(start() + 901 * DAY).await.unwrap();
    assert!(is_kept(&reading, &new).await, "the newest state stays, however old");
    let newest = reading.store.version("acme", "2", AsOf::Now).await.unwrap().unwrap();
    assert_eq!(newest.number, 2);
}

#[tokio::test]
async fn a_piece_that_no_state_has_is_spared_for_a_while_from_its_last_use() {
    let folder = tempfile::tempdir().unwrap();
    let reading = reading(&folder).await;
    let piece = Piece { id: ContentId::of(b"row"), content: b"row".to_vec() };
    let kept = async || !reading.store.pieces("acme", vec![piece.id]).await.unwrap().is_empty();
    reading.store.put_pieces("acme", vec![piece.clone()], start()).await.unwrap();
    reading.prune(start() + SPARE - HOUR).await.unwrap();
    reading.store.put_pieces("acme", vec![piece.clone()], start() + SPARE - HOUR).await.unwrap();
    reading.prune(start() + SPARE + HOUR).await.unwrap();
    assert!(kept().await, "a reading has put it again");
    reading.prune(start() + 2 * SPARE).await.unwrap();
    assert!(!kept().await);
}

#[tokio::test]
async fn a_state_whose_chunk_cannot_be_read_goes_at_its_age_and_then_its_pieces_do() {
    let folder = tempfile::tempdir().unwrap();
    let reading = reading(&folder).await;
    let broken = Piece { id: ContentId::of(b"chunk"), content: b"not a chunk".to_vec() };
    reading.store.put_pieces("acme", vec![broken.clone()], start()).await.unwrap();
    let version =
        NewVersion { view: "2".into(), about: Some("{}".into()), count: 1, chunks: vec![broken.id] };
    reading.store.put_versions("acme", 0, vec![version], start()).await.unwrap();
    let new = state(&reading, "new", 1, start() + HOUR).await;
    reading.prune(start() + 9 * DAY).await.unwrap_err();
    assert_eq!(reading.store.oldest_version("acme", "2").await.unwrap().unwrap().number, 2);
    reading.prune(start() + 9 * DAY + HOUR).await.unwrap();
    assert!(reading.store.pieces("acme", vec![broken.id]).await.unwrap().is_empty());
    assert!(is_kept(&reading, &new).await);
}
