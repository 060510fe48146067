//! Who has first call on the client's limits: what nobody waits for stands back.

use std::{
    num::NonZeroU32,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use deskbridge::bangwo8::Client;
use futures_util::{future::join_all, poll};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    time::timeout,
};
use url::Url;

use crate::vendor::{basic, options};

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 26\r\n\r\n{\"ticketview\":{\"id\":\"15\"}}";

/// A vendor that answers one request for each leave it is given, and tells what arrives.
struct Held {
    url: Url,
    arrived: mpsc::UnboundedReceiver<String>,
    leaves: Arc<Semaphore>,
}

impl Held {
    async fn start() -> Held {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (tell, arrived) = mpsc::unbounded_channel();
        let leaves = Arc::new(Semaphore::new(0));
        let given = Arc::clone(&leaves);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (tell, given) = (tell.clone(), Arc::clone(&given));
                tokio::spawn(async move {
                    tell.send(view_asked_for(&mut stream).await).unwrap();
                    given.acquire().await.unwrap().forget();
                    stream.write_all(ANSWER).await.unwrap();
                });
            }
        });
        Held { url, arrived, leaves }
    }

    fn client(&self, concurrency: usize, requests_per_second: u32) -> Client {
        let mut options = options(&self.url, basic());
        options.concurrency = concurrency;
        options.requests_per_second = NonZeroU32::new(requests_per_second).unwrap();
        Client::new(options).unwrap()
    }

    async fn next(&mut self) -> String {
        timeout(Duration::from_secs(20), self.arrived.recv()).await.unwrap().unwrap()
    }

    fn answer(&self, requests: usize) {
        self.leaves.add_permits(requests);
    }
}

/// The last word of the path, which each test gives a meaning.
async fn view_asked_for(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "the request is not whole");
    }
    let text = String::from_utf8(request).unwrap();
    text.split("/ticketviews/").nth(1).unwrap().split('.').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_call_of_the_background_lets_those_pass_that_come_after_it() {
    let mut vendor = Held::start().await;
    let client = vendor.client(1, 1000);
    let background = client.in_background();
    let in_hand = tokio::spawn({
        let client = client.clone();
        async move { client.ticketview("in_hand").await }
    });
    assert_eq!(vendor.next().await, "in_hand");
    let mut refresh = pin!(background.ticketview("refresh"));
    assert!(poll!(&mut refresh).is_pending());
    let (mut one, mut two) = (pin!(client.ticketview("one")), pin!(client.ticketview("two")));
    assert!(poll!(&mut one).is_pending() && poll!(&mut two).is_pending());
    vendor.answer(4);
    let (one, two, refresh) = tokio::join!(one, two, refresh);
    assert!(one.is_ok() && two.is_ok() && refresh.is_ok() && in_hand.await.unwrap().is_ok());
    let order = [vendor.next().await, vendor.next().await, vendor.next().await];
    assert_eq!(order, ["one", "two", "refresh"]);
}

#[tokio::test]
async fn a_call_of_the_background_leaves_the_next_slot_of_the_rate_to_those_that_wait_for_it() {
    let mut vendor = Held::start().await;
    let client = vendor.client(8, 4);
    let background = client.in_background();
    vendor.answer(100);
    assert!(join_all((0..4).map(|_| client.ticketview("burst"))).await.iter().all(Result::is_ok));
    let (mut refresh, mut one) = (pin!(background.ticketview("refresh")), pin!(client.ticketview("one")));
    assert!(poll!(&mut refresh).is_pending() && poll!(&mut one).is_pending());
    let (refresh, one) = tokio::join!(refresh, one);
    assert!(refresh.is_ok() && one.is_ok());
    let mut order = Vec::new();
    for _ in 0..6 {
        order.push(vendor.next().await);
    }
    assert_eq!(order[4..], ["one", "refresh"]);
}

#[tokio::test]
async fn the_background_gets_nothing_under_a_full_load_and_goes_on_once_it_lets_up() {
    let mut vendor = Held::start().await;
    let client = vendor.client(2, 1_000_000);
    vendor.answer(1_000_000);
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..8)
        .map(|_| {
            let (client, stop) = (client.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(SeqCst) {
                    client.ticketview("load").await.unwrap();
                }
            })
        })
        .collect();
    assert_eq!(vendor.next().await, "load");
    let refresh = tokio::spawn(async move { client.in_background().ticketview("refresh").await });
    for _ in 0..300 {
        assert_eq!(vendor.next().await, "load");
    }
    assert!(!refresh.is_finished());
    stop.store(true, SeqCst);
    assert!(timeout(Duration::from_secs(20), refresh).await.unwrap().unwrap().is_ok());
    assert!(join_all(load).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_caller_that_gives_up_waiting_stands_in_nobodys_way() {
    let mut vendor = Held::start().await;
    let client = vendor.client(1, 1000);
    let background = client.in_background();
    let mut in_hand = pin!(client.ticketview("in_hand"));
    assert!(timeout(Duration::ZERO, &mut in_hand).await.is_err());
    let gives_up = timeout(Duration::ZERO, client.ticketview("gives_up")).await;
    assert!(gives_up.is_err());
    assert!(timeout(Duration::ZERO, background.ticketview("gives_up_too")).await.is_err());
    vendor.answer(2);
    let (in_hand, refresh) = tokio::join!(in_hand, background.ticketview("refresh"));
    assert!(in_hand.is_ok() && refresh.is_ok());
    assert_eq!([vendor.next().await, vendor.next().await], ["in_hand", "refresh"]);
}

#[tokio::test]
async fn the_background_has_at_most_half_of_the_concurrency_and_at_least_one() {
    for (concurrency, share) in [(1, 1), (3, 1), (4, 2), (9, 4)] {
        let mut vendor = Held::start().await;
        let client = vendor.client(concurrency, 1_000_000);
        let calls: Vec<_> = (0..12)
            .map(|_| {
                let background = client.in_background();
                tokio::spawn(async move { background.ticketview("refresh").await })
            })
            .collect();
        for _ in 0..share {
            assert_eq!(vendor.next().await, "refresh");
        }
        // What is left of the concurrency is free at once; whoever needs it comes before a further refresh.
        for _ in share..concurrency {
            let client = client.clone();
            tokio::spawn(async move { client.ticketview("foreground").await });
            assert_eq!(vendor.next().await, "foreground", "of {concurrency}");
        }
        assert!(vendor.arrived.is_empty(), "of {concurrency}");
        vendor.answer(100);
        assert!(join_all(calls).await.iter().all(|call| call.as_ref().unwrap().is_ok()));
    }
}

#[tokio::test]
async fn the_background_has_half_of_the_rate_also_when_nobody_else_calls() {
    let vendor = Held::start().await;
    let client = vendor.client(100, 20);
    vendor.answer(100);
    let began = Instant::now();
    let background = client.in_background();
    // Ten at once, as after any pause, and one each tenth of a second then; the whole rate would let all pass at once.
    assert!(join_all((0..15).map(|_| background.ticketview("refresh"))).await.iter().all(Result::is_ok));
    assert!(began.elapsed() >= Duration::from_millis(490), "{:?}", began.elapsed());
}

#[tokio::test]
async fn half_of_one_call_a_second_is_one_in_two() {
    let vendor = Held::start().await;
    let client = vendor.client(8, 1);
    vendor.answer(100);
    let began = Instant::now();
    let background = client.in_background();
    assert!(join_all((0..2).map(|_| background.ticketview("refresh"))).await.iter().all(Result::is_ok));
    assert!(began.elapsed() >= Duration::from_millis(1990), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_handle_of_the_background_is_of_the_same_client_and_keeps_its_record() {
    let vendor = Held::start().await;
    let client = vendor.client(8, 1000);
    assert!(client == client.in_background());
    vendor.answer(2);
    let (background, recording) = client.in_background().recording(None);
    background.ticketview("15").await.unwrap();
    let (recorded, again) = client.recording(None);
    recorded.in_background().ticketview("15").await.unwrap();
    assert_eq!((recording.calls().len(), again.calls().len()), (1, 1));
}
