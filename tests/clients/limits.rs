//! The client's own limits on how it uses the vendor.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use deskbridge::bangwo8::Client;
use futures_util::future::join_all;
use tokio::{io::AsyncWriteExt, net::TcpListener, task::yield_now, time::timeout};

use crate::vendor::{Vendor, basic, json, options, read_request};

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 18\r\n\r\n{\"ticketviews\":[]}";

#[tokio::test]
async fn no_more_calls_are_in_flight_than_allowed() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (server_now, server_most) = (Arc::clone(&now), Arc::clone(&most));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let (now, most) = (Arc::clone(&server_now), Arc::clone(&server_most));
            tokio::spawn(async move {
                read_request(&mut stream).await.unwrap();
                most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                // Gives every other call the chance to arrive before this one is answered.
                for _ in 0..1000 {
                    yield_now().await;
                }
                now.fetch_sub(1, SeqCst);
                stream.write_all(ANSWER).await.unwrap();
            });
        }
    });
    let mut options = options(&url, basic());
    options.concurrency = 3;
    let client = Client::new(options).unwrap();
    let results = join_all((0..12).map(|_| client.list_ticketviews())).await;

    assert!(results.iter().all(Result::is_ok));
    assert!((2..=3).contains(&most.load(SeqCst)));
}

#[tokio::test]
async fn calls_start_no_faster_than_allowed() {
    let vendor = Vendor::start(|_, _| json(r#"{"ticketviews":[]}"#));
    let mut options = options(&vendor.url, basic());
    options.requests_per_second = NonZeroU32::MIN;
    let client = Client::new(options).unwrap();
    client.list_ticketviews().await.unwrap();
    assert!(timeout(Duration::from_millis(100), client.list_ticketviews()).await.is_err());
    assert_eq!(vendor.seen().len(), 1);
}
