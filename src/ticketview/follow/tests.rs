//! A store that was put back to what it had before.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::{
    bangwo8,
    store::{NewVersion, Store},
    telemetry::Metrics,
    ticketview::{Reading, Source, board::Board, desk::Desk},
};

fn start() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

/// Of a store that has seen so many states of a view be gone, and a desk that is at this version.
async fn reading(folder: &tempfile::TempDir, kept: i64, desk: Desk) -> Reading {
    let url = format!("sqlite:{}", folder.path().join("deskbridge.db").display());
    let store = Store::open(&url, start()).await.unwrap();
    for after in 0..kept {
        let version = NewVersion { view: "2".into(), about: None, count: 0, chunks: Vec::new() };
        store.put_versions("acme", after, vec![version], start()).await.unwrap();
    }
    let auth = bangwo8::Auth::Basic { account: "a".into(), password: "b".into() };
    let client = bangwo8::Client::new(bangwo8::Options::new("http://127.0.0.1:9".parse().unwrap(), auth));
    let source = Source {
        connection: "acme".into(),
        client: client.unwrap(),
        time_zone: TimeZone::UTC,
        every: Duration::from_secs(60),
        history: Duration::from_secs(3600),
        subscribers: Vec::new(),
    };
    Reading { source, store, metrics: Arc::new(Metrics::new()), board: Arc::new(Board::new(desk)) }
}

async fn caught_up(kept: i64, version: i64, written_at: Option<Timestamp>) -> (i64, Option<Timestamp>) {
    let folder = tempfile::tempdir().unwrap();
    let reading = reading(&folder, kept, Desk { version, written_at, ..Desk::default() }).await;
    reading.catch_up().await.unwrap();
    let desk = reading.board.desk();
    (desk.version, desk.written_at)
}

#[tokio::test]
async fn what_was_written_since_is_taken_in() {
    assert_eq!(caught_up(3, 0, None).await, (3, Some(start())));
    assert_eq!(caught_up(3, 2, Some(start())).await, (3, Some(start())));
}

#[tokio::test]
async fn a_desk_ahead_of_its_store_goes_back_to_what_the_store_has() {
    let lost = Some(start() + SignedDuration::from_secs(9));
    assert_eq!(caught_up(3, 5, lost).await, (3, Some(start())));
    assert_eq!(caught_up(0, 5, lost).await, (0, None));
}

#[tokio::test]
async fn a_desk_whose_version_was_written_anew_takes_the_new_one() {
    let lost = Some(start() + SignedDuration::from_secs(9));
    assert_eq!(caught_up(3, 3, lost).await, (3, Some(start())));
}
